//! How members are added and get other roles.

use super::shared::{Ports, changed, find, list, member, role};
use crate::{
    builders::{MOMENT, NOBODY, member_removal, new_member},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    id::UserId,
    membership::{GrantedRole, MemberChange, MemberRole},
    ports::constraint,
    user::User,
};

/// `Conflict` with `REFERENCE`.
pub(super) async fn a_member_of_a_deleted_project_is_refused(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let user = given::user(ports).await;
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    let added = ports.members.put(new_member(&project, user.id, GrantedRole::Viewer)).await;
    assert_eq!(conflict(added), constraint::REFERENCE);
    assert_eq!(find(ports, project.id, user.id).await, None);
}

/// `Conflict` with `REFERENCE`, also for another role of a member that was deactivated, who stays what it was.
pub(super) async fn a_user_that_is_not_active_gets_no_role(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    for user in [given::inactive_user(ports).await.id, NOBODY, UserId::new(i64::MAX)] {
        let added =
            ports.members.put(MemberChange { quota: 1, ..new_member(&project, user, GrantedRole::Editor) }).await;
        assert_eq!(conflict(added), constraint::REFERENCE, "{user}");
    }
    assert_eq!(list(ports, project.id).await, Some(vec![member(&owner, MemberRole::Owner)]));
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    given::deactivated(ports, &viewer).await;
    let changed = ports.members.put(changed(&project, &viewer, MemberRole::Viewer, GrantedRole::Editor)).await;
    assert_eq!(conflict(changed), constraint::REFERENCE);
    assert_eq!(role(ports, &project, &viewer).await, Some(MemberRole::Viewer));
}

/// `Ok(None)` for a decision on any other role than the stored one.
pub(super) async fn a_role_that_changed_meanwhile_is_kept(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    let stranger = given::user(ports).await;
    for (user, stored) in [(&owner, Some(MemberRole::Owner)), (&viewer, Some(MemberRole::Viewer)), (&stranger, None)] {
        let others = MemberRole::ALL.iter().copied().map(Some).chain([None]).filter(|before| *before != stored);
        for before in others {
            let change = MemberChange { before, ..new_member(&project, user.id, GrantedRole::Editor) };
            assert_eq!(ports.members.put(change).await.unwrap(), None, "{before:?} in place of {stored:?}");
            assert_eq!(role(ports, &project, user).await, stored);
        }
    }
}

/// `Conflict` with `QUOTA`. The owner doesn't count, and another role needs no further place.
pub(super) async fn a_member_beyond_the_quota_is_refused(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (first, second) = (given::user(ports).await, given::user(ports).await);
    let add = async |user: &User, quota| {
        ports.members.put(MemberChange { quota, ..new_member(&project, user.id, GrantedRole::Viewer) }).await
    };
    assert_eq!(conflict(add(&first, 0).await), constraint::QUOTA);
    assert!(add(&first, 1).await.unwrap().is_some());
    assert_eq!(conflict(add(&second, 1).await), constraint::QUOTA);
    assert_eq!(role(ports, &project, &second).await, None);
    let change = changed(&project, &first, MemberRole::Viewer, GrantedRole::Editor);
    assert!(ports.members.put(MemberChange { quota: 1, ..change }).await.unwrap().is_some());
    let removal = member_removal(project.id, first.id, MemberRole::Editor);
    assert!(ports.members.remove(removal.clone()).await.unwrap());
    assert!(!ports.members.remove(removal).await.unwrap());
    assert!(add(&second, 1).await.unwrap().is_some());
    assert_eq!(conflict(add(&first, 1).await), constraint::QUOTA);
}

pub(super) async fn simultaneous_members_do_not_exceed_the_quota(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let results = simultaneously(20, |_| {
        let (ports, project) = (ports.clone(), project.clone());
        async move {
            let user = given::user(&ports).await.id;
            ports.members.put(MemberChange { quota: 5, ..new_member(&project, user, GrantedRole::Viewer) }).await
        }
    })
    .await;
    let (added, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(refused.into_iter().all(|refused| conflict(refused) == constraint::QUOTA));
    assert!(added.iter().all(|added| matches!(added, Ok(Some(_)))));
    assert_eq!((added.len(), list(ports, project.id).await.unwrap().len()), (5, 6));
}

/// The others get `Ok(None)`.
pub(super) async fn one_of_simultaneous_additions_of_a_user_succeeds(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let user = given::user(ports).await;
    let added = simultaneously(12, |n| {
        let members = ports.members.clone();
        let change = MemberChange { quota: 1, ..new_member(&project, user.id, GrantedRole::ALL[n % 3]) };
        async move { members.put(change).await.unwrap() }
    })
    .await;
    let added: Vec<_> = added.into_iter().flatten().collect();
    assert_eq!(added.len(), 1);
    assert_eq!(find(ports, project.id, user.id).await.as_ref(), added.first());
    // It has taken one place.
    let next = given::user(ports).await;
    let put = async |quota| {
        ports.members.put(MemberChange { quota, ..new_member(&project, next.id, GrantedRole::Viewer) }).await
    };
    assert_eq!(conflict(put(1).await), constraint::QUOTA);
    assert!(put(2).await.unwrap().is_some());
}

/// The others get `Ok(None)`.
pub(super) async fn one_of_simultaneous_changes_of_a_role_succeeds(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Viewer).await;
    let changed = simultaneously(12, |n| {
        let members = ports.members.clone();
        let role = [GrantedRole::Editor, GrantedRole::Commenter][n % 2];
        let change = changed(&project, &user, MemberRole::Viewer, role);
        async move { members.put(change).await.unwrap() }
    })
    .await;
    let changed: Vec<_> = changed.into_iter().flatten().collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(find(ports, project.id, user.id).await.as_ref(), changed.first());
}

/// A member is added first and goes with its project, or is refused.
pub(super) async fn no_member_outlives_a_project_deleted_at_the_same_time(ports: &Ports) {
    for _ in 0..5 {
        let (project, _) = given::project_with_owner(ports).await;
        let mut users = Vec::new();
        for _ in 0..6 {
            users.push(given::user(ports).await);
        }
        simultaneously(7, |n| {
            let (ports, project, user) = (ports.clone(), project.clone(), users.get(n).map(|user| user.id));
            async move {
                let Some(user) = user else {
                    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
                    return;
                };
                match ports.members.put(new_member(&project, user, GrantedRole::Viewer)).await {
                    Ok(added) => assert!(added.is_some()),
                    refused => assert_eq!(conflict(refused), constraint::REFERENCE),
                }
            }
        })
        .await;
        assert_eq!(list(ports, project.id).await, None);
        for user in &users {
            assert_eq!(role(ports, &project, user).await, None);
        }
    }
}

pub(super) async fn a_new_member_is_found_as_it_was_added(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let mut expected = vec![member(&owner, MemberRole::Owner)];
    for role in GrantedRole::ALL.iter().copied() {
        let user = given::user(ports).await;
        let added = given::membership(ports, &project, user.id, role).await;
        assert_eq!(added, member(&user, role.into()));
        assert_eq!(find(ports, project.id, user.id).await.as_ref(), Some(&added));
        assert_eq!(find(ports, other.id, user.id).await, None);
        expected.push(added);
    }
    assert_eq!(list(ports, project.id).await, Some(expected));
    assert_eq!(list(ports, other.id).await, Some(vec![member(&owner, MemberRole::Owner)]));
}

pub(super) async fn a_member_with_another_role_keeps_its_date(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Viewer).await;
    let mut before = MemberRole::Viewer;
    for role in [GrantedRole::Editor, GrantedRole::Commenter, GrantedRole::Viewer] {
        let stored = ports.members.put(changed(&project, &user, before, role)).await.unwrap();
        assert_eq!(stored, Some(member(&user, role.into())));
        assert_eq!(find(ports, project.id, user.id).await, stored);
        before = role.into();
    }
}
