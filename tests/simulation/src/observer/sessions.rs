//! Which refresh tokens were spent, and which sessions have ended.

use fasttrack_domain::{id::SessionId, session::Exchanged};
use std::collections::BTreeSet;

#[derive(Default)]
pub(crate) struct Sessions {
    spent: BTreeSet<String>,
    ended: BTreeSet<SessionId>,
}

impl Sessions {
    /// Records an exchange. Returns what is wrong with it.
    pub(crate) fn exchange(&mut self, spent: &str, exchanged: &Exchanged) -> Option<String> {
        match exchanged {
            Exchanged::Renewed(login) => {
                let id = login.session.id;
                if self.ended.contains(&id) {
                    return Some(format!("session {id} has ended and is renewed"));
                }
                let is_first = self.spent.insert(spent.to_owned());
                (!is_first).then(|| format!("the refresh token {spent} of session {id} is spent twice"))
            }
            Exchanged::Reused { session_id } => {
                self.ended.insert(*session_id);
                None
            }
            Exchanged::Refused => None,
        }
    }
}
