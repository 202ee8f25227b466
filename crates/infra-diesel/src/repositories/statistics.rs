//! Statistics of projects.

use super::{
    Cached, Connection, Database, Error, Lock, Stamp, dialect, quota,
    schema::{events, project_statistics, projects, tasks},
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
    dsl::{case_when, count_star},
    insert_into,
    upsert::excluded,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    event::Event,
    id::{ProjectId, UserId},
    ports::{
        RepositoryError,
        statistics::{self, OwnedStatistics},
    },
    statistics::{ProjectStatistics, StatisticsDelta},
    task::TaskStatus,
};
use std::collections::BTreeMap;

/// Reads statistics, and computes them anew.
#[derive(Clone)]
pub struct StatisticsRepository {
    database: Database,
}

impl StatisticsRepository {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = project_statistics, treat_none_as_default_value = false)]
struct StatisticsRow {
    project_id: i64,
    todo: i64,
    in_progress: i64,
    done: i64,
    updated_at: Stamp,
}

impl StatisticsRow {
    fn none(project_id: i64, updated_at: Stamp) -> Self {
        Self { project_id, todo: 0, in_progress: 0, done: 0, updated_at }
    }

    fn add(&mut self, [todo, in_progress, done]: [i64; 3]) {
        self.todo += todo;
        self.in_progress += in_progress;
        self.done += done;
    }

    fn counts(&self) -> [i64; 3] {
        [self.todo, self.in_progress, self.done]
    }

    fn entity(self) -> ProjectStatistics {
        ProjectStatistics {
            project_id: ProjectId::new(self.project_id),
            todo: self.todo,
            in_progress: self.in_progress,
            done: self.done,
            updated_at: self.updated_at.0,
        }
    }
}

/// What is to be added to the numbers of each project.
#[derive(Default)]
struct Sums(BTreeMap<i64, StatisticsRow>);

impl Sums {
    fn of(&mut self, project: i64, at: Stamp) -> &mut StatisticsRow {
        let row = self.0.entry(project).or_insert_with(|| StatisticsRow::none(project, at));
        row.updated_at = row.updated_at.max(at);
        row
    }

    /// Adds to the projects that still exist. How many they are.
    async fn write(mut self, conn: &mut Connection) -> Result<usize, Error> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let existing = dialect::keep_projects(conn, self.0.keys().copied().collect()).await?;
        let rows: Vec<_> = existing.iter().filter_map(|id| self.0.remove(id)).collect();
        let count = rows.len();
        for row in rows {
            let statement = insert_into(project_statistics::table)
                .values(row)
                .on_conflict(project_statistics::project_id)
                .do_update()
                .set((
                    project_statistics::todo.eq(project_statistics::todo + excluded(project_statistics::todo)),
                    project_statistics::in_progress
                        .eq(project_statistics::in_progress + excluded(project_statistics::in_progress)),
                    project_statistics::done.eq(project_statistics::done + excluded(project_statistics::done)),
                    project_statistics::updated_at.eq(case_when(
                        excluded(project_statistics::updated_at).gt(project_statistics::updated_at),
                        excluded(project_statistics::updated_at),
                    )
                    .otherwise(project_statistics::updated_at)),
                ));
            Cached(statement).execute(conn).await?;
        }
        Ok(count)
    }
}

/// Adds to the numbers of the projects that still exist.
pub(super) async fn add(conn: &mut Connection, deltas: &[StatisticsDelta]) -> Result<(), Error> {
    let mut sums = Sums::default();
    for delta in deltas {
        sums.of(delta.project_id.get(), Stamp(delta.at)).add([delta.todo, delta.in_progress, delta.done]);
    }
    sums.write(conn).await.map(drop)
}

/// What has to be added so that the numbers are right, once the events that wait are added too.
async fn differences(conn: &mut Connection, now: Stamp) -> Result<Sums, Error> {
    let mut sums = Sums::default();
    let tasks: Vec<(i64, String, i64)> = tasks::table
        .group_by((tasks::project_id, tasks::status))
        .select((tasks::project_id, tasks::status, count_star()))
        .load(conn)
        .await?;
    for (project, status, count) in tasks {
        sums.of(project, now).add(match status.parse().map_err(Error::corrupt("tasks", project))? {
            TaskStatus::Todo => [count, 0, 0],
            TaskStatus::InProgress => [0, count, 0],
            TaskStatus::Done => [0, 0, count],
        });
    }
    let waiting: Vec<String> =
        events::table.filter(events::is_set_aside.eq(false)).select(events::payload).load(conn).await?;
    // One that can't be read will add nothing.
    for event in waiting.iter().filter_map(|payload| serde_json::from_str::<Event>(payload).ok()) {
        if let Some(delta) = StatisticsDelta::of(&event) {
            sums.of(delta.project_id.get(), now).add([-delta.todo, -delta.in_progress, -delta.done]);
        }
    }
    let kept: Vec<StatisticsRow> = project_statistics::table.select(StatisticsRow::as_select()).load(conn).await?;
    for row in kept {
        sums.of(row.project_id, now).add(row.counts().map(i64::wrapping_neg));
    }
    sums.0.retain(|_, row| row.counts() != [0; 3]);
    Ok(sums)
}

#[async_trait]
impl statistics::StatisticsRepository for StatisticsRepository {
    async fn find(&self, project: ProjectId) -> Result<Option<OwnedStatistics>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let found: Option<(i64, Stamp, Option<StatisticsRow>)> = projects::table
                    .left_join(project_statistics::table)
                    .filter(projects::id.eq(project.get()))
                    .select((projects::owner_id, projects::created_at, Option::<StatisticsRow>::as_select()))
                    .first(conn)
                    .await
                    .optional()?;
                Ok(found.map(|(owner, created_at, row)| OwnedStatistics {
                    owner_id: UserId::new(owner),
                    statistics: row.unwrap_or_else(|| StatisticsRow::none(project.get(), created_at)).entity(),
                }))
            })
            .await
    }

    async fn rebuild(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        quota::rebuild(&self.database).await?;
        self.database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Outbox).await?;
                dialect::lock_tasks(conn).await?;
                Ok(differences(conn, Stamp(now)).await?.write(conn).await? as u64)
            })
            .await
    }
}
