//! Password resets.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp,
    delete_batch::delete_batch,
    dialect, job, mailed_tokens,
    schema::{password_resets, users},
    user,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, insert_into};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::UserId,
    job::{JobPayload, NewJob},
    password_reset::{MAX_RESETS, NewPasswordReset, Redemption},
    ports::{RepositoryError, password_reset},
    ticket::SecretHash,
    user::User,
};

/// Stores tokens for resetting passwords.
#[derive(Clone)]
pub struct PasswordResetRepository {
    database: Database,
}

impl PasswordResetRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The user whose password can be set with this token at `now`.
async fn find_valid(conn: &mut Connection, hash: SecretHash, now: Timestamp) -> Result<Option<UserId>, Error> {
    let user: Option<i64> = password_resets::table
        .inner_join(users::table)
        .filter(password_resets::hash.eq(&hash.as_bytes()[..]))
        .filter(password_resets::expires_at.gt(SqlTimestamp(now)))
        .filter(users::is_active.eq(true))
        .filter(users::email.eq(password_resets::email))
        .select(users::id)
        .first(conn)
        .await
        .optional()?;
    Ok(user.map(UserId::new))
}

// @spec SPEC-013
#[async_trait]
impl password_reset::PasswordResetRepository for PasswordResetRepository {
    async fn request(&self, email: Email, at: Timestamp) -> Result<(), RepositoryError> {
        let job = NewJob { payload: JobPayload::PasswordResetMail { email }, created_at: at };
        self.database.write(async move |conn| job::enqueue(conn, &[job]).await).await?;
        self.database.hints().jobs.notify_one();
        Ok(())
    }

    async fn create(&self, reset: NewPasswordReset) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let id = reset.user_id;
                dialect::lock(conn, Lock::Password(id.get())).await?;
                if user::find(conn, id.get()).await?.is_none_or(|user: User| !user.is_active) {
                    return Ok(false);
                }
                let former: Option<i64> = password_resets::table
                    .find(id.get())
                    .filter(password_resets::expires_at.gt(SqlTimestamp(reset.created_at)))
                    .select(password_resets::mails)
                    .first(conn)
                    .await
                    .optional()?;
                let mails = former.unwrap_or_default() + i64::from(!reset.again || former.is_none());
                if mails > i64::from(MAX_RESETS) {
                    return Ok(false);
                }
                mailed_tokens::delete_password_reset(conn, id).await?;
                insert_into(password_resets::table)
                    .values((
                        password_resets::user_id.eq(id.get()),
                        password_resets::email.eq(reset.email.key()),
                        password_resets::hash.eq(&reset.hash.as_bytes()[..]),
                        password_resets::mails.eq(mails),
                        password_resets::expires_at.eq(SqlTimestamp(reset.expires_at())),
                    ))
                    .execute(conn)
                    .await?;
                Ok(true)
            })
            .await
    }

    async fn find(&self, hash: SecretHash, now: Timestamp) -> Result<Option<User>, RepositoryError> {
        self.database
            .read(async move |conn| match find_valid(conn, hash, now).await? {
                Some(id) => user::find(conn, id.get()).await,
                None => Ok(None),
            })
            .await
    }

    async fn redeem(&self, redemption: Redemption) -> Result<Option<User>, RepositoryError> {
        let redeemed = self
            .database
            .write(async move |conn| {
                let Redemption { hash, password, at } = redemption;
                let Some(id) = find_valid(conn, hash, at).await? else { return Ok(None) };
                dialect::lock(conn, Lock::Password(id.get())).await?;
                // The transaction that had the lock before may have used the token.
                if find_valid(conn, hash, at).await? != Some(id) {
                    return Ok(None);
                }
                user::set_password(conn, id, &password, at, true).await
            })
            .await?;
        if redeemed.is_some() {
            self.database.hints().jobs.notify_one();
        }
        Ok(redeemed)
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| Ok(delete_batch!(conn, password_resets, expires_at, now, limit))).await
    }
}
