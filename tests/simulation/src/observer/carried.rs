//! Whether a change was committed with what belongs to it: versions, events and counters.

use super::mirror::{Mirror, TaskRow};
use fasttrack_domain::{
    event::{Event, TaskEvent, TaskEventKind},
    membership::MemberRole,
    task::TaskStatus,
};
use std::collections::BTreeMap;

/// The events of tasks that a commit added, of which each change takes its own.
struct Added(Vec<TaskEvent>);

impl Added {
    fn new(before: &Mirror, after: &Mirror) -> Self {
        let added = after.events.iter().filter(|(id, _)| !before.events.contains_key(id));
        let events = added.filter_map(|(_, payload)| match serde_json::from_str(payload) {
            Ok(Event::Task(event)) => Some(event),
            _ => None,
        });
        Self(events.collect())
    }

    /// Takes the event of a task out. `false` if there is none.
    fn take(&mut self, task: i64, is_wanted: impl Fn(&TaskEventKind) -> bool) -> bool {
        let place = self.0.iter().position(|event| event.task.task_id.get() == task && is_wanted(&event.kind));
        place.map(|place| self.0.remove(place)).is_some()
    }
}

/// What is wrong with a commit of this call.
pub(super) fn findings(call: &str, before: &Mirror, after: &Mirror) -> Vec<String> {
    let mut found = Vec::new();
    let mut added = Added::new(before, after);
    for (id, task) in &after.tasks {
        match before.tasks.get(id) {
            Some(former) => changed_task(*id, former, task, &mut added, &mut found),
            None => new_task(*id, task, &mut added, &mut found),
        }
    }
    for (id, project) in &after.projects {
        let former = before.projects.get(id).map_or(project.version - 1, |former| former.version);
        if project.version != former && project.version != former + 1 {
            found.push(format!("project {id} went from version {former} to {}", project.version));
        }
    }
    let deleted = before.tasks.iter().filter(|(id, _)| !after.tasks.contains_key(id));
    let remains = |project| after.projects.contains_key(&project) && !after.is_going(project);
    for (id, task) in deleted {
        let is_deletion =
            |kind: &TaskEventKind| matches!(kind, TaskEventKind::TaskDeleted { status } if *status == task.status);
        // A project takes its tasks with it, without events of theirs.
        if !added.take(*id, is_deletion) && remains(task.project) {
            found.push(format!("task {id} was deleted without its event"));
        }
    }
    for (id, task) in after.comments.iter().filter(|(id, _)| !before.comments.contains_key(id)) {
        if !added.take(
            *task,
            |kind| matches!(kind, TaskEventKind::CommentAdded { comment_id, .. } if comment_id.get() == *id),
        ) {
            found.push(format!("comment {id} was added without its event"));
        }
    }
    if call == "members.put" {
        shared(before, after, &mut found);
    }
    if call == "reminders.give" {
        given(before, after, &mut added, &mut found);
    }
    found.extend(added.0.iter().map(|event| format!("an event without a change: {event:?}")));
    counters(after, &mut found);
    found
}

fn new_task(id: i64, task: &TaskRow, added: &mut Added, found: &mut Vec<String>) {
    if task.version != 1 {
        found.push(format!("task {id} began with version {}", task.version));
    }
    if !added.take(id, |kind| matches!(kind, TaskEventKind::TaskCreated { status } if *status == task.status)) {
        found.push(format!("task {id} was created without its event"));
    }
    assigned(id, None, task.assignee, added, found);
}

fn changed_task(id: i64, former: &TaskRow, task: &TaskRow, added: &mut Added, found: &mut Vec<String>) {
    let fields = |task: &TaskRow| (task.status, task.assignee);
    let step = task.version - former.version;
    if !(0..=1).contains(&step) || (step == 0 && fields(former) != fields(task)) {
        found.push(format!("task {id} went from {former:?} to {task:?}"));
    }
    assigned(id, former.assignee, task.assignee, added, found);
    let statuses = (former.status, task.status);
    let is_step = |kind: &TaskEventKind| matches!(kind, TaskEventKind::StatusChanged { old, new, .. } if (*old, *new) == statuses);
    if former.status != task.status && !added.take(id, is_step) {
        found.push(format!("task {id} became {} without an event", task.status));
    }
}

fn assigned(id: i64, former: Option<i64>, assignee: Option<i64>, added: &mut Added, found: &mut Vec<String>) {
    let Some(user) = assignee.filter(|_| assignee != former) else { return };
    let is_assignment =
        |kind: &TaskEventKind| matches!(kind, TaskEventKind::TaskAssigned { assignee_id } if assignee_id.get() == user);
    if !added.take(id, is_assignment) {
        found.push(format!("task {id} was assigned to user {user} without an event"));
    }
}

fn shared(before: &Mirror, after: &Mirror, found: &mut Vec<String>) {
    let added: Vec<Event> = after
        .events
        .iter()
        .filter(|(id, _)| !before.events.contains_key(id))
        .filter_map(|(_, payload)| serde_json::from_str(payload).ok())
        .collect();
    for (project, user) in after.members.keys().filter(|member| !before.members.contains_key(member)) {
        let is_its = |event: &Event| {
            matches!(event, Event::ProjectShared(event)
                if event.project_id.get() == *project && event.user_id.get() == *user)
        };
        if !added.iter().any(is_its) {
            found.push(format!("user {user} became a member of project {project} without an event"));
        }
    }
}

fn given(before: &Mirror, after: &Mirror, added: &mut Added, found: &mut Vec<String>) {
    for (task, at) in before.reminders.difference(&after.reminders) {
        let is_done = before.tasks.get(task).is_none_or(|row| row.status == TaskStatus::Done);
        if !is_done && !added.take(*task, |kind| matches!(kind, TaskEventKind::ReminderDue { .. })) {
            found.push(format!("the reminder of task {task} at {at} was given without an event"));
        }
    }
}

/// The numbers of what is in projects and tasks.
fn counters(mirror: &Mirror, found: &mut Vec<String>) {
    let count = |keys: &mut dyn Iterator<Item = i64>| {
        let mut counts = BTreeMap::<i64, i64>::new();
        keys.for_each(|key| *counts.entry(key).or_default() += 1);
        counts
    };
    let tasks = count(&mut mirror.tasks.values().map(|task| task.project));
    // The owner isn't counted.
    let others = mirror.members.iter().filter(|(_, role)| **role != MemberRole::Owner);
    let members = count(&mut others.map(|((project, _), _)| *project));
    let labels = count(&mut mirror.labels.values().copied());
    let webhooks = count(&mut mirror.webhooks.values().copied());
    let comments = count(&mut mirror.comments.values().copied());
    let of = |counts: &BTreeMap<i64, i64>, id: &i64| counts.get(id).copied().unwrap_or_default();
    for (id, row) in mirror.projects.iter().filter(|(id, _)| !mirror.is_going(**id)) {
        let counted = [of(&tasks, id), of(&members, id), of(&labels, id), of(&webhooks, id)];
        let stored = [row.tasks, row.members, row.labels, row.active_webhooks];
        if counted != stored {
            found.push(format!("project {id} has {counted:?} tasks, members, labels, webhooks; stored are {stored:?}"));
        }
    }
    for (id, row) in mirror.tasks.iter().filter(|(_, row)| !mirror.is_going(row.project)) {
        if of(&comments, id) != row.comments {
            found.push(format!("task {id} has {} comments; stored are {}", of(&comments, id), row.comments));
        }
    }
}
