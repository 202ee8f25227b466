//! Tasks that are created at the same time.

use super::{
    super::{
        columns::column, connection::Connection, repositories::index_text::index_text, run_query_dsl::RunQueryDsl,
    },
    Group, Grouped, Groups,
    created::{self, Created},
};
use crate::{Error, cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use fasttrack_domain::{
    due::Due,
    id::{TaskId, UserId},
    task::{NewTask, Task},
    text::Description,
};

/// A task is left out whose project or assignee is locked or gone, and all those of a project whose quota they would exceed.
/// The ids are assigned in the order of the places.
const INSERT: &str = "WITH new AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], \
         $5::text[], $6::text[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::boolean[], $11::timestamptz[], \
         $12::text[]) WITH ORDINALITY AS new (project_id, most, title, description, status, priority, assignee_id, \
         created_at, due_at, due_is_day, completed_at, words, place)), \
     held AS MATERIALIZED (SELECT id FROM projects WHERE id = ANY($1::bigint[]) FOR NO KEY UPDATE SKIP LOCKED), \
     assignees AS MATERIALIZED (SELECT id FROM users WHERE id = ANY($7::bigint[]) AND erased_at IS NULL \
         FOR KEY SHARE SKIP LOCKED), \
     possible AS MATERIALIZED (SELECT * FROM new WHERE project_id IN (SELECT id FROM held) \
         AND (assignee_id IS NULL OR assignee_id IN (SELECT id FROM assignees))), \
     counted AS (UPDATE projects SET task_count = task_count + added.count \
         FROM (SELECT project_id, count(*) AS count, min(most) AS most FROM possible GROUP BY project_id) AS added \
         WHERE id = added.project_id AND task_count + added.count <= added.most RETURNING id), \
     accepted AS MATERIALIZED (SELECT possible.*, row_number() OVER (ORDER BY place) AS number FROM possible \
         WHERE project_id IN (SELECT id FROM counted)), \
     inserted AS (INSERT INTO tasks (project_id, title, description, status, priority, assignee_id, created_at, updated_at, \
             version, due_at, due_is_day, completed_at, words_version) \
         SELECT project_id, title, description, status, priority, assignee_id, created_at, created_at, \
             1, due_at, due_is_day, completed_at, 1 FROM accepted ORDER BY number RETURNING id), \
     created AS MATERIALIZED (SELECT inserted.id, accepted.place, accepted.words \
         FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM inserted) AS inserted JOIN accepted USING (number)), \
     indexed AS (INSERT INTO task_words (task_id, words) \
         SELECT id, array_to_tsvector(string_to_array(words, ' ')) FROM created), \
     recorded AS (INSERT INTO events (kind, payload, created_at) \
         SELECT kind, jsonb_set(payload::jsonb, '{task,task_id}', to_jsonb(created.id))::text, at \
         FROM unnest($13::bigint[], $14::text[], $15::text[], $16::timestamptz[]) WITH ORDINALITY \
             AS event (task_place, kind, payload, at, event_place) JOIN created ON created.place = task_place \
         ORDER BY event_place) \
     SELECT place, id FROM created";

impl Grouped for NewTask {
    type Answer = Task;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.tasks
    }

    async fn run(conn: &mut Connection, new: &[Self]) -> Result<Vec<Option<Task>>, Error> {
        let (places, events) = created::events(new, |task| task.events(TaskId::new(0)))?;
        let words = |task: &Self| index_text(task.project.id.get(), task.assignee_id.map(UserId::get), &task.words());
        let statement = sql_query(INSERT)
            .bind::<Array<BigInt>, _>(column(new, |task| task.project.id.get()))
            .bind::<Array<BigInt>, _>(column(new, |task| i64::from(task.quota)))
            .bind::<Array<Text>, _>(column(new, |task| task.title.as_str()))
            .bind::<Array<Nullable<Text>>, _>(column(new, |task| task.description.as_ref().map(Description::as_str)))
            .bind::<Array<Text>, _>(column(new, |task| task.status.as_str()))
            .bind::<Array<Text>, _>(column(new, |task| task.priority.as_str()))
            .bind::<Array<Nullable<BigInt>>, _>(column(new, |task| task.assignee_id.map(UserId::get)))
            .bind::<Array<Timestamptz>, _>(column(new, |task| SqlTimestamp(task.created_at)))
            .bind::<Array<Nullable<Timestamptz>>, _>(column(new, |task| task.due.map(|due| SqlTimestamp(due.at()))))
            .bind::<Array<Bool>, _>(column(new, |task| task.due.is_some_and(Due::is_day)))
            .bind::<Array<Nullable<Timestamptz>>, _>(column(new, |task| task.completed_at().map(SqlTimestamp)))
            .bind::<Array<Text>, _>(column(new, words))
            .bind::<Array<BigInt>, _>(places)
            .bind::<Array<Text>, _>(events.kinds)
            .bind::<Array<Text>, _>(events.payloads)
            .bind::<Array<Timestamptz>, _>(events.times);
        let created: Vec<Created> = Cached(statement).load(conn).await?;
        Ok(created::stored(new, &created, |task, id| task.stored(TaskId::new(id))))
    }
}
