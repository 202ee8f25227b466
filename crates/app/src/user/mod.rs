//! Accounts: one's own, and all accounts for administrators and operators.

mod create;
mod erase;
mod erase_account;
mod get;
mod list;
mod list_accounts;
mod me;
mod register;
mod set_password;
mod update;
mod update_me;

pub use create::CreateUser;
pub use erase::EraseUser;
pub use erase_account::EraseAccount;
pub use list::ListUsers;
pub use register::Register;
pub use set_password::SetPassword;
pub use update::UpdateUser;
pub use update_me::UpdateMe;

use crate::{AccountPolicy, Config, Error, Ports};
use fasttrack_domain::{
    id::UserId,
    policy::Actor,
    ports::{
        clock::Clock, erasure::ErasureRepository, password::PasswordHasher, revocation::Blocklist, user::UserRepository,
    },
    token::TokenError,
    user::User,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Users {
    pub users: Arc<dyn UserRepository>,
    pub erasures: Arc<dyn ErasureRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub blocklist: Arc<dyn Blocklist>,
    pub clock: Arc<dyn Clock>,
    pub policy: AccountPolicy,
    /// Whether users can register without an administrator.
    pub registration_open: bool,
}

impl Users {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            users: ports.repositories.users.clone(),
            erasures: ports.repositories.erasures.clone(),
            hasher: ports.hasher.clone(),
            blocklist: ports.blocklist.clone(),
            clock: ports.clock.clone(),
            policy: config.accounts,
            registration_open: config.registration_open,
        }
    }
}

async fn find(users: &dyn UserRepository, id: UserId) -> Result<User, Error> {
    users.find(id).await?.ok_or(Error::NotFound("user"))
}

/// Returns the actor's own account. Fails with [`Error::Token`] where it is gone.
async fn find_own(users: &dyn UserRepository, actor: &Actor) -> Result<User, Error> {
    users.find(actor.id).await?.ok_or_else(|| TokenError::Revoked.into())
}

#[cfg(test)]
impl Users {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            erasure::MockErasureRepository, password::MockPasswordHasher, revocation::MockBlocklist,
            user::MockUserRepository,
        };
        Self {
            users: Arc::new(MockUserRepository::new()),
            erasures: Arc::new(MockErasureRepository::new()),
            hasher: Arc::new(MockPasswordHasher::new()),
            blocklist: Arc::new(MockBlocklist::new()),
            clock: crate::fixtures::clock(),
            policy: AccountPolicy::default(),
            registration_open: true,
        }
    }
}
