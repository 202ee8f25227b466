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
    /// For the password, the sessions and the API tokens of the user with this id: the lock of the user's row, which no
    /// other transaction can update meanwhile.
    Password(i64),
    /// For the members of the project with this id: the lock of the project's row, which no other transaction can update or
    /// delete meanwhile. It comes before the locks of users and members.
    Project(i64),
    /// For the erasure of the user with this id: the lock of the user's row, which no other transaction can refer to
    /// meanwhile.
    Erasure(i64),
    /// For the mails with invitations to an address, by its hash. Addresses with the same hash share the lock.
    Address(i32),
}

/// The key of a text's lock: its FNV-1a hash, which is the same on every node.
pub(crate) fn key_of(text: &str) -> i32 {
    let fold = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, fold).cast_signed()
}
