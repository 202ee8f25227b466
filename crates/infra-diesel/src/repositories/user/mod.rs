//! Accounts.

mod create;
mod erase;
mod identity;
mod password;
mod row;
mod save;

pub(super) use create::create;
pub(super) use erase::erase;
pub(super) use identity::{find_by_identity, make_external};
pub(super) use password::{renew_hash, set_password};
pub(super) use row::{credentials, find, find_version};
pub(super) use save::verify_address;

use super::super::run_query_dsl::RunQueryDsl;
use super::{Database, audit, schema::users};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use fasttrack_domain::{
    Timestamp,
    audit::{AuditEntry, AuditObject},
    email::Email,
    id::UserId,
    page::{Page, PageRequest},
    password::{PasswordChange, PasswordHash},
    ports::{RepositoryError, user},
    revocation::Revocation,
    user::{Credentials, NewUser, User, UserChange, UserFilter},
};
use row::{UserRow, with_hash};

/// Stores accounts.
#[derive(Clone)]
pub struct UserRepository {
    database: Database,
}

impl UserRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
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
                let entry = audit::insert(conn, user.audit, Some(AuditObject::User(created.0.id))).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)?;
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
                let query = users::table.filter(users::email.eq(email)).filter(users::erased_at.is_null());
                let found = query.select((UserRow::as_select(), users::password_hash)).first(conn).await;
                found.optional()?.map(with_hash).transpose()
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
                    .filter(users::erased_at.is_null())
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
        save::save(&self.database, change, revocation).await
    }

    async fn change_password(&self, change: PasswordChange) -> Result<Option<Vec<Revocation>>, RepositoryError> {
        password::change(&self.database, change).await
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
                Some(user) => Ok((Some(user), audit::insert(conn, audit, None).await?)),
                None => Ok((None, None)),
            })
            .await
            .map(audit::log_committed)?;
        self.database.hints().jobs.notify_one();
        Ok(user)
    }
}
