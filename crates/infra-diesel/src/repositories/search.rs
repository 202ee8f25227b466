//! The index of words that tasks are searched by, where other releases wrote none or others.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, dialect,
    schema::tasks,
    task_sql::WORDS_ID,
    words::{self, TaskWords},
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, sql_query,
    sql_types::BigInt, update,
};
use fasttrack_domain::{
    id::TaskId,
    ports::{
        RepositoryError,
        search::{self, RewrittenWords},
    },
    search::SearchWords,
    text::{Description, TaskTitle},
};

/// Writes the words of tasks.
#[derive(Clone)]
pub struct SearchRepository {
    database: Database,
}

impl SearchRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// What words are made of.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
struct TextRow {
    id: i64,
    project_id: i64,
    title: String,
    description: Option<String>,
    assignee_id: Option<i64>,
}

impl TextRow {
    fn words(self) -> Result<TaskWords, Error> {
        let corrupt = Error::corrupt("tasks", self.id);
        let title = TaskTitle::parse(self.title).map_err(&corrupt)?;
        let description = self.description.map(Description::parse).transpose().map_err(&corrupt)?;
        let words = SearchWords::of(&title, description.as_ref());
        Ok(TaskWords { id: self.id, project_id: self.project_id, assignee_id: self.assignee_id, words })
    }
}

/// Writes the words of tasks whose rows no other transaction changes meanwhile, and returns the number of tasks. One that
/// can't be read doesn't hold up others.
async fn write(conn: &mut Connection, rows: Vec<TextRow>) -> Result<u64, Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let words = |row: TextRow| {
        let id = row.id;
        row.words().inspect_err(|error| tracing::error!(task = id, %error, "the words of a task can't be read")).ok()
    };
    let words: Vec<_> = rows.into_iter().filter_map(words).collect();
    words::replace_all(conn, &words).await?;
    let count = ids.len() as u64;
    let written = update(tasks::table.filter(tasks::id.eq_any(ids))).set(tasks::words_version.eq(tasks::version));
    written.execute(conn).await?;
    Ok(count)
}

/// Deletes the words that there are of ids of no task, above `after` and up to `last`.
async fn delete_strays(conn: &mut Connection, after: i64, last: i64) -> Result<(), Error> {
    let statement = format!(
        "DELETE FROM task_words WHERE {WORDS_ID} > $1 AND {WORDS_ID} <= $2 \
         AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = {WORDS_ID})"
    );
    sql_query(statement).bind::<BigInt, _>(after).bind::<BigInt, _>(last).execute(conn).await?;
    Ok(())
}

// @spec SPEC-023
// @decision DEC-0031
#[async_trait]
impl search::SearchRepository for SearchRepository {
    async fn fill(&self, limit: u32) -> Result<u64, RepositoryError> {
        let first = self.database.read(async move |conn| {
            let query = tasks::table.filter(tasks::words_version.ne(tasks::version)).order(tasks::id);
            Ok(query.select(tasks::id).first::<i64>(conn).await.optional()?)
        });
        if first.await?.is_none() {
            return Ok(0);
        }
        self.database
            .write(async move |conn| {
                let query = tasks::table
                    .filter(tasks::words_version.ne(tasks::version))
                    .order(tasks::id)
                    .limit(i64::from(limit))
                    .select(TextRow::as_select());
                let rows: Vec<TextRow> = dialect::no_key_update!(query).load(conn).await?;
                write(conn, rows).await
            })
            .await
    }

    async fn rewrite(&self, after: TaskId, limit: u32) -> Result<Option<RewrittenWords>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let query = tasks::table
                    .filter(tasks::id.gt(after.get()))
                    .order(tasks::id)
                    .limit(i64::from(limit))
                    .select(TextRow::as_select());
                let rows: Vec<TextRow> = dialect::no_key_update!(query).load(conn).await?;
                let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
                let tasks = write(conn, rows).await?;
                delete_strays(conn, after.get(), last).await?;
                Ok(Some(RewrittenWords { tasks, last: TaskId::new(last) }))
            })
            .await
    }
}
