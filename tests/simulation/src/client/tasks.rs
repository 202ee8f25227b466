//! Tasks, their comments and labels.

use super::{Client, done, expected, origin};
use crate::cluster::{Answer, Node};
use chrono::TimeDelta;
use fasttrack_app::{
    comment::{CreateComment, DeleteComment},
    label::{CreateLabel, DeleteLabel},
    task::{CreateTask, CreateTasks, DeleteTask, SetTaskLabel, UpdateTask, UpdateTasks},
};
use fasttrack_domain::{
    Timestamp,
    id::{ProjectId, TaskId, UserId},
    label::Color,
    patch::Patch,
    policy::ProjectAction,
    precondition::Precondition,
    requested::Requested,
    task::{BulkDrafts, BulkIds, TaskDraft, TaskPatch, TaskPriority, TaskStatus},
    text::{CommentBody, Description, LabelName, TaskTitle},
};
use std::rc::Rc;

impl Client {
    fn someone(&self) -> Option<UserId> {
        self.one(|known| &known.users).filter(|_| self.below(3) > 0)
    }

    fn reminders(&self) -> Requested<Timestamp> {
        let begin = self.shared.cluster.clock(0).now();
        let at = |_| begin + TimeDelta::milliseconds(1_000 + i64::try_from(self.below(20_000)).unwrap());
        Requested::parse((0..self.below(2)).map(at).collect(), 5).unwrap()
    }

    fn draft(&self, title: &str) -> TaskDraft {
        TaskDraft {
            status: self.shared.cluster.sim.choice(TaskStatus::ALL).unwrap(),
            assignee_id: self.someone(),
            reminders: self.reminders(),
            ..TaskDraft::new(TaskTitle::parse(title.to_owned()).unwrap())
        }
    }

    pub(super) async fn create_task(&self) {
        let Some(project_id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let keyed = self.keyed(&request);
        let is_repeatable = keyed.is_some();
        let command = CreateTask {
            actor: self.actor.clone(),
            project_id,
            draft: self.draft(&request),
            origin: origin(&request),
            request: keyed,
        };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.tasks.create(command).await }
        };
        let names = vec![("tasks", request.clone())];
        if let Some(view) = self.create("task.create", names, is_repeatable, create).await {
            self.learn(|known| known.tasks.push((view.task.id, project_id)));
            self.check_right(&request, project_id, ProjectAction::ChangeTasks, since);
        }
    }

    pub(super) async fn create_tasks(&self) {
        let Some(project_id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let keyed = self.keyed(&request);
        let is_repeatable = keyed.is_some();
        let titles: Vec<_> = (0..3).map(|place| format!("{request}-{place}")).collect();
        let command = CreateTasks {
            actor: self.actor.clone(),
            project_id,
            drafts: BulkDrafts::parse(titles.iter().map(|title| self.draft(title)).collect()).unwrap(),
            origin: origin(&request),
            request: keyed,
        };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.tasks.create_all(command).await }
        };
        let names = titles.into_iter().map(|title| ("tasks", title)).collect();
        if let Some(views) = self.create("task.create_all", names, is_repeatable, create).await {
            self.learn(|known| known.tasks.extend(views.iter().map(|view| (view.task.id, project_id))));
            self.check_right(&request, project_id, ProjectAction::ChangeTasks, since);
        }
    }

    fn patch(&self, request: &str) -> TaskPatch {
        let mut patch = TaskPatch::default();
        match self.below(6) {
            0 => patch.description = Patch::Set(Description::parse(request.to_owned()).unwrap()),
            1 => patch.priority = self.shared.cluster.sim.choice(TaskPriority::ALL),
            2 => patch.assignee_id = self.someone().map_or(Patch::Clear, Patch::Set),
            3 => patch.reminders = Some(self.reminders()),
            _ => patch.status = self.shared.cluster.sim.choice(TaskStatus::ALL),
        }
        patch
    }

    pub(super) async fn update_task(&self) {
        let Some((id, _)) = self.one(|known| &known.tasks) else { return };
        let (request, actor) = (self.next(), self.actor.clone());
        let mut precondition = Precondition::default();
        if self.below(2) == 0 {
            let get = |node: Rc<Node>| {
                let actor = actor.clone();
                async move { node.use_cases.tasks.get(actor, id).await }
            };
            let Some(view) = done(self.request("task.get", false, get).await.0) else { return };
            precondition = Precondition::matching([view.task.version]);
        }
        let patch = self.patch(&request);
        let command = UpdateTask { actor, id, patch, precondition: precondition.clone(), origin: origin(&request) };
        let update = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.tasks.update(command).await }
        };
        let Some(view) = done(self.request("task.update", false, update).await.0) else { return };
        let version = view.task.version;
        if !self.shared.cluster.observer.had_version(id.get(), version) {
            self.found("an update", format!("{request}: version {version} of task {id} was never stored"));
        }
        // Otherwise the patch changed nothing.
        if precondition.if_match.is_some_and(|versions| !versions.contains(version)) {
            let other = self.shared.book.version(id.get(), version, &request);
            if let Some(other) = other {
                let wrong = format!("version {version} of task {id} was made by {other} and by {request}");
                self.found("two updates", wrong);
            }
        }
    }

    pub(super) async fn update_tasks(&self) {
        let Some(project_id) = self.one(|known| &known.projects) else { return };
        let (request, since) = (self.next(), self.since());
        let of_project: Vec<TaskId> = {
            let known = self.shared.known.borrow();
            known.tasks.iter().filter(|(_, project)| *project == project_id).map(|(id, _)| *id).take(3).collect()
        };
        let Ok(ids) = BulkIds::parse(of_project) else { return };
        let patch = self.patch(&request);
        let command = UpdateTasks { actor: self.actor.clone(), project_id, ids, patch, origin: origin(&request) };
        let update = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.tasks.update_all(command).await }
        };
        let Some(views) = done(self.request("task.update_all", false, update).await.0) else { return };
        self.check_right(&request, project_id, ProjectAction::ChangeTasks, since);
        for task in views.into_iter().map(|view| view.task) {
            if !self.shared.cluster.observer.had_version(task.id.get(), task.version) {
                self.found("an update", format!("{request}: {task:?} was never stored"));
            }
        }
    }

    pub(super) async fn delete_task(&self) {
        let Some((id, project_id)) = self.one(|known| &known.tasks) else { return };
        let (request, since) = (self.next(), self.since());
        let precondition = Precondition::default();
        let command = DeleteTask { actor: self.actor.clone(), id, precondition, origin: origin(&request) };
        let delete = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.tasks.delete(command).await }
        };
        if let (Answer::Done(()), _) = self.request("task.delete", false, delete).await {
            self.shared.book.gone("tasks", id.get());
            self.check_right(&request, project_id, ProjectAction::ChangeTasks, since);
        }
    }

    pub(super) async fn create_comment(&self) {
        let Some((task_id, _)) = self.one(|known| &known.tasks) else { return };
        let request = self.next();
        let keyed = self.keyed(&request);
        let is_repeatable = keyed.is_some();
        let command = CreateComment {
            actor: self.actor.clone(),
            task_id,
            body: CommentBody::parse(request.clone()).unwrap(),
            origin: origin(&request),
            request: keyed,
        };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.comments.create(command).await }
        };
        let names = vec![("comments", request.clone())];
        if let Some(view) = self.create("comment.create", names, is_repeatable, create).await {
            self.learn(|known| known.comments.push(view.comment.id));
        }
    }

    pub(super) async fn delete_comment(&self) {
        let Some(id) = self.one(|known| &known.comments) else { return };
        let request = self.next();
        let command = DeleteComment { actor: self.actor.clone(), id, origin: origin(&request) };
        let delete = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.comments.delete(command).await }
        };
        if let (Answer::Done(()), _) = self.request("comment.delete", false, delete).await {
            self.shared.book.gone("comments", id.get());
        }
    }

    /// Creates a label, puts one on a task, or deletes one.
    pub(super) async fn labels(&self) {
        let Some(project_id) = self.one(|known| &known.projects) else { return };
        match (self.below(4), self.one(|known| &known.labels)) {
            (0, Some((id, _))) => {
                let command = DeleteLabel { actor: self.actor.clone(), id, origin: origin(&self.next()) };
                let delete = |node: Rc<Node>| {
                    let command = command.clone();
                    async move { node.use_cases.labels.delete(command).await }
                };
                if let (Answer::Done(()), _) = self.request("label.delete", false, delete).await {
                    self.shared.book.gone("labels", id.get());
                }
            }
            (1 | 2, Some((label_id, project))) => {
                let tasks = self.shared.known.borrow().tasks.clone();
                let of_project: Vec<_> = tasks.into_iter().filter(|(_, of)| *of == project).collect();
                let Some((task_id, _)) = self.shared.cluster.sim.choice(&of_project) else { return };
                let (actor, is_set) = (self.actor.clone(), self.below(4) > 0);
                let command = SetTaskLabel { actor, task_id, label_id, is_set, origin: origin(&self.next()) };
                let set = |node: Rc<Node>| {
                    let command = command.clone();
                    async move { node.use_cases.tasks.set_label(command).await }
                };
                self.request("task.set_label", false, set).await;
            }
            _ => self.create_label(project_id).await,
        }
    }

    async fn create_label(&self, project_id: ProjectId) {
        let (request, since) = (self.next(), self.since());
        let name = LabelName::parse(request.clone()).unwrap();
        let (actor, color) = (self.actor.clone(), Color::default());
        let command = CreateLabel { actor, project_id, name, color, origin: origin(&request) };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.labels.create(command).await }
        };
        let (answer, may_be_done) = self.request("label.create", false, create).await;
        let expected = expected(&answer, may_be_done);
        self.shared.book.named(vec![("labels", request.clone())], expected);
        if let Some(label) = done(answer) {
            self.learn(|known| known.labels.push((label.id, project_id)));
            self.check_right(&request, project_id, ProjectAction::ChangeTasks, since);
        }
    }
}
