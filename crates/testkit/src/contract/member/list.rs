//! Which members are found and listed.

use super::shared::{Ports, find, list, member};
use crate::{
    builders::{MOMENT, NOBODY, after, display_name, email, member_removal},
    contract::walk::{first_page, walk_while_rows_change},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::{GrantedRole, MemberRole},
    page::{Cursor, Page, PageRequest},
    ports::member::ProjectMembers,
    project::NewProject,
    user::UserPatch,
};

/// A lookup or a list that finds nothing is no error.
pub(super) async fn members_that_do_not_exist_are_not_found(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (gone, _) = given::project_with_owner(ports).await;
    assert!(ports.projects.delete(gone.id, gone.version, MOMENT, None).await.unwrap());
    for id in [i64::MIN, -1, 0, gone.id.get(), gone.id.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(list(ports, id).await, None, "{id}");
        assert_eq!(find(ports, id, owner.id).await, None, "{id}");
        let removed = ports.members.remove(member_removal(id, owner.id, MemberRole::Owner)).await.unwrap();
        assert!(!removed, "{id}");
    }
    for user in [given::user(ports).await.id, gone.owner_id, NOBODY, UserId::new(i64::MAX)] {
        assert_eq!(find(ports, project.id, user).await, None, "{user}");
    }
}

/// An Inbox has, too.
pub(super) async fn a_new_project_has_its_owner_as_a_member(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let inbox = ports.projects.create_inbox(NewProject::inbox(owner.id, MOMENT)).await.unwrap();
    let expected = member(&owner, MemberRole::Owner);
    for project in [project.id, inbox.id] {
        assert_eq!(find(ports, project, owner.id).await.as_ref(), Some(&expected));
        assert_eq!(list(ports, project).await.as_ref(), Some(&vec![expected.clone()]));
    }
}

/// A deactivated member stays one.
pub(super) async fn members_have_their_present_names_and_addresses(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Viewer).await;
    let patch = UserPatch { display_name: Some(display_name("Änne")), email: Some(email()), ..UserPatch::default() };
    let renamed = ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    let renamed = given::deactivated(ports, &renamed).await;
    let expected = member(&renamed, MemberRole::Viewer);
    assert_eq!(find(ports, project.id, user.id).await.as_ref(), Some(&expected));
    assert_eq!(list(ports, project.id).await, Some(vec![member(&owner, MemberRole::Owner), expected]));
}

pub(super) async fn members_are_listed_with_the_role_of_the_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    let (elsewhere, _) = given::project_with_owner(ports).await;
    let stranger = given::member(ports, &elsewhere, GrantedRole::Editor).await;
    let items = vec![member(&owner, MemberRole::Owner), member(&viewer, MemberRole::Viewer)];
    for (reader, membership) in [
        (owner.id, Some(MemberRole::Owner)),
        (viewer.id, Some(MemberRole::Viewer)),
        (stranger.id, None),
        (NOBODY, None),
    ] {
        let listed = ports.members.list(project.id, reader, PageRequest::default()).await.unwrap();
        assert_eq!(listed, Some(ProjectMembers { membership, page: Page { items: items.clone(), next: None } }));
    }
}

/// A page behind the last member has the reader's role, too.
pub(super) async fn a_page_with_the_last_member_has_no_next(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let mut rows = vec![owner.id];
    for _ in 0..5 {
        rows.push(given::member(ports, &project, GrantedRole::Viewer).await.id);
    }
    let page = async |cursor| {
        let request = PageRequest { cursor, ..first_page() };
        let ProjectMembers { membership, page } =
            ports.members.list(project.id, owner.id, request).await.unwrap().unwrap();
        assert_eq!(membership, Some(MemberRole::Owner));
        page.map(|member| member.user_id)
    };
    let middle = Some(Cursor::after(rows[2].get()));
    assert_eq!(page(None).await, Page { items: rows[..3].to_vec(), next: middle });
    assert_eq!(page(middle).await, Page { items: rows[3..].to_vec(), next: None });
    assert_eq!(page(Some(Cursor::after(i64::MAX))).await, Page { items: vec![], next: None });
}

pub(super) async fn pages_of_members_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    walk_while_rows_change(
        async |request| {
            let listed = ports.members.list(project.id, owner.id, request).await.unwrap().unwrap();
            listed.page.map(|member| member.user_id.get())
        },
        async || {
            given::member(ports, &other, GrantedRole::Viewer).await;
            given::member(ports, &project, GrantedRole::Viewer).await.id.get()
        },
        async |id| {
            let removal = member_removal(project.id, UserId::new(id), MemberRole::Viewer);
            assert!(ports.members.remove(removal).await.unwrap());
        },
    )
    .await;
}
