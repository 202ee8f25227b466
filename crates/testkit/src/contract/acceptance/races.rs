//! Acceptances that come at the same time as others, or as what ends the invitation.

use super::shared::{OpenInvitation, Ports, decide, given_invitation, is_open, role};
use crate::{
    builders::{MOMENT, NOBODY, after, new_invitation, new_member},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    invitation::{Acceptance, NewInvitation},
    membership::{GrantedRole, MemberChange, MemberRole},
    page::{Limit, PageRequest},
    ports::constraint,
};

const ROUNDS: usize = 10;

/// Several users have the token.
pub(super) async fn one_of_simultaneous_acceptances_succeeds(ports: &Ports) {
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Viewer).await;
    let mut decisions = Vec::new();
    for _ in 0..12 {
        decisions.push(decide(ports, token, given::user(ports).await.id).await);
    }
    let accepted = simultaneously(decisions.len(), |n| {
        let (invitations, acceptance) = (ports.invitations.clone(), decisions[n].clone());
        async move { invitations.accept(acceptance.clone()).await.unwrap().then_some(acceptance.user_id) }
    })
    .await;
    let accepted: Vec<_> = accepted.into_iter().flatten().collect();
    assert_eq!(accepted.len(), 1);
    for Acceptance { user_id, .. } in decisions {
        assert_eq!(role(ports, &project, user_id).await.is_some(), accepted.contains(&user_id));
    }
}

/// The user counts once.
pub(super) async fn one_of_simultaneous_acceptances_by_one_user_succeeds(ports: &Ports) {
    for _ in 0..ROUNDS {
        let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Viewer).await;
        let user = given::user(ports).await.id;
        let acceptance = decide(ports, token, user).await;
        let accepted = simultaneously(4, |_| {
            let (invitations, acceptance) = (ports.invitations.clone(), acceptance.clone());
            async move { invitations.accept(acceptance).await.unwrap() }
        })
        .await;
        assert_eq!(accepted.into_iter().filter(|accepted| *accepted).count(), 1);
        assert_eq!(role(ports, &project, user).await, Some(MemberRole::Viewer));
        let next = new_member(&project, given::user(ports).await.id, GrantedRole::Viewer);
        assert!(ports.members.put(MemberChange { quota: 2, ..next }).await.unwrap().is_some());
    }
}

/// An acceptance either comes first, or finds the invitation gone.
pub(super) async fn one_of_an_acceptance_and_a_withdrawal_succeeds(ports: &Ports) {
    for _ in 0..ROUNDS {
        let OpenInvitation { project, invitation, token } = given_invitation(ports, GrantedRole::Viewer).await;
        let user = given::user(ports).await.id;
        let acceptance = decide(ports, token, user).await;
        let done = simultaneously(2, |n| {
            let (invitations, acceptance) = (ports.invitations.clone(), acceptance.clone());
            async move {
                if n == 0 {
                    (true, invitations.accept(acceptance).await.unwrap())
                } else {
                    (false, invitations.delete(acceptance.project_id, invitation.id, after(2), None).await.unwrap())
                }
            }
        })
        .await;
        let succeeded: Vec<_> = done.into_iter().filter(|(_, done)| *done).map(|(accepts, _)| accepts).collect();
        assert_eq!(succeeded.len(), 1);
        assert_eq!(role(ports, &project, user).await, succeeded[0].then_some(MemberRole::Viewer));
        assert!(!is_open(ports, token).await);
    }
}

/// The former token is no longer valid, and the address has an invitation in any case.
pub(super) async fn one_of_an_acceptance_and_a_replacement_has_effect(ports: &Ports) {
    for _ in 0..ROUNDS {
        let OpenInvitation { project, invitation, token } = given_invitation(ports, GrantedRole::Viewer).await;
        let user = given::user(ports).await.id;
        let acceptance = decide(ports, token, user).await;
        let next = NewInvitation { email: invitation.email, ..new_invitation(&project, GrantedRole::Editor) };
        let accepted = simultaneously(2, |n| {
            let (invitations, acceptance, next) = (ports.invitations.clone(), acceptance.clone(), next.clone());
            async move {
                if n == 0 {
                    return invitations.accept(acceptance).await.unwrap();
                }
                invitations.create(next).await.unwrap();
                false
            }
        })
        .await;
        let expected = accepted.contains(&true).then_some(MemberRole::Viewer);
        assert_eq!(role(ports, &project, user).await, expected);
        assert!(!is_open(ports, token).await);
        let listed = ports.invitations.list(project.id, NOBODY, after(2), PageRequest::default()).await.unwrap();
        let [stored] = listed.unwrap().page.items.try_into().unwrap();
        assert_eq!((stored.role, stored.email), (GrantedRole::Editor, next.email));
    }
}

/// The user has the role of the one that came first.
pub(super) async fn one_of_an_acceptance_and_a_change_of_role_succeeds(ports: &Ports) {
    for round in 0..ROUNDS {
        let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Editor).await;
        let (user, before) = if round % 2 == 0 {
            (given::member(ports, &project, GrantedRole::Viewer).await.id, Some(MemberRole::Viewer))
        } else {
            (given::user(ports).await.id, None)
        };
        let acceptance = decide(ports, token, user).await;
        let change = MemberChange { before, ..new_member(&project, user, GrantedRole::Commenter) };
        let done = simultaneously(2, |n| {
            let (ports, acceptance, change) = (ports.clone(), acceptance.clone(), change.clone());
            async move {
                if n == 0 {
                    (MemberRole::Editor, ports.invitations.accept(acceptance).await.unwrap())
                } else {
                    (MemberRole::Commenter, ports.members.put(change).await.unwrap().is_some())
                }
            }
        })
        .await;
        let succeeded: Vec<_> = done.into_iter().filter(|(_, done)| *done).map(|(role, _)| role).collect();
        assert_eq!(succeeded.len(), 1);
        assert_eq!(role(ports, &project, user).await.as_ref(), succeeded.first());
        assert_eq!(is_open(ports, token).await, succeeded[0] == MemberRole::Commenter);
    }
}

/// No user is a member of nothing.
pub(super) async fn acceptance_while_the_project_is_deleted_leaves_nothing(ports: &Ports) {
    for _ in 0..ROUNDS {
        let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Viewer).await;
        let user = given::user(ports).await.id;
        let acceptance = decide(ports, token, user).await;
        simultaneously(2, |n| {
            let (ports, acceptance) = (ports.clone(), acceptance.clone());
            async move {
                if n == 0 {
                    ports.invitations.accept(acceptance).await.unwrap();
                } else {
                    assert!(ports.projects.delete(acceptance.project_id, 1, MOMENT, None).await.unwrap());
                }
            }
        })
        .await;
        assert_eq!(role(ports, &project, user).await, None);
        assert_eq!(ports.members.list(project.id, user, PageRequest::default()).await.unwrap(), None);
        assert!(!is_open(ports, token).await);
    }
}

/// Members that are added at the same time count, too.
pub(super) async fn simultaneous_acceptances_do_not_exceed_the_quota(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut decisions = Vec::new();
    for _ in 0..16 {
        let (_, token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
        let user = given::user(ports).await.id;
        decisions.push(Acceptance { quota: 5, ..decide(ports, token, user).await });
    }
    let results = simultaneously(decisions.len(), |n| {
        let (ports, acceptance) = (ports.clone(), decisions[n].clone());
        let change = MemberChange { quota: 5, ..new_member(&project, acceptance.user_id, GrantedRole::Viewer) };
        async move {
            if n % 2 == 0 {
                ports.invitations.accept(acceptance).await
            } else {
                ports.members.put(change).await.map(|added| added.is_some())
            }
        }
    })
    .await;
    let (added, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(refused.into_iter().all(|refused| conflict(refused) == constraint::QUOTA));
    assert!(added.iter().all(|added| matches!(added, Ok(true))));
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let listed = ports.members.list(project.id, NOBODY, page).await.unwrap().unwrap().page.items;
    assert_eq!((added.len(), listed.len()), (5, 6));
}
