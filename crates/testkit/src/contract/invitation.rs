//! Invitations: how they are created, listed and withdrawn. Their tokens: [`invitation_token`](super::invitation_token).
//! How they become memberships: [`acceptance`](super::acceptance).

use super::{conflict, simultaneously, walk::walk_while_rows_change};
use crate::{
    builders::{MOMENT, NOBODY, after, new_invitation},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::{InvitationId, ProjectId},
    invitation::{INVITATION_LIFETIME, Invitation, NewInvitation},
    job::{JobPayload, WorkerId},
    membership::{GrantedRole, MemberRole},
    page::{Limit, Page, PageRequest},
    ports::{
        constraint,
        invitation::{InvitationRepository, ProjectInvitations},
        job::{JobQueue, JobSlots},
        project::ProjectRepository,
        user::UserRepository,
    },
    project::Project,
};
use std::time::Duration;
use tokio::time::timeout;

contract! { $
    invitation {
        users: UserRepository,
        projects: ProjectRepository,
        invitations: InvitationRepository,
        jobs: JobQueue,
    }
    an_invitation_to_a_project_that_is_not_there_is_refused,
    only_an_open_invitation_of_the_project_is_withdrawn,
    an_invitation_is_closed_when_it_has_expired,
    an_invitation_beyond_the_quota_is_refused,
    simultaneous_invitations_do_not_exceed_the_quota,
    one_of_simultaneous_invitations_of_an_address_stays,
    one_of_simultaneous_withdrawals_succeeds,
    no_invitation_outlives_a_project_deleted_at_the_same_time,
    a_new_invitation_is_listed_as_it_was_made,
    a_new_invitation_queues_its_mail,
    a_further_invitation_of_an_address_replaces_the_first,
    invitations_are_listed_with_the_role_of_the_reader,
    ids_are_never_used_twice,
    pages_of_invitations_stay_consistent_while_rows_change,
}

async fn list_at(ports: &Ports, project: ProjectId, now: Timestamp) -> Option<Vec<Invitation>> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.invitations.list(project, NOBODY, now, page).await.unwrap().map(|listed| listed.page.items)
}

async fn list(ports: &Ports, project: &Project) -> Option<Vec<Invitation>> {
    list_at(ports, project.id, after(1)).await
}

async fn withdraw(ports: &Ports, project: ProjectId, id: InvitationId) -> bool {
    ports.invitations.delete(project, id, after(1), None).await.unwrap()
}

fn viewer(project: &Project) -> NewInvitation {
    new_invitation(project, GrantedRole::Viewer)
}

async fn create(ports: &Ports, new: NewInvitation) -> Invitation {
    ports.invitations.create(new).await.unwrap()
}

/// The invitations whose mail is queued.
async fn mailed(ports: &Ports) -> Vec<InvitationId> {
    let worker = WorkerId::new("worker".to_owned());
    let jobs = ports.jobs.lease(worker, after(60), after(70), JobSlots::any(100)).await.unwrap();
    let invitation = |payload| match payload {
        JobPayload::InvitationMail { invitation_id } => invitation_id,
        other => panic!("{other:?}"),
    };
    jobs.into_iter().map(|job| invitation(job.payload)).collect()
}

/// `Conflict` with `REFERENCE`, and no mail is queued. A list of such a project is none.
async fn an_invitation_to_a_project_that_is_not_there_is_refused(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert_eq!(conflict(ports.invitations.create(viewer(&project)).await), constraint::REFERENCE);
    assert_eq!(mailed(ports).await, []);
    for id in [i64::MIN, 0, project.id.get(), project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(list_at(ports, id, after(1)).await, None, "{id}");
        assert!(!withdraw(ports, id, InvitationId::new(1)).await);
    }
}

async fn only_an_open_invitation_of_the_project_is_withdrawn(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let (first, second) = (create(ports, viewer(&project)).await, create(ports, viewer(&project)).await);
    assert!(!withdraw(ports, other.id, first.id).await);
    for id in [0, second.id.get() + 1, i64::MAX].map(InvitationId::new) {
        assert!(!withdraw(ports, project.id, id).await, "{id}");
    }
    assert_eq!(list(ports, &project).await.unwrap().len(), 2);
    assert!(withdraw(ports, project.id, first.id).await);
    assert!(!withdraw(ports, project.id, first.id).await);
    assert_eq!(list(ports, &project).await, Some(vec![second]));
}

/// It ends to the microsecond, after a week.
async fn an_invitation_is_closed_when_it_has_expired(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let invitation = create(ports, viewer(&project)).await;
    assert_eq!(invitation.expires_at, MOMENT + TimeDelta::days(7));
    let almost = invitation.expires_at - TimeDelta::microseconds(1);
    assert_eq!(list_at(ports, project.id, almost).await, Some(vec![invitation.clone()]));
    assert_eq!(list_at(ports, project.id, invitation.expires_at).await, Some(vec![]));
    let delete = async |now| ports.invitations.delete(project.id, invitation.id, now, None).await.unwrap();
    assert!(!delete(invitation.expires_at).await);
    assert!(delete(almost).await);
}

/// `Conflict` with `QUOTA`. Closed invitations don't count, nor the one that is replaced.
async fn an_invitation_beyond_the_quota_is_refused(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let new = |quota, minutes| NewInvitation { quota, created_at: after(minutes), ..viewer(&project) };
    assert_eq!(conflict(ports.invitations.create(new(0, 0)).await), constraint::QUOTA);
    let first = create(ports, new(1, 0)).await;
    assert_eq!(conflict(ports.invitations.create(new(1, 1)).await), constraint::QUOTA);
    assert_eq!(list(ports, &project).await, Some(vec![first.clone()]));
    let replacing = create(ports, NewInvitation { email: first.email, ..new(1, 1) }).await;
    assert_eq!(conflict(ports.invitations.create(new(1, 1)).await), constraint::QUOTA);
    assert!(withdraw(ports, project.id, replacing.id).await);
    create(ports, new(1, 0)).await;
    let week = INVITATION_LIFETIME.as_secs() / 60;
    let at_the_end = i64::try_from(week).unwrap();
    assert_eq!(conflict(ports.invitations.create(new(1, at_the_end - 1)).await), constraint::QUOTA);
    create(ports, new(1, at_the_end)).await;
}

async fn simultaneous_invitations_do_not_exceed_the_quota(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let results = simultaneously(20, |_| {
        let (invitations, new) = (ports.invitations.clone(), NewInvitation { quota: 5, ..viewer(&project) });
        async move { invitations.create(new).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(refused.into_iter().all(|refused| conflict(refused) == constraint::QUOTA));
    let mut made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    made.sort_by_key(|invitation| invitation.id);
    assert_eq!(made.len(), 5);
    assert_eq!(list(ports, &project).await, Some(made));
}

async fn one_of_simultaneous_invitations_of_an_address_stays(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let new = NewInvitation { quota: 1, ..viewer(&project) };
    let made = simultaneously(10, |n| {
        let (invitations, new) =
            (ports.invitations.clone(), NewInvitation { role: GrantedRole::ALL[n % 3], ..new.clone() });
        async move { invitations.create(new).await.unwrap() }
    })
    .await;
    let [stored] = list(ports, &project).await.unwrap().try_into().unwrap();
    assert!(made.contains(&stored), "{stored:?}");
}

async fn one_of_simultaneous_withdrawals_succeeds(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let invitation = create(ports, viewer(&project)).await;
    let withdrawn = simultaneously(10, |_| {
        let ports = ports.clone();
        async move { withdraw(&ports, invitation.project_id, invitation.id).await }
    })
    .await;
    assert_eq!(withdrawn.into_iter().filter(|withdrawn| *withdrawn).count(), 1);
}

/// An invitation is created first and goes with its project, or is refused.
async fn no_invitation_outlives_a_project_deleted_at_the_same_time(ports: &Ports) {
    for _ in 0..5 {
        let (project, _) = given::project_with_owner(ports).await;
        let made = simultaneously(8, |n| {
            let (ports, new) = (ports.clone(), viewer(&project));
            async move {
                if n == 3 {
                    assert!(ports.projects.delete(new.project_id, 1, MOMENT, None).await.unwrap());
                    return None;
                }
                Some(ports.invitations.create(new).await)
            }
        })
        .await;
        for result in made.into_iter().flatten() {
            match result {
                Ok(made) => assert_eq!(ports.invitations.find_to_send(made.id, after(1)).await.unwrap(), None),
                refused => assert_eq!(conflict(refused), constraint::REFERENCE),
            }
        }
        assert_eq!(list(ports, &project).await, None);
    }
}

/// The address stays as it was written.
async fn a_new_invitation_is_listed_as_it_was_made(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let mut expected = Vec::new();
    for (role, address) in
        GrantedRole::ALL.iter().copied().zip(["Straße@Bücher.example", "a.ö'neill%_@example.org", "ann@example.org"])
    {
        let new = NewInvitation { email: Email::parse(address).unwrap(), ..new_invitation(&project, role) };
        let made = create(ports, new.clone()).await;
        assert_eq!(made, new.stored(made.id));
        expected.push(made);
    }
    assert_eq!(list(ports, &project).await, Some(expected));
    assert_eq!(list(ports, &other).await, Some(vec![]));
}

/// The mail wakes the waiting worker.
async fn a_new_invitation_queues_its_mail(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let invitation = create(ports, viewer(&project)).await;
    timeout(Duration::from_secs(30), ports.jobs.wait()).await.unwrap();
    let [queued] = ports.jobs.list(None, after(0), PageRequest::default()).await.unwrap().items.try_into().unwrap();
    assert_eq!((queued.kind.as_str(), queued.run_at, queued.created_at), ("invitation_mail", MOMENT, MOMENT));
    assert_eq!(mailed(ports).await, [invitation.id]);
}

/// Addresses are compared by their keys. Invitations to another project stay.
async fn a_further_invitation_of_an_address_replaces_the_first(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let to = |project, address, role| NewInvitation {
        email: Email::parse(address).unwrap(),
        created_at: after(1),
        ..new_invitation(project, role)
    };
    let first = create(ports, to(&project, "straße@example.org", GrantedRole::Editor)).await;
    let elsewhere = create(ports, to(&other, "straße@example.org", GrantedRole::Editor)).await;
    let second = create(ports, to(&project, "STRASSE@example.org", GrantedRole::Viewer)).await;
    assert_ne!(second.id, first.id);
    assert_eq!(list(ports, &project).await, Some(vec![second.clone()]));
    assert_eq!(list(ports, &other).await, Some(vec![elsewhere]));
    assert!(!withdraw(ports, project.id, first.id).await);
    assert!(withdraw(ports, project.id, second.id).await);
    assert_eq!(list(ports, &project).await, Some(vec![]));
}

/// An empty list has the role, too.
async fn invitations_are_listed_with_the_role_of_the_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (_, stranger) = given::project_with_owner(ports).await;
    let mut items = Vec::new();
    for _ in 0..2 {
        for (reader, membership) in [(owner.id, Some(MemberRole::Owner)), (stranger.id, None), (NOBODY, None)] {
            let listed = ports.invitations.list(project.id, reader, after(1), PageRequest::default()).await.unwrap();
            let page = Page { items: items.clone(), next: None };
            assert_eq!(listed, Some(ProjectInvitations { membership, page }));
        }
        items.push(create(ports, viewer(&project)).await);
    }
}

/// This holds for the last id after its withdrawal, too.
async fn ids_are_never_used_twice(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut last = create(ports, viewer(&project)).await;
    for _ in 0..3 {
        assert!(withdraw(ports, project.id, last.id).await);
        let next = create(ports, viewer(&project)).await;
        assert!(next.id > last.id, "{} after {}", next.id, last.id);
        last = next;
    }
}

async fn pages_of_invitations_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    walk_while_rows_change(
        async |request| {
            let listed = ports.invitations.list(project.id, owner.id, after(1), request).await.unwrap().unwrap();
            listed.page.map(|invitation| invitation.id.get())
        },
        async || {
            create(ports, viewer(&other)).await;
            create(ports, viewer(&project)).await.id.get()
        },
        async |id| assert!(withdraw(ports, project.id, InvitationId::new(id)).await),
    )
    .await;
}
