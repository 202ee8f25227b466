//! Comments that are created at the same time.

use super::{
    super::{columns::column, connection::Connection, run_query_dsl::RunQueryDsl},
    Group, Grouped, Groups,
    created::{self, Created},
};
use crate::{Error, cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use fasttrack_domain::{
    comment::{Comment, NewComment},
    id::CommentId,
};

/// A comment is left out whose task or author is locked or gone, and all those on a task whose quota they would exceed. The
/// ids are assigned in the order of the places.
const INSERT: &str = "WITH new AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], \
         $5::timestamptz[]) WITH ORDINALITY AS new (task_id, most, author_id, body, created_at, place)), \
     held AS MATERIALIZED (SELECT id FROM tasks WHERE id = ANY($1::bigint[]) FOR NO KEY UPDATE SKIP LOCKED), \
     authors AS MATERIALIZED (SELECT id FROM users WHERE id = ANY($3::bigint[]) FOR KEY SHARE SKIP LOCKED), \
     possible AS MATERIALIZED (SELECT * FROM new \
         WHERE task_id IN (SELECT id FROM held) AND author_id IN (SELECT id FROM authors)), \
     counted AS (UPDATE tasks SET comment_count = comment_count + added.count \
         FROM (SELECT task_id, count(*) AS count, min(most) AS most FROM possible GROUP BY task_id) AS added \
         WHERE id = added.task_id AND comment_count + added.count <= added.most RETURNING id), \
     accepted AS MATERIALIZED (SELECT possible.*, row_number() OVER (ORDER BY place) AS number FROM possible \
         WHERE task_id IN (SELECT id FROM counted)), \
     inserted AS (INSERT INTO comments (task_id, author_id, body, created_at) \
         SELECT task_id, author_id, body, created_at FROM accepted ORDER BY number RETURNING id), \
     created AS MATERIALIZED (SELECT inserted.id, accepted.place \
         FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM inserted) AS inserted JOIN accepted USING (number)), \
     recorded AS (INSERT INTO events (kind, payload, created_at) \
         SELECT kind, jsonb_set(payload::jsonb, '{comment_id}', to_jsonb(created.id))::text, at \
         FROM unnest($6::bigint[], $7::text[], $8::text[], $9::timestamptz[]) WITH ORDINALITY \
             AS event (comment_place, kind, payload, at, event_place) JOIN created ON created.place = comment_place \
         ORDER BY event_place) \
     SELECT place, id FROM created";

impl Grouped for NewComment {
    type Answer = Comment;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.comments
    }

    async fn run(conn: &mut Connection, new: &[Self]) -> Result<Vec<Option<Comment>>, Error> {
        let (places, events) = created::events(new, |comment| comment.events(CommentId::new(0)))?;
        let statement = sql_query(INSERT)
            .bind::<Array<BigInt>, _>(column(new, |comment| comment.task.task_id.get()))
            .bind::<Array<BigInt>, _>(column(new, |comment| i64::from(comment.quota)))
            .bind::<Array<BigInt>, _>(column(new, |comment| comment.author_id.get()))
            .bind::<Array<Text>, _>(column(new, |comment| comment.body.as_str()))
            .bind::<Array<Timestamptz>, _>(column(new, |comment| SqlTimestamp(comment.created_at)))
            .bind::<Array<BigInt>, _>(places)
            .bind::<Array<Text>, _>(events.kinds)
            .bind::<Array<Text>, _>(events.payloads)
            .bind::<Array<Timestamptz>, _>(events.times);
        let created: Vec<Created> = Cached(statement).load(conn).await?;
        Ok(created::stored(new, &created, |comment, id| comment.stored(CommentId::new(id))))
    }
}
