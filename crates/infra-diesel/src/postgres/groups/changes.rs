//! Tasks that are changed at the same time.

use super::{
    super::{
        columns::{Events, column},
        connection::Connection,
        repositories::index_text::index_text,
        run_query_dsl::RunQueryDsl,
    },
    Group, Grouped, Groups,
};
use crate::{Error, cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use fasttrack_domain::{
    id::UserId,
    task::{Task, TaskChange},
    text::Description,
};
use std::collections::HashSet;

/// A change is left out whose task is locked, gone or of another version.
const UPDATE: &str = "WITH new AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], \
         $5::text[], $6::timestamptz[], $7::bigint[], $8::timestamptz[], $9::boolean[], $10::boolean[], $11::text[]) \
         AS new (task_id, based_on, title, description, status, updated_at, version, completed_at, has_labels, \
         has_reminders, words)), \
     held AS MATERIALIZED (SELECT new.* FROM tasks JOIN new ON tasks.id = task_id AND tasks.version = based_on \
         FOR NO KEY UPDATE OF tasks SKIP LOCKED), \
     changed AS (UPDATE tasks SET title = held.title, description = held.description, status = held.status, \
             updated_at = held.updated_at, version = held.version, completed_at = held.completed_at, \
             has_labels = held.has_labels, has_reminders = held.has_reminders, \
             words_version = CASE WHEN held.words IS NOT NULL OR tasks.words_version = tasks.version \
                 THEN held.version ELSE tasks.words_version END \
         FROM held WHERE id = task_id AND tasks.version = based_on RETURNING id, held.words), \
     indexed AS (INSERT INTO task_words (task_id, words) \
         SELECT id, array_to_tsvector(string_to_array(words, ' ')) FROM changed WHERE words IS NOT NULL \
         ON CONFLICT (task_id) DO UPDATE SET words = excluded.words), \
     recorded AS (INSERT INTO events (kind, payload, created_at) SELECT kind, payload, at \
         FROM unnest($12::bigint[], $13::text[], $14::text[], $15::timestamptz[]) WITH ORDINALITY \
             AS event (task_id, kind, payload, at, place) JOIN changed ON changed.id = task_id ORDER BY place) \
     SELECT id FROM changed";

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl Grouped for TaskChange {
    type Answer = Option<Task>;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.changes
    }

    /// What a task is found by has further checks.
    fn fits(&self) -> bool {
        self.keeps_plan
    }

    async fn run(conn: &mut Connection, changes: &[Self]) -> Result<Vec<Option<Option<Task>>>, Error> {
        // Two changes of one task can't both be of its present version.
        let mut ids = HashSet::with_capacity(changes.len());
        let first: Vec<_> = changes.iter().filter(|change| ids.insert(change.task.id)).collect();
        let (mut tasks, mut events) = (Vec::new(), Events::default());
        for change in &first {
            events.add(&change.events)?;
            events.add(change.touched().as_slice())?;
            tasks.resize(events.kinds.len(), change.task.id.get());
        }
        let words = |change: &&Self| {
            let (project, assignee) = (change.task.project_id.get(), change.task.assignee_id.map(UserId::get));
            change.words.as_ref().map(|words| index_text(project, assignee, words))
        };
        let statement = sql_query(UPDATE)
            .bind::<Array<BigInt>, _>(column(&first, |change| change.task.id.get()))
            .bind::<Array<BigInt>, _>(column(&first, |change| change.based_on))
            .bind::<Array<Text>, _>(column(&first, |change| change.task.title.as_str()))
            .bind::<Array<Nullable<Text>>, _>(column(&first, |change| {
                change.task.description.as_ref().map(Description::as_str)
            }))
            .bind::<Array<Text>, _>(column(&first, |change| change.task.status.as_str()))
            .bind::<Array<Timestamptz>, _>(column(&first, |change| SqlTimestamp(change.task.updated_at)))
            .bind::<Array<BigInt>, _>(column(&first, |change| change.task.version))
            .bind::<Array<Nullable<Timestamptz>>, _>(column(&first, |change| {
                change.task.completed_at.map(SqlTimestamp)
            }))
            .bind::<Array<Bool>, _>(column(&first, |change| !change.task.labels.as_slice().is_empty()))
            .bind::<Array<Bool>, _>(column(&first, |change| !change.task.reminders.as_slice().is_empty()))
            .bind::<Array<Nullable<Text>>, _>(column(&first, words))
            .bind::<Array<BigInt>, _>(tasks)
            .bind::<Array<Text>, _>(events.kinds)
            .bind::<Array<Text>, _>(events.payloads)
            .bind::<Array<Timestamptz>, _>(events.times);
        let saved: Vec<Changed> = Cached(statement).load(conn).await?;
        let mut saved: HashSet<_> = saved.into_iter().map(|task| task.id).collect();
        // Taken out, so that the second change of a task isn't what was written.
        Ok(changes
            .iter()
            .map(|change| saved.remove(&change.task.id.get()).then(|| Some(change.task.clone())))
            .collect())
    }
}
