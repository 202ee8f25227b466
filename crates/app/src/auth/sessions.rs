//! A user looks at where they are logged in.

use crate::Error;
use fasttrack_domain::{
    id::UserId,
    page::{Page, PageRequest},
    ports::{clock::Clock, session::SessionRepository},
    session::Session,
};
use std::sync::Arc;

/// Which page.
#[derive(Clone, Debug)]
pub struct Command {
    /// Whose.
    pub user_id: UserId,
    /// Where it begins.
    pub page: PageRequest,
}

// @spec SPEC-013
/// Lists a user's own live sessions, the newest first.
pub struct ListSessions {
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// Over these ports.
    pub fn new(sessions: Arc<dyn SessionRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, clock }
    }

    /// The page.
    #[tracing::instrument(name = "auth.sessions", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<Page<Session>, Error> {
        Ok(self.sessions.list(command.user_id, self.clock.now(), command.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, login, now, run, user};
    use fasttrack_domain::{page::Cursor, ports::session::MockSessionRepository};

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
        let list = ListSessions::new(Arc::new(sessions), clock());
        assert_eq!(run(list.execute(Command { user_id: OWNER.id, page })).unwrap(), found);
    }
}
