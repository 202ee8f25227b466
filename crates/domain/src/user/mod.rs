//! User accounts and their roles.

mod role;

pub use role::Role;

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry},
    email::Email,
    erasure::{Erasure, NewErasure},
    id::UserId,
    job::{JobPayload, NewJob},
    key::InstanceKey,
    mail::Notice,
    password::PasswordHash,
    patch::Set,
    person::Person,
    revocation::{RevokingAct, UserEpoch},
    text::DisplayName,
};

/// An account: a person who can log in, own projects and be assigned to tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct User {
    /// Ids of deleted users are not reused.
    pub id: UserId,
    /// It is unique among all users by its [`key`](Email::key).
    pub email: Email,
    /// Whether the owner has proven to receive mail at [`email`](Self::email).
    pub email_verified: bool,
    /// The new address, which replaces [`email`](Self::email) once it is proven.
    pub pending_email: Option<Email>,
    pub display_name: DisplayName,
    pub role: Role,
    /// A deactivated user can't log in and can't be assigned to tasks.
    pub is_active: bool,
    /// Whether another issuer created the account or took it over. Its owner logs in there, and has no password here
    /// unless the operator allows one.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub is_external: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The number of changes, for optimistic concurrency.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub version: i64,
    /// Access tokens of an older epoch are revoked. The epoch grows when the role changes, when the account is
    /// deactivated, and when all its sessions are ended. A token's role and epoch are read from one row, so that no
    /// token with an outdated role is accepted, whatever the clocks are set to.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub token_epoch: i64,
    /// Distinguishes it from another account that had the same id before a backup was restored.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub key: InstanceKey,
}

/// An account that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    pub email: Email,
    pub email_verified: bool,
    pub display_name: DisplayName,
    pub role: Role,
    /// Absent for an account without password.
    pub password_hash: Option<PasswordHash>,
    /// Whether another issuer creates the account.
    pub is_external: bool,
    pub created_at: Timestamp,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl NewUser {
    /// The jobs of this creation, for the id that storage assigned.
    pub fn jobs(&self, id: UserId) -> Vec<NewJob> {
        let has_to_be_proven = !self.email_verified && !self.email.is_placeholder();
        let mail = NewJob { payload: JobPayload::VerificationMail { user_id: id }, created_at: self.created_at };
        has_to_be_proven.then_some(mail).into_iter().collect()
    }
}

/// An account with its password hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub user: User,
    /// Absent for an account without password.
    pub password_hash: Option<PasswordHash>,
}

/// The users that a list is limited to; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
    pub email: Option<Email>,
}

/// A patch of a user. The use case decides who may set which field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    pub email: Set<Email>,
    /// Whether a proven address stays until the new one is proven.
    pub keeps_proven_email: bool,
    pub display_name: Set<DisplayName>,
    pub role: Set<Role>,
    pub is_active: Set<bool>,
}

/// A changed account to save, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// The changed account, with its new version and `updated_at`.
    pub user: User,
    /// The version that must still be stored.
    pub based_on: i64,
    /// The act that revokes the user's access tokens. `user.token_epoch` has grown if there is one.
    pub revoked_by: Option<RevokingAct>,
    /// Whether the account stops being an active admin. The change is refused if it is the last one.
    pub loses_an_admin: bool,
    /// Whether verification and reset tokens of the former address become invalid.
    pub changes_address: bool,
    /// The mails to queue.
    pub jobs: Vec<NewJob>,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl UserChange {
    /// Whether all sessions and the reset token end.
    pub fn ends_sessions(&self) -> bool {
        self.revoked_by.as_ref().is_some_and(RevokingAct::ends_all_sessions)
    }
}

impl Credentials {
    /// The password hash, if the account may have a password. `external_users_may` is the operator's setting for
    /// accounts that [another issuer created](User::is_external).
    pub fn usable_password(&self, external_users_may: bool) -> Option<&PasswordHash> {
        self.password_hash.as_ref().filter(|_| self.user.may_have_password(external_users_may))
    }
}

impl User {
    /// The address that is still to be proven, unless it is a placeholder.
    pub fn unproven_email(&self) -> Option<&Email> {
        let unproven = (!self.email_verified).then_some(&self.email);
        self.pending_email.as_ref().or(unproven).filter(|email| !email.is_placeholder())
    }

    /// Whether the account may have a password. `external_users_may` is the operator's setting for accounts that
    /// [another issuer created](Self::is_external).
    pub fn may_have_password(&self, external_users_may: bool) -> bool {
        !self.is_external || external_users_may
    }

    /// Creates the job of a security notice to the present address; `None` for a placeholder address.
    pub fn notice(&self, notice: Notice, at: Timestamp) -> Option<NewJob> {
        let payload = JobPayload::SecurityNoticeMail { user_id: self.id, email: self.email.clone(), notice };
        (!self.email.is_placeholder()).then_some(NewJob { payload, created_at: at })
    }

    /// Setting the present address again drops a pending one.
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

    /// The mails of a change to `next`: one to each address that is concerned.
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

    /// What other users see of the account.
    pub fn person(&self) -> Person {
        Person { id: self.id, display_name: self.display_name.clone() }
    }

    /// Erases the account.
    pub fn erase(&self, reassign_to: Option<UserId>, at: Timestamp) -> NewErasure {
        let (email, display_name) = (self.email.clone(), self.display_name.clone());
        NewErasure {
            erasure: Erasure { user_id: self.id, email, display_name, reassign_to, at },
            based_on: self.version,
            loses_an_admin: self.is_active_admin(),
            audit: None,
        }
    }

    /// The epoch of the account: access tokens of an older one are revoked.
    pub fn epoch(&self) -> UserEpoch {
        UserEpoch { id: self.id, epoch: self.token_epoch }
    }

    pub fn is_active_admin(&self) -> bool {
        self.is_active && self.role == Role::Admin
    }

    /// Applies a patch. `None` if it changes nothing.
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
        let act: Option<fn(UserEpoch) -> RevokingAct> = if self.is_active && !user.is_active {
            Some(RevokingAct::Deactivated)
        } else if self.role != user.role {
            Some(RevokingAct::RoleChanged)
        } else {
            None
        };
        user.updated_at = now.max(self.updated_at);
        user.version += 1;
        user.token_epoch += i64::from(act.is_some());
        Some(UserChange {
            changes_address: (&user.email, &user.pending_email) != (&self.email, &self.pending_email),
            jobs: self.mails_of_change(&user),
            based_on: self.version,
            revoked_by: act.map(|act| act(user.epoch())),
            loses_an_admin: self.is_active_admin() && !user.is_active_admin(),
            user,
            audit: None,
        })
    }
}

impl AuditChanges {
    pub fn of_user(before: &User, after: &User) -> Self {
        Self::default()
            .field("email", before.email.as_str(), after.email.as_str())
            .field("display_name", before.display_name.as_str(), after.display_name.as_str())
            .field("role", before.role.as_str(), after.role.as_str())
            .field("is_active", before.is_active, after.is_active)
    }
}

#[cfg(test)]
mod tests;
