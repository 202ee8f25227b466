//! Everything that a request can ask for.

use crate::http::readiness::Readiness;
use fasttrack_app::{audit, auth, comment, notification, project, statistics, task, ticket, todo, user};
use fasttrack_domain::ports::{audit::AuditLog, clock::Clock, token::TokenVerifier};
use std::sync::Arc;

/// The use cases, and what the middleware needs. Built by `wiring` for our binary; an embedder with
/// adapters of its own builds it by hand.
pub struct Api {
    /// Checks access tokens again, while they are used.
    pub verifier: Arc<dyn TokenVerifier>,
    /// Whose an access token is.
    pub authenticate: auth::authenticate::Authenticate,
    /// Tells the time at which a token must be good.
    pub clock: Arc<dyn Clock>,
    /// Takes lines of the audit that are written soon.
    pub audit: Arc<dyn AuditLog>,
    /// For `/health/ready`.
    pub readiness: Readiness,
    /// The document of `/.well-known/jwks.json` (RFC 7517).
    pub jwks: serde_json::Value,
    /// POST `/auth/register`, `/api/auth/signup`
    pub register: auth::register::Register,
    /// POST `/auth/login`
    pub login: auth::login::Login,
    /// POST `/auth/refresh`
    pub refresh: auth::refresh::Refresh,
    /// POST `/auth/logout`
    pub logout: auth::logout::Logout,
    /// GET `/auth/me`, `/users/me`
    pub me: user::me::Me,
    /// PATCH `/users/me`
    pub update_me: user::update_me::UpdateMe,
    /// GET `/users`
    pub list_users: user::list::ListUsers,
    /// GET `/users/{id}`
    pub get_user: user::get::GetUser,
    /// PATCH `/users/{id}`
    pub update_user: user::update::UpdateUser,
    /// GET `/audit`
    pub list_audit: audit::list::ListAudit,
    /// POST `/projects`
    pub create_project: project::create::CreateProject,
    /// GET `/projects`
    pub list_projects: project::list::ListProjects,
    /// GET `/projects/{id}`
    pub get_project: project::get::GetProject,
    /// PATCH `/projects/{id}`
    pub update_project: project::update::UpdateProject,
    /// DELETE `/projects/{id}`
    pub delete_project: project::delete::DeleteProject,
    /// POST `/projects/{id}/tasks`
    pub create_task: task::create::CreateTask,
    /// GET `/projects/{id}/tasks`
    pub list_project_tasks: task::list_in_project::ListProjectTasks,
    /// GET `/tasks`
    pub list_assigned_tasks: task::list_assigned::ListAssignedTasks,
    /// GET `/tasks/{id}`
    pub get_task: task::get::GetTask,
    /// PATCH `/tasks/{id}`
    pub update_task: task::update::UpdateTask,
    /// DELETE `/tasks/{id}`
    pub delete_task: task::delete::DeleteTask,
    /// POST `/tasks/{id}/comments`
    pub create_comment: comment::create::CreateComment,
    /// GET `/tasks/{id}/comments`
    pub list_comments: comment::list::ListComments,
    /// DELETE `/comments/{id}`
    pub delete_comment: comment::delete::DeleteComment,
    /// GET `/projects/{id}/stats`
    pub get_statistics: statistics::get::GetStatistics,
    /// GET `/notifications`
    pub list_notifications: notification::list::ListNotifications,
    /// POST `/notifications/read`
    pub mark_notifications_read: notification::mark_read::MarkRead,
    /// GET `/ws`, `/events`
    pub follow_notifications: notification::follow::FollowNotifications,
    /// POST `/ws/ticket`
    pub issue_ticket: ticket::issue::IssueTicket,
    /// `?ticket=` of GET `/ws`, `/events`
    pub redeem_ticket: ticket::redeem::RedeemTicket,
    /// GET `/auth/sessions`
    pub list_sessions: auth::sessions::ListSessions,
    /// DELETE `/auth/sessions/{id}`
    pub revoke_session: auth::revoke_session::RevokeSession,
    /// POST `/auth/password/change`
    pub change_password: auth::change_password::ChangePassword,
    /// POST `/auth/password/forgot`
    pub forgot_password: auth::forgot_password::ForgotPassword,
    /// POST `/auth/password/reset`
    pub reset_password: auth::reset_password::ResetPassword,
    /// POST `/auth/email/verify`
    pub verify_email: auth::verify_email::VerifyEmail,
    /// POST `/auth/email/verify/resend`
    pub resend_verification: auth::resend_verification::ResendVerification,
    /// POST `/api/{user_id}/tasks`
    pub create_todo: todo::create::CreateTodo,
    /// GET `/api/{user_id}/tasks`
    pub list_todos: todo::list::ListTodos,
    /// GET `/api/{user_id}/tasks/{task_id}`
    pub get_todo: todo::get::GetTodo,
    /// PUT, PATCH `/api/{user_id}/tasks/{task_id}`, PATCH `/api/{user_id}/tasks/{task_id}/complete`
    pub update_todo: todo::update::UpdateTodo,
    /// DELETE `/api/{user_id}/tasks/{task_id}`
    pub delete_todo: todo::delete::DeleteTodo,
}
