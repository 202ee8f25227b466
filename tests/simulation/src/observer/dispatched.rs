//! Whether a dispatch committed exactly the consequences of the events that it completed.

use super::mirror::{Mirror, rows};
use fasttrack_domain::{
    event::Event,
    id::TaskId,
    notification::{NotificationContent, notifications_of},
    person::Person,
    statistics::StatisticsDelta,
};
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// What a notification is about: the name of its type, and the task, or the project.
type Subject = (&'static str, i64);

fn subject(content: &NotificationContent) -> Subject {
    let id = match content {
        NotificationContent::TaskAssigned { task, .. }
        | NotificationContent::CommentAdded { task, .. }
        | NotificationContent::StatusChanged { task, .. }
        | NotificationContent::TaskReminder { task, .. } => task.task_id.get(),
        NotificationContent::ProjectShared { project_id, .. } => project_id.get(),
    };
    (content.name(), id)
}

/// What is wrong with a call that changed the outbox, notifications, statistics or deliveries.
pub(super) fn findings(call: &str, connection: &Connection, before: &Mirror, after: &Mirror) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let completed: Vec<Event> = before
        .events
        .iter()
        .filter(|(id, _)| !after.events.contains_key(id))
        .filter_map(|(_, payload)| serde_json::from_str(payload).ok())
        .collect();
    if call != "outbox.dispatch" && !completed.is_empty() {
        found.push(format!("{call} completed {} events", completed.len()));
    }
    let stored = notifications(connection, before, after, &mut found)?;
    let expected = expected_notifications(&completed, before);
    if stored != expected {
        found.push(format!("{call} stored the notifications {stored:?} instead of {expected:?}"));
    }
    statistics(call, &completed, before, after, &mut found);
    if call == "outbox.dispatch" {
        deliveries(connection, &completed, before, &mut found)?;
    }
    Ok(found)
}

/// The new notifications of each user, in their order. Numbers must follow the former ones.
fn notifications(
    connection: &Connection,
    before: &Mirror,
    after: &Mirror,
    found: &mut Vec<String>,
) -> Result<BTreeMap<i64, Vec<Subject>>> {
    let mut stored = BTreeMap::new();
    for (user, head) in &after.heads {
        let former = before.heads.get(user).copied().unwrap_or_default();
        if former == *head {
            continue;
        }
        let sql =
            format!("SELECT seq, content FROM notifications WHERE user_id = {user} AND seq > {former} ORDER BY seq");
        let new: Vec<(i64, String)> = rows(connection, &sql, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let numbers: Vec<_> = new.iter().map(|(seq, _)| *seq).collect();
        if numbers != (former + 1..=*head).collect::<Vec<_>>() {
            found.push(format!("user {user} went from notification {former} to {head} by the numbers {numbers:?}"));
        }
        let contents = new.iter().filter_map(|(_, content)| serde_json::from_str(content).ok());
        stored.insert(*user, contents.map(|content| subject(&content)).collect());
    }
    Ok(stored)
}

/// The notifications of these events for users who have access, which a dispatch doesn't change.
fn expected_notifications(events: &[Event], stored: &Mirror) -> BTreeMap<i64, Vec<Subject>> {
    let (mut expected, name) = (BTreeMap::<i64, Vec<Subject>>::new(), Person::deleted_name());
    for notification in events.iter().flat_map(|event| notifications_of(event, &name)) {
        let audience = notification.audience();
        let (user, project) = (audience.user_id.get(), audience.project_id.get());
        let task = audience.task_id.map(TaskId::get);
        if stored.has_access(user, project, task) && !stored.erased.contains(&user) {
            expected.entry(user).or_default().push(subject(&notification.content));
        }
    }
    expected
}

fn statistics(call: &str, events: &[Event], before: &Mirror, after: &Mirror, found: &mut Vec<String>) {
    let mut expected = before.statistics.clone();
    for delta in events.iter().filter_map(StatisticsDelta::of) {
        let project = delta.project_id.get();
        if before.projects.contains_key(&project) {
            let sums = expected.entry(project).or_default();
            for (sum, part) in sums.iter_mut().zip([delta.todo, delta.in_progress, delta.done]) {
                *sum += part;
            }
        }
    }
    expected.retain(|project, _| after.projects.contains_key(project));
    // A project without events may have a row or none.
    let has_tasks = |counts: &[i64; 3]| *counts != [0; 3];
    let shown = |all: &BTreeMap<i64, [i64; 3]>| -> BTreeMap<i64, [i64; 3]> {
        all.iter().filter(|(_, counts)| has_tasks(counts)).map(|(project, counts)| (*project, *counts)).collect()
    };
    if shown(&after.statistics) != shown(&expected) {
        found.push(format!("{call} left the statistics {:?} instead of {expected:?}", after.statistics));
    }
}

/// Each change of a project with active webhooks is delivered to each of them once.
fn deliveries(connection: &Connection, events: &[Event], before: &Mirror, found: &mut Vec<String>) -> Result<()> {
    let mut expected = BTreeMap::<i64, i64>::new();
    for event in events {
        let Event::Change(event) = event else { continue };
        for (webhook, _) in before.webhooks.iter().filter(|(_, project)| **project == event.project_id.get()) {
            *expected.entry(*webhook).or_default() += 1;
        }
    }
    let last = before.last_delivery;
    let sql = format!("SELECT webhook_id, count(*) FROM deliveries WHERE id > {last} GROUP BY webhook_id");
    let stored: BTreeMap<i64, i64> = rows(connection, &sql, |row| Ok((row.get(0)?, row.get(1)?)))?;
    if stored != expected {
        found.push(format!("the dispatch stored {stored:?} deliveries by webhook instead of {expected:?}"));
    }
    Ok(())
}
