use super::{
    body::{CreateTaskBody, PatchTaskBody},
    bulk::{CreateTasksBody, UpdateTasksBody},
    move_to::MovePlace,
    query::{ScopedTaskListQuery, TaskListQuery},
};
use crate::{
    http::error::{ApiError, ErrorCode},
    input::{fault::Faults, query::parameters},
};
use deserr::{Deserr, IntoValue, ValuePointerRef};
use fasttrack_domain::{
    id::{LabelId, ProjectId, TaskId},
    patch::Patch,
    task::{IdFilter, Place, TaskDraft, TaskFilter, TaskList, TaskPatch, TaskQuery, TaskScope, TaskStatus},
};
use serde_json::{Value as Json, json};

/// The faults as fields and codes, ascending; none of what is accepted.
fn faults<T>(parsed: Result<T, Faults>) -> Vec<(String, &'static str)> {
    let details = parsed.err().map(|faults| ApiError::from(faults).details).unwrap_or_default();
    let mut faults: Vec<_> = details.into_iter().map(|detail| (detail.field, detail.code)).collect();
    faults.sort_unstable();
    faults
}

fn of<const N: usize>(expected: [(&str, &'static str); N]) -> Vec<(String, &'static str)> {
    expected.map(|(field, code)| (field.to_owned(), code)).into()
}

fn body<T: Deserr<Faults>>(json: &Json) -> Result<T, Faults> {
    deserr::deserialize::<T, _, Faults>(json.clone())
}

fn query<T: Deserr<Faults>>(text: &str) -> Result<T, Faults> {
    let parameters = Json::Object(parameters(text)).into_value();
    T::deserialize_from_value(parameters, ValuePointerRef::Origin.push_key("query"))
}

#[test]
fn wrong_member_of_a_task_is_named() {
    let instants: Vec<_> = (1..=6).map(|day| format!("2999-12-0{day}T09:30:00Z")).collect();
    for (member, value, field, code) in [
        ("due", json!(7), "due", "wrong_type"),
        ("due", json!(""), "due", "invalid"),
        ("due", json!("2026-02-30"), "due", "invalid"),
        ("due", json!("1969-12-31"), "due", "invalid"),
        ("due", json!("2026-12-01 09:30:00Z"), "due", "invalid"),
        ("reminders", json!(null), "reminders", "wrong_type"),
        ("reminders", json!(instants[0]), "reminders", "wrong_type"),
        ("reminders", json!([instants[0], null]), "reminders.1", "wrong_type"),
        ("reminders", json!([instants[0], "2999-12-01"]), "reminders.1", "invalid"),
        ("reminders", json!(instants), "reminders", "too_many"),
        ("labels", json!(null), "labels", "wrong_type"),
        ("labels", json!(3), "labels", "wrong_type"),
        ("labels", json!([3, "4"]), "labels.1", "wrong_type"),
        ("labels", json!([3, 4.5]), "labels.1", "wrong_type"),
        ("labels", json!([3, 1e300]), "labels.1", "out_of_range"),
        ("labels", json!((1..=21).collect::<Vec<_>>()), "labels", "too_many"),
        ("parent_id", json!("7"), "parent_id", "wrong_type"),
        ("parent_id", json!(7.5), "parent_id", "wrong_type"),
        ("position", json!("01"), "position", "unknown_field"),
        ("completed_at", json!(null), "completed_at", "unknown_field"),
    ] {
        let task = json!({"title": "Paint", member: value});
        assert_eq!(faults(body::<CreateTaskBody>(&task)), of([(field, code)]), "{task}");
        assert_eq!(faults(body::<PatchTaskBody>(&task)), of([(field, code)]), "{task}");
    }
}

#[test]
fn null_is_absent_in_a_new_task_and_clears_in_a_patch() {
    let task = json!({"title": "Paint", "due": null, "parent_id": null});
    let draft = TaskDraft::from(body::<CreateTaskBody>(&task).unwrap());
    assert_eq!(draft, TaskDraft::new("Paint".parse().unwrap()));
    let patch = TaskPatch::from(body::<PatchTaskBody>(&task).unwrap());
    assert_eq!((patch.due, patch.parent_id), (Patch::Clear, Patch::Clear));
    assert_eq!((patch.reminders, patch.labels), (None, None));
}

#[test]
fn repeated_elements_count_once() {
    let (labels, reminders) = (vec![3; 30], vec!["2999-12-01T09:30:00Z"; 30]);
    let task = json!({"title": "Paint", "labels": labels, "reminders": reminders});
    let draft = TaskDraft::from(body::<CreateTaskBody>(&task).unwrap());
    assert_eq!((draft.labels.distinct(), draft.reminders.distinct().len()), (vec![LabelId::new(3)], 1));
}

#[test]
fn a_move_has_exactly_one_place() {
    let both = || of([("after", "ambiguous"), ("before", "ambiguous")]);
    for (place, expected) in [
        (json!({}), of([("after", "required")])),
        (json!({"before": null}), of([("before", "wrong_type")])),
        (json!({"before": "7"}), of([("before", "wrong_type")])),
        (json!({"after": "7"}), of([("after", "wrong_type")])),
        (json!({"after": 7, "before": 8}), both()),
        (json!({"after": null, "before": 8}), both()),
        (json!({"after": 7, "position": "01"}), of([("position", "unknown_field")])),
        (json!([]), of([("body", "wrong_type")])),
    ] {
        assert_eq!(faults(body::<MovePlace>(&place)), expected, "{place}");
    }
    let seven = TaskId::new(7);
    for (place, expected) in [
        (json!({"after": null}), Place::First),
        (json!({"after": 7}), Place::After(seven)),
        (json!({"before": 7.0}), Place::Before(seven)),
    ] {
        assert_eq!(body::<MovePlace>(&place).map(|place| place.0).ok(), Some(expected), "{place}");
    }
}

#[test]
fn fault_of_one_of_many_new_tasks_is_named() {
    let task = json!({"title": "Paint"});
    for (tasks, expected) in [
        (json!({}), of([("tasks", "required")])),
        (json!({"tasks": null}), of([("tasks", "wrong_type")])),
        (json!({"tasks": []}), of([("tasks", "too_few")])),
        (json!({"tasks": vec![&task; 501]}), of([("tasks", "too_many")])),
        (
            json!({"tasks": [task, {"title": "", "x": 1}, 7, {"title": "Oil", "labels": [3, null]}]}),
            of([
                ("tasks.1.title", "too_short"),
                ("tasks.1.x", "unknown_field"),
                ("tasks.2", "wrong_type"),
                ("tasks.3.labels.1", "wrong_type"),
            ]),
        ),
    ] {
        assert_eq!(faults(body::<CreateTasksBody>(&tasks)), expected);
    }
    assert!(body::<CreateTasksBody>(&json!({"tasks": vec![task; 500]})).is_ok());
}

#[test]
fn fault_of_a_common_patch_is_named() {
    let ids: Vec<_> = (1..=501).collect();
    for (change, expected) in [
        (json!({}), of([("ids", "required"), ("patch", "required")])),
        (json!({"ids": [1]}), of([("patch", "required")])),
        (json!({"ids": [], "patch": {}}), of([("ids", "too_few")])),
        (json!({"ids": ids, "patch": {}}), of([("ids", "too_many")])),
        (json!({"ids": ["1", 2, null], "patch": {}}), of([("ids.0", "wrong_type"), ("ids.2", "wrong_type")])),
        (json!({"ids": [1], "patch": null}), of([("patch", "wrong_type")])),
        (
            json!({"ids": [1], "patch": {"title": null, "labels": ["3"], "x": 1}, "y": 1}),
            of([
                ("patch.labels.0", "wrong_type"),
                ("patch.title", "wrong_type"),
                ("patch.x", "unknown_field"),
                ("y", "unknown_field"),
            ]),
        ),
    ] {
        assert_eq!(faults(body::<UpdateTasksBody>(&change)), expected);
    }
    assert!(body::<UpdateTasksBody>(&json!({"ids": ids[..500], "patch": {"due": null}})).is_ok());
}

#[test]
fn wrong_parameter_of_a_list_is_named() {
    let long = format!("q={}", "a".repeat(201));
    for (text, field, code) in [
        ("completed=yes", "query.completed", "invalid"),
        ("assignee_id=nobody", "query.assignee_id", "invalid"),
        ("assignee_id=0", "query.assignee_id", "out_of_range"),
        ("parent_id=NONE", "query.parent_id", "invalid"),
        ("parent_id=-1", "query.parent_id", "out_of_range"),
        ("label=x", "query.label", "invalid"),
        ("label=3&label=0", "query.label", "out_of_range"),
        ("label=3&label=", "query.label", "invalid"),
        ("due_from=2026-02-30", "query.due_from", "invalid"),
        ("due_until=tomorrow", "query.due_until", "invalid"),
        ("updated_since=", "query.updated_since", "invalid"),
        ("q=", "query.q", "too_short"),
        (long.as_str(), "query.q", "too_long"),
        ("q=%20-!", "query.q", "no_word"),
        ("q=a%00", "query.q", "nul_character"),
        ("sort=title", "query.sort", "invalid"),
        ("sort=--due", "query.sort", "invalid"),
        ("limit=0", "query.limit", "out_of_range"),
        ("cursor=x", "query.cursor", "invalid"),
        ("sort=id&cursor=", "query.cursor", "invalid"),
    ] {
        assert_eq!(faults(query::<TaskListQuery>(text)), of([(field, code)]), "{text}");
        assert_eq!(faults(query::<ScopedTaskListQuery>(&format!("{text}&scope=visible"))), of([(field, code)]));
    }
    assert_eq!(faults(query::<ScopedTaskListQuery>("scope=all")), of([("query.scope", "invalid")]));
    assert_eq!(faults(query::<TaskListQuery>("scope=all&unknown=x")), of([]));
}

#[test]
fn every_wrong_parameter_is_named_at_once() {
    let expected = of([("query.cursor", "invalid"), ("query.label", "invalid"), ("query.limit", "out_of_range")]);
    assert_eq!(faults(query::<TaskListQuery>("limit=0&cursor=x&label=x")), expected);
    let expected = of([("query.scope", "invalid"), ("query.sort", "invalid")]);
    assert_eq!(faults(query::<ScopedTaskListQuery>("scope=x&sort=x&cursor=x")), expected);
}

#[test]
fn cursor_of_another_order_is_refused() {
    let list = TaskList::InProject(ProjectId::new(7));
    let of_42 = |sort: &str| query::<TaskListQuery>(&format!("{sort}cursor=eyJpZCI6IDQyfQ")).unwrap().of(list);
    for sort in ["", "sort=id&"] {
        assert_eq!(of_42(sort).unwrap().1.cursor.map(|cursor| cursor.id()), Some(TaskId::new(42)));
    }
    for sort in ["sort=-id&", "sort=due&", "sort=position&"] {
        let refused = ApiError::from(of_42(sort).unwrap_err());
        assert_eq!((refused.code, refused.details[0].field.as_str()), (ErrorCode::InvalidCursor, "query.cursor"));
    }
}

#[test]
fn parameters_select_and_order_tasks() {
    let text = "status=todo&completed=false&assignee_id=none&parent_id=7&label=4&label=3&label=4&due_from=2026-12-01\
                &due_until=2026-12-01&updated_since=2026-11-01T10:30:00%2B01:00&q=Fence&sort=-due&scope=visible";
    let ScopedTaskListQuery { scope, tasks } = query(text).unwrap();
    let (query, page) = tasks.of(TaskList::InProject(ProjectId::new(7))).unwrap();
    let filter = TaskFilter {
        status: Some(TaskStatus::Todo),
        priority: None,
        completed: Some(false),
        assignee_id: Some(IdFilter::None),
        labels: vec![LabelId::new(3), LabelId::new(4)],
        parent_id: Some(IdFilter::Id(TaskId::new(7))),
        due_from: Some("2026-12-01T00:00:00Z".parse().unwrap()),
        due_until: Some("2026-12-01T23:59:59.999999Z".parse().unwrap()),
        updated_since: Some("2026-11-01T09:30:00Z".parse().unwrap()),
        search: Some(fasttrack_domain::search::SearchQuery::parse("fence").unwrap()),
        ..TaskFilter::default()
    };
    assert_eq!(query, TaskQuery { filter, sort: "-due".parse().unwrap() });
    assert_eq!((scope, page.limit.get(), page.cursor), (TaskScope::Visible, 20, None));
}
