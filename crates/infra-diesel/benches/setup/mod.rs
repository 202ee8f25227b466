//! A database on disk with a user and a project.

use chrono::DateTime;
use fasttrack_domain::{
    email::Email,
    project::NewProject,
    task::{NewTask, TaskPriority, TaskProject, TaskStatus},
    text::{DisplayName, ProjectName, TaskTitle},
    user::{NewUser, Role},
};
use fasttrack_infra_diesel::{
    Repositories,
    sqlite::{Database, SqliteLocation},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct Setup {
    pub runtime: Runtime,
    pub repositories: Repositories,
    pub task: NewTask,
    _directory: TempDir,
}

/// In the folder of build results: a temporary folder may lie in memory, where a commit waits for no disk.
pub fn database() -> Setup {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = Runtime::new().unwrap();
    let database = Database::open(&SqliteLocation::File(directory.path().join("fasttrack.db"))).unwrap();
    let repositories = Repositories::sqlite(&database);
    let task = runtime.block_on(async {
        database.migrate().await.unwrap();
        let created_at = DateTime::UNIX_EPOCH;
        let user = NewUser {
            email: Email::parse("ann@example.org").unwrap(),
            email_verified: true,
            display_name: DisplayName::cut("Ann").unwrap(),
            role: Role::User,
            password_hash: None,
            is_external: false,
            created_at,
            audit: None,
        };
        let owner_id = repositories.users.create(user).await.unwrap().id;
        let name = ProjectName::parse("Garden".to_owned()).unwrap();
        let project = NewProject { name, description: None, owner_id, created_at, quota: u32::MAX };
        let project = repositories.projects.create(project, None).await.unwrap();
        NewTask {
            project: TaskProject { id: project.id, name: project.name, owner_id, status: project.status },
            title: TaskTitle::parse("Paint the fence".to_owned()).unwrap(),
            description: None,
            status: TaskStatus::Todo,
            priority: TaskPriority::Medium,
            assignee_id: Some(owner_id),
            created_by: owner_id,
            created_at,
            quota: u32::MAX,
            audit: None,
        }
    });
    Setup { runtime, repositories, task, _directory: directory }
}
