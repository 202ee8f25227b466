//! Comments.

use super::{
    Database, Error, SqlTimestamp, audit, event, idempotency, quota, recorded,
    schema::{comments, projects, tasks},
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, delete, insert_into,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    audit::{AuditEntry, AuditObject},
    comment::{Comment, NewComment},
    id::{CommentId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        comment::{self, TaskComments},
    },
    text::CommentBody,
};

/// Stores comments.
#[derive(Clone)]
pub struct CommentRepository {
    database: Database,
}

impl CommentRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
struct CommentRow {
    id: i64,
    task_id: i64,
    author_id: i64,
    body: String,
    created_at: SqlTimestamp,
}

impl CommentRow {
    fn entity(self) -> Result<Comment, Error> {
        Ok(Comment {
            id: CommentId::new(self.id),
            task_id: TaskId::new(self.task_id),
            author_id: UserId::new(self.author_id),
            body: CommentBody::parse(self.body).map_err(Error::corrupt("comments", self.id))?,
            created_at: self.created_at.0,
        })
    }
}

/// The columns of a new comment. On PostgreSQL the id of the task can be an expression.
macro_rules! row {
    ($comment:expr, $task:expr) => {
        (
            comments::task_id.eq($task),
            comments::author_id.eq($comment.author_id.get()),
            comments::body.eq($comment.body.as_str()),
            comments::created_at.eq(SqlTimestamp($comment.created_at)),
        )
    };
}

#[async_trait]
impl comment::CommentRepository for CommentRepository {
    async fn create(&self, comment: NewComment, idempotency: Option<Idempotency>) -> Result<Comment, RepositoryError> {
        if comment.audit.is_none() && idempotency.is_none() {
            return self
                .database
                .write_statement(async move |conn| {
                    let counter = quota::comments_of(comment.task.task_id.get(), comment.quota);
                    let row = row!(&comment, recorded::counted(&counter));
                    let insert = insert_into(comments::table).values(row).returning(comments::id);
                    let events = |id| comment.events(CommentId::new(id));
                    let id = recorded::insert(conn, counter, insert, "{comment_id}", events).await?;
                    Ok(comment.stored(CommentId::new(id)))
                })
                .await
                .inspect(event::notify(&self.database));
        }
        self.database
            .write(async move |conn| {
                let row = row!(&comment, comment.task.task_id.get());
                let id = insert_into(comments::table).values(row).returning(comments::id).get_result(conn).await?;
                let created = comment.stored(CommentId::new(id));
                // Before the quota: where the same request has taken the last place, it is the record that is found.
                idempotency::record(conn, idempotency.as_ref(), || created.clone().into()).await?;
                event::record(conn, &comment.events(created.id)).await?;
                let entry = audit::insert(conn, comment.audit, Some(AuditObject::Comment(created.id))).await?;
                quota::comments_of(comment.task.task_id.get(), comment.quota).add(conn).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn find(&self, id: CommentId) -> Result<Option<Comment>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = comments::table.find(id.get()).select(CommentRow::as_select());
                query.first(conn).await.optional()?.map(CommentRow::entity).transpose()
            })
            .await
    }

    async fn list_on_task(&self, task: TaskId, page: PageRequest) -> Result<Option<TaskComments>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let on_page = comments::task_id.eq(tasks::id).and(comments::id.gt(page.after_id()));
                let rows: Vec<(i64, Option<i64>, Option<CommentRow>)> = tasks::table
                    .inner_join(projects::table)
                    .left_join(comments::table.on(on_page))
                    .filter(tasks::id.eq(task.get()))
                    .order(comments::id)
                    .limit(page.fetch())
                    .select((projects::owner_id, tasks::assignee_id, Option::<CommentRow>::as_select()))
                    .load(conn)
                    .await?;
                let &[(owner, assignee, _), ..] = rows.as_slice() else { return Ok(None) };
                let comments = rows
                    .into_iter()
                    .filter_map(|(_, _, comment)| comment)
                    .map(CommentRow::entity)
                    .collect::<Result<_, _>>()?;
                Ok(Some(TaskComments {
                    owner_id: UserId::new(owner),
                    assignee_id: assignee.map(UserId::new),
                    page: Page::from_fetched(comments, &page, |comment: &Comment| comment.id.get()),
                }))
            })
            .await
    }

    async fn delete(&self, id: CommentId, audit: Option<AuditEntry>) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let task = quota::remove_comment(conn, id.get()).await?;
                let Some(task) = task else { return Ok((false, None)) };
                if delete(comments::table.find(id.get())).execute(conn).await? == 0 {
                    // Another transaction deleted it, and updated the counter, while this one waited for the task.
                    quota::comments_of(task, u32::MAX).add(conn).await?;
                    return Ok((false, None));
                }
                Ok((true, audit::insert(conn, audit, None).await?))
            })
            .await
            .map(audit::log_committed)
    }
}
