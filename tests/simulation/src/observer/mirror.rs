//! A copy of what is stored, read again after each call that may change it.

use fasttrack_domain::{membership::MemberRole, task::TaskStatus};
use rusqlite::{Connection, Result, Row};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRow {
    pub(crate) project: i64,
    pub(crate) version: i64,
    pub(crate) status: TaskStatus,
    pub(crate) assignee: Option<i64>,
    pub(crate) comments: i64,
}

/// A project with the numbers that are stored of what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectRow {
    pub(crate) owner: i64,
    pub(crate) version: i64,
    pub(crate) tasks: i64,
    pub(crate) members: i64,
    pub(crate) labels: i64,
    pub(crate) active_webhooks: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mirror {
    pub(crate) tasks: BTreeMap<i64, TaskRow>,
    pub(crate) projects: BTreeMap<i64, ProjectRow>,
    /// By project and user.
    pub(crate) members: BTreeMap<(i64, i64), MemberRole>,
    /// The task of each comment.
    pub(crate) comments: BTreeMap<i64, i64>,
    /// The project of each label.
    pub(crate) labels: BTreeMap<i64, i64>,
    /// Task and time.
    pub(crate) reminders: BTreeSet<(i64, i64)>,
    /// The payload of each event that waits.
    pub(crate) events: BTreeMap<i64, String>,
    /// The project of each active webhook.
    pub(crate) webhooks: BTreeMap<i64, i64>,
    /// The number of each user's latest notification.
    pub(crate) heads: BTreeMap<i64, i64>,
    /// Tasks to do, in progress and done by project.
    pub(crate) statistics: BTreeMap<i64, [i64; 3]>,
    /// The id of the latest delivery to a webhook.
    pub(crate) last_delivery: i64,
    pub(crate) erased: BTreeSet<i64>,
}

/// A part of what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Tasks,
    Projects,
    Members,
    Comments,
    Labels,
    Reminders,
    Events,
    Webhooks,
    Heads,
    Statistics,
    Deliveries,
    Erased,
}

impl Part {
    const ALL: &'static [Self] = &[
        Self::Tasks,
        Self::Projects,
        Self::Members,
        Self::Comments,
        Self::Labels,
        Self::Reminders,
        Self::Events,
        Self::Webhooks,
        Self::Heads,
        Self::Statistics,
        Self::Deliveries,
        Self::Erased,
    ];

    /// What a call of this port may change of it.
    pub(crate) fn of(call: &str) -> &'static [Self] {
        match call.split('.').next().unwrap_or_default() {
            "tasks" => &[Self::Tasks, Self::Projects, Self::Comments, Self::Reminders, Self::Events],
            "comments" => &[Self::Tasks, Self::Comments, Self::Events],
            "members" => &[Self::Members, Self::Projects, Self::Tasks, Self::Events],
            "labels" => &[Self::Labels, Self::Projects, Self::Events],
            "reminders" => &[Self::Reminders, Self::Events],
            "webhooks" | "webhook_queue" => &[Self::Webhooks, Self::Projects, Self::Deliveries],
            "outbox" => &[Self::Events, Self::Heads, Self::Statistics, Self::Deliveries],
            "projects" | "invitations" | "erasures" => Self::ALL,
            _ => &[],
        }
    }
}

impl Mirror {
    pub(crate) fn read(connection: &Connection) -> Result<Self> {
        let mut mirror = Self::default();
        mirror.refresh(connection, Part::ALL)?;
        Ok(mirror)
    }

    /// Reads these parts again.
    pub(crate) fn refresh(&mut self, connection: &Connection, parts: &[Part]) -> Result<()> {
        for part in parts {
            match part {
                Part::Tasks => {
                    let sql = "SELECT id, project_id, version, status, assignee_id, comment_count FROM tasks";
                    self.tasks = rows(connection, sql, |row| {
                        let (project, version, status, assignee, comments) =
                            (row.get(1)?, row.get(2)?, enumerated(row, 3)?, row.get(4)?, row.get(5)?);
                        Ok((row.get(0)?, TaskRow { project, version, status, assignee, comments }))
                    })?;
                }
                Part::Projects => {
                    let sql = "SELECT id, version, task_count, member_count, label_count, active_webhooks, owner_id \
                               FROM projects";
                    self.projects = rows(connection, sql, |row| {
                        let (version, tasks, members) = (row.get(1)?, row.get(2)?, row.get(3)?);
                        let (labels, active_webhooks, owner) = (row.get(4)?, row.get(5)?, row.get(6)?);
                        Ok((row.get(0)?, ProjectRow { owner, version, tasks, members, labels, active_webhooks }))
                    })?;
                }
                Part::Members => {
                    let sql = "SELECT project_id, user_id, role FROM members";
                    self.members = rows(connection, sql, |row| Ok(((row.get(0)?, row.get(1)?), enumerated(row, 2)?)))?;
                }
                Part::Comments => self.comments = pairs(connection, "SELECT id, task_id FROM comments")?,
                Part::Labels => self.labels = pairs(connection, "SELECT id, project_id FROM labels")?,
                Part::Reminders => self.reminders = pairs(connection, "SELECT task_id, at FROM task_reminders")?,
                Part::Events => {
                    self.events =
                        rows(connection, "SELECT id, payload FROM events", |row| Ok((row.get(0)?, row.get(1)?)))?;
                }
                Part::Webhooks => {
                    self.webhooks = pairs(connection, "SELECT id, project_id FROM webhooks WHERE is_active")?;
                }
                Part::Heads => self.heads = pairs(connection, "SELECT user_id, last_seq FROM notification_heads")?,
                Part::Statistics => {
                    let sql = "SELECT project_id, todo, in_progress, done FROM project_statistics";
                    self.statistics =
                        rows(connection, sql, |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])))?;
                }
                Part::Deliveries => {
                    let sql = "SELECT coalesce(max(id), 0) FROM deliveries";
                    // Ids of deleted ones are not used again.
                    self.last_delivery = self.last_delivery.max(connection.query_row(sql, [], |row| row.get(0))?);
                }
                Part::Erased => {
                    let sql = "SELECT id FROM users WHERE erased_at IS NOT NULL";
                    self.erased = rows(connection, sql, |row| row.get(0))?;
                }
            }
        }
        Ok(())
    }

    /// Whether the project's owner is being erased, and the project in portions.
    pub(crate) fn is_going(&self, project: i64) -> bool {
        self.projects.get(&project).is_some_and(|project| self.erased.contains(&project.owner))
    }

    /// Whether the user has access to a project, or to a task in it by its assignment.
    pub(crate) fn has_access(&self, user: i64, project: i64, task: Option<i64>) -> bool {
        let is_assignee = |task| self.tasks.get(&task).is_some_and(|task| task.assignee == Some(user));
        self.members.contains_key(&(project, user)) || task.is_some_and(is_assignee)
    }
}

/// The rows of a query, each converted.
pub(crate) fn rows<T, C: FromIterator<T>>(
    connection: &Connection,
    sql: &str,
    convert: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<C> {
    connection.prepare(sql)?.query_map([], convert)?.collect()
}

fn pairs<C: FromIterator<(i64, i64)>>(connection: &Connection, sql: &str) -> Result<C> {
    rows(connection, sql, |row| Ok((row.get(0)?, row.get(1)?)))
}

fn enumerated<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| rusqlite::Error::InvalidColumnName(text))
}
