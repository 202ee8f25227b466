use super::Auth;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    page::{Page, PageRequest},
    session::Session,
};

impl Auth {
    // @spec SPEC-013
    /// Lists the user's own live sessions, newest first.
    #[tracing::instrument(name = "auth.sessions", skip_all)]
    pub async fn list_sessions(&self, user_id: UserId, page: PageRequest) -> Result<Page<Session>, Error> {
        Ok(self.sessions.list(user_id, self.clock.now(), page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, login, now, run, user};
    use fasttrack_domain::{page::Cursor, ports::session::MockSessionRepository};
    use std::sync::Arc;

    #[test]
    fn users_see_their_own_sessions_as_they_stand_now() {
        let page = PageRequest { cursor: Some(Cursor::after(9)), ..PageRequest::default() };
        let found = Page { items: vec![login(user(OWNER)).session], next: None };
        let answer = found.clone();
        let mut sessions = MockSessionRepository::new();
        sessions
            .expect_list()
            .times(1)
            .withf(move |user, at, asked| *user == OWNER.id && *at == now() && *asked == page)
            .return_once(|_, _, _| Ok(answer));
        let list = Auth { sessions: Arc::new(sessions), ..Auth::mocked() };
        assert_eq!(run(list.list_sessions(OWNER.id, page)).unwrap(), found);
    }
}
