//! A command line as a second inbound adapter: it parses arguments, calls a use case and prints the result.

use fasttrack_app::project::{CreateProject, ListProjects, Projects};
use fasttrack_domain::{email::Email, page::PageRequest, policy::Actor, project::ProjectView, text::ProjectName};
use fasttrack_infra_auth::clock::SystemClock;
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use std::{env, error::Error, sync::Arc};

const USAGE: &str = "usage: command_line DATABASE EMAIL list | add NAME";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let [file, email, command @ ..] = &arguments[..] else { return Err(USAGE.into()) };

    let database = Database::open(&SqliteLocation::File(file.into()))?;
    database.migrate().await?;
    let repositories = database.repositories();
    let found = repositories.users.find_credentials(&Email::parse(email)?).await?;
    let user = found.ok_or("there is no such user")?.user;
    let actor = Actor::new(user.id, user.role);
    let projects = Projects {
        projects: repositories.projects,
        idempotency: repositories.idempotency,
        clock: Arc::new(SystemClock),
        quota: 100,
    };

    match command {
        ["list"] => {
            let command = ListProjects { actor, role: None, status: None, page: PageRequest::default() };
            for ProjectView { project, .. } in projects.list(command).await?.items {
                println!("{}\t{}\t{}", project.id, project.status, project.name);
            }
        }
        ["add", name] => {
            let name = ProjectName::parse((*name).to_owned())?;
            let created = projects.create(CreateProject { actor, name, description: None, request: None }).await?;
            println!("{}", created.entity.project.id);
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
