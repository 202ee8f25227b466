//! Reads, which only who has the right may make.

use super::{Client, done};
use crate::cluster::Node;
use fasttrack_app::{comment::ListComments, member::ListMembers};
use fasttrack_domain::{page::PageRequest, policy::ProjectAction};
use std::rc::Rc;

impl Client {
    pub(super) async fn read(&self) {
        let (Some(id), since) = (self.one(|known| &known.projects), self.since()) else { return };
        let actor = self.actor.clone();
        let (what, is_answered) = match self.below(4) {
            0 => {
                let get = |node: Rc<Node>| {
                    let actor = actor.clone();
                    async move { node.use_cases.projects.get(actor, id).await }
                };
                ("project.get", done(self.request("project.get", false, get).await.0).is_some())
            }
            1 => {
                let get = |node: Rc<Node>| {
                    let actor = actor.clone();
                    async move { node.use_cases.statistics.get(actor, id).await }
                };
                ("statistics.get", done(self.request("statistics.get", false, get).await.0).is_some())
            }
            2 => {
                let command = ListMembers { actor, project_id: id, page: PageRequest::default() };
                let list = |node: Rc<Node>| {
                    let command = command.clone();
                    async move { node.use_cases.members.list(command).await }
                };
                ("member.list", done(self.request("member.list", false, list).await.0).is_some())
            }
            _ => {
                self.list_comments().await;
                return;
            }
        };
        if is_answered {
            self.check_right(what, id, ProjectAction::Read, since);
        }
    }

    async fn list_comments(&self) {
        let Some((task_id, _)) = self.one(|known| &known.tasks) else { return };
        let command = ListComments { actor: self.actor.clone(), task_id, page: PageRequest::default() };
        let list = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.comments.list(command).await }
        };
        self.request("comment.list", false, list).await;
    }
}
