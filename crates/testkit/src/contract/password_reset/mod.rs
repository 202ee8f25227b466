//! Password resets: requested, mailed and used.

mod effects;
mod requests;
mod validity;

use crate::builders::{after, new_password_reset};
use effects::{
    a_token_can_set_a_first_password, a_token_is_redeemed_once_and_ends_every_session,
    one_of_simultaneous_redemptions_succeeds,
};
use fasttrack_domain::{
    password::PasswordHash,
    password_reset::{NewPasswordReset, Redemption},
    ports::{
        job::JobQueue, password_reset::PasswordResetRepository, revocation::RevocationRepository,
        session::SessionRepository, user::UserRepository,
    },
    ticket::SecretHash,
    user::User,
};
use requests::{
    a_dead_request_does_not_block_new_ones, a_failed_mail_is_retried_once_for_all_requests,
    a_request_during_sending_is_queued_behind, a_request_wakes_the_waiting_worker,
    one_of_simultaneous_requests_is_queued, one_reset_mail_per_address_is_queued,
};
use validity::{
    a_token_ends_with_its_password_account_or_address, an_expired_token_is_refused, an_unknown_token_is_refused,
    expired_tokens_are_deleted, the_next_token_replaces_the_former_one,
    tokens_of_a_user_are_limited_until_the_last_expires, unknown_and_inactive_users_get_no_token,
};

contract! { $
    password_reset {
        users: UserRepository,
        resets: PasswordResetRepository,
        jobs: JobQueue,
        sessions: SessionRepository,
        revocations: RevocationRepository,
    }
    one_reset_mail_per_address_is_queued,
    a_request_during_sending_is_queued_behind,
    a_failed_mail_is_retried_once_for_all_requests,
    one_of_simultaneous_requests_is_queued,
    a_dead_request_does_not_block_new_ones,
    a_request_wakes_the_waiting_worker,
    a_token_is_redeemed_once_and_ends_every_session,
    a_token_can_set_a_first_password,
    one_of_simultaneous_redemptions_succeeds,
    an_unknown_token_is_refused,
    an_expired_token_is_refused,
    the_next_token_replaces_the_former_one,
    a_token_ends_with_its_password_account_or_address,
    unknown_and_inactive_users_get_no_token,
    tokens_of_a_user_are_limited_until_the_last_expires,
    expired_tokens_are_deleted,
}

async fn given_token(ports: &Ports, user: &User) -> NewPasswordReset {
    let reset = new_password_reset(user);
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    reset
}

fn redemption(hash: SecretHash) -> Redemption {
    let password = PasswordHash::new("another".to_owned());
    Redemption { hash, password, at: after(1) }
}

async fn is_good(ports: &Ports, hash: SecretHash) -> bool {
    let found = ports.resets.find(hash, after(1)).await.unwrap().is_some();
    // What isn't found can't be used, and using it does nothing.
    assert!(found || ports.resets.redeem(redemption(hash)).await.unwrap().is_none());
    found
}

async fn password_of(ports: &Ports, user: &User) -> Option<PasswordHash> {
    ports.users.credentials(user.id).await.unwrap().unwrap().password_hash
}
