//! Locks that transactions take besides those of rows.

/// A lock that is held until the transaction ends. SQLite has one writer, so that nothing has to be locked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lock {
    /// For changes of who is an active admin.
    Admins,
    /// For inserts into the blocklist: ids have to be committed in ascending order.
    Revocations,
    /// For the dispatch of events: the outbox, the numbers of notifications, the statistics.
    Outbox,
    /// For the attempts to log in of a network, by its hash. Networks with the same hash share the lock.
    Logins(i32),
    /// For the mails of notice of the user with this id. Users may share a lock.
    Notices(i64),
    /// For the password and the sessions of the user with this id: the lock of the user's row, which no other transaction
    /// can update meanwhile.
    Password(i64),
}
