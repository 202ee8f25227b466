//! Accounts of users of other issuers.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, Moment, SqlTimestamp, schema::users},
    row::UserRow,
};
use diesel::{
    Expression, ExpressionMethods, QueryDsl, QueryResult, SelectableHelper,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Binary, HasSqlType, Nullable, Text},
    update,
};
use fasttrack_domain::{Timestamp, id::UserId, identity::Identity, ports::identity::KnownIdentity, user::User};

/// Finds what is known of an identity. It returns one row in any case.
struct FindIdentity<'a, S> {
    /// The columns of the account.
    columns: S,
    issuer: &'a str,
    subject: &'a str,
    /// The key of an identity whose account was erased.
    hash: &'a [u8],
}

impl<S: Expression> Query for FindIdentity<'_, S> {
    type SqlType = (Nullable<Moment>, S::SqlType);
}

impl<S> QueryId for FindIdentity<'_, S> {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, DB> QueryFragment<DB> for FindIdentity<'_, S>
where
    S: QueryFragment<DB>,
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary>,
    str: ToSql<Text, DB>,
    [u8]: ToSql<Binary, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT erased_identities.erased_at, ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM (SELECT 1) AS one LEFT JOIN erased_identities ON erased_identities.hash = ");
        out.push_bind_param::<Binary, _>(self.hash)?;
        out.push_sql(" LEFT JOIN identities ON identities.issuer = ");
        out.push_bind_param::<Text, _>(self.issuer)?;
        out.push_sql(" AND identities.subject = ");
        out.push_bind_param::<Text, _>(self.subject)?;
        out.push_sql(" LEFT JOIN users ON users.id = identities.user_id AND users.erased_at IS NULL");
        Ok(())
    }
}

/// Returns the account of the identity, and when one with this identity was erased, by the `hash` of the identity.
pub(in super::super) async fn find_by_identity(
    conn: &mut Connection,
    identity: &Identity,
    hash: &[u8],
) -> Result<KnownIdentity, Error> {
    let columns = Option::<UserRow>::as_select();
    let query = FindIdentity { columns, issuer: &identity.issuer, subject: identity.subject.as_str(), hash };
    let (erased_at, row): (Option<SqlTimestamp>, Option<UserRow>) = query.get_result(conn).await?;
    Ok(KnownIdentity { user: row.map(UserRow::entity).transpose()?, erased_at: erased_at.map(|timestamp| timestamp.0) })
}

/// Turns an account with a password into one of another issuer, where its owner has verified the address.
pub(in super::super) async fn make_external(conn: &mut Connection, id: UserId, at: Timestamp) -> Result<User, Error> {
    let row: UserRow = update(users::table.find(id.get()))
        .set((
            users::password_hash.eq(None::<String>),
            users::is_email_verified.eq(true),
            users::pending_email.eq(None::<String>),
            users::is_external.eq(true),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(SqlTimestamp(at)),
            users::version.eq(users::version + 1),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}
