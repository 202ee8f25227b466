//! Builds every area of use cases from the ports.

use crate::{
    Config, Ports, account::Accounts, api_token::ApiTokens, audit::Audit, auth::Auth, comment::Comments, event::Events,
    invitation::Invitations, job::Jobs, label::Labels, maintenance::Maintenance, member::Members,
    notification::Notifications, people::People, project::Projects, reminder::Reminders, search::Search,
    statistics::Statistics, task::Tasks, ticket::Tickets, todo::Todos, user::Users,
};

#[derive(Clone)]
pub struct UseCases {
    pub accounts: Accounts,
    pub api_tokens: ApiTokens,
    pub audit: Audit,
    pub auth: Auth,
    pub comments: Comments,
    pub events: Events,
    pub invitations: Invitations,
    pub jobs: Jobs,
    pub labels: Labels,
    pub maintenance: Maintenance,
    pub members: Members,
    pub notifications: Notifications,
    pub people: People,
    pub projects: Projects,
    pub reminders: Reminders,
    pub search: Search,
    pub statistics: Statistics,
    pub tasks: Tasks,
    pub tickets: Tickets,
    pub todos: Todos,
    pub users: Users,
}

impl UseCases {
    pub fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            accounts: Accounts::new(ports, config),
            api_tokens: ApiTokens::new(ports),
            audit: Audit::new(ports),
            auth: Auth::new(ports, config),
            comments: Comments::new(ports, config),
            events: Events::new(ports),
            invitations: Invitations::new(ports),
            jobs: Jobs::new(ports, config),
            labels: Labels::new(ports),
            maintenance: Maintenance::new(ports, config),
            members: Members::new(ports, config),
            notifications: Notifications::new(ports),
            people: People::new(ports),
            projects: Projects::new(ports, config),
            reminders: Reminders::new(ports),
            search: Search::new(ports),
            statistics: Statistics::new(ports),
            tasks: Tasks::new(ports, config),
            tickets: Tickets::new(ports),
            todos: Todos::new(ports, config),
            users: Users::new(ports, config),
        }
    }
}
