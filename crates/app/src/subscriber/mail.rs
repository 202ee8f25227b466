use fasttrack_domain::{
    event::{Event, TaskEvent, TaskEventKind},
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
        let job = match event {
            Event::Task(event) => job(event, actor),
            Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => None,
        };
        job.map(Consequence::Enqueue).into_iter().collect()
    }
}

fn job(event: &TaskEvent, actor: &DisplayName) -> Option<NewJob> {
    let TaskEventKind::TaskAssigned { assignee_id } = event.kind else { return None };
    let payload = JobPayload::TaskAssignedMail {
        user_id: assignee_id,
        task: TaskNames::from(&event.task),
        assigned_by: actor.clone(),
        assigned_by_id: Some(event.actor_id),
    };
    (assignee_id != event.actor_id).then_some(NewJob { payload, created_at: event.at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, OWNER, event, now, parsed, shared, task_names};
    use fasttrack_domain::{id::CommentId, task::TaskStatus};

    #[test]
    fn whoever_got_a_task_from_somebody_else_is_sent_a_mail() {
        let payload = JobPayload::TaskAssignedMail {
            user_id: ASSIGNEE.id,
            task: task_names(),
            assigned_by: parsed("Ann"),
            assigned_by_id: Some(OWNER.id),
        };
        let assigned = event(TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id });
        let consequences = SendMail.consequences(&assigned.into(), &parsed("Ann"));
        assert_eq!(consequences, [Consequence::Enqueue(NewJob { payload, created_at: now() })]);
    }

    #[test]
    fn nothing_else_is_worth_a_mail() {
        let assignee_id = Some(ASSIGNEE.id);
        for kind in [
            TaskEventKind::TaskAssigned { assignee_id: OWNER.id },
            TaskEventKind::TaskCreated { status: TaskStatus::Todo },
            TaskEventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id },
            TaskEventKind::TaskDeleted { status: TaskStatus::Done },
            TaskEventKind::CommentAdded { comment_id: CommentId::new(1), assignee_id },
            TaskEventKind::ReminderDue { assignee_id, due: None },
        ] {
            assert_eq!(SendMail.consequences(&event(kind).into(), &parsed("Ann")), []);
        }
        assert_eq!(SendMail.consequences(&shared().into(), &parsed("Ann")), []);
    }
}
