//! What is measured.

use serde::{Deserialize, Serialize};

/// A server on a database. `Display` is for people, the serialized form is for JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Subject {
    /// No server, but this machine.
    Machine,
    Floor,
    ProductSqlite,
    PeerSqlite,
    ProductPostgres,
    PeerPostgres,
    /// The product with more tasks.
    LargeSqlite,
    LargePostgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub(super) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|database| database.word() == word)
    }

    /// As the names of files have it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    pub(super) fn product(self) -> Subject {
        match self {
            Self::Sqlite => Subject::ProductSqlite,
            Self::Postgres => Subject::ProductPostgres,
        }
    }

    pub(super) fn peer(self) -> Subject {
        match self {
            Self::Sqlite => Subject::PeerSqlite,
            Self::Postgres => Subject::PeerPostgres,
        }
    }

    pub(super) fn large(self) -> Subject {
        match self {
            Self::Sqlite => Subject::LargeSqlite,
            Self::Postgres => Subject::LargePostgres,
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Case {
    Health,
    Read,
    List,
    /// A page from anywhere in a project, on the product with fewer and with more tasks.
    Page,
    Create,
    Status,
    Comment,
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
}

/// How the load generator is run for a case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// The operation, as the load generator names it.
    pub(super) operation: &'static str,
    pub(super) connections: usize,
    /// Requests a second, as many as are answered without it.
    pub(super) rate: Option<u32>,
}

impl Case {
    pub(super) const ALL: [Self; 13] = [
        Self::Health,
        Self::Read,
        Self::List,
        Self::Page,
        Self::Create,
        Self::Status,
        Self::Comment,
        Self::Crowd,
        Self::Mix,
        Self::CalmRead,
        Self::Hash,
        Self::Login,
        Self::StormRead,
    ];

    /// How the command line and the JSON name it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Health => "GET `/health/live`",
            Self::Read => "GET `/tasks/{id}`",
            Self::List => "GET `/projects/{id}/tasks?limit=50`",
            Self::Page => "the same from anywhere in the project",
            Self::Create => "POST `/projects/{id}/tasks`",
            Self::Status => "PATCH `/tasks/{id}`: status",
            Self::Comment => "POST `/tasks/{id}/comments`",
            Self::Crowd => "GET `/tasks/{id}`, 1,000 connections",
            Self::Mix => "nine reads, one create, 100 connections",
            Self::CalmRead => "GET `/tasks/{id}`, 1,000 a second",
            Self::Hash => "bcrypt on all cores, without a server",
            Self::Login => "POST `/auth/login`, 16 connections",
            Self::StormRead => "GET `/tasks/{id}`, 1,000 a second, during the logins",
        }
    }

    /// `None` for [`Hash`](Self::Hash), which takes no server.
    pub(super) fn load(self) -> Option<Load> {
        let (operation, connections, rate) = match self {
            Self::Health => ("health", 64, None),
            Self::Read => ("read", 64, None),
            Self::List => ("list", 64, None),
            Self::Page => ("page", 64, None),
            Self::Create => ("create", 64, None),
            Self::Status => ("status", 64, None),
            Self::Comment => ("comment", 64, None),
            Self::Crowd => ("read", 1000, None),
            Self::Mix => ("mix", 100, None),
            Self::CalmRead | Self::StormRead => ("read", 16, Some(1000)),
            Self::Login => ("login", 16, None),
            Self::Hash => return None,
        };
        Some(Load { operation, connections, rate })
    }

    /// Whether it makes events, whose consequences are waited for.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Status | Self::Comment | Self::Mix)
    }

    /// Whether it runs together with [`Login`](Self::Login), instead of by itself.
    pub(super) fn accompanies_login(self) -> bool {
        self == Self::StormRead
    }

    /// The subjects that it measures, in their order in even rounds.
    pub(super) fn subjects(self, databases: &[Database], large: bool) -> Vec<Subject> {
        let mut subjects = Vec::new();
        match self {
            Self::Hash => subjects.push(Subject::Machine),
            Self::Health | Self::Read | Self::List | Self::Create | Self::Status | Self::Comment => {
                subjects.push(Subject::Floor);
            }
            Self::Page | Self::Crowd | Self::Mix | Self::CalmRead | Self::Login | Self::StormRead => {}
        }
        for database in databases {
            match self {
                Self::Hash => {}
                Self::Page if !large => {}
                Self::Page => subjects.extend([database.product(), database.large()]),
                Self::Read if large => subjects.extend([database.product(), database.peer(), database.large()]),
                Self::Read | Self::List | Self::Create | Self::Status | Self::Comment => {
                    subjects.extend([database.product(), database.peer()]);
                }
                Self::Health | Self::Crowd | Self::Mix | Self::CalmRead | Self::Login | Self::StormRead => {
                    subjects.push(database.product());
                }
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
            let word = serde_json::to_value(case).unwrap();
            assert_eq!(Case::parse(word.as_str().unwrap()), Some(case));
        }
        assert_eq!(Case::parse("calm-read"), Some(Case::CalmRead));
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
    fn larger_database_is_measured_where_there_is_one() {
        assert!(Case::Page.subjects(&Database::ALL, false).is_empty());
        assert!(Case::Read.subjects(&[Database::Sqlite], true).contains(&Subject::LargeSqlite));
        assert!(!Case::Read.subjects(&[Database::Sqlite], false).contains(&Subject::LargeSqlite));
    }
}
