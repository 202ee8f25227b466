//! Lines of the audit that are committed with changes of members and invitations.

use crate::{
    builders::{MOMENT, after, member_removal, new_invitation, new_invitation_token, new_member},
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, Origin},
    id::{InvitationId, ProjectId, UserId},
    invitation::{Acceptance, NewInvitation},
    membership::{GrantedRole, MemberChange, MemberRemoval, MemberRole},
    page::{Limit, PageRequest},
    ports::{
        audit::AuditRepository, invitation::InvitationRepository, member::MemberRepository, project::ProjectRepository,
        user::UserRepository,
    },
    project::ProjectTransfer,
};

contract! { $
    sharing_audit {
        users: UserRepository,
        projects: ProjectRepository,
        members: MemberRepository,
        invitations: InvitationRepository,
        audit: AuditRepository,
    }
    a_change_that_is_not_committed_has_no_line,
    a_line_is_committed_with_its_change,
}

fn line(project: ProjectId, action: AuditAction) -> AuditEntry {
    let entry = AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default());
    entry.with_object(AuditObject::Project(project))
}

/// Actions and objects, the oldest first.
async fn written(ports: &Ports) -> Vec<(String, Option<String>)> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let records = ports.audit.list(AuditFilter::default(), page).await.unwrap().items;
    records.into_iter().rev().map(|record| (record.action, record.object)).collect()
}

/// Each is based on what isn't stored, or beyond a quota.
async fn a_change_that_is_not_committed_has_no_line(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let user = given::user(ports).await.id;
    let audit = |action| Some(line(project.id, action));
    let new = new_member(&project, viewer, GrantedRole::Editor);
    let change = MemberChange { audit: audit(AuditAction::MemberUpdated), ..new };
    assert_eq!(ports.members.put(change.clone()).await.unwrap(), None);
    assert!(ports.members.put(MemberChange { user_id: user, quota: 1, ..change }).await.is_err());
    let removal = member_removal(project.id, viewer, MemberRole::Editor);
    let removal = MemberRemoval { audit: audit(AuditAction::MemberRemoved), ..removal };
    assert!(!ports.members.remove(removal).await.unwrap());
    let transfer = project.transfer(viewer, 10, after(1)).unwrap();
    let transfer = ProjectTransfer { based_on: 404, audit: audit(AuditAction::ProjectTransferred), ..transfer };
    assert_eq!(ports.members.transfer(transfer).await.unwrap(), None);
    let new = new_invitation(&project, GrantedRole::Viewer);
    let invitation = NewInvitation { quota: 0, audit: audit(AuditAction::InvitationCreated), ..new };
    assert!(ports.invitations.create(invitation).await.is_err());
    let unknown = InvitationId::new(i64::MAX);
    let withdrawn = ports.invitations.delete(project.id, unknown, after(1), audit(AuditAction::InvitationDeleted));
    assert!(!withdrawn.await.unwrap());
    let (_, token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
    let found = ports.invitations.find(token, user, after(1)).await.unwrap().unwrap();
    let acceptance = found.accept(user, token, after(1));
    let acceptance = Acceptance { quota: 1, audit: audit(AuditAction::MemberAdded), ..acceptance };
    assert!(ports.invitations.accept(acceptance).await.is_err());
    assert_eq!(written(ports).await, []);
}

async fn a_line_is_committed_with_its_change(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (added, accepting) = (given::user(ports).await.id, given::user(ports).await.id);
    let audit = |action| Some(line(project.id, action));
    let change = new_member(&project, added, GrantedRole::Viewer);
    let change = MemberChange { audit: audit(AuditAction::MemberAdded), ..change };
    ports.members.put(change.clone()).await.unwrap().unwrap();
    let before = Some(MemberRole::Viewer);
    let change = MemberChange { before, role: GrantedRole::Editor, audit: audit(AuditAction::MemberUpdated), ..change };
    ports.members.put(change).await.unwrap().unwrap();

    let new = new_invitation(&project, GrantedRole::Viewer);
    let new = NewInvitation { audit: audit(AuditAction::InvitationCreated), ..new };
    let invitation = ports.invitations.create(new.clone()).await.unwrap();
    let withdrawal = audit(AuditAction::InvitationDeleted);
    assert!(ports.invitations.delete(project.id, invitation.id, after(1), withdrawal).await.unwrap());
    let invitation = ports.invitations.create(new).await.unwrap();
    let token = new_invitation_token(invitation.id);
    assert!(ports.invitations.set_token(token.clone()).await.unwrap());
    let found = ports.invitations.find(token.hash, accepting, after(1)).await.unwrap().unwrap();
    let acceptance = found.accept(accepting, token.hash, after(1));
    let acceptance = Acceptance { audit: audit(AuditAction::MemberAdded), ..acceptance };
    assert!(ports.invitations.accept(acceptance).await.unwrap());

    let transfer = project.transfer(added, 10, after(2)).unwrap();
    let transfer = ProjectTransfer { audit: audit(AuditAction::ProjectTransferred), ..transfer };
    assert!(ports.members.transfer(transfer).await.unwrap().is_some());
    let removal = member_removal(project.id, project.owner_id, MemberRole::Editor);
    let removal = MemberRemoval { audit: audit(AuditAction::MemberRemoved), ..removal };
    assert!(ports.members.remove(removal).await.unwrap());

    let expected = [
        "member.added",
        "member.updated",
        "invitation.created",
        "invitation.deleted",
        "invitation.created",
        "member.added",
        "project.transferred",
        "member.removed",
    ];
    let object = Some(format!("project/{}", project.id));
    assert_eq!(written(ports).await, expected.map(|action| (action.to_owned(), object.clone())));
}
