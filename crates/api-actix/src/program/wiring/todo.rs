//! Use cases of todos.

use super::Adapters;
use crate::program::settings::Settings;
use fasttrack_app::todo;
use fasttrack_infra_diesel::Repositories;

impl Adapters {
    pub(super) fn create_todo(&self, settings: &Settings) -> todo::create::CreateTodo {
        let Repositories { projects, tasks, idempotency, .. } = self.repositories.clone();
        todo::create::CreateTodo::new(projects, tasks, idempotency, self.clock.clone(), settings.limits.quotas)
    }

    pub(super) fn list_todos(&self) -> todo::list::ListTodos {
        todo::list::ListTodos::new(self.repositories.projects.clone(), self.repositories.tasks.clone())
    }

    pub(super) fn get_todo(&self) -> todo::get::GetTodo {
        todo::get::GetTodo::new(self.repositories.projects.clone(), self.repositories.tasks.clone())
    }

    pub(super) fn update_todo(&self) -> todo::update::UpdateTodo {
        let Repositories { projects, tasks, .. } = self.repositories.clone();
        todo::update::UpdateTodo::new(projects, tasks, self.clock.clone())
    }

    pub(super) fn delete_todo(&self) -> todo::delete::DeleteTodo {
        let Repositories { projects, tasks, .. } = self.repositories.clone();
        todo::delete::DeleteTodo::new(projects, tasks, self.clock.clone())
    }
}
