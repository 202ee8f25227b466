use super::*;
use fasttrack_domain::{
    Timestamp,
    comment::{Comment, CommentView},
    email::Email,
    id::{CommentId, LabelId, ProjectId, TaskId, UserId, WebhookId},
    label::Label,
    membership::{Member, MemberRole},
    person::Person,
    project::{Project, ProjectStatus},
    reminder::Reminders,
    task::{Task, TaskPriority, TaskStatus, TaskView},
    text::{CommentBody, Description, DisplayName, LabelName, TaskTitle},
};
use serde_json::json;
use std::iter;

/// Each takes another number of bytes in JSON: 1, 2, 3, 4, 2 and 6.
const CHARACTERS: [char; 6] = ['a', 'é', '…', '😀', '"', '\u{1}'];

fn at() -> Timestamp {
    "2026-11-01T09:30:00.000001Z".parse().unwrap()
}

fn person(id: i64, name: &str) -> Person {
    Person { id: UserId::new(id), display_name: DisplayName::parse(name.to_owned()).unwrap() }
}

fn task(description: Option<String>) -> TaskView {
    let task = Task {
        id: TaskId::new(42),
        project_id: ProjectId::new(7),
        title: "Paint".parse().unwrap(),
        description: description.map(|text| Description::parse(text).unwrap()),
        status: TaskStatus::Todo,
        priority: TaskPriority::Low,
        assignee_id: Some(UserId::new(2)),
        due: None,
        reminders: Reminders::from_storage(Vec::new()),
        labels: iter::empty::<LabelId>().collect(),
        parent_id: None,
        moved_to: None,
        completed_at: None,
        created_at: at(),
        updated_at: at(),
        version: 2,
    };
    TaskView { task, assignee: Some(person(2, "Ben")), labels: Vec::new() }
}

fn comment(body: String) -> CommentView {
    let comment = Comment {
        id: CommentId::new(3),
        task_id: TaskId::new(42),
        author_id: UserId::new(2),
        body: CommentBody::parse(body).unwrap(),
        created_at: at(),
    };
    CommentView { comment, author: person(2, "Ben") }
}

fn project(description: Option<String>) -> Project {
    Project {
        id: ProjectId::new(7),
        name: "Garden".parse().unwrap(),
        description: description.map(|text| Description::parse(text).unwrap()),
        status: ProjectStatus::Active,
        owner_id: UserId::new(1),
        created_at: at(),
        updated_at: at(),
        version: 3,
    }
}

fn member() -> Member {
    Member {
        user_id: UserId::new(2),
        display_name: "Ben".parse().unwrap(),
        email: Some(Email::parse("ben@example.org").unwrap()),
        role: MemberRole::Editor,
        created_at: at(),
    }
}

fn content(change: Change) -> DeliveryContent {
    DeliveryContent::Change { actor: person(1, "Ann"), at: at(), change: Box::new(change) }
}

fn body(content: &DeliveryContent) -> (usize, Value) {
    let body = JsonDeliveryEncoder.encode(content).unwrap();
    (body.len(), serde_json::from_str(&body).unwrap())
}

#[test]
fn body_has_type_time_actor_and_the_payload_of_the_api() {
    let ann = json!({"id": 1, "display_name": "Ann"});
    let mut shown_project = serde_json::to_value(ProjectPayload::from(ProjectView::of_owner(project(None)))).unwrap();
    shown_project.as_object_mut().unwrap().remove("role").unwrap();
    let mut shown_member = serde_json::to_value(MemberPayload::from(member())).unwrap();
    for field in ["email", "role"] {
        shown_member.as_object_mut().unwrap().remove(field).unwrap();
    }
    let shown_task = serde_json::to_value(TaskPayload::from(task(None))).unwrap();
    let shown_comment = serde_json::to_value(CommentPayload::from(comment("Soon".to_owned()))).unwrap();
    for (change, kind, name, shown) in [
        (Change::TaskCreated(task(None)), "task.created", "task", &shown_task),
        (Change::TaskUpdated(task(None)), "task.updated", "task", &shown_task),
        (Change::TaskDeleted(task(None)), "task.deleted", "task", &shown_task),
        (Change::CommentCreated(comment("Soon".to_owned())), "comment.created", "comment", &shown_comment),
        (Change::CommentDeleted(comment("Soon".to_owned())), "comment.deleted", "comment", &shown_comment),
        (Change::ProjectUpdated(project(None)), "project.updated", "project", &shown_project),
        (Change::MemberAdded(member()), "member.added", "member", &shown_member),
        (Change::MemberRemoved(member()), "member.removed", "member", &shown_member),
    ] {
        let (_, body) = body(&content(change));
        let expected = json!({"type": kind, "timestamp": timestamp::text(at()), "data": {"actor": ann, name: shown}});
        assert_eq!(body, expected, "{kind}");
    }
}

#[test]
fn ping_names_its_webhook() {
    let (_, body) = body(&DeliveryContent::Ping { webhook_id: WebhookId::new(5), at: at() });
    let expected = json!({"type": "ping", "timestamp": "2026-11-01T09:30:00.000001Z", "data": {"webhook_id": 5}});
    assert_eq!(body, expected);
}

#[test]
fn long_text_is_cut_until_the_body_fits() {
    for character in CHARACTERS {
        let long = iter::repeat_n(character, 10_000).collect::<String>();
        for (change, pointer) in [
            (Change::TaskUpdated(task(Some(long.clone()))), "/data/task/description"),
            (Change::CommentCreated(comment(long.clone())), "/data/comment/body"),
            (Change::ProjectUpdated(project(Some(long.clone()))), "/data/project/description"),
        ] {
            let (length, body) = body(&content(change));
            let text = body.pointer(pointer).unwrap().as_str().unwrap();
            assert!(length < MAX_BYTES && long.starts_with(text), "{character:?}: {length}");
            let is_cut = text.len() < long.len();
            assert!(is_cut || json_length(character) < 3, "{character:?}");
            assert_eq!(body["data"].get("truncated"), is_cut.then_some(&json!(true)), "{character:?}");
            if is_cut {
                assert!(length >= MAX_BYTES - json_length(character), "{character:?}: {length}");
            }
        }
    }
}

#[test]
fn body_below_the_bound_is_whole() {
    let (empty, _) = body(&content(Change::TaskUpdated(task(Some(String::new())))));
    // Each ellipsis takes three bytes, so that 10,000 characters suffice.
    let fits = MAX_BYTES - 1 - empty;
    for (extra, is_cut) in [(0, false), (1, true)] {
        let text = "…".repeat(fits / 3) + &"a".repeat(fits % 3 + extra);
        let (length, body) = body(&content(Change::TaskUpdated(task(Some(text.clone())))));
        assert_eq!(body["data"].get("truncated").is_some(), is_cut, "{length}");
        assert_eq!(body["data"]["task"]["description"] == text.as_str(), !is_cut);
        assert!(length < MAX_BYTES);
    }
}

#[test]
fn everything_else_at_its_longest_leaves_room() {
    let longest = |count| "\u{1}".repeat(count);
    let mut view = task(Some(longest(10_000)));
    view.task.title = TaskTitle::parse(longest(200)).unwrap();
    view.assignee = Some(person(2, &longest(100)));
    view.task.reminders = Reminders::from_storage(vec![at(); 5]);
    let label = |id| Label {
        id: LabelId::new(id),
        project_id: ProjectId::new(i64::MAX),
        name: LabelName::parse(longest(50)).unwrap(),
        color: "#2e8b57".parse().unwrap(),
    };
    view.labels = (i64::MAX - 20..i64::MAX).map(label).collect();
    let (length, body) = body(&content(Change::TaskUpdated(view)));
    assert!(length < MAX_BYTES, "{length}");
    assert_eq!(body["data"]["truncated"], true);
    assert!(body["data"]["task"]["description"].as_str().is_some_and(|text| text.len() > 1_000));
}

#[test]
fn length_in_json_is_that_of_the_serializer() {
    for character in ('\0'..='\u{100}').chain(CHARACTERS).chain(['\u{2028}', '\u{ffff}', '\u{10ffff}']) {
        let written = serde_json::to_string(&character.to_string()).unwrap();
        assert_eq!(json_length(character), written.len() - 2, "{character:?}");
    }
}
