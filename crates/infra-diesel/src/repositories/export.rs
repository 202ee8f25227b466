//! Reads what an export has beside the lists of other repositories.
//!
//! Comments are read in statements of bounded length, as any number of tasks and comments between them may not belong to
//! the list.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, SqlTimestamp,
    comment::CommentViewRow,
    schema::{comments, identities, tasks},
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, dsl::exists, sql_query, sql_types::BigInt};
use fasttrack_domain::{
    comment::CommentView,
    id::{CommentId, ProjectId, TaskId, UserId},
    identity::{ExternalSubject, Identity, LinkedIdentity},
    page::{Page, PageRequest},
    ports::{RepositoryError, export},
};

/// Reads a user's data for its export.
#[derive(Clone)]
pub struct ExportRepository {
    database: Database,
}

impl ExportRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// How many tasks a statement looks at for comments.
const TASKS: i64 = 500;

/// The comments on a task behind an id.
const ON_TASK: &str = "SELECT comments.task_id, comments.id, comments.author_id, comments.body, comments.created_at, \
         users.display_name \
     FROM comments JOIN users ON users.id = comments.author_id \
     WHERE comments.task_id = $1 AND comments.id > $2 ORDER BY comments.id LIMIT $3";

/// The first comments on a task behind one, by ascending id.
pub(super) async fn on_task(
    conn: &mut Connection,
    task: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<CommentView>, Error> {
    let query = sql_query(ON_TASK).bind::<BigInt, _>(task).bind::<BigInt, _>(after).bind::<BigInt, _>(limit);
    let rows: Vec<CommentViewRow> = Cached(query).load(conn).await?;
    rows.into_iter().map(CommentViewRow::view).filter_map(Result::transpose).collect()
}

/// The first tasks of a project behind an id, and whether each has comments.
async fn tasks_behind(conn: &mut Connection, project: i64, after: i64) -> Result<Vec<(i64, bool)>, Error> {
    let query = tasks::table.filter(tasks::project_id.eq(project)).filter(tasks::id.gt(after)).order(tasks::id);
    let has_comments = exists(comments::table.filter(comments::task_id.eq(tasks::id)));
    Ok(query.limit(TASKS).select((tasks::id, has_comments)).load(conn).await?)
}

/// The comments of a user behind an id. Those in the user's own projects are without a body.
const OF_AUTHOR: &str = "SELECT comments.task_id, comments.id, comments.author_id, \
         CASE WHEN projects.owner_id = comments.author_id THEN NULL ELSE comments.body END AS body, \
         comments.created_at, users.display_name \
     FROM comments JOIN tasks ON tasks.id = comments.task_id JOIN projects ON projects.id = tasks.project_id \
         JOIN users ON users.id = comments.author_id \
     WHERE comments.author_id = $1 AND comments.id > $2 ORDER BY comments.id LIMIT $3";

async fn of_author(conn: &mut Connection, author: i64, after: i64, limit: i64) -> Result<Vec<CommentViewRow>, Error> {
    let query = sql_query(OF_AUTHOR).bind::<BigInt, _>(author).bind::<BigInt, _>(after).bind::<BigInt, _>(limit);
    Ok(Cached(query).load(conn).await?)
}

#[async_trait]
impl export::ExportRepository for ExportRepository {
    async fn identities(&self, user: UserId) -> Result<Vec<LinkedIdentity>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows: Vec<(String, String, SqlTimestamp)> = identities::table
                    .filter(identities::user_id.eq(user.get()))
                    .order((identities::issuer, identities::subject))
                    .select((identities::issuer, identities::subject, identities::created_at))
                    .load(conn)
                    .await?;
                let entity = |(issuer, subject, created_at): (String, String, SqlTimestamp)| {
                    let subject = ExternalSubject::parse(subject).map_err(Error::corrupt("identities", user.get()))?;
                    Ok(LinkedIdentity { identity: Identity { issuer, subject }, created_at: created_at.0 })
                };
                rows.into_iter().map(entity).collect::<Result<_, Error>>()
            })
            .await
    }

    async fn comments_in_project(
        &self,
        project: ProjectId,
        after: Option<(TaskId, CommentId)>,
        limit: u32,
    ) -> Result<Vec<CommentView>, RepositoryError> {
        let wanted = limit as usize;
        let mut found = Vec::new();
        let mut last = 0;
        if let Some((task, comment)) = after {
            last = task.get();
            let rest = async move |conn: &mut Connection| on_task(conn, last, comment.get(), i64::from(limit)).await;
            found = self.database.read(rest).await?;
        }
        while found.len() < wanted {
            let behind = async move |conn: &mut Connection| tasks_behind(conn, project.get(), last).await;
            let tasks = self.database.read(behind).await?;
            let Some(&(last_of_them, _)) = tasks.as_slice().last() else { break };
            last = last_of_them;
            for (task, _) in tasks.into_iter().filter(|(_, has_comments)| *has_comments) {
                let missing = i64::try_from(wanted - found.len()).unwrap_or_default();
                if missing == 0 {
                    break;
                }
                let first = async move |conn: &mut Connection| on_task(conn, task, 0, missing).await;
                found.extend(self.database.read(first).await?);
            }
        }
        Ok(found)
    }

    async fn comments_elsewhere(
        &self,
        author: UserId,
        page: PageRequest,
    ) -> Result<Page<CommentView>, RepositoryError> {
        let (mut found, mut after) = (Vec::new(), page.after_id());
        let wanted = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
        loop {
            let read = async move |conn: &mut Connection| of_author(conn, author.get(), after, page.fetch()).await;
            let rows = self.database.read(read).await?;
            let is_last = rows.len() < wanted;
            for row in rows {
                after = row.id().unwrap_or(after);
                found.extend(row.view()?);
                if found.len() == wanted {
                    break;
                }
            }
            if is_last || found.len() == wanted {
                return Ok(Page::from_fetched(found, &page, |view: &CommentView| view.comment.id.get()));
            }
        }
    }
}
