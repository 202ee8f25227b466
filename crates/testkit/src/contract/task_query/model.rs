//! Random lists of random tasks, compared with what the domain selects and orders.

use super::shared::{Ports, World, find, maybe, one, random_due, words};
use crate::{
    builders::{NOBODY, after},
    contract::TestRng,
};
use fasttrack_domain::{
    api_token::Reach,
    id::{LabelId, ProjectId, TaskId, UserId},
    page::Limit,
    search::SearchQuery,
    task::{
        IdFilter, TaskFilter, TaskInProject, TaskList, TaskOrder, TaskPage, TaskPageRequest, TaskPriority, TaskQuery,
        TaskSort, TaskStatus, TaskView,
    },
};

const LISTS: usize = 120;

fn id_filter<T: Copy>(rng: &mut TestRng, ids: &[T]) -> Option<IdFilter<T>> {
    match rng.below(8) {
        0 => Some(IdFilter::None),
        1 | 2 => Some(IdFilter::Id(one(rng, ids))),
        _ => None,
    }
}

/// Mostly one or two conditions, so that most lists aren't empty.
fn random_filter(world: &World, rng: &mut TestRng) -> TaskFilter {
    let mut labels: Vec<LabelId> = world.labels.concat();
    labels.push(LabelId::new(i64::MAX));
    let mut filter = TaskFilter::default();
    for _ in 0..rng.below(4) {
        match rng.below(9) {
            0 => filter.status = maybe(rng, TaskStatus::ALL),
            1 => filter.priority = maybe(rng, TaskPriority::ALL),
            2 => filter.completed = maybe(rng, &[true, false]),
            3 => filter.assignee_id = id_filter(rng, &world.users),
            4 => filter.labels.push(one(rng, &labels)),
            5 => filter.parent_id = id_filter(rng, &world.tasks),
            6 => filter.due_from = Some(random_due(rng).beginning()),
            7 => filter.due_until = Some(random_due(rng).at()),
            _ => filter.updated_since = Some(after(i64::try_from(rng.below(5)).unwrap())),
        }
    }
    if rng.below(4) == 0 {
        filter.search = Some(SearchQuery::parse(&words(rng, 2)).unwrap());
    }
    if rng.below(3) == 0 {
        filter.reach = random_reach(world, rng);
    }
    filter
}

/// Some of the projects, and one that isn't there.
fn random_reach(world: &World, rng: &mut TestRng) -> Reach {
    let ids = world.projects.iter().map(|project| project.id);
    let mut ids: Vec<_> = ids.filter(|_| rng.below(2) == 0).collect();
    ids.push(ProjectId::new(i64::MAX));
    Reach::only(ids)
}

fn random_query(world: &World, rng: &mut TestRng) -> TaskQuery {
    let order = one(rng, TaskOrder::ALL);
    TaskQuery { filter: random_filter(world, rng), sort: TaskSort { order, descending: rng.below(2) == 0 } }
}

async fn page(ports: &Ports, list: TaskList, all: bool, query: &TaskQuery, request: TaskPageRequest) -> TaskPage {
    let query = query.clone();
    match list {
        TaskList::InProject(id) => ports.tasks.list_in_project(id, NOBODY, query, request).await.unwrap().unwrap().page,
        TaskList::Assigned(user) => ports.tasks.list_assigned(user, query, request).await.unwrap(),
        TaskList::Visible(user) => ports.tasks.list_visible(user, all, query, request).await.unwrap(),
    }
}

/// Reads every page. Each but the last is full, and each cursor is accepted as the text that a client sends.
async fn walk(ports: &Ports, list: TaskList, all: bool, query: &TaskQuery, limit: Limit) -> Vec<TaskView> {
    let (mut views, mut request) = (Vec::<TaskView>::new(), TaskPageRequest { limit, cursor: None });
    loop {
        let page = page(ports, list, all, query, request).await;
        assert!(page.next.is_none() || page.items.len() == limit.get() as usize, "{query:?}");
        let is_first = views.is_empty();
        assert!(is_first || !page.items.is_empty(), "the page before the last has no next: {query:?}");
        views.extend(page.items);
        let Some(cursor) = page.next else { return views };
        assert_eq!(Some(cursor.id()), views.last().map(|view| view.task.id), "{query:?}");
        assert_eq!(query.parse_cursor(list, &cursor.encode()), Ok(cursor.clone()), "{query:?}");
        request = TaskPageRequest { limit, cursor: Some(cursor) };
    }
}

/// The tasks of a list, selected and ordered by the domain.
fn expected(tasks: &[TaskInProject], query: &TaskQuery, is_listed: impl Fn(&TaskInProject) -> bool) -> Vec<TaskView> {
    let selected = tasks.iter().filter(|found| is_listed(found) && query.filter.matches(&found.task));
    let mut selected: Vec<_> = selected.cloned().map(TaskView::from).collect();
    selected.sort_by(|a, b| query.sort.compare(&a.task, &b.task));
    selected
}

async fn stored(ports: &Ports, tasks: &[TaskId]) -> Vec<TaskInProject> {
    let mut found = Vec::new();
    for id in tasks {
        found.push(find(ports, *id).await);
    }
    found
}

fn ids(views: &[TaskView]) -> Vec<TaskId> {
    views.iter().map(|view| view.task.id).collect()
}

/// Compares random lists of a world with what the domain says. `all` is for lists of visible tasks.
async fn compare(
    ports: &Ports,
    seed: usize,
    all: bool,
    lists: impl Fn(&World) -> Vec<TaskList>,
    is_listed: impl Fn(&World, TaskList, &TaskInProject) -> bool,
) {
    let mut rng = TestRng::new(seed);
    let world = World::random(ports, &mut rng).await;
    let tasks = stored(ports, &world.tasks).await;
    let lists = lists(&world);
    for n in 0..LISTS {
        let (list, query) = (one(&mut rng, &lists), random_query(&world, &mut rng));
        let limit = Limit::new([1, 2, 3, 7, 100][rng.below(5)]).unwrap();
        let found = walk(ports, list, all, &query, limit).await;
        let expected = expected(&tasks, &query, |found| is_listed(&world, list, found));
        assert_eq!(ids(&found), ids(&expected), "seed {seed}, list {n}: {list:?} {query:?} {limit:?}");
        assert_eq!(found, expected, "seed {seed}, list {n}");
    }
}

fn is_assigned(found: &TaskInProject, user: UserId) -> bool {
    found.task.assignee_id == Some(user)
}

pub(super) async fn lists_of_a_project_are_those_of_the_domain(ports: &Ports) {
    let lists =
        |world: &World| world.projects.iter().map(|project| TaskList::InProject(project.id)).collect::<Vec<_>>();
    compare(ports, 1, false, lists, |_, list, found| list == TaskList::InProject(found.project.id)).await;
}

pub(super) async fn lists_of_an_assignee_are_those_of_the_domain(ports: &Ports) {
    let lists = |world: &World| world.users.map(TaskList::Assigned).to_vec();
    let is_listed = |_: &World, list: TaskList, found: &TaskInProject| {
        found.task.assignee_id.is_some_and(|assignee| list == TaskList::Assigned(assignee))
    };
    compare(ports, 2, false, lists, is_listed).await;
}

/// Of members and of assignees.
pub(super) async fn lists_of_what_a_user_may_read_are_those_of_the_domain(ports: &Ports) {
    let lists = |world: &World| world.users.map(TaskList::Visible).to_vec();
    let is_listed = |world: &World, list: TaskList, found: &TaskInProject| {
        let TaskList::Visible(user) = list else { return false };
        let [owner, member, _] = world.users;
        // The owner of the first project is a member of the second, too.
        let is_member =
            |place: usize, users: &[UserId]| found.project.id == world.projects[place].id && users.contains(&user);
        is_assigned(found, user) || is_member(0, &[owner]) || is_member(1, &[owner, member])
    };
    compare(ports, 3, false, lists, is_listed).await;
}

pub(super) async fn lists_of_all_tasks_are_those_of_the_domain(ports: &Ports) {
    let lists = |world: &World| vec![TaskList::Visible(world.users[2])];
    compare(ports, 4, true, lists, |_, _, _| true).await;
}
