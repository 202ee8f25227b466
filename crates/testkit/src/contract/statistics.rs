//! Statistics of projects.

use super::{Subscribers, TestRng, dispatch_all, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, subscriber},
    given,
};
use fasttrack_domain::{
    Timestamp,
    event::Event,
    id::ProjectId,
    membership::MemberRole,
    page::Limit,
    ports::{
        outbox::{Consequence, Outbox},
        project::ProjectRepository,
        statistics::{StatisticsRepository, StatisticsView},
        task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    statistics::{ProjectStatistics, StatisticsDelta},
    task::{NewTask, TaskInProject, TaskPageRequest, TaskPatch, TaskQuery, TaskStatus, TaskView},
    text::DisplayName,
};
use std::sync::Arc;

contract! { $
    statistics {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        outbox: Outbox,
        statistics: StatisticsRepository,
    }
    a_project_without_tasks_has_zeros,
    an_unknown_project_has_no_statistics,
    numbers_follow_events,
    after_200_random_changes_the_numbers_are_exact,
    a_rebuild_corrects_wrong_numbers,
    a_rebuild_sets_zeros_for_projects_without_tasks,
    pending_events_count_once_after_a_rebuild,
    a_rebuild_is_exact_while_others_write,
}

const STATUSES: [TaskStatus; 3] = [TaskStatus::Todo, TaskStatus::InProgress, TaskStatus::Done];

fn counting() -> Subscribers {
    let count =
        |event: &Event, _: &DisplayName| StatisticsDelta::of(event).map(Consequence::Count).into_iter().collect();
    Arc::new([subscriber(count)])
}

async fn find(ports: &Ports, project: ProjectId) -> ProjectStatistics {
    let statistics = ports.statistics.find(project, NOBODY).await.unwrap().unwrap().statistics;
    assert_eq!(statistics.project_id, project);
    statistics
}

/// Tasks that aren't begun, that are, and that are finished.
async fn numbers(ports: &Ports, project: ProjectId) -> [i64; 3] {
    let statistics = find(ports, project).await;
    [statistics.todo, statistics.in_progress, statistics.done]
}

async fn tasks(ports: &Ports, project: ProjectId) -> Vec<TaskInProject> {
    let project = ports.tasks.find_project(project, NOBODY).await.unwrap().unwrap();
    let (mut tasks, mut request) = (Vec::new(), TaskPageRequest { limit: Limit::new(100).unwrap(), cursor: None });
    loop {
        let listed = ports.tasks.list_in_project(project.id, NOBODY, TaskQuery::default(), request.clone()).await;
        let listed = listed.unwrap().unwrap();
        let found =
            |TaskView { task, assignee, labels }| TaskInProject { task, assignee, labels, project: project.clone() };
        tasks.extend(listed.page.items.into_iter().map(found));
        request.cursor = listed.page.next;
        if request.cursor.is_none() {
            return tasks;
        }
    }
}

/// The same numbers, counted from the tasks.
async fn counted(ports: &Ports, project: ProjectId) -> [i64; 3] {
    let tasks = tasks(ports, project).await;
    STATUSES.map(|status| tasks.iter().filter(|found| found.task.status == status).count().try_into().unwrap())
}

async fn create(ports: &Ports, project: ProjectId, status: TaskStatus, at: Timestamp) {
    given::task_with(ports, project, |task| NewTask { status, created_at: at, ..task }).await;
}

/// Moves the task one step, if nobody was faster.
async fn move_to(ports: &Ports, found: &TaskInProject, status: TaskStatus, at: Timestamp) {
    let patch = TaskPatch { status: Some(status), ..TaskPatch::default() };
    if let Ok(Some(change)) = found.apply(patch, found.project.owner_id, at) {
        ports.tasks.save(change).await.unwrap();
    }
}

/// Creates, moves and deletes tasks at random.
async fn change_at_random(ports: &Ports, project: ProjectId, rng: &mut TestRng, changes: usize) {
    for _ in 0..changes {
        let status = STATUSES[rng.below(3)];
        let standing = tasks(ports, project).await;
        let found = (!standing.is_empty()).then(|| &standing[rng.below(standing.len())]);
        match (rng.below(5), found) {
            (0, Some(found)) => drop(ports.tasks.delete(found.remove(found.project.owner_id, after(1))).await.unwrap()),
            (1..=3, Some(found)) => move_to(ports, found, status, after(1)).await,
            _ => create(ports, project, status, MOMENT).await,
        }
    }
}

/// Changes the numbers by what no event says.
async fn given_wrong_numbers(ports: &Ports, project: ProjectId) {
    let wrong = StatisticsDelta { project_id: project, todo: 7, in_progress: -2, done: 1, at: after(9) };
    given::consequences(ports, vec![Consequence::Count(wrong)]).await;
}

async fn given_project(ports: &Ports) -> Project {
    given::project_with_owner(ports).await.0
}

async fn a_project_without_tasks_has_zeros(ports: &Ports) {
    let project = given_project(ports).await;
    for (reader, membership) in [(project.owner_id, Some(MemberRole::Owner)), (NOBODY, None)] {
        let found = ports.statistics.find(project.id, reader).await.unwrap();
        let statistics = ProjectStatistics::none(project.id, MOMENT);
        assert_eq!(found, Some(StatisticsView { membership, statistics }));
    }
}

async fn an_unknown_project_has_no_statistics(ports: &Ports) {
    let project = given_project(ports).await;
    create(ports, project.id, TaskStatus::Todo, MOMENT).await;
    dispatch_all(ports, counting(), 10).await;
    for id in [i64::MIN, 0, project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(ports.statistics.find(id, NOBODY).await.unwrap(), None, "{id}");
    }
    assert!(ports.projects.delete(project.id, 1, MOMENT, None).await.unwrap());
    assert_eq!(ports.statistics.find(project.id, NOBODY).await.unwrap(), None);
}

/// `updated_at` is the latest moment at which a number changed, in whatever order the events come.
async fn numbers_follow_events(ports: &Ports) {
    let (project, other) = (given_project(ports).await.id, given_project(ports).await.id);
    create(ports, project, TaskStatus::Todo, after(3)).await;
    create(ports, project, TaskStatus::Done, after(1)).await;
    create(ports, other, TaskStatus::InProgress, after(4)).await;
    dispatch_all(ports, counting(), 10).await;
    assert_eq!((numbers(ports, project).await, find(ports, project).await.updated_at), ([1, 0, 1], after(3)));
    assert_eq!((numbers(ports, other).await, find(ports, other).await.updated_at), ([0, 1, 0], after(4)));

    let found = tasks(ports, project).await;
    move_to(ports, &found[0], TaskStatus::InProgress, after(5)).await;
    assert!(ports.tasks.delete(found[1].remove(found[1].project.owner_id, after(6))).await.unwrap());
    dispatch_all(ports, counting(), 10).await;
    assert_eq!((numbers(ports, project).await, find(ports, project).await.updated_at), ([0, 1, 0], after(6)));
    assert_eq!(numbers(ports, other).await, [0, 1, 0]);
}

/// Events are dispatched while tasks are changed.
async fn after_200_random_changes_the_numbers_are_exact(ports: &Ports) {
    let projects = [given_project(ports).await.id, given_project(ports).await.id];
    simultaneously(4, |n| {
        let (ports, project) = (ports.clone(), projects[n % 2]);
        async move {
            let mut rng = TestRng::new(n);
            for _ in 0..10 {
                change_at_random(&ports, project, &mut rng, 5).await;
                dispatch_all(&ports, counting(), 4).await;
            }
        }
    })
    .await;
    dispatch_all(ports, counting(), 4).await;
    for project in projects {
        assert_eq!(numbers(ports, project).await, counted(ports, project).await);
    }
}

/// It returns how many projects were wrong. The others keep `updated_at`.
async fn a_rebuild_corrects_wrong_numbers(ports: &Ports) {
    let [wrong, right, empty] =
        [given_project(ports).await.id, given_project(ports).await.id, given_project(ports).await.id];
    for project in [wrong, right] {
        create(ports, project, TaskStatus::InProgress, after(2)).await;
    }
    dispatch_all(ports, counting(), 10).await;
    given_wrong_numbers(ports, wrong).await;
    assert_eq!(numbers(ports, wrong).await, [7, -1, 1]);
    // The project of the event behind the wrong numbers: its task was never counted.
    let corrected = ports.statistics.rebuild(after(20)).await.unwrap();
    assert_eq!(corrected, 2);
    assert_eq!((numbers(ports, wrong).await, find(ports, wrong).await.updated_at), ([0, 1, 0], after(20)));
    assert_eq!((numbers(ports, right).await, find(ports, right).await.updated_at), ([0, 1, 0], after(2)));
    assert_eq!(find(ports, empty).await, ProjectStatistics::none(empty, MOMENT));
    assert_eq!(ports.statistics.rebuild(after(30)).await.unwrap(), 0);
    assert_eq!(find(ports, wrong).await.updated_at, after(20));
}

async fn a_rebuild_sets_zeros_for_projects_without_tasks(ports: &Ports) {
    let project = given_project(ports).await.id;
    given_wrong_numbers(ports, project).await;
    ports.statistics.rebuild(after(20)).await.unwrap();
    assert_eq!(numbers(ports, project).await, [0, 0, 0]);
}

async fn pending_events_count_once_after_a_rebuild(ports: &Ports) {
    let project = given_project(ports).await;
    given_wrong_numbers(ports, project.id).await;
    for status in [TaskStatus::Todo, TaskStatus::Todo, TaskStatus::Done] {
        create(ports, project.id, status, after(1)).await;
    }
    let found = tasks(ports, project.id).await;
    move_to(ports, &found[0], TaskStatus::InProgress, after(2)).await;
    assert!(ports.tasks.delete(found[2].remove(project.owner_id, after(3))).await.unwrap());

    ports.statistics.rebuild(after(20)).await.unwrap();
    assert_eq!(numbers(ports, project.id).await, [0, 0, 0]);
    dispatch_all(ports, counting(), 2).await;
    assert_eq!(numbers(ports, project.id).await, [1, 1, 0]);
    assert_eq!(ports.statistics.rebuild(after(30)).await.unwrap(), 0);
}

async fn a_rebuild_is_exact_while_others_write(ports: &Ports) {
    let project = given_project(ports).await.id;
    simultaneously(4, |n| {
        let ports = ports.clone();
        async move {
            match n {
                0 => {
                    for minutes in 0..8 {
                        ports.statistics.rebuild(after(minutes)).await.unwrap();
                    }
                }
                1 => {
                    for _ in 0..20 {
                        dispatch_all(&ports, counting(), 3).await;
                    }
                }
                _ => change_at_random(&ports, project, &mut TestRng::new(n), 30).await,
            }
        }
    })
    .await;
    dispatch_all(ports, counting(), 10).await;
    assert_eq!(numbers(ports, project).await, counted(ports, project).await);
    assert_eq!(ports.statistics.rebuild(after(30)).await.unwrap(), 0);
}
