//! Email verifications.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp,
    delete_batch::delete_batch,
    dialect, job, mailed_tokens,
    schema::email_verifications::{self, dsl},
    user,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, insert_into};
use fasttrack_domain::{
    Timestamp,
    email_verification::{MAX_REPEATED_VERIFICATIONS, MAX_VERIFICATIONS, NewEmailVerification},
    id::UserId,
    job::{JobPayload, NewJob},
    ports::{RepositoryError, email_verification},
    ticket::SecretHash,
    user::User,
};

/// Stores verification tokens.
#[derive(Clone)]
pub struct EmailVerificationRepository {
    database: Database,
}

impl EmailVerificationRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The user and the address of a token that has not expired.
async fn find_valid(conn: &mut Connection, hash: SecretHash, now: Timestamp) -> Result<Option<(i64, String)>, Error> {
    let row = email_verifications::table
        .filter(dsl::hash.eq(&hash.as_bytes()[..]))
        .filter(dsl::expires_at.gt(SqlTimestamp(now)))
        .select((dsl::user_id, dsl::email))
        .first(conn)
        .await;
    Ok(row.optional()?)
}

/// The user, if it is active and this address is the one that it has to verify.
async fn find_unverified(conn: &mut Connection, id: i64, email: &str) -> Result<Option<User>, Error> {
    let is_unverified =
        |user: &User| user.is_active && user.unproven_email().is_some_and(|unproven| unproven.as_str() == email);
    Ok(user::find(conn, id).await?.filter(is_unverified))
}

// @spec SPEC-019
#[async_trait]
impl email_verification::EmailVerificationRepository for EmailVerificationRepository {
    async fn request(&self, user_id: UserId, at: Timestamp) -> Result<(), RepositoryError> {
        let job = NewJob { payload: JobPayload::VerificationMail { user_id }, created_at: at };
        self.database.write(async move |conn| job::enqueue(conn, &[job]).await).await?;
        self.database.hints().jobs.notify_one();
        Ok(())
    }

    async fn create(&self, verification: NewEmailVerification) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let (id, email) = (verification.user_id.get(), verification.email.as_str());
                dialect::lock(conn, Lock::Password(id)).await?;
                if find_unverified(conn, id, email).await?.is_none() {
                    return Ok(false);
                }
                let former: Option<(String, i64, i64)> = email_verifications::table
                    .find(id)
                    .filter(dsl::expires_at.gt(SqlTimestamp(verification.created_at)))
                    .select((dsl::email, dsl::mails, dsl::repeats))
                    .first(conn)
                    .await
                    .optional()?;
                let counts = !verification.again || former.is_none();
                let (last, mails, repeats) = former.unwrap_or_default();
                let (mails, repeats) = (mails + i64::from(counts), repeats + i64::from(counts && last == email));
                if mails > i64::from(MAX_VERIFICATIONS) || repeats > i64::from(MAX_REPEATED_VERIFICATIONS) {
                    return Ok(false);
                }
                delete(email_verifications::table.find(id)).execute(conn).await?;
                insert_into(email_verifications::table)
                    .values((
                        dsl::user_id.eq(id),
                        dsl::email.eq(email),
                        dsl::hash.eq(&verification.hash.as_bytes()[..]),
                        dsl::mails.eq(mails),
                        dsl::repeats.eq(repeats),
                        dsl::expires_at.eq(SqlTimestamp(verification.expires_at())),
                    ))
                    .execute(conn)
                    .await?;
                Ok(true)
            })
            .await
    }

    async fn redeem(&self, hash: SecretHash, at: Timestamp) -> Result<Option<User>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let Some((id, email)) = find_valid(conn, hash, at).await? else { return Ok(None) };
                dialect::lock(conn, Lock::Password(id)).await?;
                // The transaction that had the lock before may have used the token.
                if find_valid(conn, hash, at).await?.is_none() {
                    return Ok(None);
                }
                let Some(user) = find_unverified(conn, id, &email).await? else { return Ok(None) };
                if user.pending_email.is_some() {
                    mailed_tokens::delete_password_reset(conn, user.id).await?;
                }
                mailed_tokens::invalidate_verification(conn, user.id).await?;
                user::verify_address(conn, &user, at).await.map(Some)
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| Ok(delete_batch!(conn, email_verifications, expires_at, now, limit)))
            .await
    }
}
