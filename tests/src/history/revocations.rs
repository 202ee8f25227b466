//! Sessions that ended: at once on the node that ended them, and within the limit on all others, whatever fails.

use super::{
    endings::Endings,
    limits::Limits,
    record::{Operation, Outcome, Request},
    report::{Report, Rule},
};
use std::collections::HashMap;

pub(super) fn check(history: &[Operation], endings: &Endings<'_>, limits: &Limits, report: &mut Report<'_>) {
    report.counts.revocations = endings.certain.len();
    let mut uses: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, operation) in history.iter().enumerate() {
        let session = match (&operation.request, &operation.caller) {
            (Request::Refresh { session, .. }, _) => session,
            // Whether a session can be ended twice is no matter here.
            (Request::EndSession { session }, Some(caller)) if *session == caller.session => continue,
            (_, Some(caller)) => &caller.session,
            (_, None) => continue,
        };
        uses.entry(session.as_str()).or_default().push(place);
    }
    for (session, end) in &endings.certain {
        for place in uses.get(session).into_iter().flatten() {
            let (ended, later) = (&history[*end], &history[*place]);
            let limit = if later.node == ended.node { 0 } else { limits.revocation };
            if later.is_success() && later.called > ended.returned.saturating_add(limit) {
                let what = format!("session {session} is still good after its end");
                report.add(Rule::Revocation, what, [*end, *place]);
            }
        }
    }
    for (place, operation) in history.iter().enumerate() {
        let is_revoked = matches!(&operation.outcome, Outcome::Refused { code, .. } if code == "token_revoked");
        let caller = operation.caller.as_ref().filter(|_| is_revoked);
        if let Some(caller) = caller.filter(|caller| !endings.may_have_ended(&caller.session, operation.returned)) {
            report.add(Rule::Revocation, format!("session {} is revoked by nobody", caller.session), [place]);
        }
    }
}
