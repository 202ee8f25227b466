//! Here are the rows of sessions and of refresh tokens.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, SqlTimestamp,
    schema::{refresh_tokens, sessions},
};
use diesel::{ExpressionMethods, Queryable, Selectable, insert_into};
use fasttrack_domain::{
    id::{SessionId, UserId},
    key::InstanceKey,
    session::{RefreshGrant, Session},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(super) struct SessionRow {
    pub(super) id: i64,
    user_id: i64,
    created_at: SqlTimestamp,
    last_used_at: SqlTimestamp,
    expires_at: SqlTimestamp,
    ip: Option<String>,
    user_agent: Option<String>,
    key: Vec<u8>,
}

impl SessionRow {
    pub(super) fn entity(self) -> Result<Session, Error> {
        let key = InstanceKey::try_from(&*self.key).map_err(Error::corrupt("sessions", self.id))?;
        Ok(Session {
            id: SessionId::new(self.id),
            user_id: UserId::new(self.user_id),
            created_at: self.created_at.0,
            last_used_at: self.last_used_at.0,
            expires_at: self.expires_at.0,
            ip: self.ip,
            user_agent: self.user_agent,
            key,
        })
    }
}

/// Inserts the token that is good for the next exchange.
pub(super) async fn insert_refresh_token(
    conn: &mut Connection,
    session_id: i64,
    refresh: &RefreshGrant,
) -> Result<(), Error> {
    insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::jti.eq(refresh.token_id.as_str()),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::expires_at.eq(SqlTimestamp(refresh.expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
