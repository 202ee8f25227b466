//! Email verifications.

use super::{
    Connection, Database, Error, Lock, Stamp, dialect, job, password_reset,
    portion::delete_portion,
    schema::email_verifications::{self, dsl},
    user,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, insert_into, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    email_verification::{MAX_REPEATED_VERIFICATIONS, MAX_VERIFICATIONS, NewEmailVerification},
    id::UserId,
    job::{JobPayload, NewJob},
    ports::{RepositoryError, email_verification},
    ticket::SecretHash,
    user::User,
};

/// Keeps verification tokens.
#[derive(Clone)]
pub struct EmailVerificationRepository {
    database: Database,
}

impl EmailVerificationRepository {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Makes the user's token worthless. How many mails were sent is still known.
pub(super) async fn spend(conn: &mut Connection, user: UserId) -> Result<(), Error> {
    update(email_verifications::table.find(user.get())).set(dsl::hash.eq(None::<Vec<u8>>)).execute(conn).await?;
    Ok(())
}

/// Whose token it is and which address it proves, unless it has expired.
async fn found(conn: &mut Connection, hash: SecretHash, now: Timestamp) -> Result<Option<(i64, String)>, Error> {
    let row = email_verifications::table
        .filter(dsl::hash.eq(&hash.as_bytes()[..]))
        .filter(dsl::expires_at.gt(Stamp(now)))
        .select((dsl::user_id, dsl::email))
        .first(conn)
        .await;
    Ok(row.optional()?)
}

/// The user, if it is active and has this address to prove.
async fn who_has_to_prove(conn: &mut Connection, id: i64, email: &str) -> Result<Option<User>, Error> {
    let has_to =
        |user: &User| user.is_active && user.unproven_email().is_some_and(|unproven| unproven.as_str() == email);
    Ok(user::find(conn, id).await?.filter(has_to))
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
                if who_has_to_prove(conn, id, email).await?.is_none() {
                    return Ok(false);
                }
                let former: Option<(String, i64, i64)> = email_verifications::table
                    .find(id)
                    .filter(dsl::expires_at.gt(Stamp(verification.created_at)))
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
                        dsl::expires_at.eq(Stamp(verification.expires_at())),
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
                let Some((id, email)) = found(conn, hash, at).await? else { return Ok(None) };
                dialect::lock(conn, Lock::Password(id)).await?;
                // Whoever had the lock before may have used it up.
                if found(conn, hash, at).await?.is_none() {
                    return Ok(None);
                }
                let Some(user) = who_has_to_prove(conn, id, &email).await? else { return Ok(None) };
                if user.pending_email.is_some() {
                    password_reset::forget(conn, user.id).await?;
                }
                spend(conn, user.id).await?;
                user::verify_address(conn, &user, at).await.map(Some)
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| Ok(delete_portion!(conn, email_verifications, expires_at, now, limit)))
            .await
    }
}
