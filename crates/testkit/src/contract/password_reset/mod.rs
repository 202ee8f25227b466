//! Password resets: requested, mailed and used.

mod effects;
mod requests;
mod shared;
mod validity;

pub use shared::Ports;

use effects::{
    a_token_can_set_a_first_password, a_token_is_redeemed_once_and_ends_every_session,
    one_of_simultaneous_redemptions_succeeds,
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
    password_reset { users, resets, jobs, sessions, revocations }
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
