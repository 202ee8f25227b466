//! Many tasks of a project that are created or changed at once.

mod create;
mod save;
mod shared;

pub use shared::Ports;

use create::{
    a_request_is_recorded_with_its_tasks, one_refused_task_refuses_all, parents_of_new_tasks_are_checked_together,
    simultaneous_requests_do_not_exceed_the_quota, tasks_are_created_in_the_order_of_the_request,
    tasks_beyond_the_quota_are_refused_together, the_most_tasks_of_a_request_are_created,
};
use save::{
    a_member_removed_before_it_takes_tasks_gets_none, changes_are_committed_together_in_any_order,
    labels_of_many_tasks_are_changed_one_by_one, one_overtaken_change_is_none_of_all, one_refused_change_refuses_all,
    parents_are_judged_after_all_moves, simultaneous_changes_of_many_tasks_are_all_kept,
    tasks_of_a_project_are_found_by_their_ids, the_most_changes_of_a_request_are_committed,
};

contract! { $
    task_bulk { users, projects, members, tasks, labels, idempotency, outbox }
    tasks_are_created_in_the_order_of_the_request,
    the_most_tasks_of_a_request_are_created,
    one_refused_task_refuses_all,
    tasks_beyond_the_quota_are_refused_together,
    simultaneous_requests_do_not_exceed_the_quota,
    parents_of_new_tasks_are_checked_together,
    a_request_is_recorded_with_its_tasks,
    tasks_of_a_project_are_found_by_their_ids,
    changes_are_committed_together_in_any_order,
    the_most_changes_of_a_request_are_committed,
    one_overtaken_change_is_none_of_all,
    one_refused_change_refuses_all,
    parents_are_judged_after_all_moves,
    labels_of_many_tasks_are_changed_one_by_one,
    simultaneous_changes_of_many_tasks_are_all_kept,
    a_member_removed_before_it_takes_tasks_gets_none,
}
