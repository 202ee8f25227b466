//! The event of a project that is shared with another user.

use super::{conflict, dispatch_all, recording};
use crate::{
    builders::{MOMENT, after, member_removal, new_member},
    given,
};
use fasttrack_domain::{
    event::Event,
    membership::{GrantedRole, MemberChange, MemberRole},
    ports::{
        constraint,
        member::MemberRepository,
        outbox::{Backlog, Outbox},
        project::ProjectRepository,
        user::UserRepository,
    },
    text::DisplayName,
};
use std::time::Duration;
use tokio::time::timeout;

contract! { $
    sharing_event { users: UserRepository, projects: ProjectRepository, members: MemberRepository, outbox: Outbox }
    a_member_that_was_not_added_causes_no_event,
    other_changes_of_members_cause_no_event,
    a_new_member_causes_one_event,
    each_of_several_new_members_causes_an_event,
    a_new_member_wakes_the_waiting_dispatcher,
}

/// Dispatches all events, and returns them with the names of their actors.
async fn events(ports: &Ports) -> Vec<(Event, DisplayName)> {
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 10).await;
    recorded()
}

/// The project doesn't exist, the user is inactive, the project is full, or the user is a member.
async fn a_member_that_was_not_added_causes_no_event(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (gone, _) = given::project_with_owner(ports).await;
    assert!(ports.projects.delete(gone.id, gone.version, MOMENT, None).await.unwrap());
    let (user, inactive) = (given::user(ports).await.id, given::inactive_user(ports).await.id);
    let new = |project, user| new_member(project, user, GrantedRole::Viewer);
    for (change, constraint) in [
        (new(&gone, user), constraint::REFERENCE),
        (new(&project, inactive), constraint::REFERENCE),
        (MemberChange { quota: 0, ..new(&project, user) }, constraint::QUOTA),
    ] {
        assert_eq!(conflict(ports.members.put(change).await), constraint);
    }
    assert_eq!(ports.members.put(new(&project, owner.id)).await.unwrap(), None);
    assert_eq!(events(ports).await, []);
    assert_eq!(ports.outbox.backlog(10).await.unwrap(), Backlog::default());
}

/// Neither another role, nor the end of a membership, nor a transfer: none but that of the change feed.
async fn other_changes_of_members_cause_no_event(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Viewer).await.id;
    events(ports).await;
    let change = new_member(&project, user, GrantedRole::Editor);
    let change = MemberChange { before: Some(MemberRole::Viewer), ..change };
    assert!(ports.members.put(change).await.unwrap().is_some());
    assert!(ports.members.transfer(project.transfer(user, 10, after(1)).unwrap()).await.unwrap().is_some());
    assert!(ports.members.remove(member_removal(project.id, owner.id, MemberRole::Editor)).await.unwrap());
    assert_eq!(events(ports).await, []);
    assert_eq!(ports.outbox.backlog(10).await.unwrap(), Backlog::default());
}

/// It has the name that the actor has when it is dispatched.
async fn a_new_member_causes_one_event(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    assert_eq!(events(ports).await, []);
    let (admin, user) = (given::admin(ports).await, given::user(ports).await);
    let change = MemberChange { actor_id: admin.id, ..new_member(&project, user.id, GrantedRole::Commenter) };
    assert!(ports.members.put(change.clone()).await.unwrap().is_some());
    let backlog = ports.outbox.backlog(10).await.unwrap();
    assert_eq!((backlog.waiting, backlog.waiting_since), (1, Some(MOMENT)));
    let event = Event::from(change.event().unwrap());
    assert_eq!(events(ports).await, [(event, admin.display_name)]);
    assert_eq!(events(ports).await, []);
}

/// One that is added again causes another one.
async fn each_of_several_new_members_causes_an_event(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let users = [given::user(ports).await.id, given::user(ports).await.id];
    let mut expected = Vec::new();
    for (user, minutes) in [(users[0], 1), (users[1], 2), (users[0], 3)] {
        if minutes == 3 {
            assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Viewer)).await.unwrap());
        }
        let change = MemberChange { at: after(minutes), ..new_member(&project, user, GrantedRole::Viewer) };
        assert!(ports.members.put(change.clone()).await.unwrap().is_some());
        expected.push((Event::from(change.event().unwrap()), owner.display_name.clone()));
    }
    assert_eq!(events(ports).await, expected);
}

/// A member that was added before the wait wakes it, too.
async fn a_new_member_wakes_the_waiting_dispatcher(ports: &Ports) {
    let woken = async || timeout(Duration::from_secs(30), ports.outbox.wait()).await.unwrap();
    let (project, _) = given::project_with_owner(ports).await;
    given::member(ports, &project, GrantedRole::Viewer).await;
    woken().await;
    let (_, ()) = tokio::join!(given::member(ports, &project, GrantedRole::Viewer), woken());
}
