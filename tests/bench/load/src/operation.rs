//! What is requested.

use clap::ValueEnum;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// GET `/`
    Constant,
    /// GET `/health/live`
    Health,
    /// GET `/tasks/{id}`
    Read,
    /// The same, with the task's entity tag in `If-None-Match`
    NotModified,
    /// GET `/projects/{id}/tasks?limit=50`
    List,
    /// The same, with a status and a label, which 6 % of the project's tasks have
    Filtered,
    /// The same as the list, from anywhere in the project
    Page,
    /// POST `/projects/{id}/tasks`
    Create,
    /// The same, with an assignee: another one each time
    Assigned,
    /// The same, always with the same assignee
    HotUser,
    /// The same with other assignees, always in the same project
    HotProject,
    /// PATCH `/tasks/{id}`: to `in_progress` and back
    Status,
    /// POST `/tasks/{id}/comments`
    Comment,
    /// Nine reads, one create
    Mix,
    /// POST `/auth/login`
    Login,
    /// POST `/auth/refresh`, with the token of the response before
    Refresh,
}

impl Operation {
    /// Whether tasks are created with an assignee.
    pub fn assigns(self) -> bool {
        matches!(self, Self::Assigned | Self::HotUser | Self::HotProject)
    }
}
