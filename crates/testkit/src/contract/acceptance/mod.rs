//! Invitations that become memberships.

mod effects;
mod races;
mod shared;

pub use shared::Ports;

use effects::{
    a_closed_invitation_is_not_accepted, a_role_that_changed_meanwhile_is_kept, acceptance_beyond_the_quota_is_refused,
    acceptance_makes_a_member_once, acceptance_raises_a_role_and_keeps_the_date, an_inactive_user_accepts_nothing,
    an_invitation_of_another_project_is_not_accepted, no_acceptance_causes_an_event,
};
use races::{
    acceptance_while_the_project_is_deleted_leaves_nothing, one_of_an_acceptance_and_a_change_of_role_succeeds,
    one_of_an_acceptance_and_a_replacement_has_effect, one_of_an_acceptance_and_a_withdrawal_succeeds,
    one_of_simultaneous_acceptances_by_one_user_succeeds, one_of_simultaneous_acceptances_succeeds,
    simultaneous_acceptances_do_not_exceed_the_quota,
};

contract! { $
    acceptance { users, projects, members, invitations, outbox }
    a_closed_invitation_is_not_accepted,
    an_invitation_of_another_project_is_not_accepted,
    a_role_that_changed_meanwhile_is_kept,
    an_inactive_user_accepts_nothing,
    acceptance_beyond_the_quota_is_refused,
    one_of_simultaneous_acceptances_succeeds,
    one_of_simultaneous_acceptances_by_one_user_succeeds,
    one_of_an_acceptance_and_a_withdrawal_succeeds,
    one_of_an_acceptance_and_a_replacement_has_effect,
    one_of_an_acceptance_and_a_change_of_role_succeeds,
    acceptance_while_the_project_is_deleted_leaves_nothing,
    simultaneous_acceptances_do_not_exceed_the_quota,
    acceptance_makes_a_member_once,
    acceptance_raises_a_role_and_keeps_the_date,
    no_acceptance_causes_an_event,
}
