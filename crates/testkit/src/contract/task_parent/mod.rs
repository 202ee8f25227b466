//! Tasks under other tasks: no circles, at most five levels, and what is deleted with a task.

mod deletion;
mod lineages;
mod races;
mod refusals;
mod shared;

pub use shared::Ports;

use deletion::{
    a_deletion_has_an_event_for_each_task, a_deletion_of_another_version_deletes_nothing_below,
    a_deletion_takes_what_is_under_the_task, deleted_tasks_below_free_the_quota,
    simultaneous_deletions_of_a_lineage_free_the_quota_once,
};
use lineages::{
    a_lineage_ends_at_the_project, heights_leave_out_other_requested_tasks, lineages_are_found_up_and_down,
};
use races::{
    no_task_outlives_a_parent_deleted_at_the_same_time, simultaneous_creations_and_moves_keep_the_levels,
    simultaneous_moves_keep_the_levels, simultaneous_moves_make_no_circle, simultaneous_moves_of_three_make_no_circle,
};
use refusals::{
    a_circle_is_refused, a_parent_of_no_task_of_the_project_is_refused, a_task_leaves_its_parent_with_what_is_under_it,
    no_task_is_put_below_the_fifth_level, other_changes_are_committed_at_the_fifth_level,
};

contract! { $
    task_parent { users, projects, tasks, comments, outbox }
    lineages_are_found_up_and_down,
    a_lineage_ends_at_the_project,
    heights_leave_out_other_requested_tasks,
    a_parent_of_no_task_of_the_project_is_refused,
    no_task_is_put_below_the_fifth_level,
    a_circle_is_refused,
    a_task_leaves_its_parent_with_what_is_under_it,
    other_changes_are_committed_at_the_fifth_level,
    simultaneous_moves_make_no_circle,
    simultaneous_moves_of_three_make_no_circle,
    simultaneous_moves_keep_the_levels,
    simultaneous_creations_and_moves_keep_the_levels,
    no_task_outlives_a_parent_deleted_at_the_same_time,
    a_deletion_takes_what_is_under_the_task,
    a_deletion_has_an_event_for_each_task,
    a_deletion_of_another_version_deletes_nothing_below,
    deleted_tasks_below_free_the_quota,
    simultaneous_deletions_of_a_lineage_free_the_quota_once,
}
