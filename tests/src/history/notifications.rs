//! Notifications of each user: numbered 1, 2, 3 … without a gap or a double, and none is missing.

use super::{
    limits::{Deadlines, Limits},
    memberships::Memberships,
    observations::Observation,
    record::{Nanos, Notification, NotificationContent, Operation, Outcome, Request, Status},
    report::{Report, Rule},
};
use std::collections::{BTreeMap, HashMap, btree_map::Entry};

/// What one answer or stream sent, with its place.
type Received<'h> = (usize, &'h [Notification]);

pub(super) fn check(
    history: &[Operation],
    observed: &[Observation<'_>],
    memberships: &Memberships<'_>,
    limits: &Limits,
    report: &mut Report<'_>,
) {
    let mut users: BTreeMap<i64, Vec<Received<'_>>> = BTreeMap::new();
    for (place, operation) in history.iter().enumerate() {
        if let (Outcome::Notifications { notifications }, Some(caller)) = (&operation.outcome, &operation.caller) {
            users.entry(caller.user).or_default().push((place, notifications.as_slice()));
            if !is_list(operation) {
                report.counts.streamed += notifications.len();
            }
        }
    }
    let deadlines = Deadlines::new(history);
    for (user, received) in users {
        check_sequences(history, user, &received, report);
        check_contents(user, &received, report);
        check_lists(history, user, &received, report);
        let lists = received.iter().filter(|(place, _)| is_list(&history[*place]));
        let Some(&(list, notifications)) = lists.max_by_key(|(place, _)| history[*place].called) else { continue };
        let newest = LastList { history, user, place: list, notifications };
        let is_due = |returned: Nanos| deadlines.due(returned, limits.notifications) <= history[list].called;
        newest.check_comments(memberships, &is_due, report);
        newest.check_statuses(observed, memberships, &is_due, report);
    }
}

fn is_list(operation: &Operation) -> bool {
    matches!(operation.request, Request::ListNotifications)
}

fn check_sequences(history: &[Operation], user: i64, received: &[Received<'_>], report: &mut Report<'_>) {
    for &(place, notifications) in received {
        let mut before = match &history[place].request {
            Request::FollowNotifications { since } => *since,
            _ => Some(0),
        };
        for Notification { seq, .. } in notifications {
            if let Some(before) = before.filter(|before| before + 1 != *seq) {
                let what = if *seq <= before { "comes twice or too late" } else { "comes after a gap" };
                let what = format!("notification {seq} of user {user} {what}: after {before}");
                report.add(Rule::NotificationSequence, what, [place]);
            }
            before = Some(*seq);
        }
    }
}

/// One number has one content, and one comment has one number.
fn check_contents(user: i64, received: &[Received<'_>], report: &mut Report<'_>) {
    let (mut contents, mut comments) = (BTreeMap::new(), BTreeMap::new());
    let all = received.iter().flat_map(|&(place, all)| all.iter().map(move |it| (place, it)));
    for (place, Notification { seq, content }) in all {
        match contents.entry(*seq) {
            Entry::Vacant(entry) => {
                entry.insert((content, place));
            }
            Entry::Occupied(entry) => {
                let (first, before) = *entry.get();
                if first != content {
                    let what = format!("notification {seq} of user {user} has two contents");
                    report.add(Rule::NotificationSequence, what, [before, place]);
                }
            }
        }
        if let NotificationContent::CommentAdded { comment, .. } = content {
            let (first, before) = *comments.entry(*comment).or_insert((*seq, place));
            if first != *seq {
                let what = format!("user {user} is notified twice of comment {comment}");
                report.add(Rule::NotificationSequence, what, [before, place]);
            }
        }
    }
}

/// A list has all that was received before.
fn check_lists(history: &[Operation], user: i64, received: &[Received<'_>], report: &mut Report<'_>) {
    let last = |notifications: &[Notification]| notifications.last().map_or(0, |last| last.seq);
    for &(list, notifications) in received.iter().filter(|(place, _)| is_list(&history[*place])) {
        let before = received.iter().filter(|(place, _)| history[*place].returned < history[list].called);
        let latest = before.max_by_key(|(_, notifications)| last(notifications));
        if let Some(&(place, _)) = latest.filter(|(_, before)| last(before) > last(notifications)) {
            let what = format!("the notifications of user {user} go back");
            report.add(Rule::NotificationSequence, what, [place, list]);
        }
    }
}

/// The last list of one user's notifications.
struct LastList<'h> {
    history: &'h [Operation],
    user: i64,
    place: usize,
    notifications: &'h [Notification],
}

impl LastList<'_> {
    /// The owner of a project is notified of comments by others.
    fn check_comments(&self, memberships: &Memberships<'_>, is_due: &dyn Fn(Nanos) -> bool, report: &mut Report<'_>) {
        for (place, operation) in self.history.iter().enumerate() {
            let (Request::CreateComment { project, .. }, Outcome::Comment { comment, .. }, Some(author)) =
                (&operation.request, &operation.outcome, &operation.caller)
            else {
                continue;
            };
            let is_notified = memberships.owner(*project) == Some(self.user) && author.user != self.user;
            if !is_notified || !is_due(operation.returned) {
                continue;
            }
            report.counts.notified += 1;
            let is_of_comment = |it: &Notification| matches!(it.content, NotificationContent::CommentAdded { comment: added, .. } if added == comment.id);
            if !self.notifications.iter().any(is_of_comment) {
                let what = format!("user {} isn't notified of comment {}", self.user, comment.id);
                report.add(Rule::NotificationsComplete, what, [place, self.place]);
            }
        }
    }

    /// The changes of a task's status lead from its first to its last, one after the other.
    fn check_statuses(
        &self,
        observed: &[Observation<'_>],
        memberships: &Memberships<'_>,
        is_due: &dyn Fn(Nanos) -> bool,
        report: &mut Report<'_>,
    ) {
        let mut tasks: BTreeMap<i64, Vec<&Observation<'_>>> = BTreeMap::new();
        for observation in observed.iter().filter(|it| memberships.owner(it.project) == Some(self.user)) {
            tasks.entry(observation.task.id).or_default().push(observation);
        }
        let mut changes: HashMap<i64, Vec<(Status, Status)>> = HashMap::new();
        for notification in self.notifications {
            if let NotificationContent::StatusChanged { task, old, new } = notification.content {
                changes.entry(task).or_default().push((old, new));
            }
        }
        for (task, observed) in tasks {
            let mut requests =
                self.history.iter().filter(|it| changes_status(&it.request, task) && !is_without_effect(it));
            let is_settled = |it: &Operation| {
                let is_by_owner = it.caller.as_ref().is_some_and(|caller| caller.user == self.user);
                !is_by_owner && !it.is_unknown() && is_due(it.returned)
            };
            let first = observed.iter().find(|it| it.task.version == 1);
            let last = observed.iter().max_by_key(|it| it.task.version);
            let (Some(first), Some(last), true) = (first, last, requests.all(is_settled)) else { continue };
            let changes = changes.get(&task).map(Vec::as_slice).unwrap_or_default();
            let mut status = Some(first.task.status);
            for (old, new) in changes {
                status = status.filter(|status| status == old).map(|_| *new);
            }
            if status != Some(last.task.status) {
                let what = format!("user {} isn't notified of each status of task {task}: {changes:?}", self.user);
                report.add(Rule::NotificationsComplete, what, [last.operation, self.place]);
            }
        }
    }
}

fn changes_status(request: &Request, id: i64) -> bool {
    matches!(request, Request::ChangeTask { task, status: Some(_), .. } if *task == id)
}

fn is_without_effect(operation: &Operation) -> bool {
    !operation.is_success() && !operation.is_unknown()
}
