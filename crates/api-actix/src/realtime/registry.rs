//! Who is connected to this node, and a way to end it.

use super::farewell::Farewell;
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
    stopping: bool,
}

/// An open connection, as others see it.
#[derive(Debug)]
pub struct Connection {
    /// What the token said that it was opened with.
    pub claims: AccessClaims,
    farewell: OnceLock<Farewell>,
    told: Notify,
}

impl Connection {
    /// Tells it to end. What it was told first counts.
    pub fn end(&self, farewell: Farewell) {
        if self.farewell.set(farewell).is_ok() {
            self.told.notify_one();
        }
    }
}

impl Registry {
    /// With so many connections per user at most.
    pub fn new(per_user: usize) -> Self {
        Self { per_user, open: Mutex::default() }
    }

    /// Takes in a connection, or says why it can't stay.
    pub fn admit(self: &Arc<Self>, claims: AccessClaims) -> Result<Member, Farewell> {
        let mut open = self.lock();
        if open.stopping {
            return Err(Farewell::Restart);
        }
        let of_user = open.users.entry(claims.user_id).or_default();
        if of_user.len() >= self.per_user {
            return Err(Farewell::TooMany);
        }
        let connection = Arc::new(Connection { claims, farewell: OnceLock::new(), told: Notify::new() });
        of_user.push(connection.clone());
        Ok(Member { registry: self.clone(), connection })
    }

    /// All that are open now.
    pub fn connections(&self) -> Vec<Arc<Connection>> {
        self.lock().users.values().flatten().cloned().collect()
    }

    /// Ends all, and lets no new one in.
    pub fn stop(&self) {
        let mut open = self.lock();
        open.stopping = true;
        for connection in open.users.values().flatten() {
            connection.end(Farewell::Restart);
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

/// An open connection, as it sees itself. Dropped, it is gone.
#[derive(Debug)]
pub struct Member {
    registry: Arc<Registry>,
    connection: Arc<Connection>,
}

impl Member {
    /// What the token said.
    pub fn claims(&self) -> &AccessClaims {
        &self.connection.claims
    }

    /// Waits until it is told to end, and why. May be dropped while it waits, and called again.
    pub async fn told(&self) -> Farewell {
        loop {
            if let Some(farewell) = self.connection.farewell.get() {
                return *farewell;
            }
            self.connection.told.notified().await;
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
        let first = registry.admit(claims(1)).unwrap();
        let _second = registry.admit(claims(1)).unwrap();
        assert_eq!(registry.admit(claims(1)).unwrap_err(), Farewell::TooMany);
        let _other = registry.admit(claims(2)).unwrap();
        drop(first);
        assert!(registry.admit(claims(1)).is_ok());
    }

    #[test]
    fn nothing_is_left_of_who_is_gone() {
        let registry = registry();
        let members: Vec<_> = (0..10).map(|user| registry.admit(claims(user)).unwrap()).collect();
        assert_eq!(registry.connections().len(), 10);
        drop(members);
        assert!(registry.connections().is_empty() && registry.lock().users.is_empty());
    }

    #[test]
    fn who_is_told_to_end_hears_of_it_once_and_the_first_reason_counts() {
        let registry = registry();
        let member = registry.admit(claims(1)).unwrap();
        assert!(member.told().now_or_never().is_none());
        for connection in registry.connections() {
            connection.end(Farewell::Revoked);
            connection.end(Farewell::Restart);
        }
        // As often as it asks: a hint that was dropped half-way is not lost.
        for _ in 0..2 {
            assert_eq!(member.told().now_or_never(), Some(Farewell::Revoked));
        }
    }

    #[test]
    fn a_node_that_stops_ends_all_and_lets_nobody_in() {
        let registry = registry();
        let members = [registry.admit(claims(1)).unwrap(), registry.admit(claims(2)).unwrap()];
        registry.stop();
        assert!(members.iter().all(|member| member.told().now_or_never() == Some(Farewell::Restart)));
        assert_eq!(registry.admit(claims(3)).unwrap_err(), Farewell::Restart);
    }
}
