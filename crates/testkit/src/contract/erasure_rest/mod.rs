//! What an erased account left behind, which is erased in portions after the first commit.

mod notifications;
mod payloads;
mod portions;
mod shared;
mod tasks;

pub use shared::Ports;

use notifications::{
    an_erased_user_is_not_notified, events_are_dispatched_without_the_erased_name,
    no_dispatch_stores_a_name_after_its_erasure, own_notifications_are_deleted,
    the_name_is_replaced_in_notifications_of_others,
};
use payloads::{
    held_notices_have_nothing_of_the_erased_user, jobs_from_after_the_erasure_stay,
    mails_to_the_erased_user_are_deleted, no_mail_is_counted_for_an_erased_user,
    personal_values_in_audit_entries_become_null, the_name_is_replaced_in_mails_to_others,
};
use portions::{
    a_large_account_is_erased_in_portions, an_account_that_left_nothing_is_erased_at_once,
    simultaneous_portions_erase_as_one_after_the_other,
};
use tasks::{
    assignments_end_or_are_passed_on, assignments_end_where_the_receiver_is_gone_by_then,
    comments_on_tasks_of_others_stay, no_assignment_outlives_an_erasure_at_the_same_time,
    no_task_is_assigned_to_an_erased_user, own_projects_are_deleted_with_what_is_in_them,
    passed_on_projects_keep_their_tasks_and_comments,
};

contract! { $
    erasure_rest {
        users, projects, tasks, comments, outbox, notifications, notices, jobs, resets, audit, erasures
    }
    no_task_is_assigned_to_an_erased_user,
    no_assignment_outlives_an_erasure_at_the_same_time,
    own_projects_are_deleted_with_what_is_in_them,
    passed_on_projects_keep_their_tasks_and_comments,
    assignments_end_or_are_passed_on,
    assignments_end_where_the_receiver_is_gone_by_then,
    comments_on_tasks_of_others_stay,
    an_erased_user_is_not_notified,
    no_dispatch_stores_a_name_after_its_erasure,
    events_are_dispatched_without_the_erased_name,
    own_notifications_are_deleted,
    the_name_is_replaced_in_notifications_of_others,
    the_name_is_replaced_in_mails_to_others,
    mails_to_the_erased_user_are_deleted,
    jobs_from_after_the_erasure_stay,
    held_notices_have_nothing_of_the_erased_user,
    no_mail_is_counted_for_an_erased_user,
    personal_values_in_audit_entries_become_null,
    an_account_that_left_nothing_is_erased_at_once,
    a_large_account_is_erased_in_portions,
    simultaneous_portions_erase_as_one_after_the_other,
}
