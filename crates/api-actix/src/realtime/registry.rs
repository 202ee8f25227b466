//! The WebSockets and event streams that are open on this node.

use super::close_reason::CloseReason;
use fasttrack_domain::{id::UserId, token::AccessClaims};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio::sync::Notify;

// @spec SPEC-005
/// The open connections of this node.
#[derive(Debug)]
pub struct Registry {
    per_user: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    users: HashMap<UserId, Vec<Arc<Connection>>>,
    is_shutting_down: bool,
}

/// An open connection, which others can close.
#[derive(Debug)]
pub struct Connection {
    /// The claims of its token.
    pub claims: AccessClaims,
    reason: OnceLock<CloseReason>,
    closing: Notify,
}

impl Connection {
    /// Requests to close the connection. Of several reasons the first is sent.
    pub fn close(&self, reason: CloseReason) {
        if self.reason.set(reason).is_ok() {
            self.closing.notify_one();
        }
    }
}

impl Registry {
    /// `per_user` is the maximum number of connections of a user.
    pub fn new(per_user: usize) -> Self {
        Self { per_user, open: Mutex::default() }
    }

    /// Registers a connection, unless the user has too many or the server shuts down.
    pub fn register(self: &Arc<Self>, claims: AccessClaims) -> Result<Member, CloseReason> {
        let mut open = self.lock();
        if open.is_shutting_down {
            return Err(CloseReason::Restart);
        }
        let of_user = open.users.entry(claims.user_id).or_default();
        if of_user.len() >= self.per_user {
            return Err(CloseReason::TooMany);
        }
        let connection = Arc::new(Connection { claims, reason: OnceLock::new(), closing: Notify::new() });
        of_user.push(connection.clone());
        Ok(Member { registry: self.clone(), connection })
    }

    /// All open connections.
    pub fn connections(&self) -> Vec<Arc<Connection>> {
        self.lock().users.values().flatten().cloned().collect()
    }

    /// Closes all connections, and refuses new ones.
    pub fn shut_down(&self) {
        let mut open = self.lock();
        open.is_shutting_down = true;
        for connection in open.users.values().flatten() {
            connection.close(CloseReason::Restart);
        }
    }

    fn remove(&self, connection: &Arc<Connection>) {
        let mut open = self.lock();
        let user = connection.claims.user_id;
        if let Some(of_user) = open.users.get_mut(&user) {
            of_user.retain(|other| !Arc::ptr_eq(other, connection));
            if of_user.is_empty() {
                open.users.remove(&user);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The membership of a connection in the registry. Dropped, it is removed.
#[derive(Debug)]
pub struct Member {
    registry: Arc<Registry>,
    connection: Arc<Connection>,
}

impl Member {
    /// The claims of the token.
    pub fn claims(&self) -> &AccessClaims {
        &self.connection.claims
    }

    /// Waits until closing is requested, and returns the reason. Cancel safe.
    pub async fn closed(&self) -> CloseReason {
        loop {
            if let Some(reason) = self.connection.reason.get() {
                return *reason;
            }
            self.connection.closing.notified().await;
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.registry.remove(&self.connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        Timestamp,
        id::SessionId,
        token::{TokenId, TokenSource},
        user::Role,
    };
    use futures_util::FutureExt;

    fn claims(user: i64) -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(user),
            role: Role::User,
            source: TokenSource::Session(SessionId::new(1)),
            token_id: TokenId::new("t".to_owned()),
            epoch: 0,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            user_key: None,
            session_key: None,
        }
    }

    fn registry() -> Arc<Registry> {
        Arc::new(Registry::new(2))
    }

    #[test]
    fn a_user_holds_so_many_connections_and_others_are_not_counted() {
        let registry = registry();
        let first = registry.register(claims(1)).unwrap();
        let _second = registry.register(claims(1)).unwrap();
        assert_eq!(registry.register(claims(1)).unwrap_err(), CloseReason::TooMany);
        let _other = registry.register(claims(2)).unwrap();
        drop(first);
        assert!(registry.register(claims(1)).is_ok());
    }

    #[test]
    fn nothing_is_left_of_who_is_gone() {
        let registry = registry();
        let members: Vec<_> = (0..10).map(|user| registry.register(claims(user)).unwrap()).collect();
        assert_eq!(registry.connections().len(), 10);
        drop(members);
        assert!(registry.connections().is_empty() && registry.lock().users.is_empty());
    }

    #[test]
    fn the_first_reason_to_close_counts_and_is_not_lost() {
        let registry = registry();
        let member = registry.register(claims(1)).unwrap();
        assert!(member.closed().now_or_never().is_none());
        for connection in registry.connections() {
            connection.close(CloseReason::Revoked);
            connection.close(CloseReason::Restart);
        }
        // As often as it asks: a hint that was dropped half-way is not lost.
        for _ in 0..2 {
            assert_eq!(member.closed().now_or_never(), Some(CloseReason::Revoked));
        }
    }

    #[test]
    fn a_node_that_stops_ends_all_and_lets_nobody_in() {
        let registry = registry();
        let members = [registry.register(claims(1)).unwrap(), registry.register(claims(2)).unwrap()];
        registry.shut_down();
        assert!(members.iter().all(|member| member.closed().now_or_never() == Some(CloseReason::Restart)));
        assert_eq!(registry.register(claims(3)).unwrap_err(), CloseReason::Restart);
    }
}
