//! API tokens: how they are created, found and revoked, and what ends them.

mod confirm;
mod create;
mod end;
mod lines;
mod read;
mod shared;
mod uses;

pub use shared::Ports;

use confirm::{
    an_api_token_is_confirmed_as_itself_only, an_api_token_is_confirmed_with_its_present_user,
    an_api_token_that_ended_is_not_confirmed,
};
use create::{
    an_api_token_beyond_the_quota_is_refused, an_api_token_is_stored_with_every_field,
    an_api_token_of_no_active_user_is_refused, ids_of_api_tokens_are_never_used_twice,
    no_api_token_outlives_an_erasure_at_the_same_time, simultaneous_api_tokens_do_not_exceed_the_quota,
};
use end::{
    a_changed_password_or_role_keeps_api_tokens, a_new_owner_or_a_reset_revokes_every_api_token,
    an_api_token_is_revoked_once_and_on_the_blocklist, api_tokens_of_an_erased_account_stay_revoked,
    api_tokens_that_ended_before_are_deleted, one_of_simultaneous_calls_revokes_an_api_token,
    only_an_api_token_of_the_user_is_revoked,
};
use lines::{a_line_is_committed_with_an_api_token, a_refused_api_token_has_no_line};
use read::{
    an_api_token_is_found_with_its_present_user, an_api_token_is_refused_from_its_end_on,
    an_api_token_is_refused_while_its_user_is_inactive, an_unknown_api_token_is_not_found,
    api_tokens_are_listed_until_they_are_revoked, pages_of_api_tokens_stay_consistent_while_rows_change,
};
use uses::{of_simultaneous_uses_the_last_is_stored, the_last_use_of_each_api_token_is_stored};

contract! { $
    api_token { users, identities, resets, revocations, erasures, audit, api_tokens }
    an_api_token_is_stored_with_every_field,
    ids_of_api_tokens_are_never_used_twice,
    an_api_token_of_no_active_user_is_refused,
    an_api_token_beyond_the_quota_is_refused,
    simultaneous_api_tokens_do_not_exceed_the_quota,
    no_api_token_outlives_an_erasure_at_the_same_time,
    an_api_token_is_found_with_its_present_user,
    an_unknown_api_token_is_not_found,
    an_api_token_is_refused_from_its_end_on,
    an_api_token_is_refused_while_its_user_is_inactive,
    api_tokens_are_listed_until_they_are_revoked,
    pages_of_api_tokens_stay_consistent_while_rows_change,
    an_api_token_is_revoked_once_and_on_the_blocklist,
    only_an_api_token_of_the_user_is_revoked,
    one_of_simultaneous_calls_revokes_an_api_token,
    a_new_owner_or_a_reset_revokes_every_api_token,
    a_changed_password_or_role_keeps_api_tokens,
    api_tokens_of_an_erased_account_stay_revoked,
    api_tokens_that_ended_before_are_deleted,
    an_api_token_is_confirmed_as_itself_only,
    an_api_token_that_ended_is_not_confirmed,
    an_api_token_is_confirmed_with_its_present_user,
    the_last_use_of_each_api_token_is_stored,
    of_simultaneous_uses_the_last_is_stored,
    a_line_is_committed_with_an_api_token,
    a_refused_api_token_has_no_line,
}
