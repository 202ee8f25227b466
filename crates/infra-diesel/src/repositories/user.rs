//! Accounts.

use super::{
    Connection, Database, Error, Lock, Stamp, audit, dialect, email_verification, job, password_reset, revocation,
    schema::{identities, users},
    session,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, dsl::exists, insert_into,
    select, update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditEntry, AuditObject},
    email::Email,
    id::UserId,
    identity::Identity,
    key::InstanceKey,
    mail::Notice,
    page::{Page, PageRequest},
    password::{PasswordChange, PasswordHash},
    ports::{RepositoryError, constraint, user},
    text::DisplayName,
    token::Revocation,
    user::{Credentials, NewUser, Role, User, UserChange, UserFilter},
};

/// Stores accounts.
#[derive(Clone)]
pub struct UserRepository {
    database: Database,
}

impl UserRepository {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    email: String,
    display_name: String,
    role: String,
    is_active: bool,
    token_epoch: i64,
    created_at: Stamp,
    updated_at: Stamp,
    version: i64,
    is_email_verified: bool,
    pending_email: Option<String>,
    is_external: bool,
    mailbox: Option<String>,
    key: Vec<u8>,
}

impl UserRow {
    fn entity(self) -> Result<User, Error> {
        let corrupt = Error::corrupt("users", self.id);
        Ok(User {
            id: UserId::new(self.id),
            email: Email::stored(self.mailbox.unwrap_or(self.email)).map_err(&corrupt)?,
            email_verified: self.is_email_verified,
            pending_email: self.pending_email.map(Email::stored).transpose().map_err(&corrupt)?,
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

/// The account with this id.
pub(super) async fn find(conn: &mut Connection, id: i64) -> Result<Option<User>, Error> {
    let row = users::table.find(id).select(UserRow::as_select()).first(conn).await.optional()?;
    row.map(UserRow::entity).transpose()
}

/// The account with this id, if this version of it stands.
pub(super) async fn find_version(conn: &mut Connection, id: UserId, version: i64) -> Result<Option<User>, Error> {
    Ok(find(conn, id.get()).await?.filter(|user: &User| user.version == version))
}

/// Makes the account one of another issuer, whose owner has proven the address there.
pub(super) async fn hand_over(conn: &mut Connection, id: UserId, at: Timestamp) -> Result<User, Error> {
    let row: UserRow = update(users::table.find(id.get()))
        .set((
            users::password_hash.eq(None::<String>),
            users::is_email_verified.eq(true),
            users::pending_email.eq(None::<String>),
            users::is_external.eq(true),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(Stamp(at)),
            users::version.eq(users::version + 1),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}

/// The account with this id and its password hash.
pub(super) async fn credentials(conn: &mut Connection, id: UserId) -> Result<Option<Credentials>, Error> {
    let query = users::table.find(id.get()).select((UserRow::as_select(), users::password_hash));
    query.first(conn).await.optional()?.map(proven).transpose()
}

fn proven((row, hash): (UserRow, Option<String>)) -> Result<Credentials, Error> {
    Ok(Credentials { user: row.entity()?, password_hash: hash.map(PasswordHash::new) })
}

/// Replaces the hash of the same password.
pub(super) async fn renew_hash(conn: &mut Connection, id: UserId, hash: &PasswordHash) -> Result<(), Error> {
    update(users::table.find(id.get())).set(users::password_hash.eq(hash.expose())).execute(conn).await?;
    Ok(())
}

/// The mailbox, where it is written differently from what the account is found by.
fn mailbox(email: &Email) -> Option<&str> {
    (email.as_str() != email.key()).then_some(email.as_str())
}

/// Takes the address that the user had to prove for proven.
pub(super) async fn prove_address(conn: &mut Connection, user: &User, at: Timestamp) -> Result<User, Error> {
    let email = user.pending_email.as_ref().unwrap_or(&user.email);
    let row: UserRow = update(users::table.find(user.id.get()))
        .set((
            users::email.eq(email.key()),
            users::mailbox.eq(mailbox(email)),
            users::is_email_verified.eq(true),
            users::pending_email.eq(None::<String>),
            users::updated_at.eq(Stamp(at)),
            users::version.eq(users::version + 1),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}

/// Sets another password from outside, and ends whatever the former one was good for. `by_mail` says that who did it
/// read the mail of the address, which proves that too.
pub(super) async fn set_password(
    conn: &mut Connection,
    id: UserId,
    hash: &PasswordHash,
    at: Timestamp,
    by_mail: bool,
) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = update(users::table.find(id.get()))
        .set((
            users::password_hash.eq(hash.expose()),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(Stamp(at)),
            users::version.eq(users::version + 1),
            by_mail.then_some(users::is_email_verified.eq(true)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let user = row.entity()?;
    password_reset::forget(conn, id).await?;
    session::end_all(conn, id, at).await?;
    job::enqueue(conn, user.notice(Notice::PasswordChanged, at).as_slice()).await?;
    revocation::record(conn, &[Revocation::of_user(id, user.token_epoch, at)]).await?;
    Ok(Some(user))
}

/// Makes an account. Whether jobs were queued with it, for which to ring [`Hints::jobs`](crate::hints::Hints) once all
/// is committed.
pub(super) async fn create(conn: &mut Connection, user: &NewUser) -> Result<(User, bool), Error> {
    let created = insert_into(users::table)
        .values((
            users::email.eq(user.email.key()),
            users::mailbox.eq(mailbox(&user.email)),
            users::display_name.eq(user.display_name.as_str()),
            users::role.eq(user.role.as_str()),
            users::is_active.eq(true),
            users::password_hash.eq(user.password_hash.as_ref().map(PasswordHash::expose)),
            users::token_epoch.eq(0),
            users::created_at.eq(Stamp(user.created_at)),
            users::updated_at.eq(Stamp(user.created_at)),
            users::version.eq(1),
            users::is_email_verified.eq(user.email_verified),
            users::is_external.eq(user.is_external),
            users::key.eq(dialect::random_key!()),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?
        .entity()?;
    let jobs = user.jobs(created.id);
    job::enqueue(conn, &jobs).await?;
    Ok((created, !jobs.is_empty()))
}

/// The account of a user of another issuer.
pub(super) async fn of_identity(conn: &mut Connection, identity: Identity) -> Result<Option<User>, Error> {
    let row = identities::table
        .inner_join(users::table)
        .filter(identities::issuer.eq(identity.issuer))
        .filter(identities::subject.eq(String::from(identity.subject)))
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(UserRow::entity).transpose()
}

/// Refuses where no active admin is left.
async fn must_have_an_admin(conn: &mut Connection) -> Result<(), Error> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str())).filter(users::is_active.eq(true));
    if select(exists(admins)).get_result(conn).await? {
        Ok(())
    } else {
        Err(Error::Conflict(constraint::LAST_ACTIVE_ADMIN))
    }
}

// @spec SPEC-002
#[async_trait]
impl user::UserRepository for UserRepository {
    async fn create(&self, user: NewUser) -> Result<User, RepositoryError> {
        let (user, is_queued) = self
            .database
            .write(async move |conn| {
                let created = create(conn, &user).await?;
                let line = audit::commit(conn, user.audit, Some(AuditObject::User(created.0.id))).await?;
                Ok((created, line))
            })
            .await
            .map(audit::logged)?;
        if is_queued {
            self.database.hints().jobs.notify_one();
        }
        Ok(user)
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, RepositoryError> {
        self.database.read(async move |conn| find(conn, id.get()).await).await
    }

    async fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError> {
        let email = email.key().to_owned();
        self.database
            .read(async move |conn| {
                let query = users::table.filter(users::email.eq(email));
                let found = query.select((UserRow::as_select(), users::password_hash)).first(conn).await;
                found.optional()?.map(proven).transpose()
            })
            .await
    }

    async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError> {
        self.database.read(async move |conn| credentials(conn, id).await).await
    }

    async fn list(&self, filter: UserFilter, page: PageRequest) -> Result<Page<User>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let mut query = users::table
                    .filter(users::id.gt(page.after_id()))
                    .order(users::id)
                    .limit(page.fetch())
                    .select(UserRow::as_select())
                    .into_boxed();
                if let Some(role) = filter.role {
                    query = query.filter(users::role.eq(role.as_str()));
                }
                if let Some(active) = filter.is_active {
                    query = query.filter(users::is_active.eq(active));
                }
                if let Some(email) = filter.email {
                    query = query.filter(users::email.eq(email.key().to_owned()));
                }
                let rows = query.load(conn).await?;
                let users = rows.into_iter().map(UserRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(users, &page, |user: &User| user.id.get()))
            })
            .await
    }

    async fn save(&self, change: UserChange, revocation: Option<Revocation>) -> Result<Option<User>, RepositoryError> {
        let has_jobs = !change.jobs.is_empty();
        let saved = self
            .database
            .write(async move |conn| {
                let UserChange { user, jobs, .. } = change;
                if change.loses_an_admin {
                    dialect::lock(conn, Lock::Admins).await?;
                }
                let saved = update(users::table.find(user.id.get()))
                    .filter(users::version.eq(change.based_on))
                    .set((
                        users::email.eq(user.email.key()),
                        users::mailbox.eq(mailbox(&user.email)),
                        users::display_name.eq(user.display_name.as_str()),
                        users::role.eq(user.role.as_str()),
                        users::is_active.eq(user.is_active),
                        users::token_epoch.eq(user.token_epoch),
                        users::updated_at.eq(Stamp(user.updated_at)),
                        users::version.eq(user.version),
                        users::is_email_verified.eq(user.email_verified),
                        users::pending_email.eq(user.pending_email.as_ref().map(Email::as_str)),
                    ))
                    .execute(conn)
                    .await?;
                if saved == 0 {
                    return Ok((None, None));
                }
                if change.loses_an_admin {
                    must_have_an_admin(conn).await?;
                }
                if change.changes_address {
                    email_verification::spend(conn, user.id).await?;
                }
                if change.ends_sessions || change.changes_address {
                    password_reset::forget(conn, user.id).await?;
                }
                job::enqueue(conn, &jobs).await?;
                if change.ends_sessions {
                    session::end_all(conn, user.id, user.updated_at).await?;
                }
                revocation::record(conn, revocation.as_slice()).await?;
                let line = audit::commit(conn, change.audit, None).await?;
                Ok((Some(user), line))
            })
            .await
            .map(audit::logged)?;
        if has_jobs {
            self.database.hints().jobs.notify_one();
        }
        Ok(saved)
    }

    async fn change_password(&self, change: PasswordChange) -> Result<Option<Vec<Revocation>>, RepositoryError> {
        let changed = self
            .database
            .write(async move |conn| {
                let changed: Option<UserRow> = update(users::table.find(change.user_id.get()))
                    .filter(users::is_active.eq(true))
                    .filter(users::password_hash.eq(change.proven_by.expose()))
                    .set((
                        users::password_hash.eq(change.password.expose()),
                        users::updated_at.eq(Stamp(change.at)),
                        users::version.eq(users::version + 1),
                    ))
                    .returning(UserRow::as_returning())
                    .get_result(conn)
                    .await
                    .optional()?;
                let Some(user) = changed.map(UserRow::entity).transpose()? else { return Ok(None) };
                password_reset::forget(conn, change.user_id).await?;
                job::enqueue(conn, user.notice(Notice::PasswordChanged, change.at).as_slice()).await?;
                Ok(Some(session::end_others(conn, change.user_id, change.kept, change.at).await?))
            })
            .await?;
        self.database.hints().jobs.notify_one();
        Ok(changed)
    }

    async fn reset_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        at: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<Option<User>, RepositoryError> {
        let user = self
            .database
            .write(async move |conn| match set_password(conn, id, &hash, at, false).await? {
                Some(user) => Ok((Some(user), audit::commit(conn, audit, None).await?)),
                None => Ok((None, None)),
            })
            .await
            .map(audit::logged)?;
        self.database.hints().jobs.notify_one();
        Ok(user)
    }
}
