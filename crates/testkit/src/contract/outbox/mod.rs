//! The outbox: events and their consequences.

mod consequences;
mod dispatch;
mod shared;

pub use shared::Ports;

use consequences::{
    a_failed_dispatch_commits_nothing, a_queued_job_keeps_its_payload, events_of_a_deleted_project_block_no_others,
    every_consequence_of_an_event_is_committed, notification_numbers_have_no_gaps,
};
use dispatch::{
    a_committed_event_wakes_the_waiting_dispatcher, a_dispatch_takes_the_oldest_events_up_to_its_limit,
    an_event_is_dispatched_once, events_of_a_task_are_dispatched_in_order,
    simultaneous_dispatches_handle_each_event_once,
};

contract! { $
    outbox { users, projects, tasks, comments, outbox, notifications, statistics, jobs }
    an_event_is_dispatched_once,
    events_of_a_task_are_dispatched_in_order,
    a_dispatch_takes_the_oldest_events_up_to_its_limit,
    every_consequence_of_an_event_is_committed,
    a_queued_job_keeps_its_payload,
    notification_numbers_have_no_gaps,
    simultaneous_dispatches_handle_each_event_once,
    a_failed_dispatch_commits_nothing,
    events_of_a_deleted_project_block_no_others,
    a_committed_event_wakes_the_waiting_dispatcher,
}
