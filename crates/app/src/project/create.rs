//! Somebody begins a project.

use crate::Error;
use fasttrack_domain::{
    policy::Actor,
    ports::{clock::Clock, project::ProjectRepository},
    project::{NewProject, Project},
    text::{Description, ProjectName},
};
use std::sync::Arc;

/// The project that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks, and will own it.
    pub actor: Actor,
    /// For people.
    pub name: ProjectName,
    /// For people.
    pub description: Option<Description>,
}

/// Makes an active project of the actor's.
pub struct CreateProject {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl CreateProject {
    /// Over these ports.
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// The new project.
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        let Command { actor, name, description } = command;
        let project = NewProject { name, description, owner_id: actor.id, created_at: self.clock.now() };
        Ok(self.projects.create(project).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, now, parsed, project, run};
    use fasttrack_domain::ports::project::MockProjectRepository;

    #[test]
    fn whoever_makes_a_project_owns_it() {
        let expected = NewProject {
            name: parsed("Garden"),
            description: Some(parsed("Behind the house")),
            owner_id: OWNER.id,
            created_at: now(),
        };
        let command = Command { actor: OWNER, name: expected.name.clone(), description: expected.description.clone() };
        let mut projects = MockProjectRepository::new();
        projects.expect_create().times(1).withf(move |new| *new == expected).return_once(|_| Ok(project()));
        let create = CreateProject::new(Arc::new(projects), clock());
        assert_eq!(run(create.execute(command)).unwrap(), project());
    }
}
