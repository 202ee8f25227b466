//! Members who were removed: refused at once on the node that removed them, and within the limit on all others, whatever
//! fails. Members are let in.

use super::{
    limits::Limits,
    record::{Change, Nanos, Operation, Outcome, Request},
    report::{Report, Rule},
};
use std::collections::{BTreeSet, HashMap};

/// A project and a user.
type Membership = (i64, i64);

/// Places of what adds and removes members, if it had an effect or may have one.
#[derive(Debug)]
pub(super) struct Memberships<'h> {
    history: &'h [Operation],
    added: HashMap<Membership, Vec<usize>>,
    removed: HashMap<Membership, Vec<usize>>,
    /// Creations of projects, by project and owner.
    created: HashMap<Membership, usize>,
}

impl<'h> Memberships<'h> {
    pub(super) fn new(history: &'h [Operation]) -> Self {
        let mut added: HashMap<Membership, Vec<usize>> = HashMap::new();
        let mut removed: HashMap<Membership, Vec<usize>> = HashMap::new();
        let mut created = HashMap::new();
        for (place, operation) in history.iter().enumerate() {
            match (&operation.request, &operation.outcome, &operation.caller) {
                (Request::CreateProject, Outcome::Project { id }, Some(caller)) => {
                    created.insert((*id, caller.user), place);
                }
                _ if !operation.is_success() && !operation.is_unknown() => {}
                (Request::AddMember { project, user }, ..) => {
                    added.entry((*project, *user)).or_default().push(place);
                }
                (Request::RemoveMember { project, user }, ..) => {
                    removed.entry((*project, *user)).or_default().push(place);
                }
                _ => {}
            }
        }
        Self { history, added, removed, created }
    }

    /// The owner of a project.
    pub(super) fn owner(&self, project: i64) -> Option<i64> {
        self.created.keys().find(|(created, _)| *created == project).map(|(_, owner)| *owner)
    }

    /// Projects with a membership of this user, or that it owns.
    pub(super) fn projects(&self, user: i64) -> BTreeSet<i64> {
        let all = self.added.keys().chain(self.created.keys());
        all.filter(|(_, member)| *member == user).map(|(project, _)| *project).collect()
    }

    /// The place of a removal that was answered, is due, and certainly holds until then, if there is one.
    pub(super) fn removal(&self, of: Membership, until: Nanos, is_due: impl Fn(&Operation) -> bool) -> Option<usize> {
        self.certain(&self.removed, &self.added, of, until, is_due)
    }

    /// The same for an addition, or the creation by the owner.
    pub(super) fn addition(&self, of: Membership, until: Nanos, is_due: impl Fn(&Operation) -> bool) -> Option<usize> {
        let created = self.created.get(&of).copied().filter(|place| is_due(&self.history[*place]));
        created.or_else(|| self.certain(&self.added, &self.removed, of, until, is_due))
    }

    /// Whether a removal may take effect in this time.
    pub(super) fn may_be_removed(&self, of: Membership, from: Nanos, until: Nanos) -> bool {
        let mut removed = self.removed.get(&of).into_iter().flatten().map(|place| &self.history[*place]);
        removed.any(|removal| removal.called <= until && (removal.is_unknown() || removal.returned >= from))
    }

    /// Whether an addition may still be taking effect at this time.
    pub(super) fn may_be_added(&self, of: Membership, until: Nanos, is_over: impl Fn(&Operation) -> bool) -> bool {
        let mut added = self.added.get(&of).into_iter().flatten().map(|place| &self.history[*place]);
        added.any(|addition| addition.called <= until && (addition.is_unknown() || !is_over(addition)))
    }

    fn certain(
        &self,
        acts: &HashMap<Membership, Vec<usize>>,
        contrary: &HashMap<Membership, Vec<usize>>,
        of: Membership,
        until: Nanos,
        is_due: impl Fn(&Operation) -> bool,
    ) -> Option<usize> {
        let is_undone = |act: &Operation| {
            let mut others = contrary.get(&of).into_iter().flatten().map(|place| &self.history[*place]);
            others.any(|other| other.called <= until && (other.is_unknown() || other.returned >= act.called))
        };
        acts.get(&of).into_iter().flatten().copied().find(|place| {
            let act = &self.history[*place];
            act.is_success() && is_due(act) && !is_undone(act)
        })
    }
}

pub(super) fn check(history: &[Operation], memberships: &Memberships<'_>, limits: &Limits, report: &mut Report<'_>) {
    let removed = memberships.removed.values().flatten();
    report.counts.removals = removed.filter(|place| history[**place].is_success()).count();
    for (place, operation) in history.iter().enumerate() {
        let Some(caller) = &operation.caller else { continue };
        for project in shown_projects(operation) {
            let removal = memberships.removal((project, caller.user), operation.returned, |removal| {
                let limit = if removal.node == operation.node { 0 } else { limits.access };
                operation.called > removal.returned.saturating_add(limit)
            });
            if let Some(removal) = removal {
                let what = format!("user {} has access to project {project} after its removal", caller.user);
                report.add(Rule::Membership, what, [removal, place]);
            }
        }
        let is_forbidden = matches!(&operation.outcome, Outcome::Refused { status: 403, code } if code == "forbidden");
        if let Some(project) = operation.request.project().filter(|_| is_forbidden && is_read(&operation.request)) {
            let addition = memberships.addition((project, caller.user), operation.returned, |addition| {
                operation.called > addition.returned.saturating_add(limits.access)
            });
            if let Some(addition) = addition {
                let what = format!("member {} of project {project} is refused", caller.user);
                report.add(Rule::Membership, what, [addition, place]);
            }
        }
    }
}

/// The projects that a successful answer shows something of.
fn shown_projects(operation: &Operation) -> BTreeSet<i64> {
    if !operation.is_success() {
        return BTreeSet::new();
    }
    let in_feed = match &operation.outcome {
        Outcome::Changes { changes, .. } => changes.as_slice(),
        _ => &[],
    };
    let in_feed = in_feed.iter().filter_map(|change| match change {
        Change::PutTask { project, .. } | Change::PutComment { project, .. } | Change::PutProject { project } => {
            Some(*project)
        }
        Change::DeleteTask { .. } | Change::DeleteProject { .. } | Change::Other { .. } => None,
    });
    operation.request.project().into_iter().chain(in_feed).collect()
}

fn is_read(request: &Request) -> bool {
    matches!(
        request,
        Request::ReadTask { .. }
            | Request::ListTasks { .. }
            | Request::ListComments { .. }
            | Request::Statistics { .. }
    )
}
