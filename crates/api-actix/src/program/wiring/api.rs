//! Every use case that a request can ask for, on our adapters.

use super::Adapters;
use crate::program::settings::Settings;
use crate::{api::Api, http::readiness::Readiness};
use fasttrack_app::{audit, auth, comment, notification, project, statistics, task, ticket, user};
use fasttrack_domain::ports::{secret::SecretSource, token::TokenVerifier};
use fasttrack_infra_auth::secret::RandomSecrets;
use fasttrack_infra_diesel::Repositories;
use std::sync::Arc;

impl Adapters {
    /// Every use case, on these adapters.
    pub fn api(&self, settings: &Settings) -> Api {
        let Repositories { users, projects, tasks, comments, sessions, idempotency, health, notifications, .. } =
            self.repositories.clone();
        let (hasher, clock, blocklist) = (self.hasher.clone(), self.clock.clone(), self.blocklist.clone());
        let (statistics, tickets) = (self.repositories.statistics.clone(), self.repositories.tickets.clone());
        let quotas = settings.limits.quotas;
        let policy = settings.account_policy;
        let secrets: Arc<dyn SecretSource> = Arc::new(RandomSecrets);
        let verifier: Arc<dyn TokenVerifier> = self.tokens.clone();
        Api {
            verifier: verifier.clone(),
            authenticate: self.authenticate(),
            clock: clock.clone(),
            audit: self.audit.clone(),
            readiness: Readiness::new(health),
            jwks: self.jwks.clone(),
            register: auth::register::Register::new(
                users.clone(),
                hasher.clone(),
                clock.clone(),
                settings.registration_open,
            ),
            login: self.login(policy),
            refresh: self.refresh(settings),
            logout: auth::logout::Logout::new(
                self.audit.clone(),
                sessions,
                self.repositories.revocations.clone(),
                verifier.clone(),
                blocklist.clone(),
                clock.clone(),
            ),
            me: user::me::Me::new(users.clone()),
            update_me: user::update_me::UpdateMe::new(users.clone(), hasher, clock.clone(), policy),
            list_users: user::list::ListUsers::new(users.clone()),
            get_user: user::get::GetUser::new(users.clone()),
            update_user: user::update::UpdateUser::new(users.clone(), blocklist, clock.clone()),
            list_audit: audit::list::ListAudit::new(self.repositories.audit.clone(), self.audit.clone()),
            create_project: project::create::CreateProject::new(
                projects.clone(),
                idempotency.clone(),
                clock.clone(),
                quotas.projects_per_user,
            ),
            list_projects: project::list::ListProjects::new(projects.clone()),
            get_project: project::get::GetProject::new(projects.clone()),
            update_project: project::update::UpdateProject::new(projects.clone(), clock.clone()),
            delete_project: project::delete::DeleteProject::new(projects, clock.clone()),
            create_task: task::create::CreateTask::new(
                tasks.clone(),
                users.clone(),
                idempotency.clone(),
                clock.clone(),
                quotas.tasks_per_project,
            ),
            list_project_tasks: task::list_in_project::ListProjectTasks::new(tasks.clone()),
            list_assigned_tasks: task::list_assigned::ListAssignedTasks::new(tasks.clone()),
            get_task: task::get::GetTask::new(tasks.clone()),
            update_task: task::update::UpdateTask::new(tasks.clone(), users, clock.clone()),
            delete_task: task::delete::DeleteTask::new(tasks.clone(), clock.clone()),
            create_comment: comment::create::CreateComment::new(
                tasks,
                comments.clone(),
                idempotency,
                clock.clone(),
                quotas.comments_per_task,
            ),
            list_comments: comment::list::ListComments::new(comments.clone()),
            delete_comment: comment::delete::DeleteComment::new(comments, clock.clone()),
            get_statistics: statistics::get::GetStatistics::new(statistics),
            list_notifications: notification::list::ListNotifications::new(notifications.clone()),
            mark_notifications_read: notification::mark_read::MarkRead::new(notifications.clone()),
            follow_notifications: notification::follow::FollowNotifications::new(notifications, self.board.clone()),
            issue_ticket: ticket::issue::IssueTicket::new(tickets, secrets.clone(), clock.clone()),
            redeem_ticket: ticket::redeem::RedeemTicket::new(self.uncounted.tickets.clone(), secrets, verifier, clock),
            list_sessions: self.list_sessions(),
            revoke_session: self.revoke_session(),
            change_password: self.change_password(policy),
            forgot_password: self.forgot_password(),
            reset_password: self.reset_password(policy),
            verify_email: self.verify_email(),
            resend_verification: self.resend_verification(),
            create_todo: self.create_todo(settings),
            list_todos: self.list_todos(),
            get_todo: self.get_todo(),
            update_todo: self.update_todo(),
            delete_todo: self.delete_todo(),
        }
    }
}
