use fasttrack_domain::{
    event::Event,
    ports::outbox::{Consequence, EventSubscriber},
    text::DisplayName,
    webhook::NewDelivery,
};

// @spec SPEC-025
/// Delivers a change to the webhooks of its project.
#[derive(Clone, Copy, Debug)]
pub struct Deliver;

impl EventSubscriber for Deliver {
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence> {
        match event {
            Event::Change(event) => vec![Consequence::Deliver(NewDelivery::of(event, actor))],
            Event::Task(_) | Event::ProjectShared(_) | Event::Touched(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, OWNER, changed, event, now, parsed, project, shared};
    use fasttrack_domain::{
        change::Thing,
        event::{TaskEventKind, Touched},
        person::Person,
        webhook::DeliverySubject,
    };

    #[test]
    fn a_change_is_delivered_with_the_name_of_its_actor() {
        let consequences = Deliver.consequences(&changed().into(), &parsed("Ann"));
        let delivery = NewDelivery {
            project_id: project().id,
            actor: Person { id: OWNER.id, display_name: parsed("Ann") },
            at: now(),
            change: changed().change,
        };
        assert_eq!(delivery.subject(), DeliverySubject::Project(project().id));
        assert_eq!(consequences, [Consequence::Deliver(delivery)]);
    }

    #[test]
    fn no_other_event_is_delivered() {
        let assigned = event(TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id });
        let touched = Touched::new(project().id, now(), vec![Thing::project(project().id)]);
        for event in [Event::from(assigned), shared().into(), touched.into()] {
            assert_eq!(Deliver.consequences(&event, &parsed("Ann")), []);
        }
    }
}
