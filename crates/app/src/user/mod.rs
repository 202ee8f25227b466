//! Accounts: one's own, and everybody's for administrators.

pub mod create;
pub mod get;
pub mod list;
pub mod list_accounts;
pub mod me;
pub mod set_password;
pub mod update;
pub mod update_me;

use crate::Error;
use fasttrack_domain::{id::UserId, policy::Actor, ports::user::UserRepository, token::TokenError, user::User};

async fn find(users: &dyn UserRepository, id: UserId) -> Result<User, Error> {
    users.find(id).await?.ok_or(Error::NotFound("user"))
}

/// The actor's own account. Where it is gone, its token is no longer good.
async fn find_own(users: &dyn UserRepository, actor: Actor) -> Result<User, Error> {
    users.find(actor.id).await?.ok_or_else(|| TokenError::Revoked.into())
}
