//! Users and their roles.

use crate::{
    Timestamp,
    email::Email,
    id::UserId,
    job::{JobPayload, NewJob},
    key::InstanceKey,
    password::PasswordHash,
    patch::Set,
    text::DisplayName,
};

/// What a user may do in general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Role {
    /// Everything that anybody may, and manage users.
    Admin,
    /// Own projects, and work on assigned tasks.
    User,
}

crate::word::words!(Role { Admin = "admin", User = "user" });

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct User {
    /// Never used again, also after a deletion.
    pub id: UserId,
    /// Unique.
    pub email: Email,
    /// For people.
    pub display_name: DisplayName,
    /// What the user may do in general.
    pub role: Role,
    /// A deactivated user can't log in, and nothing can be assigned to it.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts changes, for optimistic concurrency.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub version: i64,
    /// Access tokens of an older epoch are revoked. Counts up when the role changes, when the account is
    /// deactivated and when all its sessions are ended: a token and its epoch are read in one row, so that no
    /// token with an outdated role can slip through, whatever the clocks say.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub token_epoch: i64,
    /// Tells it from another account that was given the same id before or after a restored backup.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub key: InstanceKey,
}

/// An account that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// Must not be in use.
    pub email: Email,
    /// For people.
    pub display_name: DisplayName,
    /// What the user may do in general.
    pub role: Role,
    /// Absent for an account that can't log in by password.
    pub password_hash: Option<PasswordHash>,
    /// Whether a mail is to greet the user.
    pub welcome: bool,
    /// Now.
    pub created_at: Timestamp,
}

impl NewUser {
    /// What is to be done once storage gave the user `id`.
    pub fn jobs(&self, id: UserId) -> Vec<NewJob> {
        let mail = NewJob { payload: JobPayload::WelcomeMail { user_id: id }, created_at: self.created_at };
        self.welcome.then_some(mail).into_iter().collect()
    }
}

/// An account with what proves its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Absent for an account that can't log in by password.
    pub password_hash: Option<PasswordHash>,
}

/// Which users a list is to show; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only this role.
    pub role: Option<Role>,
    /// Only (in)active ones.
    pub is_active: Option<bool>,
    /// Only this address.
    pub email: Option<Email>,
}

/// What is to change about a user. Who may set which field is decided by the use case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new address.
    pub email: Set<Email>,
    /// A new name.
    pub display_name: Set<DisplayName>,
    /// Another role.
    pub role: Set<Role>,
    /// Whether the account may be used.
    pub is_active: Set<bool>,
}

/// A changed account, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// The account as it is to be: version and `updated_at` already counted on.
    pub user: User,
    /// The version that the change was decided on.
    pub based_on: i64,
    /// Every session of the user ends, and so does its reset token.
    pub ends_sessions: bool,
    /// Every access token of the user ends: `user.token_epoch` was counted on.
    pub ends_access_tokens: bool,
    /// The change takes away an active admin; it must not be the last one.
    pub loses_an_admin: bool,
}

impl User {
    /// Whether this account counts as an administrator who can act.
    pub fn is_active_admin(&self) -> bool {
        self.is_active && self.role == Role::Admin
    }

    /// The change that `patch` makes, or `None` where everything is as it asks already.
    pub fn apply(&self, patch: UserPatch, now: Timestamp) -> Option<UserChange> {
        let mut user = self.clone();
        if let Some(email) = patch.email {
            user.email = email;
        }
        if let Some(name) = patch.display_name {
            user.display_name = name;
        }
        if let Some(role) = patch.role {
            user.role = role;
        }
        if let Some(active) = patch.is_active {
            user.is_active = active;
        }
        if user == *self {
            return None;
        }
        let deactivated = self.is_active && !user.is_active;
        let ends_access_tokens = deactivated || self.role != user.role;
        user.updated_at = now.max(self.updated_at);
        user.version += 1;
        user.token_epoch += i64::from(ends_access_tokens);
        Some(UserChange {
            based_on: self.version,
            ends_sessions: deactivated,
            ends_access_tokens,
            loses_an_admin: self.is_active_admin() && !user.is_active_admin(),
            user,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn ann() -> User {
        User {
            id: UserId::new(1),
            email: Email::parse("ann@example.org").unwrap(),
            display_name: DisplayName::cut("Ann").unwrap(),
            role: Role::Admin,
            is_active: true,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 3,
            token_epoch: 5,
            key: InstanceKey::new([7; 16]),
        }
    }

    #[test]
    fn a_patch_that_changes_nothing_is_no_change() {
        let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
        assert_eq!(ann().apply(patch, DateTime::UNIX_EPOCH), None);
    }

    #[test]
    fn a_new_role_ends_access_tokens_and_keeps_sessions() {
        let patch = UserPatch { role: Some(Role::User), ..UserPatch::default() };
        let change = ann().apply(patch, DateTime::UNIX_EPOCH).unwrap();
        assert!(change.ends_access_tokens && !change.ends_sessions && change.loses_an_admin);
        assert_eq!((change.based_on, change.user.version, change.user.token_epoch), (3, 4, 6));
    }

    #[test]
    fn deactivation_ends_both_and_reactivation_neither() {
        let off =
            ann().apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, DateTime::UNIX_EPOCH).unwrap();
        assert!(off.ends_access_tokens && off.ends_sessions && off.loses_an_admin);
        let on =
            off.user.apply(UserPatch { is_active: Some(true), ..UserPatch::default() }, DateTime::UNIX_EPOCH).unwrap();
        assert!(!on.ends_access_tokens && !on.ends_sessions && !on.loses_an_admin);
    }

    #[test]
    fn a_new_name_ends_nothing() {
        let patch = UserPatch { display_name: DisplayName::cut("Anna"), ..UserPatch::default() };
        let change = ann().apply(patch, DateTime::UNIX_EPOCH).unwrap();
        assert!(!change.ends_access_tokens && !change.ends_sessions && !change.loses_an_admin);
    }
}
