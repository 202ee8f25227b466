//! Members of projects.
//!
//! PostgreSQL: whoever changes members holds the lock of their project's row, and then that of a user who gets a role. So
//! a role that was read under these locks is still stored at the end of the transaction.

mod put;
mod remove;
mod rows;
mod transfer;

use super::super::run_query_dsl::RunQueryDsl;
use super::{Cached, Connection, Database, Error, audit, event, views::membership};
use async_trait::async_trait;
use diesel::{sql_query, sql_types::BigInt};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::{Member, MemberChange, MemberRemoval},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        member::{self, ProjectMembers},
    },
    project::{Project, ProjectTransfer},
};
use rows::ListRow;
pub(super) use rows::{behind, find, is_held};

/// Stores members.
#[derive(Clone)]
pub struct MemberRepository {
    database: Database,
}

impl MemberRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The members of a project behind a user, each with the reader's role. Conditions of the joins select them, so that the
/// project's row is found even where no member is.
const LIST: &str = "SELECT mine.role AS reader_role, members.user_id, members.role, members.created_at, \
         users.display_name, users.email, users.mailbox \
     FROM projects LEFT JOIN members AS mine ON mine.project_id = projects.id AND mine.user_id = $1 \
         LEFT JOIN members ON members.project_id = projects.id AND members.user_id > $2 \
         LEFT JOIN users ON users.id = members.user_id \
     WHERE projects.id = $3 ORDER BY members.user_id LIMIT $4";

async fn list(
    conn: &mut Connection,
    project: i64,
    reader: i64,
    page: &PageRequest,
) -> Result<Option<ProjectMembers>, Error> {
    let query = sql_query(LIST).bind::<BigInt, _>(reader).bind::<BigInt, _>(page.after_id());
    let query = query.bind::<BigInt, _>(project).bind::<BigInt, _>(page.fetch());
    let rows: Vec<ListRow> = Cached(query).load(conn).await?;
    let [first, ..] = rows.as_slice() else { return Ok(None) };
    let membership = membership(project, first.reader_role.clone())?;
    let members = rows.into_iter().map(|row| row.member.entity(project)).filter_map(Result::transpose);
    let members = members.collect::<Result<_, _>>()?;
    let page = Page::from_fetched(members, page, |member: &Member| member.user_id.get());
    Ok(Some(ProjectMembers { membership, page }))
}

// @spec SPEC-020
#[async_trait]
impl member::MemberRepository for MemberRepository {
    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<ProjectMembers>, RepositoryError> {
        self.database.read(async move |conn| list(conn, project.get(), reader.get(), &page).await).await
    }

    async fn find(&self, project: ProjectId, user: UserId) -> Result<Option<Member>, RepositoryError> {
        self.database.read(async move |conn| rows::find(conn, project.get(), user.get()).await).await
    }

    async fn put(&self, change: MemberChange) -> Result<Option<Member>, RepositoryError> {
        self.database
            .write(async move |conn| put::put(conn, change).await)
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn remove(&self, removal: MemberRemoval) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| remove::remove(conn, removal).await)
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn transfer(&self, transfer: ProjectTransfer) -> Result<Option<Project>, RepositoryError> {
        self.database
            .write(async move |conn| transfer::transfer(conn, transfer).await)
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }
}
