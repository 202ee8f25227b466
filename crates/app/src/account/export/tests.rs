use super::*;
use crate::{
    api_token::fixtures::api_token,
    fixtures::{OWNER, login, notification, now, parsed, project, run, task, user, view},
};
use fasttrack_domain::{
    comment::Comment,
    identity::{ExternalSubject, Identity},
    ports::{
        api_token::MockApiTokenRepository,
        export::MockExportRepository,
        notification::MockNotificationRepository,
        project::MockProjectRepository,
        session::MockSessionRepository,
        task::{MockTaskRepository, ProjectTasks},
        user::MockUserRepository,
    },
    project::Project,
    task::Task,
};

fn users(found: Option<User>) -> Arc<MockUserRepository> {
    let mut users = MockUserRepository::new();
    users.expect_find().times(1).withf(|id| *id == OWNER.id).return_once(|_| Ok(found));
    Arc::new(users)
}

fn comment(id: i64) -> CommentView {
    let comment = Comment {
        id: CommentId::new(id),
        task_id: task().task.id,
        author_id: OWNER.id,
        body: parsed("Which red?"),
        created_at: now(),
    };
    CommentView { comment, author: user(OWNER).person() }
}

fn last<T, C>(items: Vec<T>) -> Page<T, C> {
    Page { items, next: None }
}

/// A task with this id, in this project.
fn numbered(id: i64, project: ProjectId) -> TaskView {
    let view = TaskView::from(task());
    TaskView { task: Task { id: TaskId::new(id), project_id: project, ..view.task }, ..view }
}

fn identity() -> LinkedIdentity {
    let subject = ExternalSubject::parse("u-1".to_owned()).unwrap();
    LinkedIdentity { identity: Identity { issuer: "https://issuer.example".to_owned(), subject }, created_at: now() }
}

/// Everything of an export.
fn parts(ports: ExportPorts) -> Vec<ExportPart> {
    let accounts = Accounts { users: users(Some(user(OWNER))), exports: ports, ..Accounts::mocked() };
    run(async {
        let mut export = accounts.export(OWNER.id).await.unwrap();
        let mut found = Vec::new();
        while let Some(part) = export.next().await.unwrap() {
            found.push(part);
        }
        found
    })
}

fn sessions() -> Arc<MockSessionRepository> {
    let mut sessions = MockSessionRepository::new();
    sessions
        .expect_list()
        .times(1)
        .withf(|user, at, page| (*user, *at, *page) == (OWNER.id, now(), FIRST))
        .return_once(|_, _, _| Ok(last(vec![login(user(OWNER)).session])));
    Arc::new(sessions)
}

fn projects(found: Vec<ProjectView>) -> Arc<MockProjectRepository> {
    let mut projects = MockProjectRepository::new();
    let expected = ProjectFilter { role: Some(MemberRole::Owner), ..ProjectFilter::of(OWNER.id) };
    projects
        .expect_list()
        .times(1)
        .withf(move |filter, page| *filter == expected && *page == FIRST)
        .return_once(|_, _| Ok(last(found)));
    projects.expect_find().withf(|_, reader| *reader == OWNER.id).returning(|_, reader| Ok(Some(view(reader))));
    Arc::new(projects)
}

fn notifications() -> Arc<MockNotificationRepository> {
    let mut notifications = MockNotificationRepository::new();
    notifications
        .expect_list()
        .times(1)
        .withf(|user, unread, page| (*user, *unread, *page) == (OWNER.id, false, FIRST))
        .return_once(|_, _, _| Ok(last(vec![notification(1)])));
    Arc::new(notifications)
}

fn api_tokens() -> Arc<MockApiTokenRepository> {
    let mut tokens = MockApiTokenRepository::new();
    tokens
        .expect_list()
        .times(1)
        .withf(|user, page| (*user, *page) == (Some(OWNER.id), FIRST))
        .return_once(|_, _| Ok(last(vec![api_token()])));
    Arc::new(tokens)
}

#[test]
fn an_export_has_every_part_in_order_and_no_task_twice() {
    let elsewhere = ProjectId::new(404);
    let mut tasks = MockTaskRepository::new();
    for (cursor, id, next) in [(None, 9, Some(Cursor::after(9))), (Some(Cursor::after(9)), 10, None)] {
        tasks
            .expect_list_in_project()
            .times(1)
            .withf(move |id, reader, query, page| {
                let cursor = cursor.map(TaskCursor::from);
                (*id, *reader, &page.cursor) == (project().id, OWNER.id, &cursor) && *query == TaskQuery::default()
            })
            .return_once(move |_, _, _, _| {
                let page = Page { items: vec![numbered(id, project().id)], next: next.map(TaskCursor::from) };
                Ok(Some(ProjectTasks { membership: Some(MemberRole::Owner), page }))
            });
    }
    tasks
        .expect_list_assigned()
        .times(1)
        .withf(|user, query, page| {
            *user == OWNER.id && *query == TaskQuery::default() && *page == FIRST.map(TaskCursor::from)
        })
        .return_once(move |_, _, _| Ok(last(vec![numbered(9, project().id), numbered(11, elsewhere)])));
    let mut exports = MockExportRepository::new();
    exports.expect_identities().times(1).withf(|user| *user == OWNER.id).return_once(|_| Ok(vec![identity()]));
    exports
        .expect_comments_in_project()
        .times(1)
        .withf(|id, after, limit| (*id, *after, *limit) == (project().id, None, 500))
        .return_once(|_, _, _| Ok(vec![comment(1)]));
    exports
        .expect_comments_elsewhere()
        .times(1)
        .withf(|author, page| (*author, *page) == (OWNER.id, FIRST))
        .return_once(|_, _| Ok(last(vec![comment(2)])));
    let ports = ExportPorts {
        sessions: sessions(),
        projects: projects(vec![view(OWNER.id)]),
        tasks: Arc::new(tasks),
        notifications: notifications(),
        api_tokens: api_tokens(),
        exports: Arc::new(exports),
    };
    let expected = [
        ExportPart::User(user(OWNER)),
        ExportPart::Sessions(vec![login(user(OWNER)).session]),
        ExportPart::Identities(vec![identity()]),
        ExportPart::Projects(vec![view(OWNER.id)]),
        ExportPart::Tasks(vec![numbered(9, project().id)]),
        ExportPart::Tasks(vec![numbered(10, project().id)]),
        ExportPart::Tasks(vec![numbered(11, elsewhere)]),
        ExportPart::Comments(vec![comment(1)]),
        ExportPart::Comments(vec![comment(2)]),
        ExportPart::Notifications(vec![notification(1)]),
        ExportPart::ApiTokens(vec![api_token()]),
    ];
    assert_eq!(parts(ports), expected);
}

#[test]
fn comments_of_a_project_are_read_in_portions() {
    let mut tasks = MockTaskRepository::new();
    tasks.expect_list_in_project().times(1).return_once(|_, _, _, _| Ok(None));
    tasks.expect_list_assigned().times(1).return_once(|_, _, _| Ok(last(Vec::new())));
    let mut exports = MockExportRepository::new();
    exports.expect_identities().return_once(|_| Ok(Vec::new()));
    for (after, found) in [(None, 1..=500), (Some((task().task.id, CommentId::new(500))), 501..=501)] {
        exports
            .expect_comments_in_project()
            .times(1)
            .withf(move |_, given, _| *given == after)
            .return_once(move |_, _, _| Ok(found.map(comment).collect()));
    }
    exports.expect_comments_elsewhere().return_once(|_, _| Ok(last(Vec::new())));
    let ports = ExportPorts {
        sessions: sessions(),
        projects: projects(vec![view(OWNER.id)]),
        tasks: Arc::new(tasks),
        notifications: notifications(),
        api_tokens: api_tokens(),
        exports: Arc::new(exports),
    };
    let comments: Vec<_> = parts(ports)
        .into_iter()
        .filter_map(|part| match part {
            ExportPart::Comments(comments) => Some(comments.len()),
            _ => None,
        })
        .collect();
    assert_eq!(comments, [500, 1, 0]);
}

#[test]
fn projects_that_are_given_away_meanwhile_are_left_out() {
    let ids = [5, 6, 7].map(ProjectId::new);
    let owned = |id| ProjectView { project: Project { id, ..project() }, ..view(OWNER.id) };
    let (mut tasks, mut exports) = (MockTaskRepository::new(), MockExportRepository::new());
    tasks.expect_list_in_project().times(3).returning(|_, _, _, _| Ok(None));
    tasks.expect_list_assigned().return_once(|_, _, _| Ok(last(Vec::new())));
    exports.expect_identities().return_once(|_| Ok(Vec::new()));
    exports
        .expect_comments_in_project()
        .times(1)
        .withf(move |id, _, _| *id == ids[2])
        .return_once(|_, _, _| Ok(vec![comment(1)]));
    exports.expect_comments_elsewhere().return_once(|_, _| Ok(last(Vec::new())));
    let mut projects = MockProjectRepository::new();
    projects.expect_list().return_once(move |_, _| Ok(last(ids.map(owned).into())));
    projects.expect_find().times(3).returning(move |id, _| {
        let given_away = ProjectView { membership: Some(MemberRole::Viewer), ..owned(id) };
        Ok(match id {
            id if id == ids[0] => None,
            id if id == ids[1] => Some(given_away),
            id => Some(owned(id)),
        })
    });
    let ports = ExportPorts {
        sessions: sessions(),
        projects: Arc::new(projects),
        tasks: Arc::new(tasks),
        notifications: notifications(),
        api_tokens: api_tokens(),
        exports: Arc::new(exports),
    };
    let comments =
        parts(ports).into_iter().filter(|part| matches!(part, ExportPart::Comments(found) if !found.is_empty()));
    assert_eq!(comments.collect::<Vec<_>>(), [ExportPart::Comments(vec![comment(1)])]);
}

#[test]
fn nothing_of_an_account_that_is_gone_is_exported() {
    let accounts = Accounts { users: users(None), ..Accounts::mocked() };
    assert!(matches!(run(accounts.export(OWNER.id)), Err(Error::Token(TokenError::Revoked))));
}
