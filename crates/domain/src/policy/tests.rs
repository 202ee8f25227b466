use super::*;

/// An ordinary user, and an admin.
const USER: Actor = Actor::new(UserId::new(1), Role::User);
const ADMIN: Actor = Actor::new(UserId::new(2), Role::Admin);
const OTHER: UserId = UserId::new(3);

/// A project that everybody's token is for, and one that it is not for where it is narrowed.
const PROJECT: ProjectId = ProjectId::new(7);
const ELSEWHERE: ProjectId = ProjectId::new(8);

/// The four roles from the highest, and none.
const MEMBERSHIPS: [Option<MemberRole>; 5] =
    [Some(MemberRole::Owner), Some(MemberRole::Editor), Some(MemberRole::Commenter), Some(MemberRole::Viewer), None];

#[test]
fn roles_allow_exactly_the_table_in_a_project() {
    // The action, and whether owner, editor, commenter, viewer and stranger may.
    let table = [
        (ProjectAction::Read, [true, true, true, true, false]),
        (ProjectAction::Comment, [true, true, true, false, false]),
        (ProjectAction::ChangeTasks, [true, true, false, false, false]),
        (ProjectAction::Manage, [true, false, false, false, false]),
    ];
    for (action, expected) in table {
        let in_project = |membership| Action::InProject { project: PROJECT, action, membership };
        assert_eq!(MEMBERSHIPS.map(|role| USER.can(in_project(role))), expected, "{action:?}");
        assert_eq!(MEMBERSHIPS.map(|role| ADMIN.can(in_project(role))), [true; 5], "{action:?}");
    }
}

#[test]
fn roles_and_assignment_allow_exactly_the_table_on_a_task() {
    // The action, whether owner, editor, commenter, viewer and stranger may, and whether they may as its assignee.
    let table = [
        (TaskAction::Read, [true, true, true, true, false], [true; 5]),
        (TaskAction::Comment, [true, true, true, false, false], [true; 5]),
        (TaskAction::Change, [true, true, false, false, false], [true; 5]),
        (TaskAction::Move, [true, true, false, false, false], [true, true, false, false, false]),
        (TaskAction::Delete, [true, true, false, false, false], [true, true, false, false, false]),
    ];
    for (action, unassigned, assigned) in table {
        for (assignee, expected) in [(None, unassigned), (Some(OTHER), unassigned), (Some(USER.id), assigned)] {
            let on_task = |membership| Action::OnTask { project: PROJECT, action, membership, assignee };
            assert_eq!(MEMBERSHIPS.map(|role| USER.can(on_task(role))), expected, "{action:?} {assignee:?}");
            assert_eq!(MEMBERSHIPS.map(|role| ADMIN.can(on_task(role))), [true; 5], "{action:?}");
        }
    }
}

#[test]
fn members_leave_and_only_the_owner_removes_others() {
    for (member, expected) in [(USER.id, [true, true, true, true, false]), (OTHER, [true, false, false, false, false])]
    {
        let removal = |membership| Action::RemoveMember { project: PROJECT, member, membership };
        assert_eq!(MEMBERSHIPS.map(|role| USER.can(removal(role))), expected, "{member}");
        assert_eq!(MEMBERSHIPS.map(|role| ADMIN.can(removal(role))), [true; 5], "{member}");
    }
}

#[test]
fn policy_outside_of_projects_allows_exactly_the_table() {
    // The action, and whether the user and the admin may.
    let table = [
        (Action::ManageUsers, [false, true]),
        (Action::ListAllProjects, [false, true]),
        (Action::ListAllPeople, [false, true]),
        (Action::ReadAudit, [false, true]),
        (Action::CreateProject, [true, true]),
        (Action::DeleteComment { project: PROJECT, author: USER.id }, [true, true]),
        (Action::DeleteComment { project: PROJECT, author: OTHER }, [false, true]),
        (Action::UseTodos { owner: Some(USER.id), inbox: None }, [true, false]),
        (Action::UseTodos { owner: Some(USER.id), inbox: Some(PROJECT) }, [true, false]),
        (Action::UseTodos { owner: Some(OTHER), inbox: Some(PROJECT) }, [false, false]),
        (Action::UseTodos { owner: None, inbox: None }, [false, false]),
    ];
    for (action, expected) in table {
        assert_eq!([USER, ADMIN].map(|actor| actor.can(action)), expected, "{action:?}");
    }
}

#[test]
fn refusal_names_who_is_allowed() {
    let in_project = |action| Action::InProject { project: PROJECT, action, membership: None };
    let on_task = |action| Action::OnTask { project: PROJECT, action, membership: None, assignee: None };
    for (action, who) in [
        (Action::ManageUsers, "an administrator"),
        (Action::ListAllProjects, "an administrator"),
        (Action::ListAllPeople, "an administrator"),
        (in_project(ProjectAction::Read), "the project's members or an administrator"),
        (in_project(ProjectAction::ChangeTasks), "the project's owner, an editor or an administrator"),
        (in_project(ProjectAction::Manage), "the project's owner or an administrator"),
        (on_task(TaskAction::Read), "the project's members, the task's assignee or an administrator"),
        (
            on_task(TaskAction::Comment),
            "the project's owner, an editor, a commenter, the task's assignee or an administrator",
        ),
        (on_task(TaskAction::Change), "the project's owner, an editor, the task's assignee or an administrator"),
        (on_task(TaskAction::Move), "the project's owner, an editor or an administrator"),
        (on_task(TaskAction::Delete), "the project's owner, an editor or an administrator"),
        (
            Action::RemoveMember { project: PROJECT, member: OTHER, membership: None },
            "the project's owner, the member itself or an administrator",
        ),
        (Action::DeleteComment { project: PROJECT, author: OTHER }, "the comment's author or an administrator"),
        (Action::UseTodos { owner: None, inbox: None }, "the user whose id stands in the path"),
    ] {
        let text = USER.authorize(action).unwrap_err().to_string();
        assert!(text.starts_with(&format!("only {who} may ")), "{text}");
    }
}

#[test]
fn only_an_admin_without_the_right_as_member_needs_its_role() {
    let manage = |membership| Action::InProject { project: PROJECT, action: ProjectAction::Manage, membership };
    assert!(ADMIN.needs_role(manage(None)) && ADMIN.needs_role(manage(Some(MemberRole::Editor))));
    assert!(ADMIN.needs_role(Action::ManageUsers));
    assert!(!ADMIN.needs_role(manage(Some(MemberRole::Owner))));
    assert!(!USER.needs_role(manage(Some(MemberRole::Owner))) && !USER.needs_role(manage(None)));
    let (action, assignee) = (TaskAction::Change, Some(ADMIN.id));
    assert!(!ADMIN.needs_role(Action::OnTask { project: PROJECT, action, membership: None, assignee }));
}

/// The actor by a token for [`PROJECT`] alone.
fn narrowed(Actor { id, role, .. }: Actor) -> Actor {
    Actor { id, role, reach: Reach::only(vec![PROJECT]) }
}

/// What an owner, who is the assignee, the author and the member, does in a project.
fn actions_in(project: ProjectId, owner: UserId) -> [Action; 5] {
    let membership = Some(MemberRole::Owner);
    [
        Action::InProject { project, action: ProjectAction::Read, membership },
        Action::OnTask { project, action: TaskAction::Read, membership, assignee: Some(owner) },
        Action::RemoveMember { project, member: owner, membership },
        Action::DeleteComment { project, author: owner },
        Action::UseTodos { owner: Some(owner), inbox: Some(project) },
    ]
}

#[test]
fn narrowed_token_is_for_its_projects_alone() {
    for actor in [USER, ADMIN].map(narrowed) {
        for action in actions_in(PROJECT, actor.id) {
            assert!(actor.can(action), "{action:?}");
            assert_eq!(actor.authorize(action), Ok(()));
        }
        for action in actions_in(ELSEWHERE, actor.id) {
            assert!(!actor.can(action), "{action:?}");
            assert_eq!(actor.authorize(action), Err(Forbidden("this token is for other projects")));
        }
    }
}

#[test]
fn narrowed_token_gives_no_right_in_its_projects() {
    let stranger = Action::InProject { project: PROJECT, action: ProjectAction::Read, membership: None };
    assert!(!narrowed(USER).can(stranger) && narrowed(ADMIN).can(stranger));
    let rule = USER.authorize(stranger);
    assert_eq!(narrowed(USER).authorize(stranger), rule);
    assert!(!narrowed(USER).can(Action::UseTodos { owner: Some(OTHER), inbox: Some(PROJECT) }));
    assert!(!narrowed(USER).can(Action::ListAllProjects) && !narrowed(USER).can(Action::ListAllPeople));
}

#[test]
fn narrowed_token_is_for_nothing_outside_of_projects() {
    let inbox = |actor: &Actor| Action::UseTodos { owner: Some(actor.id), inbox: None };
    for actor in [USER, ADMIN].map(narrowed) {
        for action in [Action::ManageUsers, Action::ReadAudit, Action::CreateProject, inbox(&actor)] {
            assert_eq!(actor.authorize(action), Err(Forbidden("this token is for other projects")), "{action:?}");
        }
    }
    // The lists themselves are limited to the projects.
    assert!(narrowed(ADMIN).can(Action::ListAllProjects) && narrowed(ADMIN).can(Action::ListAllPeople));
}

#[test]
fn narrowed_admin_needs_its_role_as_any_admin_does() {
    let manage = |project, membership| Action::InProject { project, action: ProjectAction::Manage, membership };
    let admin = narrowed(ADMIN);
    assert!(admin.needs_role(manage(PROJECT, None)));
    assert!(!admin.needs_role(manage(PROJECT, Some(MemberRole::Owner))));
    assert!(!admin.needs_role(manage(ELSEWHERE, None)), "it may not at all");
}
