//! Sessions, whose exchanges are observed.

use super::Faulty;
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    ports::{RepositoryError, session::SessionRepository},
    revocation::Revocation,
    session::{Exchange, Exchanged, NewSession, Opened, Session},
    token::RefreshClaims,
};

#[async_trait]
impl SessionRepository for Faulty<dyn SessionRepository> {
    async fn open(&self, session: NewSession) -> Result<Option<Opened>, RepositoryError> {
        self.line.call("sessions.open", self.inner.open(session)).await
    }

    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError> {
        let work = async {
            let spent = exchange.spent.clone();
            let exchanged = self.inner.exchange(exchange).await;
            if let Ok(exchanged) = &exchanged {
                self.line.observer.exchanged(spent.as_str(), exchanged);
            }
            exchanged
        };
        self.line.call("sessions.exchange", work).await
    }

    async fn accepts(&self, refresh: RefreshClaims, now: Timestamp) -> Result<bool, RepositoryError> {
        self.line.call("sessions.accepts", self.inner.accepts(refresh, now)).await
    }

    async fn end(
        &self,
        ids: Vec<SessionId>,
        user_id: UserId,
        at: Timestamp,
    ) -> Result<Vec<Revocation>, RepositoryError> {
        self.line.call("sessions.end", self.inner.end(ids, user_id, at)).await
    }

    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError> {
        self.line.call("sessions.list", self.inner.list(user_id, now, page)).await
    }

    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError> {
        self.line.call("sessions.delete_expired", self.inner.delete_expired(before)).await
    }
}
