//! Webhooks of projects. What they are sent: [`webhook_delivery`](super::webhook_delivery).

mod activity;
mod read;
mod shared;
mod write;

pub use shared::Ports;

use activity::{
    a_project_says_in_every_read_whether_it_has_a_webhook, a_webhook_is_counted_once_by_simultaneous_changes,
};
use read::{
    a_new_webhook_is_found_with_the_role_of_the_reader, pages_of_webhooks_stay_consistent_while_rows_change,
    webhooks_are_listed_by_project, webhooks_that_do_not_exist_are_not_found,
};
use write::{
    a_deleted_webhook_is_not_found, a_line_is_committed_with_a_webhook, a_webhook_beyond_the_quota_is_refused,
    a_webhook_of_an_unknown_project_is_refused, changes_of_different_fields_are_both_kept,
    simultaneous_webhooks_do_not_exceed_the_quota, webhooks_go_with_their_project,
};

contract! { $
    webhook { users, projects, members, invitations, tasks, webhooks, audit }
    a_new_webhook_is_found_with_the_role_of_the_reader,
    webhooks_that_do_not_exist_are_not_found,
    webhooks_are_listed_by_project,
    pages_of_webhooks_stay_consistent_while_rows_change,
    a_webhook_of_an_unknown_project_is_refused,
    a_webhook_beyond_the_quota_is_refused,
    simultaneous_webhooks_do_not_exceed_the_quota,
    changes_of_different_fields_are_both_kept,
    a_deleted_webhook_is_not_found,
    webhooks_go_with_their_project,
    a_line_is_committed_with_a_webhook,
    a_project_says_in_every_read_whether_it_has_a_webhook,
    a_webhook_is_counted_once_by_simultaneous_changes,
}
