use super::*;

/// An ordinary user, and an admin.
const USER: Actor = Actor { id: UserId::new(1), role: Role::User };
const ADMIN: Actor = Actor { id: UserId::new(2), role: Role::Admin };
const OTHER: UserId = UserId::new(3);

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
        let in_project = |membership| Action::InProject { action, membership };
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
            let on_task = |membership| Action::OnTask { action, membership, assignee };
            assert_eq!(MEMBERSHIPS.map(|role| USER.can(on_task(role))), expected, "{action:?} {assignee:?}");
            assert_eq!(MEMBERSHIPS.map(|role| ADMIN.can(on_task(role))), [true; 5], "{action:?}");
        }
    }
}

#[test]
fn members_leave_and_only_the_owner_removes_others() {
    for (member, expected) in [(USER.id, [true, true, true, true, false]), (OTHER, [true, false, false, false, false])]
    {
        let removal = |membership| Action::RemoveMember { member, membership };
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
        (Action::DeleteComment { author: USER.id }, [true, true]),
        (Action::DeleteComment { author: OTHER }, [false, true]),
        (Action::UseTodos { owner: Some(USER.id) }, [true, false]),
        (Action::UseTodos { owner: Some(OTHER) }, [false, false]),
        (Action::UseTodos { owner: None }, [false, false]),
    ];
    for (action, expected) in table {
        assert_eq!([USER, ADMIN].map(|actor| actor.can(action)), expected, "{action:?}");
    }
}

#[test]
fn refusal_names_who_is_allowed() {
    let in_project = |action| Action::InProject { action, membership: None };
    let on_task = |action| Action::OnTask { action, membership: None, assignee: None };
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
            Action::RemoveMember { member: OTHER, membership: None },
            "the project's owner, the member itself or an administrator",
        ),
        (Action::DeleteComment { author: OTHER }, "the comment's author or an administrator"),
        (Action::UseTodos { owner: None }, "the user whose id stands in the path"),
    ] {
        let text = USER.authorize(action).unwrap_err().to_string();
        assert!(text.starts_with(&format!("only {who} may ")), "{text}");
    }
}

#[test]
fn only_an_admin_without_the_right_as_member_needs_its_role() {
    let manage = |membership| Action::InProject { action: ProjectAction::Manage, membership };
    assert!(ADMIN.needs_role(manage(None)) && ADMIN.needs_role(manage(Some(MemberRole::Editor))));
    assert!(ADMIN.needs_role(Action::ManageUsers));
    assert!(!ADMIN.needs_role(manage(Some(MemberRole::Owner))));
    assert!(!USER.needs_role(manage(Some(MemberRole::Owner))) && !USER.needs_role(manage(None)));
    let change = Action::OnTask { action: TaskAction::Change, membership: None, assignee: Some(ADMIN.id) };
    assert!(!ADMIN.needs_role(change));
}
