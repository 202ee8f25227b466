//! Users and their roles.

use crate::{
    Timestamp,
    audit::AuditEntry,
    email::Email,
    id::UserId,
    job::{JobPayload, NewJob},
    key::InstanceKey,
    mail::Notice,
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
    /// Whether the owner has proven that mail to [`email`](Self::email) arrives.
    pub email_verified: bool,
    /// Takes the place of [`email`](Self::email) once it is proven.
    pub pending_email: Option<Email>,
    /// For people.
    pub display_name: DisplayName,
    /// What the user may do in general.
    pub role: Role,
    /// A deactivated user can't log in, and nothing can be assigned to it.
    pub is_active: bool,
    /// Whether another issuer made the account, or took it over. Its owner logs in there, so that it has no password
    /// here unless the operator allows one.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub is_external: bool,
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
    /// Whether the owner has proven that mail to the address arrives.
    pub email_verified: bool,
    /// For people.
    pub display_name: DisplayName,
    /// What the user may do in general.
    pub role: Role,
    /// Absent for an account that can't log in by password.
    pub password_hash: Option<PasswordHash>,
    /// Whether another issuer makes the account.
    pub is_external: bool,
    /// Now.
    pub created_at: Timestamp,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

impl NewUser {
    /// What is to be done once storage gave the user `id`.
    pub fn jobs(&self, id: UserId) -> Vec<NewJob> {
        let has_to_be_proven = !self.email_verified && !self.email.is_placeholder();
        let mail = NewJob { payload: JobPayload::VerificationMail { user_id: id }, created_at: self.created_at };
        has_to_be_proven.then_some(mail).into_iter().collect()
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
    /// Whether a proven address stays until the new one is proven.
    pub keeps_proven_email: bool,
    /// A new name.
    pub display_name: Set<DisplayName>,
    /// Another role.
    pub role: Set<Role>,
    /// Whether the account may be used.
    pub is_active: Set<bool>,
}

/// A changed account, decided on one version of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a consequence of its own, which storage carries out")]
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
    /// Tokens that prove the address, or reset the password by it, are good no longer.
    pub changes_address: bool,
    /// Mails that follow from the change.
    pub jobs: Vec<NewJob>,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

impl Credentials {
    /// The password's hash, if the account may have a password. `external_users_may` is the operator's setting for
    /// accounts that [another issuer made](User::is_external).
    pub fn usable_password(&self, external_users_may: bool) -> Option<&PasswordHash> {
        self.password_hash.as_ref().filter(|_| self.user.may_have_password(external_users_may))
    }
}

impl User {
    /// The address that the owner has still to prove; mail can be sent to it.
    pub fn unproven_email(&self) -> Option<&Email> {
        let unproven = (!self.email_verified).then_some(&self.email);
        self.pending_email.as_ref().or(unproven).filter(|email| !email.is_placeholder())
    }

    /// Whether a password may be set for the account and used. `external_users_may` is the operator's setting for
    /// accounts that [another issuer made](Self::is_external).
    pub fn may_have_password(&self, external_users_may: bool) -> bool {
        !self.is_external || external_users_may
    }

    /// A mail of notice to the address that the account has now; none where no mail can reach it.
    pub fn notice(&self, notice: Notice, at: Timestamp) -> Option<NewJob> {
        let payload = JobPayload::SecurityNoticeMail { user_id: self.id, email: self.email.clone(), notice };
        (!self.email.is_placeholder()).then_some(NewJob { payload, created_at: at })
    }

    /// The present address drops one that is pending.
    fn change_address(&mut self, email: Email, keeps_proven: bool) {
        if email != self.email && keeps_proven && self.email_verified {
            self.pending_email = Some(email);
            return;
        }
        self.pending_email = None;
        if email != self.email {
            self.email = email;
            self.email_verified = false;
        }
    }

    /// What follows from becoming `next`: a mail to each address that is concerned.
    fn mails_of_change(&self, next: &Self) -> Vec<NewJob> {
        let notice = if next.email != self.email {
            Notice::EmailChanged
        } else if next.pending_email.is_some() && next.pending_email != self.pending_email {
            Notice::EmailChangeRequested
        } else {
            return Vec::new();
        };
        let verification =
            NewJob { payload: JobPayload::VerificationMail { user_id: self.id }, created_at: next.updated_at };
        self.notice(notice, next.updated_at).into_iter().chain([verification]).collect()
    }

    /// Whether this account counts as an administrator who can act.
    pub fn is_active_admin(&self) -> bool {
        self.is_active && self.role == Role::Admin
    }

    /// The change that `patch` makes, or `None` where everything is as it asks already.
    pub fn apply(&self, patch: UserPatch, now: Timestamp) -> Option<UserChange> {
        let mut user = self.clone();
        if let Some(email) = patch.email {
            user.change_address(email, patch.keeps_proven_email);
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
            changes_address: (&user.email, &user.pending_email) != (&self.email, &self.pending_email),
            jobs: self.mails_of_change(&user),
            based_on: self.version,
            ends_sessions: deactivated,
            ends_access_tokens,
            loses_an_admin: self.is_active_admin() && !user.is_active_admin(),
            user,
            audit: None,
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
            email_verified: true,
            pending_email: None,
            display_name: DisplayName::cut("Ann").unwrap(),
            role: Role::Admin,
            is_active: true,
            is_external: false,
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

    fn bob() -> Email {
        Email::parse("bob@example.org").unwrap()
    }

    fn moved(user: &User, to: &Email, keeps_proven_email: bool) -> Option<UserChange> {
        let patch = UserPatch { email: Some(to.clone()), keeps_proven_email, ..UserPatch::default() };
        user.apply(patch, DateTime::UNIX_EPOCH)
    }

    fn payloads(change: &UserChange) -> Vec<JobPayload> {
        change.jobs.iter().map(|job| job.payload.clone()).collect()
    }

    fn notice(notice: Notice) -> JobPayload {
        JobPayload::SecurityNoticeMail { user_id: ann().id, email: ann().email, notice }
    }

    const VERIFICATION: JobPayload = JobPayload::VerificationMail { user_id: UserId::new(1) };

    #[test]
    fn new_address_is_unproven_and_the_old_one_is_told() {
        for proven in [true, false] {
            let user = User { email_verified: proven, ..ann() };
            let change = moved(&user, &bob(), false).unwrap();
            assert_eq!((&change.user.email, change.user.email_verified), (&bob(), false));
            assert_eq!(payloads(&change), [notice(Notice::EmailChanged), VERIFICATION]);
            assert!(change.changes_address && !change.ends_sessions);
        }
        let nowhere = User { email: Email::placeholder("x"), ..ann() };
        assert_eq!(payloads(&moved(&nowhere, &bob(), false).unwrap()), [VERIFICATION]);
    }

    #[test]
    fn proven_address_stays_until_the_next_is_proven() {
        let change = moved(&ann(), &bob(), true).unwrap();
        let expected = User { pending_email: Some(bob()), version: 4, ..ann() };
        assert_eq!(change.user, expected);
        assert_eq!(payloads(&change), [notice(Notice::EmailChangeRequested), VERIFICATION]);
        assert_eq!(change.user.unproven_email(), Some(&bob()));
        assert_eq!(moved(&change.user, &bob(), true), None);

        let back = moved(&change.user, &ann().email, true).unwrap();
        assert_eq!((back.user.pending_email, back.user.email_verified), (None, true));
        assert!(back.changes_address && back.jobs.is_empty());

        let unproven = User { email_verified: false, ..ann() };
        let change = moved(&unproven, &bob(), true).unwrap();
        assert_eq!((change.user.email, change.user.pending_email), (bob(), None));
    }

    #[test]
    fn only_an_address_that_is_not_proven_has_to_be() {
        assert_eq!(ann().unproven_email(), None);
        assert_eq!(User { email_verified: false, ..ann() }.unproven_email(), Some(&ann().email));
        let nowhere = User { email: Email::placeholder("x"), email_verified: false, ..ann() };
        assert_eq!(nowhere.unproven_email(), None);
    }

    #[test]
    fn external_account_has_a_password_only_if_allowed() {
        for (is_external, allowed, usable) in
            [(false, false, true), (false, true, true), (true, false, false), (true, true, true)]
        {
            let user = User { is_external, ..ann() };
            let found = Credentials { user, password_hash: Some(PasswordHash::new("hash".to_owned())) };
            assert_eq!(found.usable_password(allowed).is_some(), usable, "{is_external} {allowed}");
        }
    }

    #[test]
    fn a_new_name_ends_nothing() {
        let patch = UserPatch { display_name: DisplayName::cut("Anna"), ..UserPatch::default() };
        let change = ann().apply(patch, DateTime::UNIX_EPOCH).unwrap();
        assert!(!change.ends_access_tokens && !change.ends_sessions && !change.loses_an_admin);
    }
}
