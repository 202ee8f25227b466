//! The queue of webhooks with due deliveries.

mod attempts;
mod leases;
mod order;
mod shared;

pub use shared::Ports;

use attempts::{
    a_gone_receiver_ends_its_webhook, a_slow_webhook_is_leased_within_its_slots,
    an_attempt_without_lease_is_not_recorded, another_url_makes_a_webhook_neither_failing_nor_slow,
    five_days_of_failures_end_a_webhook, outcomes_of_attempts_are_stored,
};
use leases::{
    a_leased_webhook_is_not_leased_again_before_the_lease_ends, a_released_webhook_is_due_with_its_next_delivery,
    a_webhook_released_with_a_backlog_goes_behind_others, a_webhook_that_becomes_due_wakes_the_waiting_sender,
    a_worker_can_extend_and_release_its_leases, simultaneous_leases_never_get_the_same_webhook,
    webhooks_due_for_longest_are_leased_first,
};
use order::{
    a_new_delivery_is_due_two_seconds_early, of_each_subject_the_oldest_is_due,
    secrets_sign_until_they_are_replaced_twice, what_failed_does_not_hold_up_its_subject,
};

contract! { $
    webhook_queue { users, projects, tasks, webhooks, webhook_queue, outbox, jobs }
    webhooks_due_for_longest_are_leased_first,
    a_leased_webhook_is_not_leased_again_before_the_lease_ends,
    simultaneous_leases_never_get_the_same_webhook,
    a_worker_can_extend_and_release_its_leases,
    a_released_webhook_is_due_with_its_next_delivery,
    a_webhook_released_with_a_backlog_goes_behind_others,
    a_webhook_that_becomes_due_wakes_the_waiting_sender,
    a_new_delivery_is_due_two_seconds_early,
    of_each_subject_the_oldest_is_due,
    what_failed_does_not_hold_up_its_subject,
    secrets_sign_until_they_are_replaced_twice,
    outcomes_of_attempts_are_stored,
    an_attempt_without_lease_is_not_recorded,
    a_slow_webhook_is_leased_within_its_slots,
    another_url_makes_a_webhook_neither_failing_nor_slow,
    a_gone_receiver_ends_its_webhook,
    five_days_of_failures_end_a_webhook,
}
