//! Rows of accounts and how they are found.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, SqlTimestamp, schema::users};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use fasttrack_domain::{
    email::Email,
    id::UserId,
    key::InstanceKey,
    password::PasswordHash,
    text::DisplayName,
    user::{Credentials, User},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: i64,
    email: String,
    display_name: String,
    role: String,
    is_active: bool,
    token_epoch: i64,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    version: i64,
    is_email_verified: bool,
    pending_email: Option<String>,
    is_external: bool,
    mailbox: Option<String>,
    key: Vec<u8>,
}

impl UserRow {
    pub(super) fn entity(self) -> Result<User, Error> {
        let corrupt = Error::corrupt("users", self.id);
        Ok(User {
            id: UserId::new(self.id),
            email: Email::from_storage(self.mailbox.unwrap_or(self.email)).map_err(&corrupt)?,
            email_verified: self.is_email_verified,
            pending_email: self.pending_email.map(Email::from_storage).transpose().map_err(&corrupt)?,
            display_name: DisplayName::parse(self.display_name).map_err(&corrupt)?,
            role: self.role.parse().map_err(&corrupt)?,
            is_active: self.is_active,
            is_external: self.is_external,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
            token_epoch: self.token_epoch,
            key: InstanceKey::try_from(&*self.key).map_err(&corrupt)?,
        })
    }
}

pub(in super::super) async fn find(conn: &mut Connection, id: i64) -> Result<Option<User>, Error> {
    let query = users::table.find(id).filter(users::erased_at.is_null()).select(UserRow::as_select());
    query.first(conn).await.optional()?.map(UserRow::entity).transpose()
}

/// `None` where the account has another version.
pub(in super::super) async fn find_version(
    conn: &mut Connection,
    id: UserId,
    version: i64,
) -> Result<Option<User>, Error> {
    Ok(find(conn, id.get()).await?.filter(|user: &User| user.version == version))
}

pub(in super::super) async fn credentials(conn: &mut Connection, id: UserId) -> Result<Option<Credentials>, Error> {
    let query = users::table.find(id.get()).filter(users::erased_at.is_null());
    let query = query.select((UserRow::as_select(), users::password_hash));
    query.first(conn).await.optional()?.map(with_hash).transpose()
}

/// An account and its password hash, from the columns.
pub(super) fn with_hash((row, hash): (UserRow, Option<String>)) -> Result<Credentials, Error> {
    Ok(Credentials { user: row.entity()?, password_hash: hash.map(PasswordHash::new) })
}

/// The column `mailbox`: the address as it is written, where that is not the key that the account is found by.
pub(super) fn mailbox(email: &Email) -> Option<&str> {
    (email.as_str() != email.key()).then_some(email.as_str())
}
