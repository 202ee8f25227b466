//! Projects, their members and webhooks.

use super::{Client, done, expected, origin};
use crate::cluster::{Answer, Node};
use fasttrack_app::{
    member::{PutMember, RemoveMember, TransferProject},
    project::{CreateProject, DeleteProject, UpdateProject},
    webhook::{CreateWebhook, DeleteWebhook, TestWebhook},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::{GrantedRole, MemberRole},
    patch::Patch,
    policy::ProjectAction,
    precondition::Precondition,
    project::ProjectPatch,
    text::{Description, ProjectName},
    webhook::WebhookUrl,
};
use std::rc::Rc;

impl Client {
    pub(super) async fn create_project(&self) {
        let request = self.next();
        let keyed = self.keyed(&request);
        let is_repeatable = keyed.is_some();
        let name = ProjectName::parse(request.clone()).unwrap();
        let command = CreateProject { actor: self.actor.clone(), name, description: None, request: keyed };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.projects.create(command).await }
        };
        if let Some(view) = self.create("project.create", vec![("projects", request)], is_repeatable, create).await {
            self.learn(|known| known.projects.push(view.project.id));
        }
    }

    pub(super) async fn update_project(&self) {
        let Some(id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let description = Patch::Set(Description::parse(request.clone()).unwrap());
        let patch = ProjectPatch { description, ..ProjectPatch::default() };
        let (actor, precondition) = (self.actor.clone(), Precondition::default());
        let command = UpdateProject { actor, id, patch, precondition, origin: origin(&request) };
        let update = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.projects.update(command).await }
        };
        if done(self.request("project.update", false, update).await.0).is_some() {
            self.check_right(&request, id, ProjectAction::Manage, since);
        }
    }

    pub(super) async fn delete_project(&self) {
        let Some(id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let (actor, precondition) = (self.actor.clone(), Precondition::default());
        let command = DeleteProject { actor, id, precondition, origin: origin(&request) };
        let delete = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.projects.delete(command).await }
        };
        if let (Answer::Done(()), _) = self.request("project.delete", false, delete).await {
            self.shared.book.gone("projects", id.get());
            self.check_right(&request, id, ProjectAction::Manage, since);
            self.learn(|known| known.projects.retain(|known| *known != id));
        }
    }

    /// Reports a finding unless the user had this role at any moment since this step.
    fn check_role(&self, request: &str, project: ProjectId, user: UserId, role: Option<MemberRole>, since: u64) {
        let observer = &self.shared.cluster.observer;
        let roles = observer.with(|_, roles| roles.since(project.get(), user.get(), since));
        if !roles.contains(&role) {
            let wrong = format!("{request}: user {user} had the roles {roles:?} in project {project}, never {role:?}");
            self.found("a membership", wrong);
        }
    }

    pub(super) async fn put_member(&self) {
        let known = (self.one(|known| &known.projects), self.one(|known| &known.users));
        let (Some(project_id), Some(user_id)) = known else { return };
        let (request, since) = (self.next(), self.since());
        let role = self.shared.cluster.sim.choice(GrantedRole::ALL).unwrap();
        let command = PutMember { actor: self.actor.clone(), project_id, user_id, role, origin: origin(&request) };
        let put = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.members.put(command).await }
        };
        let (answer, _) = self.request("member.put", false, put).await;
        if let Answer::Done(put) = &answer {
            self.check_right(&request, project_id, ProjectAction::Manage, since);
            self.check_role(&request, project_id, user_id, Some(MemberRole::from(role)), since);
            if put.is_new {
                self.shared.book.audited(request, expected(&answer, false));
            }
        }
    }

    pub(super) async fn remove_member(&self) {
        let known = (self.one(|known| &known.projects), self.one(|known| &known.users));
        let (Some(project_id), Some(user_id)) = known else { return };
        let (request, since) = (self.next(), self.since());
        let command = RemoveMember { actor: self.actor.clone(), project_id, user_id, origin: origin(&request) };
        let remove = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.members.remove(command).await }
        };
        let (answer, _) = self.request("member.remove", false, remove).await;
        if let Answer::Done(()) = &answer {
            self.check_role(&request, project_id, user_id, None, since);
            self.shared.book.audited(request, expected(&answer, false));
        }
    }

    pub(super) async fn transfer_project(&self) {
        let known = (self.one(|known| &known.projects), self.one(|known| &known.users));
        let (Some(project_id), Some(user_id)) = known else { return };
        let (request, since) = (self.next(), self.since());
        let command = TransferProject { actor: self.actor.clone(), project_id, user_id, origin: origin(&request) };
        let transfer = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.members.transfer(command).await }
        };
        let (answer, _) = self.request("project.transfer", false, transfer).await;
        if let Answer::Done(_) = &answer {
            self.check_right(&request, project_id, ProjectAction::Manage, since);
            self.check_role(&request, project_id, user_id, Some(MemberRole::Owner), since);
            self.shared.book.audited(request, expected(&answer, false));
        }
    }

    /// Creates a webhook, tests one, or deletes one.
    pub(super) async fn webhooks(&self) {
        match (self.below(4), self.one(|known| &known.webhooks)) {
            (0, Some((id, _))) => {
                let command = DeleteWebhook { actor: self.actor.clone(), id, origin: origin(&self.next()) };
                let delete = |node: Rc<Node>| {
                    let command = command.clone();
                    async move { node.use_cases.webhooks.delete(command).await }
                };
                if let (Answer::Done(()), _) = self.request("webhook.delete", false, delete).await {
                    self.shared.book.gone("webhooks", id.get());
                }
            }
            (1, Some((id, _))) => {
                let command = TestWebhook { actor: self.actor.clone(), id, origin: origin(&self.next()) };
                let test = |node: Rc<Node>| {
                    let command = command.clone();
                    async move { node.use_cases.webhooks.test(command).await }
                };
                self.request("webhook.test", false, test).await;
            }
            _ => self.create_webhook().await,
        }
    }

    async fn create_webhook(&self) {
        let Some(project_id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let url = WebhookUrl::parse(format!("https://receiver.example/{request}")).unwrap();
        let (actor, types) = (self.actor.clone(), None);
        let command = CreateWebhook { actor, project_id, url, types, origin: origin(&request) };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.webhooks.create(command).await }
        };
        let (answer, may_be_done) = self.request("webhook.create", false, create).await;
        self.shared.book.audited(request.clone(), expected(&answer, may_be_done));
        if let Some(created) = done(answer) {
            self.learn(|known| known.webhooks.push((created.webhook.id, project_id)));
            self.check_right(&request, project_id, ProjectAction::Manage, since);
        }
    }
}
