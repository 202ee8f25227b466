//! What webhooks are sent: deliveries, and what their owners do with them.

mod added;
mod bounds;
mod erased;
mod requested;
mod shared;

pub use shared::Ports;

use added::{
    a_delivery_has_the_content_of_its_change, each_active_webhook_gets_what_it_subscribes_to,
    pages_of_deliveries_have_the_newest_first,
};
use bounds::{
    a_webhook_keeps_its_newest_deliveries, ended_deliveries_are_deleted_later,
    large_changes_are_dispatched_in_smaller_batches, many_deliveries_go_with_their_webhook_or_project,
    waiting_and_failing_are_counted,
};
use erased::{deliveries_have_nothing_of_the_erased_user, no_delivery_names_a_user_erased_before_it};
use requested::{
    a_deactivated_webhook_fails_what_waits, a_ping_is_due_at_once, a_requested_delivery_is_due_again,
    pings_beyond_the_quota_are_refused,
};

contract! { $
    webhook_delivery {
        users, projects, members, tasks, comments, webhooks, webhook_queue, outbox, jobs, erasures
    }
    each_active_webhook_gets_what_it_subscribes_to,
    a_delivery_has_the_content_of_its_change,
    pages_of_deliveries_have_the_newest_first,
    a_ping_is_due_at_once,
    pings_beyond_the_quota_are_refused,
    a_requested_delivery_is_due_again,
    a_deactivated_webhook_fails_what_waits,
    ended_deliveries_are_deleted_later,
    a_webhook_keeps_its_newest_deliveries,
    many_deliveries_go_with_their_webhook_or_project,
    large_changes_are_dispatched_in_smaller_batches,
    waiting_and_failing_are_counted,
    deliveries_have_nothing_of_the_erased_user,
    no_delivery_names_a_user_erased_before_it,
}
