//! When an acceptance makes a member, and of which role.

use super::shared::{OpenInvitation, Ports, decide, given_invitation, is_open, role};
use crate::{
    builders::{MOMENT, after, new_invitation, new_invitation_token, new_member},
    contract::{conflict, dispatch_all, recording},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    invitation::{Acceptance, NewInvitation},
    membership::{GrantedRole, MemberChange, MemberRole},
    page::PageRequest,
    ports::constraint,
    ticket::SecretHash,
};

/// `Ok(false)`: it was withdrawn, replaced or accepted, or has expired, or its token is another one by now.
pub(super) async fn a_closed_invitation_is_not_accepted(ports: &Ports) {
    let user = given::user(ports).await.id;
    let refuse = async |acceptance: Acceptance, to: &OpenInvitation| {
        assert!(!ports.invitations.accept(acceptance).await.unwrap());
        assert_eq!(role(ports, &to.project, user).await, None);
    };
    let withdrawn = given_invitation(ports, GrantedRole::Viewer).await;
    let acceptance = decide(ports, withdrawn.token, user).await;
    let (project, id) = (withdrawn.project.id, withdrawn.invitation.id);
    assert!(ports.invitations.delete(project, id, after(1), None).await.unwrap());
    refuse(acceptance, &withdrawn).await;

    let replaced = given_invitation(ports, GrantedRole::Viewer).await;
    let acceptance = decide(ports, replaced.token, user).await;
    let email = replaced.invitation.email.clone();
    let new = NewInvitation { email, ..new_invitation(&replaced.project, GrantedRole::Viewer) };
    ports.invitations.create(new).await.unwrap();
    refuse(acceptance, &replaced).await;

    let redrawn = given_invitation(ports, GrantedRole::Viewer).await;
    let acceptance = decide(ports, redrawn.token, user).await;
    assert!(ports.invitations.set_token(new_invitation_token(redrawn.invitation.id)).await.unwrap());
    refuse(acceptance, &redrawn).await;

    let expired = given_invitation(ports, GrantedRole::Viewer).await;
    let acceptance = decide(ports, expired.token, user).await;
    refuse(Acceptance { at: expired.invitation.expires_at, ..acceptance.clone() }, &expired).await;
    let mut digest = *expired.token.as_bytes();
    digest[31] ^= 1;
    refuse(Acceptance { hash: SecretHash::new(digest), ..acceptance.clone() }, &expired).await;
    let almost = expired.invitation.expires_at - TimeDelta::microseconds(1);
    assert!(ports.invitations.accept(Acceptance { at: almost, ..acceptance }).await.unwrap());
}

/// `Ok(false)`.
pub(super) async fn an_invitation_of_another_project_is_not_accepted(ports: &Ports) {
    let (first, second) =
        (given_invitation(ports, GrantedRole::Viewer).await, given_invitation(ports, GrantedRole::Editor).await);
    let user = given::user(ports).await.id;
    let acceptance = Acceptance { project_id: first.project.id, ..decide(ports, second.token, user).await };
    assert!(!ports.invitations.accept(acceptance).await.unwrap());
    for open in [first, second] {
        assert_eq!(role(ports, &open.project, user).await, None);
        assert!(is_open(ports, open.token).await);
    }
}

/// `Ok(false)` for a decision on any other role than the stored one. The token stays valid.
pub(super) async fn a_role_that_changed_meanwhile_is_kept(ports: &Ports) {
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Editor).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let stranger = given::user(ports).await.id;
    for (user, stored) in [(viewer, Some(MemberRole::Viewer)), (stranger, None)] {
        let others = MemberRole::ALL.iter().copied().map(Some).chain([None]).filter(|before| *before != stored);
        for before in others {
            let acceptance = Acceptance { before, ..decide(ports, token, user).await };
            assert!(!ports.invitations.accept(acceptance).await.unwrap(), "{before:?} in place of {stored:?}");
            assert_eq!(role(ports, &project, user).await, stored);
        }
    }
    assert!(is_open(ports, token).await);
}

/// `Conflict` with `REFERENCE`. The token stays valid for others.
pub(super) async fn an_inactive_user_accepts_nothing(ports: &Ports) {
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Editor).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    given::deactivated(ports, &viewer).await;
    let inactive = given::inactive_user(ports).await.id;
    for (user, stored) in [(inactive, None), (viewer.id, Some(MemberRole::Viewer))] {
        let accepted = ports.invitations.accept(decide(ports, token, user).await).await;
        assert_eq!(conflict(accepted), constraint::REFERENCE);
        assert_eq!(role(ports, &project, user).await, stored);
    }
    assert!(is_open(ports, token).await);
}

/// `Conflict` with `QUOTA`, and the token stays valid. A member needs no further place.
pub(super) async fn acceptance_beyond_the_quota_is_refused(ports: &Ports) {
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Editor).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let user = given::user(ports).await.id;
    let acceptance = decide(ports, token, user).await;
    for quota in [0, 1] {
        let accepted = ports.invitations.accept(Acceptance { quota, ..acceptance.clone() }).await;
        assert_eq!(conflict(accepted), constraint::QUOTA);
        assert_eq!(role(ports, &project, user).await, None);
        assert!(is_open(ports, token).await);
    }
    let raised = Acceptance { quota: 1, ..decide(ports, token, viewer).await };
    assert!(ports.invitations.accept(raised).await.unwrap());
    assert_eq!(role(ports, &project, viewer).await, Some(MemberRole::Editor));

    let (_, token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
    let acceptance = Acceptance { quota: 2, ..decide(ports, token, user).await };
    assert!(ports.invitations.accept(acceptance).await.unwrap());
    let next = MemberChange { quota: 2, ..new_member(&project, given::user(ports).await.id, GrantedRole::Viewer) };
    assert_eq!(conflict(ports.members.put(next).await), constraint::QUOTA);
}

/// The member has the invitation's role. The invitation is gone, and others stay.
pub(super) async fn acceptance_makes_a_member_once(ports: &Ports) {
    for role in GrantedRole::ALL.iter().copied() {
        let OpenInvitation { project, token, .. } = given_invitation(ports, role).await;
        let (other, other_token) = given::invitation(ports, &project, GrantedRole::Editor).await;
        let user = given::user(ports).await;
        let acceptance = decide(ports, token, user.id).await;
        assert_eq!((acceptance.before, acceptance.role), (None, role.into()));
        assert!(ports.invitations.accept(acceptance.clone()).await.unwrap());
        let member = ports.members.find(project.id, user.id).await.unwrap().unwrap();
        assert_eq!((member.role, member.created_at), (role.into(), after(2)));
        assert!(!is_open(ports, token).await);
        for acceptance in [acceptance.clone(), Acceptance { before: Some(role.into()), ..acceptance }] {
            assert!(!ports.invitations.accept(acceptance).await.unwrap());
        }
        let listed = ports.invitations.list(project.id, user.id, after(2), PageRequest::default()).await.unwrap();
        let listed = listed.unwrap();
        assert_eq!((listed.membership, listed.page.items), (Some(role.into()), vec![other]));
        assert!(is_open(ports, other_token).await);
    }
}

/// A role that is higher already stays, and the invitation is used all the same.
pub(super) async fn acceptance_raises_a_role_and_keeps_the_date(ports: &Ports) {
    for (stored, invited, expected) in [
        (GrantedRole::Viewer, GrantedRole::Editor, MemberRole::Editor),
        (GrantedRole::Commenter, GrantedRole::Commenter, MemberRole::Commenter),
        (GrantedRole::Editor, GrantedRole::Viewer, MemberRole::Editor),
    ] {
        let OpenInvitation { project, token, .. } = given_invitation(ports, invited).await;
        let user = given::member(ports, &project, stored).await.id;
        assert!(ports.invitations.accept(decide(ports, token, user).await).await.unwrap());
        let member = ports.members.find(project.id, user).await.unwrap().unwrap();
        assert_eq!((member.role, member.created_at), (expected, MOMENT));
        assert!(!is_open(ports, token).await);
    }
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Viewer).await;
    assert!(ports.invitations.accept(decide(ports, token, project.owner_id).await).await.unwrap());
    assert_eq!(role(ports, &project, project.owner_id).await, Some(MemberRole::Owner));
    assert!(!is_open(ports, token).await);
}

/// None but that of the change feed, which no subscriber gets.
pub(super) async fn no_acceptance_causes_an_event(ports: &Ports) {
    let OpenInvitation { project, token, .. } = given_invitation(ports, GrantedRole::Viewer).await;
    let user = given::user(ports).await.id;
    assert!(ports.invitations.accept(decide(ports, token, user).await).await.unwrap());
    let (_, token) = given::invitation(ports, &project, GrantedRole::Editor).await;
    assert!(ports.invitations.accept(decide(ports, token, user).await).await.unwrap());
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 10).await;
    assert_eq!(recorded(), []);
}
