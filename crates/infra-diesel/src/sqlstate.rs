//! SQLSTATE: the codes of PostgreSQL's errors, whose texts depend on the server's language.

use crate::metrics::Refusal;
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

/// An error code of five characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlState([u8; 5]);

/// What is to be done about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The server is read-only: after a failover another one is the primary.
    ReadOnly,
    /// The server closes the connection, or has closed it.
    Disconnecting,
    /// The server's disk is full.
    OutOfSpace,
    /// The same work may succeed when it is repeated.
    Transient,
    /// Anything else: a defect, or a violated constraint.
    Other,
}

impl SqlState {
    /// `None` where it doesn't have five characters.
    pub(crate) fn new(code: &[u8]) -> Option<Self> {
        code.try_into().ok().map(Self)
    }

    /// See appendix A of PostgreSQL's manual.
    pub(crate) fn meaning(self) -> Meaning {
        match &self.0 {
            // A standby, a server that is set to read only, or a primary that was demoted.
            b"25006" => Meaning::ReadOnly,
            // Connection exceptions: errors of PgBouncer have such codes, too. Shutdowns, a database that was dropped,
            // a session that was idle for too long. Too many connections. A transaction that took too long, which ends
            // its session.
            [b'0', b'8', ..] | [b'5', b'7', b'P', ..] | b"53300" | b"25P03" | b"25P04" => Meaning::Disconnecting,
            // A full disk, and one that fails.
            b"53100" | b"58030" => Meaning::OutOfSpace,
            // Serialization and deadlocks. Locks that were not to be had, statements that took too long. Other resources.
            b"40001" | b"40P01" | b"55P03" | b"57014" | [b'5', b'3', ..] => Meaning::Transient,
            _ => Meaning::Other,
        }
    }

    /// Whether it is the error of every statement after another error has ended the transaction.
    fn repeats_another(self) -> bool {
        &self.0 == b"25P02"
    }
}

impl Meaning {
    /// Whether the connection must not be used again.
    pub(crate) fn ends_connection(self) -> bool {
        matches!(self, Self::ReadOnly | Self::Disconnecting)
    }

    /// Why the same work may succeed later; `None` where it won't.
    pub(crate) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::ReadOnly => Some(Refusal::ReadOnly),
            Self::Disconnecting => Some(Refusal::Connection),
            Self::OutOfSpace => Some(Refusal::Disk),
            Self::Transient => Some(Refusal::Lock),
            Self::Other => None,
        }
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The latest error of a connection: set where the stream is read, taken where an error is handled.
#[derive(Debug, Default)]
pub(crate) struct LatestState(AtomicU64);

impl LatestState {
    /// Stores an error, unless it only repeats an earlier one.
    pub(crate) fn set(&self, state: SqlState) {
        if !state.repeats_another() {
            let bytes = state.0.iter().fold(0, |bytes, &byte| bytes << 8 | u64::from(byte));
            self.0.store(bytes, Ordering::Release);
        }
    }

    /// Returns the error since the last call, if there was one, and forgets it.
    pub(crate) fn take(&self) -> Option<SqlState> {
        match self.0.swap(0, Ordering::AcqRel).to_be_bytes() {
            [_, _, _, 0, ..] => None,
            [_, _, _, code @ ..] => Some(SqlState(code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_mean_what_the_manual_says() {
        for (meaning, codes) in [
            (Meaning::ReadOnly, &["25006"][..]),
            (
                Meaning::Disconnecting,
                &["57P01", "57P02", "57P03", "57P05", "08000", "08006", "08P01", "53300", "25P03"],
            ),
            (Meaning::OutOfSpace, &["53100", "58030"]),
            (Meaning::Transient, &["40001", "40P01", "55P03", "57014", "53200", "53400"]),
            (Meaning::Other, &["23505", "42601", "25001", "22P02", "XX000", "P0001"]),
        ] {
            for code in codes {
                assert_eq!(SqlState::new(code.as_bytes()).unwrap().meaning(), meaning, "{code}");
            }
        }
    }

    #[test]
    fn latest_sqlstate_is_taken_once() {
        let latest = LatestState::default();
        assert_eq!(latest.take(), None);
        for code in ["40P01", "25006", "25P02"] {
            latest.set(SqlState::new(code.as_bytes()).unwrap());
        }
        assert_eq!(latest.take().unwrap().to_string(), "25006");
        assert_eq!(latest.take(), None);
        assert_eq!(SqlState::new(b"2500"), None);
    }
}
