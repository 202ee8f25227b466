use fasttrack_domain::{
    event::Event,
    notification::notifications_of,
    ports::outbox::{Consequence, EventSubscriber},
    text::DisplayName,
};

// @spec SPEC-005
// @spec SPEC-011
/// Notifies the users whom an event concerns.
#[derive(Clone, Copy, Debug)]
pub struct Notify;

impl EventSubscriber for Notify {
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence> {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, event, notification, now, parsed};
    use fasttrack_domain::{
        event::{TaskEvent, TaskEventKind},
        notification::{NewNotification, NotificationContent},
        task::TaskStatus,
    };

    #[test]
    fn the_new_assignee_is_told_by_whom() {
        let consequences = Notify
            .consequences(&event(TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id }).into(), &parsed("Ann"));
        let content = notification(1).content;
        let told = NewNotification { user_id: ASSIGNEE.id, actor_id: OWNER.id, content, at: now() };
        assert_eq!(consequences, [Consequence::Notify(told)]);
    }

    #[test]
    fn everybody_who_is_concerned_is_told_the_same() {
        let moved = TaskEventKind::StatusChanged {
            old: TaskStatus::Todo,
            new: TaskStatus::InProgress,
            assignee_id: Some(ASSIGNEE.id),
        };
        let by_an_admin = TaskEvent { actor_id: ADMIN.id, ..event(moved) };
        let consequences = Notify.consequences(&by_an_admin.into(), &parsed("Root"));
        let [Consequence::Notify(first), Consequence::Notify(second)] = &consequences[..] else {
            panic!("{consequences:?}")
        };
        assert_eq!([first.user_id, second.user_id], [OWNER.id, ASSIGNEE.id]);
        assert_eq!(first.content, second.content);
        let NotificationContent::StatusChanged { changed_by, .. } = &first.content else { panic!("{first:?}") };
        assert_eq!(*changed_by, parsed("Root"));
    }
}
