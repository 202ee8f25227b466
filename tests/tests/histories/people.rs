//! The users of a load.

/// A user who logs in with the password of the harness.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) email: String,
}

/// All users of a load, and the projects that they work on.
pub(super) struct People {
    /// Owns all projects.
    pub(super) owner: User,
    /// Is a member of all.
    pub(super) editor: User,
    /// Is a member of the first one now and then.
    pub(super) guest: User,
    /// Begins and ends sessions.
    pub(super) visitor: User,
    pub(super) projects: [i64; 2],
}

/// SQL that plants a fault in what was stored.
pub(super) type Damage = fn(&People) -> String;
