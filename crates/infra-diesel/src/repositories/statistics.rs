//! Statistics of projects: how many tasks have which status.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp, dialect, quota,
    schema::{members, project_statistics, projects},
    views::membership,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, QueryableByName, Selectable, SelectableHelper, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    Timestamp,
    event::Event,
    id::{ProjectId, UserId},
    ports::{
        RepositoryError,
        statistics::{self, StatisticsView},
    },
    statistics::{ProjectStatistics, StatisticsDelta},
    task::TaskStatus,
};
use std::collections::BTreeMap;

/// Stores statistics, and rebuilds them from the tasks.
#[derive(Clone)]
pub struct StatisticsRepository {
    database: Database,
}

impl StatisticsRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = project_statistics)]
struct StatisticsRow {
    project_id: i64,
    todo: i64,
    in_progress: i64,
    done: i64,
    updated_at: SqlTimestamp,
}

impl StatisticsRow {
    fn none(project_id: i64, updated_at: SqlTimestamp) -> Self {
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

/// Numbers to add to the statistics, by project.
#[derive(Default)]
struct Sums(BTreeMap<i64, StatisticsRow>);

impl Sums {
    fn of(&mut self, project: i64, at: SqlTimestamp) -> &mut StatisticsRow {
        let row = self.0.entry(project).or_insert_with(|| StatisticsRow::none(project, at));
        row.updated_at = row.updated_at.max(at);
        row
    }

    /// Adds the numbers of the projects that still exist, and returns how many those are.
    async fn write(self, conn: &mut Connection) -> Result<usize, Error> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let row = |row: &StatisticsRow| ([row.project_id, row.todo, row.in_progress, row.done], row.updated_at);
        let rows: Vec<_> = self.0.values().map(row).collect();
        Ok(dialect::add_statistics(conn, &rows).await?)
    }
}

/// Adds the deltas to the statistics of the projects that still exist.
pub(super) async fn add(conn: &mut Connection, deltas: &[StatisticsDelta]) -> Result<(), Error> {
    let mut sums = Sums::default();
    for delta in deltas {
        sums.of(delta.project_id.get(), SqlTimestamp(delta.at)).add([delta.todo, delta.in_progress, delta.done]);
    }
    sums.write(conn).await.map(drop)
}

/// A number of tasks to add to a project's statistics, or a waiting event whose numbers are to be subtracted.
#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Text>)]
    event: Option<String>,
}

/// One statement, as it sees one moment: each change of a task with the event that it caused, or neither. So changes go on
/// meanwhile.
const PARTS: &str = "SELECT project_id, status, count(*) AS count, NULL AS event FROM tasks GROUP BY project_id, status \
     UNION ALL SELECT project_id, 'todo', -todo, NULL FROM project_statistics \
     UNION ALL SELECT project_id, 'in_progress', -in_progress, NULL FROM project_statistics \
     UNION ALL SELECT project_id, 'done', -done, NULL FROM project_statistics \
     UNION ALL SELECT 0, '', 0, payload FROM events WHERE NOT is_set_aside";

/// What has to be added so that the statistics are right once the waiting events are dispatched. Nothing may be dispatched
/// meanwhile.
async fn differences(conn: &mut Connection, now: SqlTimestamp) -> Result<Sums, Error> {
    let mut sums = Sums::default();
    for Part { project_id, status, count, event } in sql_query(PARTS).load::<Part>(conn).await? {
        let Some(event) = event else {
            sums.of(project_id, now).add(match status.parse().map_err(Error::corrupt("tasks", project_id))? {
                TaskStatus::Todo => [count, 0, 0],
                TaskStatus::InProgress => [0, count, 0],
                TaskStatus::Done => [0, 0, count],
            });
            continue;
        };
        // One that can't be read will add nothing.
        let event = serde_json::from_str::<Event>(&event).ok();
        if let Some(delta) = event.as_ref().and_then(StatisticsDelta::of) {
            sums.of(delta.project_id.get(), now).add([-delta.todo, -delta.in_progress, -delta.done]);
        }
    }
    sums.0.retain(|_, row| row.counts() != [0; 3]);
    Ok(sums)
}

#[async_trait]
impl statistics::StatisticsRepository for StatisticsRepository {
    async fn find(&self, project: ProjectId, reader: UserId) -> Result<Option<StatisticsView>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                let found: Option<(SqlTimestamp, Option<String>, Option<StatisticsRow>)> = projects::table
                    .left_join(project_statistics::table)
                    .left_join(members::table.on(of_reader))
                    .filter(projects::id.eq(project.get()))
                    .select((projects::created_at, members::role.nullable(), Option::<StatisticsRow>::as_select()))
                    .first(conn)
                    .await
                    .optional()?;
                let Some((created_at, role, row)) = found else { return Ok(None) };
                let statistics = row.unwrap_or_else(|| StatisticsRow::none(project.get(), created_at)).entity();
                Ok(Some(StatisticsView { membership: membership(project.get(), role)?, statistics }))
            })
            .await
    }

    async fn rebuild(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        quota::rebuild(&self.database).await?;
        self.database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Outbox).await?;
                Ok(differences(conn, SqlTimestamp(now)).await?.write(conn).await? as u64)
            })
            .await
    }
}
