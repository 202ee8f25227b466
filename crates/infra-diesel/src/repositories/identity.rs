//! Accounts of users of other issuers.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp,
    api_token::end::revoke_all,
    dialect, mailed_tokens, revocation,
    schema::{erased_identities, identities},
    session::end::end_all_sessions,
    user,
};
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use diesel::{ExpressionMethods, QueryDsl, delete, insert_into, upsert::excluded};
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    identity::{Identity, IdentityLink},
    ports::{
        RepositoryError,
        identity::{self, KnownIdentity},
    },
    revocation::RevokingAct,
    user::{NewUser, User},
};

/// Stores which account belongs to which user of another issuer.
#[derive(Clone)]
pub struct IdentityRepository {
    database: Database,
}

impl IdentityRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn insert(conn: &mut Connection, identity: &Identity, user_id: UserId, at: Timestamp) -> Result<(), Error> {
    insert_into(identities::table)
        .values((
            identities::issuer.eq(&identity.issuer),
            identities::subject.eq(identity.subject.as_str()),
            identities::user_id.eq(user_id.get()),
            identities::created_at.eq(SqlTimestamp(at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The key of an identity whose account was erased: its SHA-256, which names nobody. No subject contains U+0000.
fn hash_of(issuer: &str, subject: &str) -> Vec<u8> {
    digest(&SHA256, format!("{issuer}\0{subject}").as_bytes()).as_ref().to_vec()
}

/// Deletes the identities of an account that is erased at `at`, and records when each was erased.
pub(super) async fn erase(conn: &mut Connection, user_id: UserId, at: Timestamp) -> Result<(), Error> {
    let own = || identities::table.filter(identities::user_id.eq(user_id.get()));
    let erased: Vec<(String, String)> = own().select((identities::issuer, identities::subject)).load(conn).await?;
    for (issuer, subject) in erased {
        insert_into(erased_identities::table)
            .values((
                erased_identities::hash.eq(hash_of(&issuer, &subject)),
                erased_identities::erased_at.eq(SqlTimestamp(at)),
            ))
            .on_conflict(erased_identities::hash)
            .do_update()
            .set(erased_identities::erased_at.eq(excluded(erased_identities::erased_at)))
            .execute(conn)
            .await?;
    }
    delete(own()).execute(conn).await?;
    Ok(())
}

#[async_trait]
impl identity::IdentityRepository for IdentityRepository {
    async fn find(&self, identity: &Identity) -> Result<KnownIdentity, RepositoryError> {
        let identity = identity.clone();
        self.database
            .read(async move |conn| {
                let hash = hash_of(&identity.issuer, identity.subject.as_str());
                user::find_by_identity(conn, &identity, &hash).await
            })
            .await
    }

    async fn create(&self, identity: Identity, user: NewUser) -> Result<User, RepositoryError> {
        let (user, is_queued) = self
            .database
            .write(async move |conn| {
                let (created, is_queued) = user::create(conn, &user).await?;
                insert(conn, &identity, created.id, user.created_at).await?;
                Ok((created, is_queued))
            })
            .await?;
        if is_queued {
            self.database.hints().jobs.notify_one();
        }
        Ok(user)
    }

    async fn link(&self, link: IdentityLink) -> Result<Option<User>, RepositoryError> {
        self.database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Password(link.user_id.get())).await?;
                let Some(user) = user::find_version(conn, link.user_id, link.based_on).await? else { return Ok(None) };
                insert(conn, &link.identity, user.id, link.at).await?;
                Ok(Some(user))
            })
            .await
    }

    async fn take_over(&self, link: IdentityLink) -> Result<Option<User>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let IdentityLink { identity, user_id, based_on, at } = link;
                dialect::lock(conn, Lock::Password(user_id.get())).await?;
                if user::find_version(conn, user_id, based_on).await?.is_none() {
                    return Ok(None);
                }
                delete(identities::table.filter(identities::user_id.eq(user_id.get()))).execute(conn).await?;
                insert(conn, &identity, user_id, at).await?;
                mailed_tokens::delete_password_reset(conn, user_id).await?;
                mailed_tokens::invalidate_verification(conn, user_id).await?;
                let user = user::make_external(conn, user_id, at).await?;
                let act = RevokingAct::TakenOver(user.epoch());
                if act.ends_all_sessions() {
                    end_all_sessions(conn, user_id, at).await?;
                }
                revoke_all(conn, user_id, at).await?;
                revocation::record(conn, &[act.revocation(at)]).await?;
                Ok(Some(user))
            })
            .await
    }
}
