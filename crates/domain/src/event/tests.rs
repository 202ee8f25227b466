use super::*;
use crate::{
    change::Thing,
    comment::{Comment, CommentView},
    id::LabelId,
    invitation::Acceptance,
    label::{Color, NewLabel},
    membership::{Member, MemberChange, MemberRemoval, MemberRole},
    patch::Patch,
    person::Person,
    project::{NewProject, Project, ProjectPatch, ProjectStatus},
    task::{NewTask, TaskDraft, TaskInProject, TaskPatch, TaskPriority, TaskProject, TaskView},
    text::DisplayName,
    ticket::SecretHash,
};
use chrono::TimeDelta;

const ANN: UserId = UserId::new(1);
const BOB: UserId = UserId::new(2);
const GARDEN: ProjectId = ProjectId::new(7);
const TASK: TaskId = TaskId::new(9);

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn project() -> Project {
    Project {
        id: GARDEN,
        name: "Garden".parse().unwrap(),
        description: None,
        status: ProjectStatus::Active,
        owner_id: ANN,
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

/// ANN's task, which is assigned to BOB.
fn task(has_webhooks: bool) -> TaskInProject {
    let project = TaskProject { has_webhooks, ..TaskProject::new(project(), Some(MemberRole::Owner)) };
    let draft = TaskDraft { assignee_id: Some(BOB), ..TaskDraft::new("Paint".parse().unwrap()) };
    let task = NewTask::new(project.clone(), draft, ANN, at(0), 100).stored(TASK);
    TaskInProject { task, assignee: None, labels: Vec::new(), project }
}

fn name() -> DisplayName {
    DisplayName::parse("Bob".to_owned()).unwrap()
}

fn comment() -> CommentView {
    let body = "Done?".parse().unwrap();
    let comment = Comment { id: CommentId::new(3), task_id: TASK, author_id: BOB, body, created_at: at(0) };
    CommentView { comment, author: Person { id: BOB, display_name: name() } }
}

fn member() -> Member {
    Member { user_id: BOB, display_name: name(), email: None, role: MemberRole::Editor, created_at: at(0) }
}

#[test]
fn each_event_names_what_it_changes() {
    let (task_thing, member_thing) = (Thing::task(TASK), Thing::member(BOB));
    let comment_thing = Thing::comment(CommentId::new(3), TASK);
    let view = || TaskView::from(task(false));
    let of_task = |kind| {
        let task = TaskRef::new(TASK, &task(false).task.title, &task(false).project);
        Event::from(TaskEvent { task, actor_id: ANN, at: at(9), kind })
    };
    let of_change =
        |change| Event::from(ProjectChanged { project_id: GARDEN, actor_id: ANN, at: at(9), change: Box::new(change) });
    let shared = ProjectShared {
        project_id: GARDEN,
        project: project().name,
        user_id: BOB,
        role: GrantedRole::Editor,
        actor_id: ANN,
        at: at(9),
    };
    let due: Option<Due> = None;
    let (old, new) = (TaskStatus::Todo, TaskStatus::Done);
    for (event, thing, audience) in [
        (of_task(TaskEventKind::TaskCreated { status: old }), task_thing, None),
        (of_task(TaskEventKind::TaskAssigned { assignee_id: BOB }), task_thing, None),
        (of_task(TaskEventKind::StatusChanged { old, new, assignee_id: Some(BOB) }), task_thing, None),
        (of_task(TaskEventKind::ReminderDue { assignee_id: Some(BOB), due }), task_thing, None),
        (of_task(TaskEventKind::TaskDeleted { status: old }), task_thing.deleted(), None),
        (
            of_task(TaskEventKind::CommentAdded { comment_id: CommentId::new(3), assignee_id: None }),
            comment_thing,
            None,
        ),
        (shared.into(), member_thing, Some(BOB)),
        (of_change(Change::TaskCreated(view())), task_thing, None),
        (of_change(Change::TaskUpdated(view())), task_thing, None),
        (of_change(Change::TaskDeleted(view())), task_thing.deleted(), None),
        (of_change(Change::CommentCreated(comment())), comment_thing, None),
        (of_change(Change::CommentDeleted(comment())), comment_thing.deleted(), None),
        (of_change(Change::ProjectUpdated(project())), Thing::project(GARDEN), None),
        (of_change(Change::MemberAdded(member())), member_thing, Some(BOB)),
        (of_change(Change::MemberRemoved(member())), member_thing.deleted(), Some(BOB)),
    ] {
        assert_eq!((event.project_id(), event.things()), (GARDEN, vec![thing]), "{event:?}");
        let audience: Vec<_> = audience.into_iter().collect();
        assert_eq!((event.audience(), event.former_assignee()), (audience, None), "{event:?}");
        assert_eq!((event.actor_id(), event.at()), (Some(ANN), at(9)));
    }
}

#[test]
fn touched_things_are_named_as_they_were_recorded() {
    let things = vec![Thing::label(LabelId::new(5)), Thing::task(TASK).deleted()];
    let touched = Touched::new(GARDEN, at(9), things.clone()).for_audience(vec![ANN, BOB]);
    let event = Event::from(Touched { former_assignee: Some(BOB), ..touched });
    assert_eq!((event.project_id(), event.things(), event.audience()), (GARDEN, things, vec![ANN, BOB]));
    assert_eq!((event.former_assignee(), event.actor_id()), (Some(BOB), None));
    assert_eq!((event.name(), event.at()), ("touched", at(9)));
}

#[test]
fn many_things_are_recorded_in_several_events() {
    let things: Vec<_> = (1..=201).map(|id| Thing::task(TaskId::new(id))).collect();
    let events = Touched::of_many(GARDEN, at(9), &things);
    assert_eq!(events.iter().map(|event| event.things.len()).collect::<Vec<_>>(), [100, 100, 1]);
    assert_eq!(events.into_iter().flat_map(|event| event.things).collect::<Vec<_>>(), things);
    assert_eq!(Touched::of_many(GARDEN, at(9), &[]), []);
}

#[test]
fn tasks_are_recorded_by_their_former_assignees() {
    let [first, second, third] = [1, 2, 3].map(|id| Thing::task(TaskId::new(id)).deleted());
    let events = Touched::of_assigned(GARDEN, at(9), &[(first, BOB), (second, ANN), (third, BOB)]);
    let of = |assignee, things| Touched { former_assignee: Some(assignee), ..Touched::new(GARDEN, at(9), things) };
    assert_eq!(events, [of(ANN, vec![second]), of(BOB, vec![first, third])]);
    assert_eq!(Touched::of_assigned(GARDEN, at(9), &[]), []);
}

#[test]
fn task_change_is_recorded_unless_another_event_names_it() {
    let things = || vec![Thing::task(TASK)];
    let touched = |former_assignee| Some(Touched { former_assignee, ..Touched::new(GARDEN, at(9), things()) });
    let priority = TaskPatch { priority: Some(TaskPriority::High), ..TaskPatch::default() };
    let status = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    let assigned = TaskPatch { assignee_id: Patch::Set(ANN), ..TaskPatch::default() };
    let freed = TaskPatch { assignee_id: Patch::Clear, status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    for (patch, unwatched, watched) in [
        (priority, touched(None), None),
        (status, None, None),
        (assigned, touched(Some(BOB)), touched(Some(BOB))),
        (freed, touched(Some(BOB)), touched(Some(BOB))),
    ] {
        for (has_webhooks, expected) in [(false, unwatched), (true, watched)] {
            let change = task(has_webhooks).apply(patch.clone(), ANN, at(9)).unwrap().unwrap();
            assert_eq!(change.touched(), expected, "{patch:?}");
        }
    }
}

#[test]
fn changes_of_projects_and_labels_are_recorded() {
    let new = NewProject { created_at: at(9), ..NewProject::inbox(ANN, at(0)) };
    let things = vec![Thing::project(GARDEN), Thing::member(ANN)];
    assert_eq!(new.touched(GARDEN), Touched::new(GARDEN, at(9), things).for_audience(vec![ANN]));

    let patch = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
    let mut change = project().apply(patch, at(9)).unwrap();
    assert_eq!(change.touched(), Some(Touched::new(GARDEN, at(9), vec![Thing::project(GARDEN)])));
    change.watched_actor = Some(ANN);
    assert_eq!(change.touched(), None);

    let transfer = project().transfer(BOB, 10, at(9)).unwrap();
    let things = vec![Thing::project(GARDEN), Thing::member(BOB), Thing::member(ANN)];
    assert_eq!(transfer.touched(), Touched::new(GARDEN, at(9), things).for_audience(vec![BOB, ANN]));

    let name = "Urgent".parse().unwrap();
    let label =
        NewLabel { project_id: GARDEN, name, color: Color::default(), created_at: at(9), quota: 1, audit: None };
    let id = LabelId::new(5);
    assert_eq!(label.touched(id), Touched::new(GARDEN, at(9), vec![Thing::label(id)]));
}

#[test]
fn another_role_is_a_change_of_the_project_for_its_member() {
    let change = |before| MemberChange {
        project_id: GARDEN,
        project: project().name,
        user_id: BOB,
        before,
        role: GrantedRole::Editor,
        actor_id: ANN,
        at: at(9),
        quota: 10,
        is_watched: false,
        audit: None,
    };
    let things = vec![Thing::project(GARDEN), Thing::member(BOB)];
    assert_eq!(change(Some(MemberRole::Viewer)).touched(), Some(Touched::new(GARDEN, at(9), things)));
    assert_eq!(change(None).touched(), None);
    assert!(change(None).event().is_some());
}

#[test]
fn end_of_a_membership_is_recorded_once() {
    let removal = |watched_actor| MemberRemoval {
        project_id: GARDEN,
        user_id: BOB,
        before: MemberRole::Viewer,
        at: at(9),
        watched_actor,
        audit: None,
    };
    let expected = Touched::new(GARDEN, at(9), vec![Thing::member(BOB).deleted()]).for_audience(vec![BOB]);
    assert_eq!(removal(None).touched(), Some(expected));
    assert_eq!(removal(Some(ANN)).touched(), None);
}

#[test]
fn acceptance_is_recorded_where_it_changes_a_role() {
    use MemberRole::{Editor, Viewer};
    let touched = |before, is_watched| {
        let hash = SecretHash::new([7; 32]);
        let (project_id, user_id) = (GARDEN, BOB);
        let acceptance = Acceptance {
            hash,
            project_id,
            user_id,
            before,
            role: Editor,
            at: at(9),
            quota: 9,
            is_watched,
            audit: None,
        };
        acceptance.touched()
    };
    let (project, member) = (Thing::project(GARDEN), Thing::member(BOB));
    let of = |things| Touched::new(GARDEN, at(9), things);
    assert_eq!(touched(None, false), Some(of(vec![member]).for_audience(vec![BOB])));
    assert_eq!(touched(None, true), None);
    for is_watched in [false, true] {
        assert_eq!(touched(Some(Viewer), is_watched), Some(of(vec![project, member])));
        assert_eq!(touched(Some(Editor), is_watched), None);
    }
}
