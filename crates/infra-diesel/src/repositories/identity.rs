//! Which account a user of another issuer has.

use super::{Connection, Database, Error, Stamp, schema::identities, user};
use async_trait::async_trait;
use diesel::{ExpressionMethods, insert_into};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    identity::Identity,
    ports::{RepositoryError, constraint, identity},
    user::{NewUser, User},
};

/// Stores which account a user of another issuer has.
#[derive(Clone)]
pub struct IdentityRepository {
    database: Database,
}

impl IdentityRepository {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn record(conn: &mut Connection, identity: &Identity, user_id: UserId, at: Timestamp) -> Result<(), Error> {
    insert_into(identities::table)
        .values((
            identities::issuer.eq(&identity.issuer),
            identities::subject.eq(identity.subject.as_str()),
            identities::user_id.eq(user_id.get()),
            identities::created_at.eq(Stamp(at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

#[async_trait]
impl identity::IdentityRepository for IdentityRepository {
    async fn find(&self, identity: &Identity) -> Result<Option<User>, RepositoryError> {
        let identity = identity.clone();
        self.database.read(async move |conn| user::of_identity(conn, identity).await).await
    }

    async fn create(&self, identity: Identity, user: NewUser) -> Result<User, RepositoryError> {
        let (user, is_queued) = self
            .database
            .write(async move |conn| {
                let (created, is_queued) = user::create(conn, &user).await?;
                record(conn, &identity, created.id, user.created_at).await?;
                Ok((created, is_queued))
            })
            .await?;
        if is_queued {
            self.database.hints().jobs.notify_one();
        }
        Ok(user)
    }

    async fn link(&self, identity: Identity, user_id: UserId, at: Timestamp) -> Result<User, RepositoryError> {
        self.database
            .write(async move |conn| {
                record(conn, &identity, user_id, at).await?;
                user::find(conn, user_id.get()).await?.ok_or(Error::Conflict(constraint::REFERENCE))
            })
            .await
    }
}
