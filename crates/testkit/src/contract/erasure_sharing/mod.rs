//! Projects, memberships and invitations of an account that is erased.

mod ended;
mod passed_on;
mod races;
mod shared;

pub use shared::Ports;

use ended::{
    a_project_rescued_from_an_erasure_is_the_next_owners_alone, a_receiver_that_is_not_active_changes_nothing,
    invitations_to_the_erased_address_are_deleted, invitations_to_the_erased_projects_are_closed,
    memberships_in_projects_of_others_end, projects_with_other_members_stay,
};
use passed_on::{
    a_passed_on_inbox_is_an_ordinary_project, invitations_of_passed_on_projects_stay_open,
    of_two_roles_the_receiver_gets_the_higher, passed_on_projects_count_whatever_the_quota,
    the_receiver_owns_the_projects,
};
use races::{
    a_project_created_during_an_erasure_goes_with_it, a_project_is_not_transferred_to_an_erased_member,
    a_project_transferred_by_an_erased_owner_stays, acceptance_is_seen_or_finds_the_invitation_gone,
    no_erased_user_is_left_as_a_member, no_member_is_left_of_an_erased_project,
    no_project_is_passed_on_to_an_erased_receiver,
};

contract! { $
    erasure_sharing { users, projects, members, invitations, erasures }
    projects_with_other_members_stay,
    a_receiver_that_is_not_active_changes_nothing,
    a_project_created_during_an_erasure_goes_with_it,
    acceptance_is_seen_or_finds_the_invitation_gone,
    no_member_is_left_of_an_erased_project,
    no_erased_user_is_left_as_a_member,
    a_project_is_not_transferred_to_an_erased_member,
    a_project_transferred_by_an_erased_owner_stays,
    a_project_rescued_from_an_erasure_is_the_next_owners_alone,
    no_project_is_passed_on_to_an_erased_receiver,
    memberships_in_projects_of_others_end,
    invitations_to_the_erased_address_are_deleted,
    invitations_to_the_erased_projects_are_closed,
    the_receiver_owns_the_projects,
    a_passed_on_inbox_is_an_ordinary_project,
    passed_on_projects_count_whatever_the_quota,
    invitations_of_passed_on_projects_stay_open,
    of_two_roles_the_receiver_gets_the_higher,
}
