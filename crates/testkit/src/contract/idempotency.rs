//! Requests that are done once under their idempotency key.

use super::{conflict, simultaneously};
use crate::{
    builders::{
        MOMENT, NOBODY, after, idempotency, keyed_request, new_comment, new_project, new_task, project_name, title,
    },
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::{ProjectId, UserId},
    idempotency::{Created, Idempotency, IdempotencyRecord},
    page::PageRequest,
    ports::{
        comment::CommentRepository, constraint, idempotency::IdempotencyRepository, project::ProjectRepository,
        task::TaskRepository, user::UserRepository,
    },
    project::{NewProject, Project, ProjectFilter, ProjectPatch},
    task::{NewTask, Task, TaskInProject, TaskPageRequest, TaskQuery},
};

contract! { $
    idempotency {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        idempotency: IdempotencyRepository,
    }
    a_request_is_found_with_what_it_created,
    a_request_that_was_not_done_is_not_found,
    a_record_keeps_the_entity_as_it_was_created,
    a_second_request_under_a_key_is_refused_and_creates_nothing,
    a_failed_creation_is_not_recorded,
    one_of_simultaneous_requests_under_a_key_is_done,
    users_do_not_share_keys,
    an_expired_request_is_not_found_and_its_key_is_free,
    expired_requests_are_deleted,
}

/// What is known of the request at `now`.
async fn find_at(ports: &Ports, of: &Idempotency, now: Timestamp) -> Option<IdempotencyRecord> {
    ports.idempotency.find(of.user_id, &of.request.key, now).await.unwrap()
}

async fn find(ports: &Ports, of: &Idempotency) -> Option<IdempotencyRecord> {
    find_at(ports, of, of.at).await
}

fn record(of: &Idempotency, created: impl Into<Created>) -> IdempotencyRecord {
    IdempotencyRecord { fingerprint: of.request.fingerprint, created: created.into() }
}

/// The tasks of this project.
async fn tasks_of(ports: &Ports, project: ProjectId) -> Vec<Task> {
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    let listed = ports.tasks.list_in_project(project, NOBODY, all, first).await;
    listed.unwrap().unwrap().page.map(|view| view.task).items
}

async fn projects_of(ports: &Ports, owner: UserId) -> Vec<Project> {
    let page = ports.projects.list(ProjectFilter::of(owner), PageRequest::default()).await.unwrap();
    page.map(|view| view.project).items
}

async fn given_task(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap()
}

async fn a_request_is_found_with_what_it_created(ports: &Ports) {
    let found = given_task(ports).await;
    let owner = found.project.owner_id;
    let of = [idempotency(owner), idempotency(owner), idempotency(owner)];
    let assigned = NewTask { assignee_id: Some(owner), ..new_task(&found.project) };
    let project = ports.projects.create(new_project(owner), Some(of[0].clone())).await.unwrap();
    let task = ports.tasks.create(assigned, Some(of[1].clone())).await.unwrap();
    let comment = ports.comments.create(new_comment(&found, owner), Some(of[2].clone())).await.unwrap();
    assert_eq!(find(ports, &of[0]).await, Some(record(&of[0], project)));
    assert_eq!(find(ports, &of[1]).await, Some(record(&of[1], task)));
    assert_eq!(find(ports, &of[2]).await, Some(record(&of[2], comment)));
}

/// Keys are case-sensitive and belong to their user.
async fn a_request_that_was_not_done_is_not_found(ports: &Ports) {
    let (owner, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let of = Idempotency { request: keyed_request("Key"), ..idempotency(owner) };
    assert_eq!(find(ports, &of).await, None);
    ports.projects.create(new_project(owner), Some(of.clone())).await.unwrap();
    for (user_id, key) in [(owner, "key"), (owner, "Key2"), (other, "Key")] {
        let request = keyed_request(key);
        assert_eq!(find(ports, &Idempotency { request, user_id, ..of.clone() }).await, None, "{key}");
    }
}

/// The entity is changed and deleted afterwards.
async fn a_record_keeps_the_entity_as_it_was_created(ports: &Ports) {
    let owner = given::user(ports).await.id;
    let of = idempotency(owner);
    let project = ports.projects.create(new_project(owner), Some(of.clone())).await.unwrap();
    let patch = ProjectPatch { name: Some(project_name("Another")), ..ProjectPatch::default() };
    let changed = ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    assert_eq!(find(ports, &of).await, Some(record(&of, project.clone())));
    assert!(ports.projects.delete(changed.id, changed.version, MOMENT, None).await.unwrap());
    assert_eq!(find(ports, &of).await, Some(record(&of, project)));
}

/// `Conflict` with `IDEMPOTENCY_KEY`, whatever is to be created. The first record stays.
async fn a_second_request_under_a_key_is_refused_and_creates_nothing(ports: &Ports) {
    let found = given_task(ports).await;
    let of = idempotency(found.project.owner_id);
    let first = ports.projects.create(new_project(of.user_id), Some(of.clone())).await.unwrap();
    let before = projects_of(ports, of.user_id).await;
    let again = Idempotency { at: after(1), request: keyed_request(of.request.key.as_str()), ..of.clone() };

    let project = ports.projects.create(new_project(of.user_id), Some(again.clone())).await;
    let task = ports.tasks.create(new_task(&found.project), Some(again.clone())).await;
    let comment = ports.comments.create(new_comment(&found, of.user_id), Some(again)).await;
    assert_eq!(conflict(project), constraint::IDEMPOTENCY_KEY);
    assert_eq!(conflict(task), constraint::IDEMPOTENCY_KEY);
    assert_eq!(conflict(comment), constraint::IDEMPOTENCY_KEY);

    assert_eq!(projects_of(ports, of.user_id).await, before);
    let tasks = tasks_of(ports, found.project.id).await;
    assert_eq!(tasks.len(), 1);
    let comments = ports.comments.list_on_task(found.task.id, NOBODY, PageRequest::default()).await;
    assert_eq!(comments.unwrap().unwrap().page.items, []);
    assert_eq!(find(ports, &of).await, Some(record(&of, first)));
}

/// The key stays free.
async fn a_failed_creation_is_not_recorded(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let of = idempotency(owner.id);
    let nobody = Some(UserId::new(i64::MAX));
    let refused = ports.tasks.create(NewTask { assignee_id: nobody, ..new_task(&seen) }, Some(of.clone())).await;
    assert_eq!(conflict(refused), constraint::REFERENCE);
    assert_eq!(find(ports, &of).await, None);
    let task = ports.tasks.create(new_task(&seen), Some(of.clone())).await.unwrap();
    assert_eq!(find(ports, &of).await, Some(record(&of, task)));
}

/// The others get `Conflict`, and find what the first one created.
async fn one_of_simultaneous_requests_under_a_key_is_done(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let of = idempotency(owner.id);
    let done = simultaneously(20, |i| {
        let (ports, of) = (ports.clone(), of.clone());
        let new = NewTask { title: title(&format!("Title {i}")), ..new_task(&seen) };
        async move {
            match ports.tasks.create(new, Some(of.clone())).await {
                Ok(task) => (true, Some(record(&of, task))),
                refused => {
                    assert_eq!(conflict(refused), constraint::IDEMPOTENCY_KEY);
                    (false, find(&ports, &of).await)
                }
            }
        }
    })
    .await;
    assert_eq!(done.iter().filter(|(won, _)| *won).count(), 1);
    let tasks = tasks_of(ports, project.id).await;
    assert_eq!(tasks.len(), 1);
    let expected = Some(record(&of, tasks[0].clone()));
    assert!(done.iter().all(|(_, found)| *found == expected), "{done:#?}");
}

async fn users_do_not_share_keys(ports: &Ports) {
    let request = keyed_request("same");
    let made = simultaneously(5, |_| {
        let (ports, request) = (ports.clone(), request.clone());
        async move {
            let user_id = given::user(&ports).await.id;
            let of = Idempotency { request, user_id, at: MOMENT };
            let project = ports.projects.create(new_project(user_id), Some(of.clone())).await.unwrap();
            (of, project)
        }
    })
    .await;
    for (of, project) in made {
        assert_eq!(find(ports, &of).await, Some(record(&of, project)));
    }
}

/// A request expires after a day, to the microsecond.
async fn an_expired_request_is_not_found_and_its_key_is_free(ports: &Ports) {
    let owner = given::user(ports).await.id;
    let of = idempotency(owner);
    let first = ports.projects.create(new_project(owner), Some(of.clone())).await.unwrap();
    let last = of.expires_at() - TimeDelta::microseconds(1);
    assert_eq!(find_at(ports, &of, last).await, Some(record(&of, first.clone())));
    let early = ports.projects.create(new_project(owner), Some(Idempotency { at: last, ..of.clone() })).await;
    assert_eq!(conflict(early), constraint::IDEMPOTENCY_KEY);

    assert_eq!(find_at(ports, &of, of.expires_at()).await, None);
    let request = keyed_request(of.request.key.as_str());
    let next = Idempotency { request, at: of.expires_at(), ..of };
    let new = NewProject { created_at: next.at, ..new_project(owner) };
    let second = ports.projects.create(new, Some(next.clone())).await.unwrap();
    assert_eq!(find(ports, &next).await, Some(record(&next, second.clone())));
    assert_eq!(projects_of(ports, owner).await, [first, second]);
}

/// What they created stays.
async fn expired_requests_are_deleted(ports: &Ports) {
    let owner = given::user(ports).await.id;
    let old = idempotency(owner);
    let young = Idempotency { at: after(1), ..idempotency(owner) };
    for of in [&old, &young] {
        ports.projects.create(new_project(owner), Some(of.clone())).await.unwrap();
    }
    let now = old.expires_at();
    assert_eq!(ports.idempotency.delete_expired(now - TimeDelta::microseconds(1), 100).await.unwrap(), 0);
    assert_eq!(ports.idempotency.delete_expired(now, 100).await.unwrap(), 1);
    assert_eq!(ports.idempotency.delete_expired(now, 100).await.unwrap(), 0);
    assert_eq!(find(ports, &old).await, None);
    assert!(find(ports, &young).await.is_some());
    assert_eq!(projects_of(ports, owner).await.len(), 2);
}
