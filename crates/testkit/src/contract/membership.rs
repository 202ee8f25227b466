//! The role of the reader, which every read of something in a project has.

use crate::{
    builders::{MOMENT, NOBODY, after, member_removal, new_member},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    membership::{GrantedRole, MemberChange, MemberRole},
    page::{Limit, PageRequest},
    ports::{
        comment::CommentRepository, member::MemberRepository, project::ProjectRepository,
        statistics::StatisticsRepository, task::TaskRepository, user::UserRepository,
    },
    project::{Project, ProjectFilter, ProjectPatch, ProjectStatus},
    task::{NewTask, TaskPageRequest, TaskQuery},
};
use std::iter::once;

contract! { $
    membership {
        users: UserRepository,
        projects: ProjectRepository,
        members: MemberRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        statistics: StatisticsRepository,
    }
    assignees_and_former_members_have_no_role,
    a_role_in_another_project_is_not_read,
    each_role_is_read_from_the_next_moment_on,
    roles_in_many_projects_are_read_at_once,
    shared_projects_are_filtered_by_every_combination,
    a_role_is_no_part_of_a_version,
}

/// What each read returns as the role of this reader.
async fn roles(ports: &Ports, project: &Project, task: TaskId, reader: UserId) -> [Option<MemberRole>; 7] {
    let (id, first) = (project.id, PageRequest::default());
    let view = ports.projects.find(id, reader).await.unwrap().unwrap();
    assert_eq!(view.project.id, id);
    let found = ports.tasks.find(task, reader).await.unwrap().unwrap();
    let (all, first_tasks) = (TaskQuery::default(), TaskPageRequest::default());
    let listed = ports.tasks.list_in_project(id, reader, all, first_tasks).await.unwrap().unwrap();
    [
        view.membership,
        ports.tasks.find_project(id, reader).await.unwrap().unwrap().membership,
        found.project.membership,
        listed.membership,
        ports.comments.list_on_task(task, reader, first).await.unwrap().unwrap().membership,
        ports.statistics.find(id, reader).await.unwrap().unwrap().membership,
        ports.members.list(id, reader, first).await.unwrap().unwrap().membership,
    ]
}

async fn given(ports: &Ports) -> (Project, TaskId) {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    (project, task.id)
}

async fn assignees_and_former_members_have_no_role(ports: &Ports) {
    let (project, _) = given(ports).await;
    let (assignee, former) = (given::user(ports).await, given::member(ports, &project, GrantedRole::Editor).await);
    let shared = |task| NewTask { assignee_id: Some(assignee.id), ..task };
    let task = given::task_with(ports, project.id, shared).await;
    given::comment(ports, task.id, assignee.id).await;
    assert!(ports.members.remove(member_removal(project.id, former.id, MemberRole::Editor)).await.unwrap());
    let admin = given::admin(ports).await;
    for reader in [assignee.id, former.id, admin.id, NOBODY] {
        assert_eq!(roles(ports, &project, task.id, reader).await, [None; 7], "{reader}");
    }
}

async fn a_role_in_another_project_is_not_read(ports: &Ports) {
    let ((first, first_task), (second, second_task)) = (given(ports).await, given(ports).await);
    let user = given::member(ports, &first, GrantedRole::Editor).await.id;
    given::membership(ports, &second, user, GrantedRole::Viewer).await;
    assert_eq!(roles(ports, &first, first_task, user).await, [Some(MemberRole::Editor); 7]);
    assert_eq!(roles(ports, &second, second_task, user).await, [Some(MemberRole::Viewer); 7]);
    assert_eq!(roles(ports, &second, second_task, first.owner_id).await, [None; 7]);
}

/// The user is added, gets other roles, becomes the owner, and leaves.
async fn each_role_is_read_from_the_next_moment_on(ports: &Ports) {
    let (project, task) = given(ports).await;
    let (former, user) = (project.owner_id, given::user(ports).await.id);
    let put = async |before, role| {
        let change = MemberChange { before, ..new_member(&project, user, role) };
        ports.members.put(change).await.unwrap().unwrap();
    };
    assert_eq!(roles(ports, &project, task, user).await, [None; 7]);
    let mut before = None;
    for role in [GrantedRole::Viewer, GrantedRole::Commenter, GrantedRole::Editor] {
        put(before, role).await;
        before = Some(role.into());
        assert_eq!(roles(ports, &project, task, user).await, [before; 7]);
    }
    let transfer = project.transfer(user, 1_000, after(1)).unwrap();
    let transferred = ports.members.transfer(transfer).await.unwrap().unwrap();
    assert_eq!(roles(ports, &project, task, user).await, [Some(MemberRole::Owner); 7]);
    assert_eq!(roles(ports, &project, task, former).await, [Some(MemberRole::Editor); 7]);
    let back = transferred.transfer(former, 1_000, after(2)).unwrap();
    assert!(ports.members.transfer(back).await.unwrap().is_some());
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    assert_eq!(roles(ports, &project, task, user).await, [None; 7]);
    assert_eq!(roles(ports, &project, task, former).await, [Some(MemberRole::Owner); 7]);
}

/// Projects that don't exist have none. Those of which the reader is no member are there.
async fn roles_in_many_projects_are_read_at_once(ports: &Ports) {
    let user = given::user(ports).await.id;
    let (own, shared) = (given::project(ports, user).await.id, given(ports).await.0);
    given::membership(ports, &shared, user, GrantedRole::Commenter).await;
    let (foreign, deleted) = (given(ports).await.0.id, given(ports).await.0);
    assert!(ports.projects.delete(deleted.id, deleted.version, MOMENT, None).await.unwrap());
    let ids = vec![foreign, ProjectId::new(i64::MAX), deleted.id, own, shared.id, ProjectId::new(-1)];
    for (reader, expected) in [
        (user, [Some(MemberRole::Owner), Some(MemberRole::Commenter), None]),
        (shared.owner_id, [None, Some(MemberRole::Owner), None]),
        (NOBODY, [None; 3]),
    ] {
        let expected = [own, shared.id, foreign].into_iter().zip(expected);
        assert_eq!(ports.projects.roles(ids.clone(), reader).await.unwrap(), expected.collect::<Vec<_>>());
    }
    let many = (1..=100).map(|n| ProjectId::new(own.get() + n - 1)).collect();
    assert_eq!(ports.projects.roles(many, user).await.unwrap().len(), 3);
    assert_eq!(ports.projects.roles(Vec::new(), user).await.unwrap(), []);
}

async fn shared_projects_are_filtered_by_every_combination(ports: &Ports) {
    let user = given::user(ports).await.id;
    let mut projects = Vec::new();
    for role in MemberRole::ALL.iter().copied().map(Some).chain(once(None)) {
        for status in ProjectStatus::ALL.iter().copied() {
            let (mut project, granted) = match role {
                Some(MemberRole::Owner) => (given::project(ports, user).await, None),
                Some(MemberRole::Editor) => (given(ports).await.0, Some(GrantedRole::Editor)),
                Some(MemberRole::Commenter) => (given(ports).await.0, Some(GrantedRole::Commenter)),
                Some(MemberRole::Viewer) => (given(ports).await.0, Some(GrantedRole::Viewer)),
                None => (given(ports).await.0, None),
            };
            if let Some(granted) = granted {
                given::membership(ports, &project, user, granted).await;
            }
            let patch = ProjectPatch { status: Some(status), ..ProjectPatch::default() };
            if let Some(change) = project.apply(patch, after(1)) {
                project = ports.projects.save(change).await.unwrap().unwrap();
            }
            projects.push((project, role));
        }
    }
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    for all in [true, false] {
        for role in MemberRole::ALL.iter().copied().map(Some).chain(once(None)) {
            for status in ProjectStatus::ALL.iter().copied().map(Some).chain(once(None)) {
                let filter = ProjectFilter { all, role, status, ..ProjectFilter::of(user) };
                let listed = ports.projects.list(filter.clone(), page).await.unwrap().items;
                let listed: Vec<_> = listed.into_iter().map(|view| (view.project, view.membership)).collect();
                let fits = |(project, stored): &&(Project, Option<MemberRole>)| {
                    (all || stored.is_some())
                        && (role.is_none() || role == *stored)
                        && status.is_none_or(|status| status == project.status)
                };
                assert_eq!(listed, projects.iter().filter(fits).cloned().collect::<Vec<_>>(), "{filter:?}");
            }
        }
    }
}

/// A change that was decided before is still committed.
async fn a_role_is_no_part_of_a_version(ports: &Ports) {
    let (project, _) = given(ports).await;
    let patch = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
    let change = project.apply(patch, after(5)).unwrap();
    let user = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let role = MemberChange { before: Some(MemberRole::Viewer), ..new_member(&project, user, GrantedRole::Editor) };
    assert!(ports.members.put(role).await.unwrap().is_some());
    assert_eq!(ports.projects.find(project.id, user).await.unwrap().unwrap().project, project);
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    assert!(ports.projects.save(change).await.unwrap().is_some());
}
