//! Here are the rows of members.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Cached, Connection, Error, Lock, Moment, SqlTimestamp, dialect,
    schema::{members, users},
    views::{membership, person},
};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, QueryableByName,
    dsl::exists,
    select, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    email::Email,
    id::ProjectId,
    membership::{HeldRole, Member, MemberRole},
    ports::constraint,
};

/// A member with its account, or none of it.
#[derive(QueryableByName)]
pub(super) struct MemberRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    user_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<Moment>)]
    created_at: Option<SqlTimestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    display_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    mailbox: Option<String>,
}

impl MemberRow {
    pub(super) fn entity(self, project: i64) -> Result<Option<Member>, Error> {
        let Self { user_id, role, created_at, display_name, email, mailbox } = self;
        let (Some(user), Some(created_at), Some(name)) = (user_id, created_at, display_name) else { return Ok(None) };
        let Some(role) = membership(project, role)? else { return Ok(None) };
        let person = person(user, name)?;
        let email = mailbox.or(email).map(Email::from_storage);
        Ok(Some(Member {
            user_id: person.id,
            display_name: person.display_name,
            email: email.transpose().map_err(Error::corrupt("users", user))?,
            role,
            created_at: created_at.0,
        }))
    }
}

/// A row of a list.
#[derive(QueryableByName)]
pub(super) struct ListRow {
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) reader_role: Option<String>,
    #[diesel(embed)]
    pub(super) member: MemberRow,
}

const FIND: &str = "SELECT members.user_id, members.role, members.created_at, users.display_name, users.email, \
         users.mailbox \
     FROM members JOIN users ON users.id = members.user_id WHERE members.project_id = $1 AND members.user_id = $2";

const BEHIND: &str = "SELECT members.user_id, members.role, members.created_at, users.display_name, users.email, \
         users.mailbox \
     FROM members JOIN users ON users.id = members.user_id \
     WHERE members.project_id = $1 AND members.user_id > $2 ORDER BY members.user_id LIMIT $3";

/// The first members of a project behind a user, by ascending id of the user.
pub(in super::super) async fn behind(
    conn: &mut Connection,
    project: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Member>, Error> {
    let query = sql_query(BEHIND).bind::<BigInt, _>(project).bind::<BigInt, _>(after).bind::<BigInt, _>(limit);
    let rows: Vec<MemberRow> = Cached(query).load(conn).await?;
    rows.into_iter().map(|row| row.entity(project)).filter_map(Result::transpose).collect()
}

/// Returns the member; `None` for a user who is no member.
pub(in super::super) async fn find(conn: &mut Connection, project: i64, user: i64) -> Result<Option<Member>, Error> {
    let query = sql_query(FIND).bind::<BigInt, _>(project).bind::<BigInt, _>(user);
    let row: Option<MemberRow> = Cached(query).get_result(conn).await.optional()?;
    Ok(row.map(|row| row.entity(project)).transpose()?.flatten())
}

/// Returns the role of a user in a project; `None` for a user who is no member.
pub(super) async fn role(conn: &mut Connection, project: i64, user: i64) -> Result<Option<MemberRole>, Error> {
    let role = members::table.find((project, user)).select(members::role).first(conn).await.optional()?;
    membership(project, role)
}

/// Returns whether the member has this role until the end of the transaction; `true` where no role has to be held.
pub(in super::super) async fn is_held(
    conn: &mut Connection,
    project: ProjectId,
    held: Option<HeldRole>,
) -> Result<bool, Error> {
    let Some(held) = held else { return Ok(true) };
    // Whoever changes a member holds this lock, too.
    dialect::lock(conn, Lock::Project(project.get())).await?;
    Ok(role(conn, project.get(), held.user_id.get()).await? == Some(held.role))
}

/// Returns whether the account is being erased. The caller holds the lock of the user's row.
pub(super) async fn is_erased(conn: &mut Connection, user: i64) -> QueryResult<bool> {
    select(exists(users::table.find(user).filter(users::erased_at.is_not_null()))).get_result(conn).await
}

/// `Conflict` with [`constraint::REFERENCE`] unless the user is active. The caller holds the lock of the user's row.
pub(super) async fn require_active(conn: &mut Connection, user: i64) -> Result<(), Error> {
    let account = users::table.find(user).filter(users::is_active.eq(true)).filter(users::erased_at.is_null());
    if select(exists(account)).get_result(conn).await? { Ok(()) } else { Err(Error::Conflict(constraint::REFERENCE)) }
}
