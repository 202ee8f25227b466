//! Which changes are recorded for webhooks, and what with.

mod projects;
mod shared;
mod tasks;

pub use shared::Ports;

use projects::{
    changes_of_a_project_are_recorded, changes_of_members_are_recorded_without_addresses,
    the_end_of_a_membership_records_its_assignments,
};
use shared::nothing_is_recorded_without_an_active_webhook;
use tasks::{
    a_deleted_tree_is_recorded_as_it_was, changes_of_a_task_are_recorded_as_they_are_read,
    changes_of_many_tasks_are_recorded_one_by_one, comments_are_recorded_with_their_authors,
};

contract! { $
    webhook_change { users, projects, members, invitations, tasks, labels, comments, webhooks, outbox }
    nothing_is_recorded_without_an_active_webhook,
    changes_of_a_task_are_recorded_as_they_are_read,
    changes_of_many_tasks_are_recorded_one_by_one,
    a_deleted_tree_is_recorded_as_it_was,
    comments_are_recorded_with_their_authors,
    changes_of_a_project_are_recorded,
    changes_of_members_are_recorded_without_addresses,
    the_end_of_a_membership_records_its_assignments,
}
