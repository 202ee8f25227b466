//! Labels of projects. Labels on tasks: [`task_label`](super::task_label).

mod lines;
mod read;
mod shared;
mod write;

pub use shared::Ports;

use lines::{a_line_is_committed_with_a_label, a_refused_label_has_no_line};
use read::{
    a_new_label_is_found_as_it_was_made, a_page_with_the_last_label_has_no_next,
    labels_are_listed_with_the_role_of_the_reader, labels_of_a_project_are_found_by_their_ids,
    labels_that_do_not_exist_are_not_found, pages_of_labels_stay_consistent_while_rows_change,
};
use write::{
    a_change_of_a_label_is_committed, a_deleted_label_is_not_found, a_label_beyond_the_quota_is_refused,
    a_name_is_unique_in_its_project, changes_of_different_fields_are_both_kept, labels_go_with_their_project,
    no_label_outlives_a_project_deleted_at_the_same_time, one_of_simultaneous_labels_of_a_name_is_created,
    simultaneous_labels_do_not_exceed_the_quota,
};

contract! { $
    label { users, projects, members, labels, audit }
    a_new_label_is_found_as_it_was_made,
    labels_that_do_not_exist_are_not_found,
    labels_of_a_project_are_found_by_their_ids,
    labels_are_listed_with_the_role_of_the_reader,
    a_page_with_the_last_label_has_no_next,
    pages_of_labels_stay_consistent_while_rows_change,
    a_name_is_unique_in_its_project,
    one_of_simultaneous_labels_of_a_name_is_created,
    a_label_beyond_the_quota_is_refused,
    simultaneous_labels_do_not_exceed_the_quota,
    a_change_of_a_label_is_committed,
    changes_of_different_fields_are_both_kept,
    a_deleted_label_is_not_found,
    labels_go_with_their_project,
    no_label_outlives_a_project_deleted_at_the_same_time,
    a_line_is_committed_with_a_label,
    a_refused_label_has_no_line,
}
