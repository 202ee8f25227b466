//! Every area, built from the ports.

use crate::{
    account::{AccountPolicy, Accounts},
    audit::Audit,
    auth::{Auth, External},
    comment::Comments,
    event::Events,
    job::{AccountMails, Jobs},
    maintenance::{Maintenance, Retention},
    notification::Notifications,
    project::Projects,
    statistics::Statistics,
    subscriber,
    task::Tasks,
    ticket::Tickets,
    todo::Todos,
    user::Users,
};
use fasttrack_domain::{
    mail::TokenPage,
    ports::{
        Repositories,
        audit::AuditLog,
        clock::Clock,
        identity::ExternalVerifier,
        mail::Mailer,
        news::NewsBoard,
        password::PasswordHasher,
        revocation::Blocklist,
        secret::SecretSource,
        token::{TokenIssuer, TokenVerifier},
    },
    quota::Quotas,
};
use std::{sync::Arc, time::Duration};

/// Everything that the use cases need from adapters.
#[derive(Clone)]
pub struct Ports {
    pub repositories: Repositories,
    /// For requests that no rate limit has counted yet: tickets, and accounts of another issuer's users. With adapters
    /// that limit such requests to a part of their connections, the other requests always get one. May be the same as
    /// `repositories`.
    pub uncounted: Repositories,
    pub hasher: Arc<dyn PasswordHasher>,
    pub issuer: Arc<dyn TokenIssuer>,
    pub verifier: Arc<dyn TokenVerifier>,
    /// Absent where tokens of another issuer are refused.
    pub external: Option<Arc<dyn ExternalVerifier>>,
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
    pub board: Arc<dyn NewsBoard>,
    pub audit: Arc<dyn AuditLog>,
    pub mailer: Arc<dyn Mailer>,
    pub clock: Arc<dyn Clock>,
}

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether anybody may register.
    pub registration_open: bool,
    pub accounts: AccountPolicy,
    pub quotas: Quotas,
    pub retention: Retention,
    /// A refresh token that was spent less than this ago may be exchanged again; zero for never.
    pub reuse_leeway: Duration,
    /// How long a session lasts after its login at most.
    pub session_lifetime: Duration,
    /// Where mails with a reset token link to; without a page they contain the token alone.
    pub reset_page: Option<TokenPage>,
    /// Where mails with a verification token link to; without a page they contain the token alone.
    pub verification_page: Option<TokenPage>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            registration_open: true,
            accounts: AccountPolicy::default(),
            quotas: Quotas::default(),
            retention: Retention::default(),
            reuse_leeway: Duration::ZERO,
            session_lifetime: Duration::from_hours(90 * 24),
            reset_page: None,
            verification_page: None,
        }
    }
}

/// Every area.
#[derive(Clone)]
pub struct UseCases {
    pub accounts: Accounts,
    pub audit: Audit,
    pub auth: Auth,
    pub comments: Comments,
    pub events: Events,
    pub jobs: Jobs,
    pub maintenance: Maintenance,
    pub notifications: Notifications,
    pub projects: Projects,
    pub statistics: Statistics,
    pub tasks: Tasks,
    pub tickets: Tickets,
    pub todos: Todos,
    pub users: Users,
}

impl UseCases {
    pub fn new(ports: Ports, config: Config) -> Self {
        let Ports {
            repositories,
            uncounted,
            hasher,
            issuer,
            verifier,
            external,
            secrets,
            blocklist,
            board,
            audit,
            mailer,
            clock,
        } = ports;
        let Config {
            registration_open,
            accounts: policy,
            quotas,
            retention,
            reuse_leeway,
            session_lifetime,
            reset_page,
            verification_page,
        } = config;
        let of = repositories;
        let external = external.map(|verifier| External {
            verifier,
            identities: uncounted.identities,
            users: uncounted.users,
            secrets: secrets.clone(),
            blocklist: blocklist.clone(),
        });
        Self {
            accounts: Accounts {
                users: of.users.clone(),
                resets: of.resets.clone(),
                verifications: of.verifications.clone(),
                hasher: hasher.clone(),
                secrets: secrets.clone(),
                blocklist: blocklist.clone(),
                clock: clock.clone(),
                policy,
            },
            audit: Audit { lines: of.audit.clone(), log: audit.clone() },
            auth: Auth {
                audit,
                users: of.users.clone(),
                sessions: of.sessions.clone(),
                revocations: of.revocations.clone(),
                verifications: of.verifications.clone(),
                hasher: hasher.clone(),
                issuer,
                verifier: verifier.clone(),
                blocklist: blocklist.clone(),
                clock: clock.clone(),
                external,
                policy,
                reuse_leeway,
                session_lifetime,
            },
            comments: Comments {
                comments: of.comments,
                tasks: of.tasks.clone(),
                idempotency: of.idempotency.clone(),
                clock: clock.clone(),
                quota: quotas.comments_per_task,
            },
            events: Events { outbox: of.outbox.clone(), board: board.clone(), subscribers: subscriber::all() },
            jobs: Jobs {
                queue: of.jobs.clone(),
                users: of.users.clone(),
                tasks: of.tasks.clone(),
                resets: of.resets.clone(),
                verifications: of.verifications.clone(),
                notices: of.notices.clone(),
                secrets: secrets.clone(),
                mailer,
                clock: clock.clone(),
                account_mails: AccountMails {
                    reset_page,
                    verification_page,
                    external_users_may_set_password: policy.external_users_may_set_password,
                },
            },
            maintenance: Maintenance {
                revocations: of.revocations,
                sessions: of.sessions,
                idempotency: of.idempotency.clone(),
                tickets: of.tickets.clone(),
                resets: of.resets,
                verifications: of.verifications,
                login_attempts: of.login_attempts,
                notifications: of.notifications.clone(),
                outbox: of.outbox,
                jobs: of.jobs,
                notices: of.notices,
                audit: of.audit,
                clock: clock.clone(),
                retention,
            },
            notifications: Notifications { notifications: of.notifications, board },
            projects: Projects {
                projects: of.projects.clone(),
                idempotency: of.idempotency.clone(),
                clock: clock.clone(),
                quota: quotas.projects_per_user,
            },
            statistics: Statistics { statistics: of.statistics, clock: clock.clone() },
            tasks: Tasks {
                tasks: of.tasks.clone(),
                users: of.users.clone(),
                idempotency: of.idempotency.clone(),
                clock: clock.clone(),
                quota: quotas.tasks_per_project,
            },
            tickets: Tickets {
                tickets: of.tickets,
                uncounted: uncounted.tickets,
                secrets,
                verifier,
                clock: clock.clone(),
            },
            todos: Todos {
                projects: of.projects,
                tasks: of.tasks,
                idempotency: of.idempotency,
                clock: clock.clone(),
                quotas,
            },
            users: Users { users: of.users, hasher, blocklist, clock, policy, registration_open },
        }
    }
}
