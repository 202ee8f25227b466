//! Calls every list with every combination of its filters, for the tests of query plans.

use fasttrack_domain::{
    Timestamp,
    audit::AuditFilter,
    email::Email,
    id::{ProjectId, UserId},
    membership::MemberRole,
    page::{Cursor, PageRequest},
    ports::Repositories,
    project::{ProjectFilter, ProjectStatus},
    task::{TaskFilter, TaskPriority, TaskStatus},
    user::{Role, UserFilter},
};

/// Requests one list after the other, and calls `requested` after each with the columns of its filters.
pub async fn each(repositories: &Repositories, mut requested: impl AsyncFnMut(Vec<&'static str>)) {
    let Repositories { users, projects, members, tasks, audit, .. } = repositories;
    let (user, project) = (UserId::new(1), ProjectId::new(1));
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    for role in [None, Some(Role::Admin)] {
        for is_active in [None, Some(true)] {
            users.list(UserFilter { role, is_active, email: None }, page).await.unwrap();
            requested(columns([("role", role.is_some()), ("is_active", is_active.is_some())])).await;
            let email = Some(Email::parse("ann@example.org").unwrap());
            users.list(UserFilter { role, is_active, email }, page).await.unwrap();
            // At most one account has it, whatever the other filters are.
            requested(vec!["email"]).await;
        }
    }
    for status in [None, Some(ProjectStatus::Active)] {
        projects.list(ProjectFilter { all: true, status, ..ProjectFilter::of(user) }, page).await.unwrap();
        requested(columns([("status", status.is_some())])).await;
        for role in [None, Some(MemberRole::Editor)] {
            projects.list(ProjectFilter { role, status, ..ProjectFilter::of(user) }, page).await.unwrap();
            // The status is compared with each project of the user.
            requested(columns([("user_id", true), ("role", role.is_some())])).await;
        }
    }
    members.list(project, user, page).await.unwrap();
    requested(vec!["project_id"]).await;
    for (actor_id, object) in [(None, true), (Some(user), false), (Some(user), true)] {
        for since in [None, Some(Timestamp::UNIX_EPOCH)] {
            let filter = AuditFilter { actor_id, object: object.then(|| "user/5".to_owned()), since };
            audit.list(filter, PageRequest::default()).await.unwrap();
            requested(columns([("actor_id", actor_id.is_some()), ("object", object)])).await;
        }
    }
    for status in [None, Some(TaskStatus::Todo)] {
        for priority in [None, Some(TaskPriority::Low)] {
            for completed in [None, Some(false)] {
                let of_tasks = [("status", status.is_some() || completed.is_some()), ("priority", priority.is_some())];
                let filter = TaskFilter { status, priority, assignee_id: None, completed };
                tasks.list_assigned(user, filter.clone(), page).await.unwrap();
                requested(columns([("assignee_id", true)].into_iter().chain(of_tasks))).await;
                for assignee_id in [None, Some(user)] {
                    let filter = TaskFilter { assignee_id, ..filter.clone() };
                    tasks.list_in_project(project, user, filter, page).await.unwrap();
                    let scope = [("project_id", true), ("assignee_id", assignee_id.is_some())];
                    requested(columns(scope.into_iter().chain(of_tasks))).await;
                }
            }
        }
    }
}

fn columns(filters: impl IntoIterator<Item = (&'static str, bool)>) -> Vec<&'static str> {
    filters.into_iter().filter(|(_, is_given)| *is_given).map(|(column, _)| column).collect()
}
