//! Lines of the audit that are committed with a change.

use crate::{
    builders::{
        MOMENT, NOBODY, after, comment_removal, display_name, new_comment, new_task, new_user, project_name, title,
    },
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, AuditRecord, Origin},
    comment::{CommentRemoval, NewComment},
    id::{CommentId, UserId},
    page::{Limit, PageRequest},
    password::PasswordHash,
    ports::{
        audit::AuditRepository, comment::CommentRepository, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    project::ProjectPatch,
    task::{NewTask, TaskPatch},
    user::{NewUser, UserChange, UserPatch},
};

contract! { $
    audit_commit {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        audit: AuditRepository,
    }
    a_line_is_committed_with_its_change,
    a_change_that_is_not_committed_has_no_line,
    each_task_of_a_request_has_its_line,
}

async fn list(ports: &Ports, filter: AuditFilter) -> Vec<AuditRecord> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.audit.list(filter, page).await.unwrap().items
}

/// A line of this action, without an object.
fn line(action: AuditAction) -> AuditEntry {
    AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default())
}

async fn written(ports: &Ports) -> Vec<(String, Option<String>)> {
    let mut records = list(ports, AuditFilter::default()).await;
    records.reverse();
    records.into_iter().map(|record| (record.action, record.object)).collect()
}

async fn a_line_is_committed_with_its_change(ports: &Ports) {
    let audit = |action| Some(line(action));
    let new = NewUser { audit: audit(AuditAction::UserCreated), ..new_user() };
    let user = ports.users.create(new).await.unwrap();
    let renamed = UserPatch { display_name: Some(display_name("Anna")), ..UserPatch::default() };
    let mut change = user.apply(renamed, after(1)).unwrap();
    change.audit = Some(line(AuditAction::UserUpdated).with_object(AuditObject::User(user.id)));
    ports.users.save(change, None).await.unwrap().unwrap();
    let reset = Some(line(AuditAction::PasswordSet).with_object(AuditObject::User(user.id)));
    ports.users.reset_password(user.id, PasswordHash::new("x".to_owned()), after(2), reset).await.unwrap().unwrap();

    let project = given::project(ports, user.id).await;
    let renamed = ProjectPatch { name: Some(project_name("Yard")), ..ProjectPatch::default() };
    let mut change = project.apply(renamed, after(1)).unwrap();
    change.audit = Some(line(AuditAction::ProjectUpdated).with_object(AuditObject::Project(project.id)));
    let project = ports.projects.save(change).await.unwrap().unwrap();
    let made = |task| NewTask { audit: audit(AuditAction::TaskCreated), ..task };
    let task = given::task_with(ports, project.id, made).await;
    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    let renamed = TaskPatch { title: Some(title("Weed")), ..TaskPatch::default() };
    let mut change = found.apply(renamed, user.id, after(1)).unwrap().unwrap();
    change.audit = Some(line(AuditAction::TaskUpdated).with_object(AuditObject::Task(task.id)));
    ports.tasks.save(change).await.unwrap().unwrap();
    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    let comment = NewComment { audit: audit(AuditAction::CommentCreated), ..new_comment(&found, user.id) };
    let comment = ports.comments.create(comment, None).await.unwrap();
    let deleted = line(AuditAction::CommentDeleted).with_object(AuditObject::Comment(comment.id));
    assert!(
        ports.comments.delete(CommentRemoval { audit: Some(deleted), ..comment_removal(comment.id) }).await.unwrap()
    );
    let mut removal = found.remove(user.id, after(2));
    removal.audit = Some(line(AuditAction::TaskDeleted).with_object(AuditObject::Task(task.id)));
    assert!(ports.tasks.delete(removal).await.unwrap());
    let deleted = line(AuditAction::ProjectDeleted).with_object(AuditObject::Project(project.id));
    assert!(ports.projects.delete(project.id, project.version, MOMENT, Some(deleted)).await.unwrap());

    let [user, project, task, comment] = [
        ("user", user.id.get()),
        ("project", project.id.get()),
        ("task", task.id.get()),
        ("comment", comment.id.get()),
    ]
    .map(|(kind, id)| format!("{kind}/{id}"));
    let expected = [
        ("user.created", &user),
        ("user.updated", &user),
        ("user.password_set", &user),
        ("project.updated", &project),
        ("task.created", &task),
        ("task.updated", &task),
        ("comment.created", &comment),
        ("comment.deleted", &comment),
        ("task.deleted", &task),
        ("project.deleted", &project),
    ];
    assert_eq!(written(ports).await, expected.map(|(action, object)| (action.to_owned(), Some(object.clone()))));
}

async fn a_change_that_is_not_committed_has_no_line(ports: &Ports) {
    let user = given::user(ports).await;
    let audit = || Some(line(AuditAction::UserCreated));
    let taken = NewUser { email: user.email.clone(), audit: audit(), ..new_user() };
    assert!(ports.users.create(taken).await.is_err());
    let renamed = UserPatch { display_name: Some(display_name("Anna")), ..UserPatch::default() };
    let stale = UserChange { based_on: 404, audit: audit(), ..user.apply(renamed, after(1)).unwrap() };
    assert_eq!(ports.users.save(stale, None).await.unwrap(), None);
    let nobody = UserId::new(i64::MAX);
    let reset = ports.users.reset_password(nobody, PasswordHash::new("x".to_owned()), after(2), audit()).await;
    assert_eq!(reset.unwrap(), None);
    let project = given::project(ports, user.id).await;
    assert!(!ports.projects.delete(project.id, 404, MOMENT, audit()).await.unwrap());
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let full = NewTask { quota: 0, audit: audit(), ..new_task(&seen) };
    assert!(ports.tasks.create(full, None).await.is_err());
    let missing = CommentRemoval { audit: audit(), ..comment_removal(CommentId::new(i64::MAX)) };
    assert!(!ports.comments.delete(missing).await.unwrap());
    assert_eq!(written(ports).await, []);
}

/// Many tasks are created and changed at once. A request that is refused has none.
async fn each_task_of_a_request_has_its_line(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let made = |quota| NewTask { quota, audit: Some(line(AuditAction::TaskCreated)), ..new_task(&seen) };
    assert!(ports.tasks.create_all(vec![made(1), made(1)], None).await.is_err());
    let created = ports.tasks.create_all(vec![made(2), made(2)], None).await.unwrap();
    let mut changes = Vec::new();
    for task in &created {
        let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
        let renamed = TaskPatch { title: Some(title("Weed")), ..TaskPatch::default() };
        let mut change = found.apply(renamed, owner.id, after(1)).unwrap().unwrap();
        change.audit = Some(line(AuditAction::TaskUpdated).with_object(AuditObject::Task(task.id)));
        changes.push(change);
    }
    assert!(ports.tasks.save_all(changes.clone()).await.unwrap().is_some());
    assert_eq!(ports.tasks.save_all(changes).await.unwrap(), None);
    let mut expected = Vec::new();
    for action in ["task.created", "task.updated"] {
        expected.extend(created.iter().map(|task| (action.to_owned(), Some(format!("task/{}", task.id)))));
    }
    assert_eq!(written(ports).await, expected);
}
