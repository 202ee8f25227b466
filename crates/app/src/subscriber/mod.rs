//! Subscribers to domain events, one a file. A further one goes into [`all`].

pub mod mail;
pub mod notify;
pub mod statistics;
pub mod webhook;

use fasttrack_domain::ports::outbox::EventSubscriber;
use std::sync::Arc;

/// Every subscriber of this crate.
pub fn all() -> Arc<[Arc<dyn EventSubscriber>]> {
    Arc::new([
        Arc::new(notify::Notify),
        Arc::new(statistics::Count),
        Arc::new(mail::SendMail),
        Arc::new(webhook::Deliver),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, event, parsed};
    use fasttrack_domain::{
        event::{Event, TaskEventKind},
        ports::outbox::Consequence,
        task::TaskStatus,
    };

    #[test]
    fn all_of_them_are_asked() {
        let consequences = |kind| -> Vec<_> {
            let event = Event::from(event(kind));
            all().iter().flat_map(|subscriber| subscriber.consequences(&event, &parsed("Ann"))).collect()
        };
        let assigned = consequences(TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id });
        assert!(matches!(assigned[..], [Consequence::Notify(_), Consequence::Enqueue(_)]), "{assigned:?}");
        let created = consequences(TaskEventKind::TaskCreated { status: TaskStatus::Todo });
        assert!(matches!(created[..], [Consequence::Count(_)]), "{created:?}");
    }
}
