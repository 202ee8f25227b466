//! How memberships end, and the assignments with them.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, member_removal, new_member, new_task, title},
    given,
};
use fasttrack_domain::{
    id::{TaskId, UserId},
    membership::{GrantedRole, MemberChange, MemberRole},
    patch::Patch,
    ports::{
        constraint, member::MemberRepository, project::ProjectRepository, task::TaskRepository, user::UserRepository,
    },
    project::Project,
    task::{NewTask, Task, TaskChange, TaskPatch},
    user::User,
};

contract! { $
    member_removal {
        users: UserRepository,
        projects: ProjectRepository,
        members: MemberRepository,
        tasks: TaskRepository,
    }
    a_removal_based_on_another_role_changes_nothing,
    a_removed_member_is_no_longer_found,
    assignments_in_the_project_end_with_the_membership,
    assignments_of_others_and_elsewhere_stay,
    a_task_changed_later_keeps_its_time,
    a_removed_member_can_be_added_again,
    one_of_simultaneous_removals_succeeds,
    one_of_a_simultaneous_removal_and_change_of_role_succeeds,
    a_member_removed_while_being_assigned_has_one_outcome,
    a_member_removed_before_it_takes_a_task_does_not_get_it,
    a_change_based_on_a_former_assignment_is_not_committed,
    a_removal_while_the_project_is_deleted_leaves_nothing,
}

async fn role(ports: &Ports, project: &Project, user: UserId) -> Option<MemberRole> {
    ports.members.find(project.id, user).await.unwrap().map(|member| member.role)
}

async fn task(ports: &Ports, id: TaskId) -> Task {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap().task
}

async fn given_assigned(ports: &Ports, project: &Project, user: UserId) -> Task {
    given::task_with(ports, project.id, |task| NewTask { assignee_id: Some(user), ..task }).await
}

/// A change of the task as it is now, decided by the owner five minutes after the others.
async fn change(ports: &Ports, id: TaskId, patch: TaskPatch) -> TaskChange {
    let found = ports.tasks.find(id, NOBODY).await.unwrap().unwrap();
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

async fn remove(ports: &Ports, project: &Project, user: UserId) -> bool {
    ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap()
}

/// A project with an editor.
async fn given(ports: &Ports) -> (Project, User) {
    let (project, _) = given::project_with_owner(ports).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await;
    (project, editor)
}

/// `Ok(false)`. The assignments stay, too.
async fn a_removal_based_on_another_role_changes_nothing(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let assigned = given_assigned(ports, &project, editor.id).await;
    let stranger = given::user(ports).await;
    let assigned_elsewhere = given_assigned(ports, &project, stranger.id).await;
    for before in MemberRole::ALL.iter().copied() {
        for user in [stranger.id, NOBODY, UserId::new(i64::MAX)] {
            assert!(!ports.members.remove(member_removal(project.id, user, before)).await.unwrap(), "{user} {before}");
        }
        if before != MemberRole::Editor {
            assert!(!ports.members.remove(member_removal(project.id, editor.id, before)).await.unwrap(), "{before}");
        }
    }
    assert_eq!(role(ports, &project, editor.id).await, Some(MemberRole::Editor));
    assert_eq!(task(ports, assigned.id).await, assigned);
    assert_eq!(task(ports, assigned_elsewhere.id).await, assigned_elsewhere);
}

/// The other members stay.
async fn a_removed_member_is_no_longer_found(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    assert!(remove(ports, &project, editor.id).await);
    assert!(!remove(ports, &project, editor.id).await);
    assert_eq!(role(ports, &project, editor.id).await, None);
    assert_eq!(role(ports, &project, viewer.id).await, Some(MemberRole::Viewer));
    assert_eq!(role(ports, &project, project.owner_id).await, Some(MemberRole::Owner));
    let found = ports.projects.find(project.id, editor.id).await.unwrap().unwrap();
    assert_eq!((found.membership, found.project), (None, project));
}

/// Each of the tasks gets a new version.
async fn assignments_in_the_project_end_with_the_membership(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let tasks = [
        given_assigned(ports, &project, editor.id).await,
        given_assigned(ports, &project, editor.id).await,
        given_assigned(ports, &project, editor.id).await,
    ];
    assert!(remove(ports, &project, editor.id).await);
    for before in tasks {
        let expected = Task { assignee_id: None, updated_at: after(1), version: before.version + 1, ..before };
        let found = ports.tasks.find(expected.id, NOBODY).await.unwrap().unwrap();
        assert_eq!((found.task, found.assignee), (expected, None));
    }
}

async fn assignments_of_others_and_elsewhere_stay(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    let (other, _) = given::project_with_owner(ports).await;
    given::membership(ports, &other, editor.id, GrantedRole::Editor).await;
    let (unshared, _) = given::project_with_owner(ports).await;
    let tasks = [
        given_assigned(ports, &project, viewer.id).await,
        given_assigned(ports, &project, project.owner_id).await,
        given::task(ports, project.id).await,
        given_assigned(ports, &other, editor.id).await,
        given_assigned(ports, &unshared, editor.id).await,
    ];
    assert!(remove(ports, &project, editor.id).await);
    for before in tasks {
        assert_eq!(task(ports, before.id).await, before);
    }
    assert_eq!(role(ports, &other, editor.id).await, Some(MemberRole::Editor));
}

async fn a_task_changed_later_keeps_its_time(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let assigned = given_assigned(ports, &project, editor.id).await;
    let renamed = TaskPatch { title: Some(title("Later")), ..TaskPatch::default() };
    let renamed = ports.tasks.save(change(ports, assigned.id, renamed).await).await.unwrap().unwrap();
    assert!(remove(ports, &project, editor.id).await);
    let expected = Task { assignee_id: None, updated_at: after(5), version: renamed.version + 1, ..renamed };
    assert_eq!(task(ports, assigned.id).await, expected);
}

/// It begins anew, without its former assignments.
async fn a_removed_member_can_be_added_again(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let assigned = given_assigned(ports, &project, editor.id).await;
    assert!(remove(ports, &project, editor.id).await);
    let again = MemberChange { at: after(9), ..new_member(&project, editor.id, GrantedRole::Viewer) };
    let member = ports.members.put(again).await.unwrap().unwrap();
    assert_eq!((member.role, member.created_at), (MemberRole::Viewer, after(9)));
    assert_eq!(task(ports, assigned.id).await.assignee_id, None);
}

async fn one_of_simultaneous_removals_succeeds(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let assigned = given_assigned(ports, &project, editor.id).await;
    let removed = simultaneously(12, |_| {
        let (ports, project) = (ports.clone(), project.clone());
        async move { remove(&ports, &project, editor.id).await }
    })
    .await;
    assert_eq!(removed.into_iter().filter(|removed| *removed).count(), 1);
    assert_eq!(task(ports, assigned.id).await.version, assigned.version + 1);
    // It has freed one place.
    let viewers = [given::user(ports).await.id, given::user(ports).await.id];
    let add = async |user| {
        ports.members.put(MemberChange { quota: 1, ..new_member(&project, user, GrantedRole::Viewer) }).await
    };
    assert!(add(viewers[0]).await.unwrap().is_some());
    assert_eq!(conflict(add(viewers[1]).await), constraint::QUOTA);
}

async fn one_of_a_simultaneous_removal_and_change_of_role_succeeds(ports: &Ports) {
    for _ in 0..10 {
        let (project, editor) = given(ports).await;
        let assigned = given_assigned(ports, &project, editor.id).await;
        let before = Some(MemberRole::Editor);
        let done = simultaneously(2, |n| {
            let (ports, project) = (ports.clone(), project.clone());
            let change = MemberChange { before, ..new_member(&project, editor.id, GrantedRole::Viewer) };
            async move {
                if n == 0 {
                    remove(&ports, &project, change.user_id).await
                } else {
                    ports.members.put(change).await.unwrap().is_some()
                }
            }
        })
        .await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        match role(ports, &project, editor.id).await {
            None => assert_eq!(task(ports, assigned.id).await.assignee_id, None),
            stored => {
                assert_eq!(stored, Some(MemberRole::Viewer));
                assert_eq!(task(ports, assigned.id).await, assigned);
            }
        }
    }
}

/// An assignment that is committed before the removal ends with it. One that is committed afterwards stays: it shares
/// this task with somebody who is no member.
async fn a_member_removed_while_being_assigned_has_one_outcome(ports: &Ports) {
    for _ in 0..10 {
        let (project, editor) = given(ports).await;
        let free = given::task(ports, project.id).await;
        let patch = TaskPatch { assignee_id: Patch::Set(editor.id), ..TaskPatch::default() };
        let assignment = change(ports, free.id, patch).await;
        let done = simultaneously(2, |n| {
            let (ports, project, assignment) = (ports.clone(), project.clone(), assignment.clone());
            async move {
                if n == 0 {
                    remove(&ports, &project, editor.id).await
                } else {
                    ports.tasks.save(assignment).await.unwrap().is_some()
                }
            }
        })
        .await;
        assert_eq!(done, [true, true]);
        assert_eq!(role(ports, &project, editor.id).await, None);
        let stored = task(ports, free.id).await;
        let ended = Task { assignee_id: None, version: 3, ..assignment.task.clone() };
        assert!(stored == assignment.task || stored == ended, "{stored:?}");
    }
}

/// Whatever role the member has now: it is looked at again.
async fn a_member_removed_before_it_takes_a_task_does_not_get_it(ports: &Ports) {
    let (project, editor) = given(ports).await;
    let free = given::task(ports, project.id).await;
    let found = ports.tasks.find(free.id, editor.id).await.unwrap().unwrap();
    let patch = TaskPatch { assignee_id: Patch::Set(editor.id), ..TaskPatch::default() };
    let taking = found.apply(patch, editor.id, after(5)).unwrap().unwrap();
    let as_editor = ports.tasks.find_project(project.id, editor.id).await.unwrap().unwrap();
    let creating = NewTask { assignee_id: Some(editor.id), created_by: editor.id, ..new_task(&as_editor) };
    assert!(remove(ports, &project, editor.id).await);
    for role in [None, Some(GrantedRole::Viewer)] {
        if let Some(role) = role {
            ports.members.put(new_member(&project, editor.id, role)).await.unwrap().unwrap();
        }
        assert_eq!(ports.tasks.save(taking.clone()).await.unwrap(), None);
        assert_eq!(task(ports, free.id).await, free);
        assert_eq!(conflict(ports.tasks.create(creating.clone(), None).await), constraint::REFERENCE);
    }
    let role =
        MemberChange { before: Some(MemberRole::Viewer), ..new_member(&project, editor.id, GrantedRole::Editor) };
    ports.members.put(role).await.unwrap().unwrap();
    assert_eq!(ports.tasks.save(taking.clone()).await.unwrap(), Some(taking.task));
}

/// `Ok(None)`, so that it can't bring the assignment back.
async fn a_change_based_on_a_former_assignment_is_not_committed(ports: &Ports) {
    for _ in 0..10 {
        let (project, editor) = given(ports).await;
        let assigned = given_assigned(ports, &project, editor.id).await;
        let renaming = TaskPatch { title: Some(title("Renamed")), ..TaskPatch::default() };
        let renaming = change(ports, assigned.id, renaming).await;
        simultaneously(2, |n| {
            let (ports, project, renaming) = (ports.clone(), project.clone(), renaming.clone());
            async move {
                if n == 0 {
                    assert!(remove(&ports, &project, editor.id).await);
                } else {
                    ports.tasks.save(renaming).await.unwrap();
                }
            }
        })
        .await;
        let stored = task(ports, assigned.id).await;
        let is_renamed = stored.title == renaming.task.title;
        assert_eq!((stored.assignee_id, stored.version), (None, assigned.version + 1 + i64::from(is_renamed)));
        assert_eq!(ports.tasks.save(renaming).await.unwrap(), None);
    }
}

async fn a_removal_while_the_project_is_deleted_leaves_nothing(ports: &Ports) {
    for _ in 0..10 {
        let (project, editor) = given(ports).await;
        let assigned = given_assigned(ports, &project, editor.id).await;
        simultaneously(2, |n| {
            let (ports, project) = (ports.clone(), project.clone());
            async move {
                if n == 0 {
                    remove(&ports, &project, editor.id).await;
                } else {
                    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
                }
            }
        })
        .await;
        assert_eq!(role(ports, &project, editor.id).await, None);
        assert_eq!(ports.tasks.find(assigned.id, NOBODY).await.unwrap(), None);
    }
}
