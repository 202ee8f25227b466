//! What each command records for the change feed alone, beside its other events.

use super::Touched;
use crate::{
    change::Thing,
    id::{LabelId, ProjectId},
    invitation::Acceptance,
    label::NewLabel,
    membership::{MemberChange, MemberRemoval},
    project::{NewProject, ProjectChange, ProjectTransfer},
    task::TaskChange,
};

// @spec SPEC-026
impl TaskChange {
    /// The event of a change that no other event names, or that ends an assignment.
    pub fn touched(&self) -> Option<Touched> {
        let is_named = self.is_watched || !self.events.is_empty();
        let things = vec![Thing::task(self.task.id)];
        let touched = Touched::new(self.task.project_id, self.task.updated_at, things);
        let touched = Touched { former_assignee: self.former_assignee, ..touched };
        (!is_named || self.former_assignee.is_some()).then_some(touched)
    }
}

impl NewProject {
    /// The event of this creation, for the id that storage assigned.
    pub fn touched(&self, id: ProjectId) -> Touched {
        let things = vec![Thing::project(id), Thing::member(self.owner_id)];
        Touched::new(id, self.created_at, things).for_audience(vec![self.owner_id])
    }
}

impl ProjectChange {
    /// The event of a change that isn't recorded for webhooks.
    pub fn touched(&self) -> Option<Touched> {
        let touched = || Touched::new(self.project.id, self.project.updated_at, vec![Thing::project(self.project.id)]);
        self.watched_actor.is_none().then(touched)
    }
}

impl ProjectTransfer {
    /// The event of this transfer. Owners see the addresses of members, so that both of them see the project otherwise.
    pub fn touched(&self) -> Touched {
        let (id, next, former) = (self.project.id, self.project.owner_id, self.former_owner);
        let things = vec![Thing::project(id), Thing::member(next), Thing::member(former)];
        Touched::new(id, self.project.updated_at, things).for_audience(vec![next, former])
    }
}

impl MemberChange {
    /// The event of another role of a member; `None` for a new member, who has an [event](Self::event) of its own. The
    /// project shows its role to each member.
    pub fn touched(&self) -> Option<Touched> {
        let things = || vec![Thing::project(self.project_id), Thing::member(self.user_id)];
        self.before.map(|_| Touched::new(self.project_id, self.at, things()))
    }
}

impl MemberRemoval {
    /// The event of the end of this membership, where it isn't recorded for webhooks. Not of the assignments that end with
    /// it.
    pub fn touched(&self) -> Option<Touched> {
        let touched = || Touched::new(self.project_id, self.at, vec![Thing::member(self.user_id).deleted()]);
        self.watched_actor.is_none().then(|| touched().for_audience(vec![self.user_id]))
    }
}

impl Acceptance {
    /// The event of this acceptance; `None` where it is recorded for webhooks, or changes no role.
    pub fn touched(&self) -> Option<Touched> {
        let member = Thing::member(self.user_id);
        match self.before {
            None if self.is_watched => None,
            None => Some(Touched::new(self.project_id, self.at, vec![member]).for_audience(vec![self.user_id])),
            Some(before) if before == self.role => None,
            Some(_) => Some(Touched::new(self.project_id, self.at, vec![Thing::project(self.project_id), member])),
        }
    }
}

impl NewLabel {
    /// The event of this creation, for the id that storage assigned.
    pub fn touched(&self, id: LabelId) -> Touched {
        Touched::new(self.project_id, self.created_at, vec![Thing::label(id)])
    }
}
