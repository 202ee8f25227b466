//! What two transactions must not work on at once.

/// Held until the transaction ends. On SQLite every transaction that writes holds them all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lock {
    /// Who the active admins are.
    Admins,
    /// The order of the blocklist.
    Revocations,
    /// What follows from events: the outbox, the numbers of notifications, the statistics.
    Outbox,
    /// How many logins of a network count. Networks with one of these numbers share it.
    Logins(i32),
    /// How many mails of notice the user with this id gets. Users with one of these numbers may share it.
    Notices(i64),
    /// How the user with this id logs in, and in how many sessions. Nobody deactivates it meanwhile.
    Password(i64),
}
