use super::*;
use crate::{
    membership::MemberRole,
    page::{Cursor, InvalidCursor},
    project::ProjectStatus,
    task::{NewTask, TaskDraft, TaskProject},
};
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn task(id: i64) -> Task {
    let project = TaskProject {
        id: ProjectId::new(7),
        name: "Garden".parse().unwrap(),
        owner_id: UserId::new(1),
        status: ProjectStatus::Active,
        membership: Some(MemberRole::Owner),
        has_webhooks: false,
    };
    let draft = TaskDraft::new("Paint the fence".parse().unwrap());
    NewTask::new(project, draft, UserId::new(1), at(0), 100).stored(TaskId::new(id))
}

fn due(seconds: i64) -> Due {
    Due::from_storage(at(seconds), false).unwrap()
}

fn sorts() -> impl Strategy<Value = TaskSort> {
    (prop::sample::select(TaskOrder::ALL), any::<bool>()).prop_map(|(order, descending)| TaskSort { order, descending })
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let fields = (
        proptest::option::of(0i64..4),
        prop::sample::select(TaskPriority::ALL),
        0i64..4,
        proptest::option::of(1i64..4),
    );
    prop::collection::vec(fields, 0..30).prop_map(|all| {
        let ids = 1..;
        ids.zip(all)
            .map(|(id, (due_at, priority, updated, place))| Task {
                due: due_at.map(due),
                priority,
                updated_at: at(updated),
                moved_to: place.map(|place| format!("0{place}V").parse().unwrap()),
                ..task(id)
            })
            .collect()
    })
}

#[test]
fn filter_selects_by_every_field() {
    let labeled = Task { labels: [LabelId::new(1), LabelId::new(2)].into_iter().collect(), ..task(1) };
    let found = |filter: TaskFilter, task: &Task| filter.matches(task);
    let all = TaskFilter::default;
    for (filter, expected) in [
        (all(), true),
        (TaskFilter { status: Some(TaskStatus::Done), ..all() }, false),
        (TaskFilter { completed: Some(false), ..all() }, true),
        (TaskFilter { priority: Some(TaskPriority::Medium), ..all() }, true),
        (TaskFilter { assignee_id: Some(IdFilter::None), ..all() }, true),
        (TaskFilter { assignee_id: Some(IdFilter::Id(UserId::new(1))), ..all() }, false),
        (TaskFilter { parent_id: Some(IdFilter::None), ..all() }, true),
        (TaskFilter { parent_id: Some(IdFilter::Id(TaskId::new(1))), ..all() }, false),
        (TaskFilter { labels: vec![LabelId::new(2), LabelId::new(1)], ..all() }, true),
        (TaskFilter { labels: vec![LabelId::new(2), LabelId::new(3)], ..all() }, false),
        (TaskFilter { due_from: Some(at(0)), ..all() }, false),
        (TaskFilter { due_until: Some(at(9)), ..all() }, false),
        (TaskFilter { updated_since: Some(at(0)), ..all() }, true),
        (TaskFilter { updated_since: Some(at(1)), ..all() }, false),
        (TaskFilter { search: Some(SearchQuery::parse("FEN pa").unwrap()), ..all() }, true),
        (TaskFilter { search: Some(SearchQuery::parse("fence gate").unwrap()), ..all() }, false),
        (TaskFilter { reach: Reach::only(vec![ProjectId::new(8), ProjectId::new(7)]), ..all() }, true),
        (TaskFilter { reach: Reach::only(vec![ProjectId::new(8)]), ..all() }, false),
    ] {
        assert_eq!(found(filter.clone(), &labeled), expected, "{filter:?}");
    }
    let day = Task { due: Some(Due::parse("1970-01-02").unwrap()), ..task(1) };
    let (morning, midnight) = (at(86_400 + 32_400), at(2 * 86_400));
    assert!(found(TaskFilter { due_from: Some(morning), due_until: Some(midnight), ..all() }, &day));
    assert!(!found(TaskFilter { due_until: Some(morning), ..all() }, &day));
    assert!(!found(TaskFilter { due_from: Some(midnight), ..all() }, &day));
}

#[test]
fn ids_are_filtered_by_number_or_none() {
    assert_eq!("none".parse(), Ok(IdFilter::<UserId>::None));
    assert_eq!("7".parse(), Ok(IdFilter::Id(UserId::new(7))));
    for wrong in ["", "None", "07", "null"] {
        assert_eq!(wrong.parse::<IdFilter<UserId>>().map_err(|error| error.code), Err("invalid"), "{wrong:?}");
    }
}

#[test]
fn a_minus_before_the_order_reverses_it() {
    for order in TaskOrder::ALL {
        assert_eq!(order.as_str().parse(), Ok(TaskSort { order: *order, descending: false }));
        let reversed = TaskSort { order: *order, descending: true };
        assert_eq!(format!("-{order}").parse(), Ok(reversed));
        assert_eq!(reversed.to_string(), format!("-{order}"));
    }
    for wrong in ["", "-", "--id", "+id", "ID", "title", " id"] {
        assert!(wrong.parse::<TaskSort>().is_err(), "{wrong:?}");
    }
}

#[test]
fn tasks_without_due_come_last_either_way() {
    let mut tasks = [task(1), Task { due: Some(due(5)), ..task(2) }, task(3), Task { due: Some(due(9)), ..task(4) }];
    for (descending, expected) in [(false, [2, 4, 1, 3]), (true, [4, 2, 1, 3])] {
        let sort = TaskSort { order: TaskOrder::Due, descending };
        tasks.sort_by(|a, b| sort.compare(a, b));
        assert_eq!(tasks.each_ref().map(|task| task.id.get()), expected);
    }
}

#[test]
fn cursor_by_id_is_bound_to_nothing() {
    let query = TaskQuery::default();
    let cursor = query.cursor(TaskList::InProject(ProjectId::new(7)), &task(42));
    assert_eq!(cursor.encode(), Cursor::after(42).encode());
    let filtered = TaskQuery { filter: TaskFilter { completed: Some(true), ..TaskFilter::default() }, ..query };
    assert_eq!(filtered.parse_cursor(TaskList::Assigned(UserId::new(1)), &cursor.encode()), Ok(cursor));
}

#[test]
fn other_cursors_are_good_for_one_list_filter_and_order() {
    let sort = |sort: &str| -> TaskSort { sort.parse().unwrap() };
    let query = TaskQuery { filter: TaskFilter::default(), sort: sort("-id") };
    let list = TaskList::InProject(ProjectId::new(7));
    let text = query.cursor(list, &task(42)).encode();
    assert!(query.parse_cursor(list, &text).is_ok());
    for other in
        [TaskList::InProject(ProjectId::new(8)), TaskList::Assigned(UserId::new(7)), TaskList::Visible(UserId::new(7))]
    {
        assert_eq!(query.parse_cursor(other, &text), Err(InvalidCursor));
    }
    for other in ["id", "due", "-due", "position", "priority", "updated_at"] {
        assert_eq!(TaskQuery { sort: sort(other), ..query.clone() }.parse_cursor(list, &text), Err(InvalidCursor));
    }
    let all = TaskFilter::default;
    for filter in [
        TaskFilter { status: Some(TaskStatus::Done), ..all() },
        TaskFilter { completed: Some(true), ..all() },
        TaskFilter { priority: Some(TaskPriority::Low), ..all() },
        TaskFilter { assignee_id: Some(IdFilter::None), ..all() },
        TaskFilter { labels: vec![LabelId::new(1)], ..all() },
        TaskFilter { parent_id: Some(IdFilter::None), ..all() },
        TaskFilter { due_from: Some(at(1)), ..all() },
        TaskFilter { due_until: Some(at(1)), ..all() },
        TaskFilter { updated_since: Some(at(1)), ..all() },
        TaskFilter { search: Some(SearchQuery::parse("a").unwrap()), ..all() },
    ] {
        assert_eq!(TaskQuery { filter, ..query.clone() }.parse_cursor(list, &text), Err(InvalidCursor));
    }
    for wrong in ["", "x", &Cursor::after(42).encode(), &format!("{text}="), &text[1..]] {
        assert_eq!(query.parse_cursor(list, wrong), Err(InvalidCursor), "{wrong:?}");
    }
}

#[test]
fn reach_of_a_token_binds_no_cursor() {
    let narrowed = TaskFilter { reach: Reach::only(vec![ProjectId::new(7)]), ..TaskFilter::default() };
    let query = TaskQuery { filter: narrowed, sort: "-due".parse().unwrap() };
    let list = TaskList::Visible(UserId::new(1));
    let cursor = query.cursor(list, &task(42));
    let requested = TaskQuery { filter: TaskFilter::default(), ..query };
    assert_eq!(requested.parse_cursor(list, &cursor.encode()), Ok(cursor));
}

#[test]
fn order_of_labels_and_words_binds_no_cursor() {
    let query = |labels: [i64; 2], search: &str| TaskQuery {
        filter: TaskFilter {
            labels: labels.map(LabelId::new).to_vec(),
            search: Some(SearchQuery::parse(search).unwrap()),
            ..TaskFilter::default()
        },
        sort: TaskSort { order: TaskOrder::Due, descending: false },
    };
    let list = TaskList::Visible(UserId::new(1));
    let cursor = query([1, 2], "paint Fence").cursor(list, &task(42));
    assert_eq!(query([2, 1], "FENCE paint").parse_cursor(list, &cursor.encode()), Ok(cursor));
}

#[test]
fn cursor_is_bound_to_the_ids_of_its_filters() {
    let query = |assignee, parent| {
        let (assignee_id, parent_id) =
            (Some(IdFilter::Id(UserId::new(assignee))), Some(IdFilter::Id(TaskId::new(parent))));
        let filter = TaskFilter { assignee_id, parent_id, ..TaskFilter::default() };
        TaskQuery { filter, sort: "-due".parse().unwrap() }
    };
    let list = TaskList::Visible(UserId::new(1));
    let text = query(2, 3).cursor(list, &task(42)).to_string();
    assert!(query(2, 3).parse_cursor(list, &text).is_ok());
    for other in [query(4, 3), query(2, 4)] {
        assert_eq!(other.parse_cursor(list, &text), Err(InvalidCursor));
    }
}

#[test]
fn no_cursor_is_behind_an_id_that_no_task_has() {
    let (list, query) =
        (TaskList::Visible(UserId::new(1)), TaskQuery { sort: "-id".parse().unwrap(), ..TaskQuery::default() });
    for id in [0, -1] {
        let text = query.cursor(list, &task(id)).encode();
        assert_eq!(query.parse_cursor(list, &text), Err(InvalidCursor), "{id}");
    }
}

#[test]
fn a_list_that_is_too_broad_says_what_to_add() {
    let searched = TaskFilter { search: Some(SearchQuery::parse("a").unwrap()), ..TaskFilter::default() };
    for (filter, field) in [(searched, "query.q"), (TaskFilter::default(), "query.sort")] {
        let fault = TaskQuery { filter, ..TaskQuery::default() }.too_broad();
        assert_eq!((fault.field.as_str(), fault.code), (field, "too_broad"));
        assert!(fault.message.contains("10000") && fault.message.contains("add a"), "{}", fault.message);
    }
}

proptest! {
    #[test]
    fn cursors_survive_their_text(sort in sorts(), tasks in tasks()) {
        let (query, list) = (TaskQuery { sort, ..TaskQuery::default() }, TaskList::InProject(ProjectId::new(7)));
        for task in &tasks {
            let cursor = query.cursor(list, task);
            prop_assert_eq!(cursor.key(), &SortKey::of(task, sort.order));
            prop_assert_eq!(query.parse_cursor(list, &cursor.encode()), Ok(cursor));
        }
    }

    #[test]
    fn order_is_total_and_equal_tasks_ascend_by_id(sort in sorts(), mut tasks in tasks()) {
        tasks.sort_by(|a, b| sort.compare(a, b));
        for pair in tasks.windows(2) {
            prop_assert!(sort.compare(&pair[0], &pair[1]).is_lt());
            prop_assert!(sort.compare(&pair[1], &pair[0]).is_gt());
            if SortKey::of(&pair[0], sort.order) == SortKey::of(&pair[1], sort.order) && sort.order != TaskOrder::Id {
                prop_assert!(pair[0].id < pair[1].id);
            }
        }
    }
}
