//! Projects.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor},
    ports::project::ProjectRepository,
    project::Project,
};

/// The project, if `actor` may manage it.
async fn find_managed(projects: &dyn ProjectRepository, id: ProjectId, actor: Actor) -> Result<Project, Error> {
    let project = projects.find(id).await?.ok_or(Error::NotFound("project"))?;
    actor.must(Action::ManageProject { owner: project.owner_id })?;
    Ok(project)
}
