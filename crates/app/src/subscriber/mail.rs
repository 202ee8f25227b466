//! Mail to those who got something to do.

use fasttrack_domain::{
    event::{Event, EventKind},
    job::{JobPayload, NewJob},
    notification::TaskNames,
    ports::outbox::{Consequence, EventSubscriber},
    text::DisplayName,
};

/// Queues a mail to a task's new assignee, unless they took it themselves.
#[derive(Clone, Copy, Debug)]
pub struct SendMail;

impl EventSubscriber for SendMail {
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence> {
        let EventKind::TaskAssigned { assignee_id } = event.kind else { return Vec::new() };
        if assignee_id == event.actor_id {
            return Vec::new();
        }
        let payload = JobPayload::TaskAssignedMail {
            user_id: assignee_id,
            task: TaskNames::from(&event.task),
            assigned_by: actor.clone(),
        };
        vec![Consequence::Enqueue(NewJob { payload, created_at: event.at })]
    }
}
