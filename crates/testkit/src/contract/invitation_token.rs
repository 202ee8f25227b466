//! Tokens of invitations: how they are mailed, found, and limited.

use crate::{
    builders::{MOMENT, NOBODY, after, display_name, new_invitation, new_invitation_token, project_name},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::InvitationId,
    invitation::{
        FoundInvitation, INVITATION_MAIL_WINDOW, Invitation, InvitationToSend, MAX_INVITATION_MAILS, NewInvitation,
        NewInvitationToken,
    },
    membership::{GrantedRole, MemberRole},
    ports::{invitation::InvitationRepository, project::ProjectRepository, user::UserRepository},
    project::{Project, ProjectPatch},
    ticket::SecretHash,
    user::UserPatch,
};

contract! { $
    invitation_token { users: UserRepository, projects: ProjectRepository, invitations: InvitationRepository }
    an_unknown_token_is_not_found,
    a_token_of_a_closed_invitation_is_not_found,
    a_closed_invitation_is_not_sent_and_gets_no_token,
    an_invitation_is_sent_with_present_names,
    a_token_finds_its_invitation_and_the_role_of_the_reader,
    the_next_token_replaces_the_former_one,
    mails_to_an_address_are_limited_over_all_projects,
    a_mail_that_may_have_failed_is_not_counted_again,
    expired_invitations_and_counted_mails_are_deleted,
}

async fn find_at(ports: &Ports, token: SecretHash, now: Timestamp) -> Option<InvitationId> {
    let found = ports.invitations.find(token, NOBODY, now).await.unwrap();
    found.map(|found| found.invitation.id)
}

async fn find(ports: &Ports, token: SecretHash) -> Option<InvitationId> {
    find_at(ports, token, after(1)).await
}

async fn to_send(ports: &Ports, invitation: &Invitation, now: Timestamp) -> Option<InvitationToSend> {
    ports.invitations.find_to_send(invitation.id, now).await.unwrap()
}

/// Draws a token; whether it is stored.
async fn draw(ports: &Ports, invitation: &Invitation, at: Timestamp, again: bool) -> Result<SecretHash, SecretHash> {
    let token = NewInvitationToken { again, created_at: at, ..new_invitation_token(invitation.id) };
    let hash = token.hash;
    if ports.invitations.set_token(token).await.unwrap() { Ok(hash) } else { Err(hash) }
}

async fn given_project(ports: &Ports) -> Project {
    given::project_with_owner(ports).await.0
}

async fn given(ports: &Ports) -> (Project, Invitation, SecretHash) {
    let project = given_project(ports).await;
    let (invitation, token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
    (project, invitation, token)
}

/// An invitation to this address, without a token.
async fn given_to(ports: &Ports, address: &str) -> Invitation {
    let project = given_project(ports).await;
    let email = Email::parse(address).unwrap();
    let new = NewInvitation { email, ..new_invitation(&project, GrantedRole::Viewer) };
    ports.invitations.create(new).await.unwrap()
}

/// The hash differs in one bit.
async fn an_unknown_token_is_not_found(ports: &Ports) {
    let (_, invitation, token) = given(ports).await;
    let mut digest = *token.as_bytes();
    digest[31] ^= 1;
    assert_eq!(find(ports, SecretHash::new(digest)).await, None);
    assert_eq!(find(ports, token).await, Some(invitation.id));
}

/// It was withdrawn, replaced, or has expired, or its project was deleted.
async fn a_token_of_a_closed_invitation_is_not_found(ports: &Ports) {
    let (project, withdrawn, token) = given(ports).await;
    assert!(ports.invitations.delete(project.id, withdrawn.id, after(1), None).await.unwrap());
    assert_eq!(find(ports, token).await, None);

    let (project, replaced, token) = given(ports).await;
    let new = NewInvitation { email: replaced.email, ..new_invitation(&project, GrantedRole::Editor) };
    ports.invitations.create(new).await.unwrap();
    assert_eq!(find(ports, token).await, None);

    let (_, expired, token) = given(ports).await;
    assert_eq!(find_at(ports, token, expired.expires_at).await, None);
    let almost = expired.expires_at - TimeDelta::microseconds(1);
    assert_eq!(find_at(ports, token, almost).await, Some(expired.id));

    let (project, _, token) = given(ports).await;
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert_eq!(find(ports, token).await, None);
}

async fn a_closed_invitation_is_not_sent_and_gets_no_token(ports: &Ports) {
    let (project, open, token) = given(ports).await;
    let (withdrawn, _) = given::invitation(ports, &project, GrantedRole::Viewer).await;
    assert!(ports.invitations.delete(project.id, withdrawn.id, after(1), None).await.unwrap());
    let unknown = Invitation { id: InvitationId::new(i64::MAX), ..open.clone() };
    for (closed, now) in [(&withdrawn, after(1)), (&unknown, after(1)), (&open, open.expires_at)] {
        assert_eq!(to_send(ports, closed, now).await, None);
        let drawn = draw(ports, closed, now, false).await.unwrap_err();
        assert_eq!(find(ports, drawn).await, None);
    }
    assert_eq!(find(ports, token).await, Some(open.id));
}

async fn an_invitation_is_sent_with_present_names(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let invited_by = owner.display_name.clone();
    let (invitation, _) = given::invitation(ports, &project, GrantedRole::Commenter).await;
    let expected = InvitationToSend { invitation: invitation.clone(), project: project.name.clone(), invited_by };
    let almost = invitation.expires_at - TimeDelta::microseconds(1);
    assert_eq!(to_send(ports, &invitation, almost).await, Some(expected.clone()));

    let patch = ProjectPatch { name: Some(project_name("Gärten")), ..ProjectPatch::default() };
    ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
    ports.users.save(owner.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    let expected = InvitationToSend { project: project_name("Gärten"), invited_by: display_name("Änne"), ..expected };
    assert_eq!(to_send(ports, &invitation, after(2)).await, Some(expected));
}

/// The project is found as it is now.
async fn a_token_finds_its_invitation_and_the_role_of_the_reader(ports: &Ports) {
    let (project, invitation, token) = given(ports).await;
    let patch = ProjectPatch { name: Some(project_name("Gärten")), ..ProjectPatch::default() };
    let project = ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    let stranger = given::user(ports).await.id;
    for (reader, membership) in [(project.owner_id, Some(MemberRole::Owner)), (stranger, None), (NOBODY, None)] {
        let found = ports.invitations.find(token, reader, after(1)).await.unwrap();
        let (invitation, project) = (invitation.clone(), project.clone());
        assert_eq!(found, Some(FoundInvitation { invitation, project, membership, has_webhooks: false }));
    }
}

async fn the_next_token_replaces_the_former_one(ports: &Ports) {
    let (_, invitation, mut last) = given(ports).await;
    for again in [false, true] {
        let next = draw(ports, &invitation, after(1), again).await.unwrap();
        assert_eq!((find(ports, last).await, find(ports, next).await), (None, Some(invitation.id)));
        last = next;
    }
}

/// Addresses are compared by their keys. The former token stays valid.
async fn mails_to_an_address_are_limited_over_all_projects(ports: &Ports) {
    let (first, second) = (given_to(ports, "straße@example.org").await, given_to(ports, "STRASSE@example.org").await);
    let mut last = None;
    for n in 0..MAX_INVITATION_MAILS {
        let invitation = if n % 2 == 0 { &first } else { &second };
        last = Some(draw(ports, invitation, after(n.into()), false).await.unwrap());
    }
    let last = last.unwrap();
    let window = after(0) + INVITATION_MAIL_WINDOW;
    let almost = window - TimeDelta::microseconds(1);
    for invitation in [&first, &second] {
        let refused = draw(ports, invitation, almost, false).await.unwrap_err();
        assert_eq!(find(ports, refused).await, None);
    }
    assert_eq!(find(ports, last).await, Some(second.id));
    draw(ports, &given_to(ports, "ann@example.org").await, almost, false).await.unwrap();
    // The first of them is no longer within the window.
    draw(ports, &first, window, false).await.unwrap();
    draw(ports, &second, window, false).await.unwrap_err();
}

/// It can be replaced beyond the limit.
async fn a_mail_that_may_have_failed_is_not_counted_again(ports: &Ports) {
    let invitation = given_to(ports, "ann@example.org").await;
    draw(ports, &invitation, MOMENT, false).await.unwrap();
    for _ in 0..5 {
        draw(ports, &invitation, MOMENT, true).await.unwrap();
    }
    for _ in 1..MAX_INVITATION_MAILS {
        draw(ports, &invitation, MOMENT, false).await.unwrap();
    }
    draw(ports, &invitation, after(1), false).await.unwrap_err();
    let last = draw(ports, &invitation, after(2), true).await.unwrap();
    assert_eq!(find(ports, last).await, Some(invitation.id));
}

/// The oldest are deleted first, up to the limit of each kind.
async fn expired_invitations_and_counted_mails_are_deleted(ports: &Ports) {
    let project = given_project(ports).await;
    let mut made = Vec::new();
    for minutes in [0, 1, 2, 9] {
        let new = NewInvitation { created_at: after(minutes), ..new_invitation(&project, GrantedRole::Viewer) };
        made.push(ports.invitations.create(new).await.unwrap());
    }
    for invitation in &made[2..] {
        draw(ports, invitation, invitation.created_at, false).await.unwrap();
    }
    let delete = async |now, limit| ports.invitations.delete_expired(now, limit).await.unwrap();
    assert_eq!(delete(after(2) + INVITATION_MAIL_WINDOW - TimeDelta::microseconds(1), 100).await, 0);
    assert_eq!(delete(after(5) + INVITATION_MAIL_WINDOW, 100).await, 1);
    assert_eq!(delete(after(9) + INVITATION_MAIL_WINDOW, 100).await, 1);
    let end = made[2].expires_at;
    assert_eq!((delete(end, 2).await, delete(end, 100).await, delete(end, 100).await), (2, 1, 0));
    for (invitation, is_left) in made.iter().zip([false, false, false, true]) {
        assert_eq!(to_send(ports, invitation, after(3)).await.is_some(), is_left);
    }
}
