//! The roles that users had in projects, and when.

use super::mirror::Mirror;
use fasttrack_domain::{membership::MemberRole, policy::ProjectAction};
use std::collections::BTreeMap;

/// The changes of each user's role in each project, with the steps of the trace.
#[derive(Default)]
pub(crate) struct Roles(BTreeMap<(i64, i64), Vec<Since>>);

/// A role, and the step since when the user has had it.
type Since = (u64, Option<MemberRole>);

impl Roles {
    pub(super) fn observe(&mut self, before: &Mirror, after: &Mirror, step: u64) {
        for (member, role) in &after.members {
            if before.members.get(member) != Some(role) {
                self.0.entry(*member).or_default().push((step, Some(*role)));
            }
        }
        for member in before.members.keys().filter(|member| !after.members.contains_key(member)) {
            self.0.entry(*member).or_default().push((step, None));
        }
    }

    /// The roles that the user had at any moment since this step. `None` is no role.
    pub(crate) fn since(&self, project: i64, user: i64, step: u64) -> Vec<Option<MemberRole>> {
        let changes = self.0.get(&(project, user)).map(Vec::as_slice).unwrap_or_default();
        let before = changes.iter().rev().find(|(at, _)| *at < step).and_then(|(_, role)| *role);
        let since = changes.iter().filter(|(at, _)| *at >= step).map(|(_, role)| *role);
        [before].into_iter().chain(since).collect()
    }

    /// Whether the user had a role that may do this at any moment since this step.
    pub(crate) fn might(&self, project: i64, user: i64, action: ProjectAction, step: u64) -> bool {
        self.since(project, user, step).into_iter().flatten().any(|role| role.may(action))
    }
}
