//! A database on disk with a user and a project.

use fasttrack_domain::{
    membership::MemberRole,
    ports::Repositories,
    task::{NewTask, TaskProject},
};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::builders::{new_project, new_task, new_user};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct Setup {
    pub runtime: Runtime,
    pub repositories: Repositories,
    pub task: NewTask,
    _directory: TempDir,
}

/// Made in the folder of build results, as a temporary folder may be in memory, where a commit doesn't wait for a disk.
pub fn database() -> Setup {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = Runtime::new().unwrap();
    let database = Database::open(&SqliteLocation::File(directory.path().join("fasttrack.db"))).unwrap();
    let repositories = database.repositories();
    let task = runtime.block_on(async {
        database.migrate().await.unwrap();
        let owner_id = repositories.users.create(new_user()).await.unwrap().id;
        let project = repositories.projects.create(new_project(owner_id), None).await.unwrap();
        let project = TaskProject::new(project, Some(MemberRole::Owner));
        NewTask { assignee_id: Some(owner_id), quota: u32::MAX, ..new_task(&project) }
    });
    Setup { runtime, repositories, task, _directory: directory }
}
