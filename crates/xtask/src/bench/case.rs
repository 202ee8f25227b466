//! What is done with what is measured.

use super::subject::{Database, Subject};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Case {
    Health,
    Read,
    /// Reads of tasks that didn't change.
    NotModified,
    List,
    /// A page from anywhere in a project, on the product with fewer and with more tasks.
    Page,
    /// A list of the tasks with a status and a label, which are 60 of 1,000.
    Filtered,
    Create,
    Status,
    Comment,
    /// Each connection refreshes its session, with the token of the response before.
    Refresh,
    /// Reads on 1,000 connections.
    Crowd,
    /// Nine reads and a create, on 100 connections.
    Mix,
    /// Some reads, at a constant rate.
    CalmRead,
    /// Verifications of passwords that this machine can do.
    Hash,
    /// With [`StormRead`](Self::StormRead) at the same time.
    Login,
    /// [`CalmRead`](Self::CalmRead) during logins.
    StormRead,
    /// Changes at a constant rate, with many web sockets that get notifications of them. Messages are counted, and the time
    /// from the response to a change until its message.
    Sockets,
    /// The same with Server-Sent Events.
    EventStreams,
}

/// How the load generator is run for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// The operation, as the load generator names it.
    pub(super) operation: &'static str,
    pub(super) connections: usize,
    /// Requests a second, as many as are answered without it.
    pub(super) rate: Option<u32>,
    /// How notifications are received, as the load generator names it.
    pub(super) follow: Option<&'static str>,
}

impl Load {
    const fn new(operation: &'static str, connections: usize) -> Self {
        Self { operation, connections, rate: None, follow: None }
    }
}

impl Case {
    pub(super) const ALL: [Self; 18] = [
        Self::Health,
        Self::Read,
        Self::NotModified,
        Self::List,
        Self::Page,
        Self::Filtered,
        Self::Create,
        Self::Status,
        Self::Comment,
        Self::Refresh,
        Self::Crowd,
        Self::Mix,
        Self::CalmRead,
        Self::Hash,
        Self::Login,
        Self::StormRead,
        Self::Sockets,
        Self::EventStreams,
    ];

    /// How the command line and the JSON name it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }

    /// The inverse of [`parse`](Self::parse).
    pub(super) fn word(self) -> String {
        let word = serde_json::to_value(self).ok();
        word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Health => "GET `/health/live`",
            Self::Read => "GET `/tasks/{id}`",
            Self::NotModified => "GET `/tasks/{id}` with `If-None-Match`: 304",
            Self::List => "GET `/projects/{id}/tasks?limit=50`",
            Self::Page => "the same from anywhere in the project",
            Self::Filtered => "GET `/projects/{id}/tasks?limit=50&status=done&label={id}`",
            Self::Create => "POST `/projects/{id}/tasks`",
            Self::Status => "PATCH `/tasks/{id}`: status",
            Self::Comment => "POST `/tasks/{id}/comments`",
            Self::Refresh => "POST `/auth/refresh`",
            Self::Crowd => "GET `/tasks/{id}`, 1,000 connections",
            Self::Mix => "nine reads, one create, 100 connections",
            Self::CalmRead => "GET `/tasks/{id}`, 1,000 a second",
            Self::Hash => "bcrypt on all cores, without a server",
            Self::Login => "POST `/auth/login`, 16 connections",
            Self::StormRead => "GET `/tasks/{id}`, 1,000 a second, during the logins",
            Self::Sockets => "messages on web sockets, 100 changes a second",
            Self::EventStreams => "messages as Server-Sent Events, 100 changes a second",
        }
    }

    /// `None` for [`Hash`](Self::Hash), which takes no server.
    pub(super) fn load(self) -> Option<Load> {
        let changes = Load { rate: Some(100), ..Load::new("status", 16) };
        Some(match self {
            Self::Health => Load::new("health", 64),
            Self::Read => Load::new("read", 64),
            Self::NotModified => Load::new("not-modified", 64),
            Self::List => Load::new("list", 64),
            Self::Page => Load::new("page", 64),
            Self::Filtered => Load::new("filtered", 64),
            Self::Create => Load::new("create", 64),
            Self::Status => Load::new("status", 64),
            Self::Comment => Load::new("comment", 64),
            Self::Refresh => Load::new("refresh", 64),
            Self::Crowd => Load::new("read", 1000),
            Self::Mix => Load::new("mix", 100),
            Self::CalmRead | Self::StormRead => Load { rate: Some(1000), ..Load::new("read", 16) },
            Self::Login => Load::new("login", 16),
            Self::Sockets => Load { follow: Some("sockets"), ..changes },
            Self::EventStreams => Load { follow: Some("event-streams"), ..changes },
            Self::Hash => return None,
        })
    }

    /// How long it runs, as a multiple of the seconds of a round: 2 s have room for 15 or 16 logins, so that their rate varied
    /// by 7 % from run to run.
    pub(super) fn length(self) -> f64 {
        match self {
            Self::Hash | Self::Login => 5.0,
            _ => 1.0,
        }
    }

    /// Whether it makes events, whose consequences are waited for.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Status | Self::Comment | Self::Mix | Self::Sockets | Self::EventStreams)
    }

    /// Whether its figures are of notifications instead of requests.
    pub(super) fn follows(self) -> bool {
        matches!(self, Self::Sockets | Self::EventStreams)
    }

    /// Whether it runs together with [`Login`](Self::Login), instead of by itself.
    pub(super) fn accompanies_login(self) -> bool {
        self == Self::StormRead
    }

    /// Whether the floor, and whether the peer, is measured too.
    fn comparisons(self) -> (bool, bool) {
        match self {
            Self::Read | Self::List | Self::Create | Self::Status | Self::Comment => (true, true),
            Self::Health | Self::NotModified | Self::Filtered | Self::Refresh => (true, false),
            Self::Page
            | Self::Crowd
            | Self::Mix
            | Self::CalmRead
            | Self::Hash
            | Self::Login
            | Self::StormRead
            | Self::Sockets
            | Self::EventStreams => (false, false),
        }
    }

    /// The subjects that it measures, in their order in even rounds.
    pub(super) fn subjects(self, databases: &[Database], large: bool) -> Vec<Subject> {
        if self == Self::Hash {
            return vec![Subject::Machine];
        }
        let (with_floor, with_peer) = self.comparisons();
        let mut subjects = Vec::new();
        if with_floor {
            subjects.push(Subject::Floor);
        }
        for database in databases.iter().filter(|_| large || self != Self::Page) {
            subjects.push(database.product());
            if with_peer {
                subjects.push(database.peer());
            }
            if large && matches!(self, Self::Read | Self::Page) {
                subjects.push(database.large());
            }
        }
        subjects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_named_as_in_json() {
        for case in Case::ALL {
            assert_eq!(Case::parse(&case.word()), Some(case));
        }
        assert_eq!((Case::parse("calm-read"), Case::CalmRead.word()), (Some(Case::CalmRead), "calm-read".to_owned()));
        assert_eq!(Case::parse("event-streams"), Some(Case::EventStreams));
        assert_eq!(Case::parse("sleep"), None);
    }

    #[test]
    fn floor_and_peer_stand_beside_the_product() {
        let subjects = Case::Create.subjects(&Database::ALL, true);
        let expected = [
            Subject::Floor,
            Subject::ProductSqlite,
            Subject::PeerSqlite,
            Subject::ProductPostgres,
            Subject::PeerPostgres,
        ];
        assert_eq!(subjects, expected);
    }

    #[test]
    fn what_the_peer_lacks_has_the_floor_beside_it() {
        for case in [Case::NotModified, Case::Filtered, Case::Refresh] {
            let subjects = case.subjects(&[Database::Sqlite], true);
            assert_eq!(subjects, [Subject::Floor, Subject::ProductSqlite], "{case:?}");
        }
        assert_eq!(Case::Sockets.subjects(&[Database::Postgres], true), [Subject::ProductPostgres]);
        assert_eq!(Case::Hash.subjects(&Database::ALL, true), [Subject::Machine]);
    }

    #[test]
    fn larger_database_is_measured_where_there_is_one() {
        assert!(Case::Page.subjects(&Database::ALL, false).is_empty());
        let sqlite = [Database::Sqlite];
        assert_eq!(Case::Page.subjects(&sqlite, true), [Subject::ProductSqlite, Subject::LargeSqlite]);
        assert!(Case::Read.subjects(&sqlite, true).contains(&Subject::LargeSqlite));
        assert!(!Case::Read.subjects(&sqlite, false).contains(&Subject::LargeSqlite));
    }

    #[test]
    fn notifications_are_followed_while_tasks_change() {
        for case in Case::ALL {
            assert_eq!(case.load().is_some_and(|load| load.follow.is_some()), case.follows(), "{case:?}");
        }
    }
}
