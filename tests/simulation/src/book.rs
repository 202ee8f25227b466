//! What clients were told, to be compared with what is stored when all is quiet.

use crate::observer::Observer;
use std::{cell::RefCell, collections::BTreeMap};

/// How often something may be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It was acknowledged.
    Once,
    /// It was refused.
    Never,
    /// The answer was lost.
    AtMostOnce,
}

impl Expected {
    fn admits(self, count: usize) -> bool {
        match self {
            Self::Once => count == 1,
            Self::Never => count == 0,
            Self::AtMostOnce => count <= 1,
        }
    }
}

#[derive(Default)]
pub(crate) struct Book(RefCell<Facts>);

#[derive(Default)]
struct Facts {
    /// Names that one request gave, each with its table: all are stored or none.
    named: Vec<(Vec<(&'static str, String)>, Expected)>,
    /// Rows that were deleted.
    gone: Vec<(&'static str, i64)>,
    /// The ids of requests that leave a line in the audit log.
    audited: Vec<(String, Expected)>,
    /// The request that each version of a task was acknowledged to.
    versions: BTreeMap<(i64, i64), String>,
}

impl Book {
    pub(crate) fn named(&self, names: Vec<(&'static str, String)>, expected: Expected) {
        self.0.borrow_mut().named.push((names, expected));
    }

    pub(crate) fn gone(&self, table: &'static str, id: i64) {
        self.0.borrow_mut().gone.push((table, id));
    }

    pub(crate) fn audited(&self, request: String, expected: Expected) {
        self.0.borrow_mut().audited.push((request, expected));
    }

    /// Records that a request made this version of a task. Returns the request to which it was acknowledged before.
    pub(crate) fn version(&self, task: i64, version: i64, request: &str) -> Option<String> {
        self.0.borrow_mut().versions.insert((task, version), request.to_owned())
    }

    /// Compares with what is stored.
    pub(crate) fn check(&self, observer: &Observer) {
        let facts = self.0.borrow();
        for (names, expected) in &facts.named {
            let counts: Vec<_> = names.iter().map(|(table, name)| observer.named(table, name).len()).collect();
            let is_whole = counts.windows(2).all(|pair| pair[0] == pair[1]);
            if !is_whole || !counts.iter().all(|count| expected.admits(*count)) {
                let wrong = format!("{names:?} were stored {counts:?} times, expected is {expected:?}");
                observer.found("a request", Some(wrong));
            }
        }
        for (table, id) in &facts.gone {
            let condition = format!("(SELECT count(*) FROM {table} WHERE id = {id}) = 0");
            observer.check("what was deleted is gone", &condition);
        }
        for (request, expected) in &facts.audited {
            let comparison = match expected {
                Expected::Once => "= 1",
                Expected::Never => "= 0",
                Expected::AtMostOnce => "<= 1",
            };
            let condition = format!("(SELECT count(*) FROM audit WHERE request_id = '{request}') {comparison}");
            observer.check("a request left its line in the audit log", &condition);
        }
    }
}
