//! Use cases on SQLite in memory.

use fasttrack_app::project::{CreateProject, Projects};
use fasttrack_domain::{policy::Actor, text::ProjectName};
use fasttrack_infra_auth::clock::SystemClock;
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::builders::new_user;
use std::{error::Error, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = Database::open(&SqliteLocation::Memory)?;
    database.migrate().await?;
    let repositories = database.repositories();
    let (projects, idempotency) = (repositories.projects, repositories.idempotency);
    let projects = Projects { projects, idempotency, clock: Arc::new(SystemClock), quota: 100 };

    let ann = repositories.users.create(new_user()).await?;
    let (actor, name) = (Actor::new(ann.id, ann.role), ProjectName::parse("House".to_owned())?);
    let created = projects.create(CreateProject { actor, name, description: None, request: None }).await?;
    let project = created.entity.project;
    println!("{} has project {}, {}", ann.display_name, project.id, project.name);
    Ok(())
}
