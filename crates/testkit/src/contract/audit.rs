//! Who did what: lines that come in groups, and those that are committed with what they tell of.

use crate::{
    Ports,
    builders::{MOMENT, after, display_name, new_comment, new_task, new_user, project_name, title},
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditChanges, AuditEntry, AuditFilter, AuditObject, AuditRecord, Origin},
    comment::NewComment,
    id::{AuditId, CommentId, UserId},
    page::{Cursor, Limit, PageRequest},
    password::PasswordHash,
    project::ProjectPatch,
    task::{NewTask, TaskPatch},
    user::{NewUser, UserChange, UserPatch},
};

fn entry(at: Timestamp, actor: Option<i64>, object: Option<i64>) -> AuditEntry {
    let origin = Origin { ip: Some("2001:db8::1".parse().unwrap()), request_id: Some("request-1".to_owned()) };
    let entry = AuditEntry::new(at, actor.map(UserId::new), AuditAction::Login, origin);
    AuditEntry { object: object.map(|id| AuditObject::User(UserId::new(id))), ..entry }
}

async fn list(ports: &Ports, filter: AuditFilter) -> Vec<AuditRecord> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.audit.list(filter, page).await.unwrap().items
}

fn ids(records: &[AuditRecord]) -> Vec<i64> {
    records.iter().map(|record| record.id.get()).collect()
}

/// Whatever is absent, and whatever the texts are.
pub async fn lines_come_back_as_they_were_written(ports: &Ports) {
    let strange = "a\"b\\c\n{é漢🦀}\u{1}";
    let changes = AuditChanges::default()
        .field("display_name", "Ann", strange)
        .field("assignee_id", Some(7), None::<i64>)
        .field("is_active", true, false);
    let full = AuditEntry { action: AuditAction::UserUpdated, ..entry(MOMENT, Some(3), Some(5)) }.changing(changes);
    let bare = AuditEntry::new(after(-1), None, AuditAction::LoginFailed, Origin::default());
    let written = ports.audit.append(vec![full, bare]).await.unwrap();
    assert_eq!(ports.audit.append(Vec::new()).await.unwrap(), []);
    let [first, second] = list(ports, AuditFilter::default()).await.try_into().unwrap();
    assert_eq!([first.id, second.id], written[..]);
    let changes =
        r#"{"assignee_id":[7,null],"display_name":["Ann","a\"b\\c\n{é漢🦀}\u0001"],"is_active":[true,false]}"#;
    let expected = AuditRecord {
        id: first.id,
        at: MOMENT,
        actor_id: Some(UserId::new(3)),
        action: "user.updated".to_owned(),
        object: Some("user/5".to_owned()),
        changes: changes.to_owned(),
        ip: Some("2001:db8::1".to_owned()),
        request_id: Some("request-1".to_owned()),
    };
    assert_eq!(first, expected);
    let expected = AuditRecord {
        id: second.id,
        at: after(-1),
        actor_id: None,
        action: "login.failed".to_owned(),
        object: None,
        changes: "{}".to_owned(),
        ip: None,
        request_id: None,
    };
    assert_eq!(second, expected);
}

/// In any combination; `since` takes its own moment in.
pub async fn lines_are_listed_by_every_combination_of_filters(ports: &Ports) {
    let mut entries = Vec::new();
    for minute in 0..3 {
        for actor in [None, Some(1), Some(2)] {
            for object in [None, Some(1), Some(5)] {
                entries.push(entry(after(minute), actor, object));
            }
        }
    }
    let written = ports.audit.append(entries.clone()).await.unwrap();
    for actor_id in [None, Some(1), Some(2), Some(9)].map(|id| id.map(UserId::new)) {
        for object in [None, Some("user/5"), Some("user/9"), Some("USER/5")] {
            for since in [None, Some(after(1)), Some(after(1) + TimeDelta::microseconds(1)), Some(after(9))] {
                let filter = AuditFilter { actor_id, object: object.map(str::to_owned), since };
                let fits = |entry: &AuditEntry| {
                    actor_id.is_none_or(|actor| entry.actor_id == Some(actor))
                        && object.is_none_or(|object| entry.object.is_some_and(|it| it.to_string() == object))
                        && since.is_none_or(|since| entry.at >= since)
                };
                let fitting = written.iter().zip(&entries).rev().filter(|(_, entry)| fits(entry));
                let expected: Vec<_> = fitting.map(|(id, _)| id.get()).collect();
                assert_eq!(ids(&list(ports, filter.clone()).await), expected, "{filter:?}");
            }
        }
    }
}

/// By when it happened, also what was written late; and each once while others come.
pub async fn the_newest_lines_come_first_on_every_page(ports: &Ports) {
    let minutes = [3, 1, 2, 2, 2, 0, 4];
    let entries = minutes.map(|minute| entry(after(minute), Some(1), None));
    let written = ports.audit.append(entries.to_vec()).await.unwrap();
    let expected: Vec<_> = [6, 0, 4, 3, 2, 1, 5].map(|index| written[index].get()).to_vec();
    let (mut walked, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), cursor: None });
    loop {
        let page = ports.audit.list(AuditFilter::default(), request).await.unwrap();
        walked.extend(ids(&page.items));
        ports.audit.append(vec![entry(after(9), Some(1), None)]).await.unwrap();
        let Some(cursor) = page.next else { break };
        request.cursor = Some(cursor);
    }
    assert_eq!(walked, expected);
    let beyond = PageRequest { cursor: Some(Cursor::after(i64::MAX)), ..request };
    assert_eq!(ports.audit.list(AuditFilter::default(), beyond).await.unwrap().items, []);
}

/// And leaves the others alone; one that is gone is no error.
pub async fn a_line_that_counts_is_changed(ports: &Ports) {
    let written = ports.audit.append(vec![entry(MOMENT, None, None), entry(MOMENT, None, None)]).await.unwrap();
    let counted = AuditChanges::default().field("refusals", 1_000, 1_007);
    ports.audit.recount(vec![(written[0], counted.clone()), (AuditId::new(i64::MAX), counted)]).await.unwrap();
    let [second, first] = list(ports, AuditFilter::default()).await.try_into().unwrap();
    assert_eq!((first.changes.as_str(), second.changes.as_str()), (r#"{"refusals":[1000,1007]}"#, "{}"));
}

/// The oldest first, and no more than asked for.
pub async fn old_lines_are_deleted(ports: &Ports) {
    let entries = [2, 0, 1, 3].map(|minute| entry(after(minute), None, None));
    let written = ports.audit.append(entries.to_vec()).await.unwrap();
    let delete = async |minute, limit| ports.audit.delete_until(after(minute), limit).await.unwrap();
    assert_eq!((delete(-1, 9).await, delete(2, 1).await, delete(2, 9).await, delete(2, 9).await), (0, 1, 2, 0));
    assert_eq!(ids(&list(ports, AuditFilter::default()).await), [written[3].get()]);
    // A page that began before goes on where nothing is left.
    let gone = PageRequest { cursor: Some(Cursor::after(written[0].get())), ..PageRequest::default() };
    assert_eq!(ports.audit.list(AuditFilter::default(), gone).await.unwrap().items, []);
}

/// What a line of this action is about, once it is committed.
fn line(action: AuditAction) -> AuditEntry {
    AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default())
}

async fn told(ports: &Ports) -> Vec<(String, Option<String>)> {
    let mut records = list(ports, AuditFilter::default()).await;
    records.reverse();
    records.into_iter().map(|record| (record.action, record.object)).collect()
}

/// Also where it makes what the line is about.
pub async fn a_line_is_committed_with_what_it_tells_of(ports: &Ports) {
    let audit = |action| Some(line(action));
    let new = NewUser { audit: audit(AuditAction::UserCreated), ..new_user() };
    let user = ports.users.create(new).await.unwrap();
    let renamed = UserPatch { display_name: Some(display_name("Anna")), ..UserPatch::default() };
    let mut change = user.apply(renamed, after(1)).unwrap();
    change.audit = Some(line(AuditAction::UserUpdated).about(AuditObject::User(user.id)));
    ports.users.save(change, None).await.unwrap().unwrap();
    let reset = Some(line(AuditAction::PasswordSet).about(AuditObject::User(user.id)));
    ports.users.reset_password(user.id, PasswordHash::new("x".to_owned()), after(2), reset).await.unwrap().unwrap();

    let project = ports.given_project(user.id).await;
    let renamed = ProjectPatch { name: Some(project_name("Yard")), ..ProjectPatch::default() };
    let mut change = project.apply(renamed, after(1)).unwrap();
    change.audit = Some(line(AuditAction::ProjectUpdated).about(AuditObject::Project(project.id)));
    let project = ports.projects.save(change).await.unwrap().unwrap();
    let made = |task| NewTask { audit: audit(AuditAction::TaskCreated), ..task };
    let task = ports.given_task_like(project.id, made).await;
    let found = ports.tasks.find(task.id).await.unwrap().unwrap();
    let renamed = TaskPatch { title: Some(title("Weed")), ..TaskPatch::default() };
    let mut change = found.apply(renamed, user.id, after(1)).unwrap().unwrap();
    change.audit = Some(line(AuditAction::TaskUpdated).about(AuditObject::Task(task.id)));
    ports.tasks.save(change).await.unwrap().unwrap();
    let found = ports.tasks.find(task.id).await.unwrap().unwrap();
    let comment = NewComment { audit: audit(AuditAction::CommentCreated), ..new_comment(&found, user.id) };
    let comment = ports.comments.create(comment, None).await.unwrap();
    let deleted = line(AuditAction::CommentDeleted).about(AuditObject::Comment(comment.id));
    assert!(ports.comments.delete(comment.id, Some(deleted)).await.unwrap());
    let mut removal = found.remove(user.id, after(2));
    removal.audit = Some(line(AuditAction::TaskDeleted).about(AuditObject::Task(task.id)));
    assert!(ports.tasks.delete(removal).await.unwrap());
    let deleted = line(AuditAction::ProjectDeleted).about(AuditObject::Project(project.id));
    assert!(ports.projects.delete(project.id, project.version, Some(deleted)).await.unwrap());

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
    assert_eq!(told(ports).await, expected.map(|(action, object)| (action.to_owned(), Some(object.clone()))));
}

/// Another version, a conflict, or something that is gone.
pub async fn what_is_not_committed_has_no_line(ports: &Ports) {
    let user = ports.given_user().await;
    let audit = || Some(line(AuditAction::UserCreated));
    let taken = NewUser { email: user.email.clone(), audit: audit(), ..new_user() };
    assert!(ports.users.create(taken).await.is_err());
    let renamed = UserPatch { display_name: Some(display_name("Anna")), ..UserPatch::default() };
    let stale = UserChange { based_on: 404, audit: audit(), ..user.apply(renamed, after(1)).unwrap() };
    assert_eq!(ports.users.save(stale, None).await.unwrap(), None);
    let nobody = UserId::new(i64::MAX);
    let reset = ports.users.reset_password(nobody, PasswordHash::new("x".to_owned()), after(2), audit()).await;
    assert_eq!(reset.unwrap(), None);
    let project = ports.given_project(user.id).await;
    assert!(!ports.projects.delete(project.id, 404, audit()).await.unwrap());
    let seen = ports.tasks.find_project(project.id).await.unwrap().unwrap();
    let full = NewTask { quota: 0, audit: audit(), ..new_task(&seen) };
    assert!(ports.tasks.create(full, None).await.is_err());
    assert!(!ports.comments.delete(CommentId::new(i64::MAX), audit()).await.unwrap());
    assert_eq!(told(ports).await, []);
}
