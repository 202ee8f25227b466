//! Members of projects: how they are added, changed and listed. How memberships end:
//! [`member_removal`](super::member_removal).

mod list;
mod put;
mod shared;

pub use shared::Ports;

use list::{
    a_new_project_has_its_owner_as_a_member, a_page_with_the_last_member_has_no_next,
    members_are_listed_with_the_role_of_the_reader, members_have_their_present_names_and_addresses,
    members_that_do_not_exist_are_not_found, pages_of_members_stay_consistent_while_rows_change,
};
use put::{
    a_member_beyond_the_quota_is_refused, a_member_of_a_deleted_project_is_refused,
    a_member_with_another_role_keeps_its_date, a_new_member_is_found_as_it_was_added,
    a_role_that_changed_meanwhile_is_kept, a_user_that_is_not_active_gets_no_role,
    no_member_outlives_a_project_deleted_at_the_same_time, one_of_simultaneous_additions_of_a_user_succeeds,
    one_of_simultaneous_changes_of_a_role_succeeds, simultaneous_members_do_not_exceed_the_quota,
};

contract! { $
    member { users, projects, members }
    members_that_do_not_exist_are_not_found,
    a_member_of_a_deleted_project_is_refused,
    a_user_that_is_not_active_gets_no_role,
    a_role_that_changed_meanwhile_is_kept,
    a_member_beyond_the_quota_is_refused,
    simultaneous_members_do_not_exceed_the_quota,
    one_of_simultaneous_additions_of_a_user_succeeds,
    one_of_simultaneous_changes_of_a_role_succeeds,
    no_member_outlives_a_project_deleted_at_the_same_time,
    a_new_member_is_found_as_it_was_added,
    a_member_with_another_role_keeps_its_date,
    a_new_project_has_its_owner_as_a_member,
    members_have_their_present_names_and_addresses,
    members_are_listed_with_the_role_of_the_reader,
    a_page_with_the_last_member_has_no_next,
    pages_of_members_stay_consistent_while_rows_change,
}
