use super::record::{Nanos, Operation, Outcome, Request};
use std::collections::HashMap;

/// Ends of sessions: by request, or by a refresh token that was used again.
#[derive(Debug)]
pub(super) struct Endings<'h> {
    /// Places of operations whose answer says that the session has ended, with the session.
    pub(super) certain: Vec<(&'h str, usize)>,
    /// From when on a session may have ended.
    possible: HashMap<&'h str, Nanos>,
}

impl<'h> Endings<'h> {
    pub(super) fn new(history: &'h [Operation]) -> Self {
        let mut endings = Self { certain: Vec::new(), possible: HashMap::new() };
        let mut attempts: HashMap<&str, Vec<&'h Operation>> = HashMap::new();
        for (place, operation) in history.iter().enumerate() {
            match &operation.request {
                Request::EndSession { session } if operation.is_success() => {
                    endings.certain.push((session.as_str(), place));
                    endings.may_end(session, operation.called);
                }
                Request::EndSession { session } if operation.is_unknown() => {
                    endings.may_end(session, operation.called);
                }
                Request::Refresh { token, session } => {
                    attempts.entry(token.as_str()).or_default().push(operation);
                    let code = "refresh_token_reused";
                    if matches!(&operation.outcome, Outcome::Refused { code: refusal, .. } if refusal == code) {
                        endings.certain.push((session.as_str(), place));
                    }
                }
                _ => {}
            }
        }
        for mut attempts in attempts.into_values() {
            attempts.sort_by_key(|operation| operation.called);
            if let Some(Operation { request: Request::Refresh { session, .. }, called, .. }) = attempts.get(1) {
                endings.may_end(session, *called);
            }
        }
        endings
    }

    fn may_end(&mut self, session: &'h str, from: Nanos) {
        let earliest = self.possible.entry(session).or_insert(from);
        *earliest = from.min(*earliest);
    }

    /// Whether the session may have ended by then.
    pub(super) fn may_have_ended(&self, session: &str, by: Nanos) -> bool {
        self.possible.get(session).is_some_and(|from| *from <= by)
    }
}
