use fasttrack_domain::{
    event::{Event, EventKind},
    job::{JobPayload, NewJob},
    notification::TaskNames,
    ports::outbox::{Consequence, EventSubscriber},
    text::DisplayName,
};

// @spec SPEC-011
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, OWNER, event, now, parsed, task_names};
    use fasttrack_domain::{id::CommentId, task::TaskStatus};

    #[test]
    fn whoever_got_a_task_from_somebody_else_is_sent_a_mail() {
        let payload =
            JobPayload::TaskAssignedMail { user_id: ASSIGNEE.id, task: task_names(), assigned_by: parsed("Ann") };
        let consequences =
            SendMail.consequences(&event(EventKind::TaskAssigned { assignee_id: ASSIGNEE.id }), &parsed("Ann"));
        assert_eq!(consequences, [Consequence::Enqueue(NewJob { payload, created_at: now() })]);
    }

    #[test]
    fn nothing_else_is_worth_a_mail() {
        let assignee_id = Some(ASSIGNEE.id);
        for kind in [
            EventKind::TaskAssigned { assignee_id: OWNER.id },
            EventKind::TaskCreated { status: TaskStatus::Todo },
            EventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id },
            EventKind::TaskDeleted { status: TaskStatus::Done },
            EventKind::CommentAdded { comment_id: CommentId::new(1), assignee_id },
        ] {
            assert_eq!(SendMail.consequences(&event(kind), &parsed("Ann")), []);
        }
    }
}
