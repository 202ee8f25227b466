//! Writes what tasks have beside their rows: labels, reminders and words.

use super::super::{
    Connection, Error, SqlTimestamp, bulk,
    schema::task_reminders,
    task_rows,
    words::{self, TaskWords},
};
use diesel::ExpressionMethods;
use fasttrack_domain::{
    Timestamp,
    id::{LabelId, ProjectId, TaskId, UserId},
    ports::constraint,
    search::SearchWords,
    task::{Task, TaskChange},
};

/// Writes all of new tasks. `Conflict` with [`constraint::REFERENCE`] where a label is none of the project.
pub(super) async fn insert(conn: &mut Connection, project: ProjectId, tasks: &[Task]) -> Result<(), Error> {
    let (mut labels, mut reminders, mut all_words) = (Vec::new(), Vec::new(), Vec::with_capacity(tasks.len()));
    for task in tasks {
        labels.extend(label_pairs(task.id, task.labels.as_slice()));
        reminders.extend(reminder_pairs(task.id, task.reminders.as_slice()));
        all_words.push(words_of(task, SearchWords::of(&task.title, task.description.as_ref())));
    }
    add_labels(conn, project, &labels).await?;
    add_reminders(conn, reminders).await?;
    words::replace_all(conn, &all_words).await
}

/// Writes what changes of stored tasks, whose rows are updated before. `Conflict` with [`constraint::REFERENCE`] where a
/// label is none of the project.
pub(super) async fn change(conn: &mut Connection, project: ProjectId, changes: &[TaskChange]) -> Result<(), Error> {
    let (mut added_labels, mut removed_labels) = (Vec::new(), Vec::new());
    let (mut added_reminders, mut removed_reminders) = (Vec::new(), Vec::new());
    let mut all_words = Vec::new();
    for change in changes {
        let id = change.task.id;
        added_labels.extend(label_pairs(id, &change.labels.added));
        removed_labels.extend(label_pairs(id, &change.labels.removed));
        added_reminders.extend(reminder_pairs(id, &change.reminders.added));
        removed_reminders.extend(reminder_pairs(id, &change.reminders.removed));
        all_words.extend(change.words.clone().map(|words| words_of(&change.task, words)));
    }
    add_labels(conn, project, &added_labels).await?;
    if !removed_labels.is_empty() {
        task_rows::remove_labels(conn, &removed_labels).await?;
    }
    if !removed_reminders.is_empty() {
        task_rows::remove_reminders(conn, &removed_reminders).await?;
    }
    add_reminders(conn, added_reminders).await?;
    if all_words.is_empty() { Ok(()) } else { words::replace_all(conn, &all_words).await }
}

fn label_pairs(task: TaskId, labels: &[LabelId]) -> Vec<(i64, i64)> {
    labels.iter().map(|label| (task.get(), label.get())).collect()
}

fn reminder_pairs(task: TaskId, reminders: &[Timestamp]) -> Vec<(i64, SqlTimestamp)> {
    reminders.iter().map(|at| (task.get(), SqlTimestamp(*at))).collect()
}

fn words_of(task: &Task, words: SearchWords) -> TaskWords {
    let assignee_id = task.assignee_id.map(UserId::get);
    TaskWords { id: task.id.get(), project_id: task.project_id.get(), assignee_id, words }
}

async fn add_labels(conn: &mut Connection, project: ProjectId, pairs: &[(i64, i64)]) -> Result<(), Error> {
    if pairs.is_empty() || task_rows::add_labels(conn, project.get(), pairs).await? == pairs.len() {
        return Ok(());
    }
    Err(Error::Conflict(constraint::REFERENCE))
}

async fn add_reminders(conn: &mut Connection, pairs: Vec<(i64, SqlTimestamp)>) -> Result<(), Error> {
    let row = |(task, at): (i64, SqlTimestamp)| (task_reminders::task_id.eq(task), task_reminders::at.eq(at));
    Ok(bulk::insert(conn, task_reminders::table, pairs.into_iter().map(row).collect()).await?)
}
