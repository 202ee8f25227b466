//! The authorization policy. Every use case decides by it; no other code compares roles or owners.
//!
//! Rights in a project depend on the user's role there: the table is [`MemberRole::may`]. Whoever a task is assigned to
//! may read, change and comment that task, whatever the role. An admin may do whatever an owner may, except for todos.
//! Where the request's token is for some projects alone, all else is refused first, also to an admin.

use crate::{
    api_token::reach::Reach,
    id::{ProjectId, UserId},
    membership::MemberRole,
    user::Role,
};

/// The authenticated user of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: UserId,
    pub role: Role,
    /// The projects that the token of the request is for.
    pub reach: Reach,
}

/// What a role in a project allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectAction {
    /// Read the project, its members, statistics, labels, tasks and comments.
    Read,
    /// Comment on tasks.
    Comment,
    /// Create, change, move and delete tasks and labels.
    ChangeTasks,
    /// Change, archive, delete and transfer the project; manage members and invitations.
    Manage,
}

/// What somebody does with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskAction {
    /// Read the task and its comments.
    Read,
    Comment,
    /// Change the task, its labels included.
    Change,
    /// Give the task another place in the order of the project's tasks.
    Move,
    Delete,
}

/// An action to be authorized, with what the decision depends on. A membership is the actor's own role in the project;
/// `None` where the actor is no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// List, read, change and erase all users.
    ManageUsers,
    /// List the projects of all users. A list shows those of the actor's reach.
    ListAllProjects,
    /// List all active users as [`Person`](crate::person::Person)s. A list shows those in projects of the actor's reach.
    ListAllPeople,
    /// Read the audit log.
    ReadAudit,
    CreateProject,
    InProject {
        project: ProjectId,
        action: ProjectAction,
        membership: Option<MemberRole>,
    },
    OnTask {
        project: ProjectId,
        action: TaskAction,
        membership: Option<MemberRole>,
        assignee: Option<UserId>,
    },
    /// End the membership of `member`, who may be the actor.
    RemoveMember {
        project: ProjectId,
        member: UserId,
        membership: Option<MemberRole>,
    },
    /// Delete a comment. Owning the project is not enough.
    DeleteComment {
        /// The project of the comment's task.
        project: ProjectId,
        author: UserId,
    },
    /// Create, read, change and delete todos. Only their owner may; admins may not.
    UseTodos {
        /// The owner; `None` for another user's todos or an unknown user.
        owner: Option<UserId>,
        /// The actor's Inbox; `None` where there is none, so that one would be created.
        inbox: Option<ProjectId>,
    },
}

// @spec SPEC-002
// @spec SPEC-020
// @decision DEC-0028
impl MemberRole {
    /// The table of rights: whether a member with this role may do that in the project.
    pub const fn may(self, action: ProjectAction) -> bool {
        match (action, self) {
            (ProjectAction::Read, Self::Owner | Self::Editor | Self::Commenter | Self::Viewer)
            | (ProjectAction::Comment, Self::Owner | Self::Editor | Self::Commenter)
            | (ProjectAction::ChangeTasks, Self::Owner | Self::Editor)
            | (ProjectAction::Manage, Self::Owner) => true,
            (ProjectAction::Comment, Self::Viewer)
            | (ProjectAction::ChangeTasks, Self::Commenter | Self::Viewer)
            | (ProjectAction::Manage, Self::Editor | Self::Commenter | Self::Viewer) => false,
        }
    }
}

impl TaskAction {
    /// The right that a member needs for it.
    const fn right(self) -> ProjectAction {
        match self {
            Self::Read => ProjectAction::Read,
            Self::Comment => ProjectAction::Comment,
            Self::Change | Self::Move | Self::Delete => ProjectAction::ChangeTasks,
        }
    }

    /// Whether the task's assignee may do it without a role in the project.
    const fn is_for_assignee(self) -> bool {
        match self {
            Self::Read | Self::Comment | Self::Change => true,
            Self::Move | Self::Delete => false,
        }
    }

    /// The sentence that names who is allowed.
    const fn rule(self) -> &'static str {
        match self {
            Self::Read => "only the project's members, the task's assignee or an administrator may read this task",
            Self::Comment => {
                "only the project's owner, an editor, a commenter, the task's assignee or an administrator may comment \
                 on this task"
            }
            Self::Change => {
                "only the project's owner, an editor, the task's assignee or an administrator may change this task"
            }
            Self::Move => "only the project's owner, an editor or an administrator may move a task",
            Self::Delete => "only the project's owner, an editor or an administrator may delete a task",
        }
    }
}

impl ProjectAction {
    /// The sentence that names who is allowed.
    const fn rule(self) -> &'static str {
        match self {
            Self::Read => "only the project's members or an administrator may read this",
            Self::Comment => "only the project's owner, an editor, a commenter or an administrator may comment",
            Self::ChangeTasks => "only the project's owner, an editor or an administrator may do this",
            Self::Manage => "only the project's owner or an administrator may do this",
        }
    }
}

impl Action {
    // @spec SPEC-024
    /// Whether a token with this reach is for it. Users, the audit log and new projects are in no project, so that a
    /// narrowed token isn't for them. What lists show is limited by their filters.
    fn is_within(self, reach: &Reach) -> bool {
        match self {
            Self::ListAllProjects | Self::ListAllPeople => true,
            Self::ManageUsers | Self::ReadAudit | Self::CreateProject => reach.ids().is_none(),
            Self::InProject { project, .. }
            | Self::OnTask { project, .. }
            | Self::RemoveMember { project, .. }
            | Self::DeleteComment { project, .. } => reach.contains(project),
            Self::UseTodos { inbox, .. } => inbox.map_or(reach.ids().is_none(), |inbox| reach.contains(inbox)),
        }
    }

    /// The sentence that names who is allowed.
    const fn rule(self) -> &'static str {
        match self {
            Self::ManageUsers => "only an administrator may manage users",
            Self::ListAllProjects => "only an administrator may list everybody's projects",
            Self::ListAllPeople => "only an administrator may list everybody",
            Self::ReadAudit => "only an administrator may see who did what",
            Self::CreateProject => "every user may create projects",
            Self::InProject { action, .. } => action.rule(),
            Self::OnTask { action, .. } => action.rule(),
            Self::RemoveMember { .. } => {
                "only the project's owner, the member itself or an administrator may end a membership"
            }
            Self::DeleteComment { .. } => "only the comment's author or an administrator may delete a comment",
            Self::UseTodos { .. } => "only the user whose id stands in the path may use these todos",
        }
    }
}

/// The sentence for an action outside of the actor's reach.
const OUT_OF_REACH: &str = "this token is for other projects";

/// The actor is authenticated, but not allowed. The message names who is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forbidden(pub &'static str);

// @spec SPEC-002
// @decision DEC-0022
impl Actor {
    /// An actor whose token is for all projects.
    pub const fn new(id: UserId, role: Role) -> Self {
        Self { id, role, reach: Reach::All }
    }

    /// Whether the policy allows the action.
    pub fn can(&self, action: Action) -> bool {
        action.is_within(&self.reach) && self.may_as(self.role, action)
    }

    /// Whether the action is allowed by the admin role only, so that it belongs in the audit log.
    pub fn needs_role(&self, action: Action) -> bool {
        self.can(action) && !self.may_as(Role::User, action)
    }

    /// Returns [`Forbidden`] unless the policy allows the action.
    pub fn authorize(&self, action: Action) -> Result<(), Forbidden> {
        if !action.is_within(&self.reach) {
            return Err(Forbidden(OUT_OF_REACH));
        }
        if self.may_as(self.role, action) { Ok(()) } else { Err(Forbidden(action.rule())) }
    }

    /// Whether a user with this role may do it, whatever the token is for.
    fn may_as(&self, role: Role, action: Action) -> bool {
        let is_admin = match role {
            Role::Admin => true,
            Role::User => false,
        };
        let may = |membership: Option<MemberRole>, action| membership.is_some_and(|role| role.may(action));
        match action {
            Action::CreateProject => true,
            Action::UseTodos { owner, .. } => owner == Some(self.id),
            Action::ManageUsers | Action::ListAllProjects | Action::ListAllPeople | Action::ReadAudit => is_admin,
            Action::InProject { action, membership, .. } => is_admin || may(membership, action),
            Action::OnTask { action, membership, assignee, .. } => {
                let is_assignee = assignee == Some(self.id);
                is_admin || may(membership, action.right()) || (is_assignee && action.is_for_assignee())
            }
            Action::RemoveMember { member, membership, .. } => {
                let leaves = member == self.id && membership.is_some();
                is_admin || leaves || may(membership, ProjectAction::Manage)
            }
            Action::DeleteComment { author, .. } => is_admin || author == self.id,
        }
    }
}

#[cfg(test)]
mod tests;
