//! Reminders: when they are given, and what is recorded then.

mod events;
mod given_once;
mod shared;

pub use shared::Ports;

use events::{
    a_deleted_task_gives_no_reminder, a_done_task_gives_no_reminder, a_given_reminder_does_not_come_back,
    a_reminder_for_an_erased_assignee_goes_to_the_owner, a_reopened_task_does_not_give_what_passed_meanwhile,
    reminders_given_while_tasks_change_are_given_once, the_event_has_the_task_as_it_is_then,
};
use given_once::{
    a_reminder_is_given_at_its_time_and_once, no_more_reminders_are_given_than_the_limit,
    nothing_is_given_where_no_reminder_is_due, reminders_that_passed_are_given_together,
    simultaneous_calls_give_each_reminder_once,
};

contract! { $
    reminder { users, projects, tasks, reminders, outbox, erasures }
    a_reminder_is_given_at_its_time_and_once,
    reminders_that_passed_are_given_together,
    no_more_reminders_are_given_than_the_limit,
    simultaneous_calls_give_each_reminder_once,
    nothing_is_given_where_no_reminder_is_due,
    the_event_has_the_task_as_it_is_then,
    a_done_task_gives_no_reminder,
    a_reopened_task_does_not_give_what_passed_meanwhile,
    a_given_reminder_does_not_come_back,
    a_deleted_task_gives_no_reminder,
    a_reminder_for_an_erased_assignee_goes_to_the_owner,
    reminders_given_while_tasks_change_are_given_once,
}
