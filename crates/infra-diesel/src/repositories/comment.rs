//! Comments.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, Moment, SqlTimestamp, audit, event, idempotency, quota, recorded,
    schema::{comments, tasks, users},
    views::{membership, person},
    webhook::record,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable, SelectableHelper, delete,
    insert_into, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    audit::AuditObject,
    change::Thing,
    comment::{Comment, CommentInProject, CommentRemoval, CommentView, NewComment},
    event::{Change, Touched},
    id::{CommentId, ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        comment::{self, TaskComments},
    },
    text::CommentBody,
};

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

/// Stores comments.
#[derive(Clone)]
pub struct CommentRepository {
    database: Database,
}

impl CommentRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Inserts a comment that is a row, an event and a count.
    async fn insert_plain(&self, comment: NewComment) -> Result<Comment, RepositoryError> {
        self.database
            .write_statement(async move |conn| {
                let counter = quota::comments_of(comment.task.task_id.get(), comment.quota);
                let row = row!(&comment, recorded::counted(&counter));
                let insert = insert_into(comments::table).values(row).returning(comments::id);
                let events = |id| comment.events(CommentId::new(id));
                let id = recorded::insert(conn, counter, insert, "{comment_id}", None, events).await?;
                Ok(comment.stored(CommentId::new(id)))
            })
            .await
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

/// A comment with its author, or none.
#[derive(QueryableByName)]
pub(super) struct CommentViewRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    task_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    author_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    body: Option<String>,
    #[diesel(sql_type = Nullable<Moment>)]
    created_at: Option<SqlTimestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    display_name: Option<String>,
}

impl CommentViewRow {
    pub(super) fn id(&self) -> Option<i64> {
        self.id
    }

    pub(super) fn view(self) -> Result<Option<CommentView>, Error> {
        let Self { id: Some(id), task_id: Some(task_id), author_id: Some(author_id), body: Some(body), .. } = self
        else {
            return Ok(None);
        };
        let (Some(created_at), Some(name)) = (self.created_at, self.display_name) else { return Ok(None) };
        let comment = CommentRow { id, task_id, author_id, body, created_at }.entity()?;
        Ok(Some(CommentView { comment, author: person(author_id, name)? }))
    }
}

/// A comment as users see it, within the transaction that changes it.
async fn find_view(conn: &mut Connection, id: i64) -> Result<Option<CommentView>, Error> {
    let query = comments::table
        .inner_join(users::table)
        .filter(comments::id.eq(id))
        .select((CommentRow::as_select(), users::display_name));
    let found: Option<(CommentRow, String)> = query.first(conn).await.optional()?;
    let Some((row, name)) = found else { return Ok(None) };
    let author = person(row.author_id, name)?;
    Ok(Some(CommentView { comment: row.entity()?, author }))
}

/// The task's project and assignee, and the reader's role, with a comment or none.
#[derive(QueryableByName)]
struct ListRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    assignee_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(embed)]
    comment: CommentViewRow,
}

/// A page of the comments on a task, in no order. The task's row is found even where no comment is. The page is cut before
/// anything is joined to it: PostgreSQL would sort all comments on the task.
const LIST: &str = "SELECT tasks.project_id, tasks.assignee_id, members.role, page.id, page.task_id, page.author_id, \
         page.body, page.created_at, users.display_name \
     FROM tasks LEFT JOIN members ON members.project_id = tasks.project_id AND members.user_id = $1 \
         LEFT JOIN (SELECT id, task_id, author_id, body, created_at FROM comments \
             WHERE task_id = $2 AND id > $3 ORDER BY id LIMIT $4) AS page ON TRUE \
         LEFT JOIN users ON users.id = page.author_id \
     WHERE tasks.id = $2";

#[async_trait]
impl comment::CommentRepository for CommentRepository {
    async fn create(&self, comment: NewComment, idempotency: Option<Idempotency>) -> Result<Comment, RepositoryError> {
        if comment.audit.is_none() && idempotency.is_none() && !comment.is_watched {
            return self
                .database
                .grouped(comment, |comment| self.insert_plain(comment))
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
                if comment.is_watched
                    && let Some(view) = find_view(conn, created.id.get()).await?
                {
                    let act = (comment.author_id, comment.created_at);
                    record::change(conn, comment.task.project_id, act, Change::CommentCreated(view)).await?;
                }
                let entry = audit::insert(conn, comment.audit, Some(AuditObject::Comment(created.id))).await?;
                quota::comments_of(comment.task.task_id.get(), comment.quota).add(conn).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn find(&self, id: CommentId) -> Result<Option<CommentInProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = comments::table
                    .inner_join(tasks::table)
                    .filter(comments::id.eq(id.get()))
                    .select((CommentRow::as_select(), tasks::project_id));
                let found: Option<(CommentRow, i64)> = query.first(conn).await.optional()?;
                let Some((comment, project)) = found else { return Ok(None) };
                Ok(Some(CommentInProject { comment: comment.entity()?, project_id: ProjectId::new(project) }))
            })
            .await
    }

    async fn list_on_task(
        &self,
        task: TaskId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<TaskComments>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = sql_query(LIST).bind::<BigInt, _>(reader.get()).bind::<BigInt, _>(task.get());
                let query = query.bind::<BigInt, _>(page.after_id()).bind::<BigInt, _>(page.fetch());
                let rows: Vec<ListRow> = Cached(query).load(conn).await?;
                let [first, ..] = rows.as_slice() else { return Ok(None) };
                let project_id = ProjectId::new(first.project_id);
                let membership = membership(first.project_id, first.role.clone())?;
                let assignee_id = first.assignee_id.map(UserId::new);
                let views = rows.into_iter().map(|row| row.comment.view()).filter_map(Result::transpose);
                let mut views: Vec<_> = views.collect::<Result<_, _>>()?;
                views.sort_unstable_by_key(|view| view.comment.id);
                let page = Page::from_fetched(views, &page, |view: &CommentView| view.comment.id.get());
                Ok(Some(TaskComments { project_id, membership, assignee_id, page }))
            })
            .await
    }

    async fn delete(&self, removal: CommentRemoval) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let CommentRemoval { id, actor_id, at, audit } = removal;
                let place = quota::remove_comment(conn, id.get()).await?;
                let Some((task, project, webhooks)) = place else { return Ok((false, None)) };
                let is_watched = webhooks.is_some_and(|count| count > 0);
                let view = if is_watched { find_view(conn, id.get()).await? } else { None };
                if delete(comments::table.find(id.get())).execute(conn).await? == 0 {
                    // Another transaction deleted it, and updated the counter, while this one waited for the task.
                    quota::comments_of(task, u32::MAX).add(conn).await?;
                    return Ok((false, None));
                }
                let project = ProjectId::new(project);
                if let Some(view) = view {
                    record::change(conn, project, (actor_id, at), Change::CommentDeleted(view)).await?;
                } else {
                    let deleted = Thing::comment(id, TaskId::new(task)).deleted();
                    event::record(conn, &[Touched::new(project, at, vec![deleted])]).await?;
                }
                Ok((true, audit::insert(conn, audit, None).await?))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }
}
