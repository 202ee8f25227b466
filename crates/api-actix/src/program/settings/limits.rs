//! Settings of what the server takes, of whom, and how much.

use super::{
    InvalidSetting,
    value::{days, listed, number, parsed, present},
};
use crate::program::wiring::RedisUrl;
use clap::Args;
use fasttrack_app::maintenance::Retention;
use fasttrack_domain::quota::Quotas;
use ipnet::IpNet;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

const MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
const DAY: NonZeroU32 = NonZeroU32::new(86_400).unwrap();

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Limits")]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawLimits {
    /// Requests in RATE_LIMIT_WINDOW_SECONDS of one user, or of one address without a user, 0 to 1000000; 0 for no limit [default: 600]
    #[arg(long, env, value_name = "N")]
    rate_limit_requests: Option<String>,
    /// Seconds that RATE_LIMIT_REQUESTS counts for, 1 to 86400 [default: 60]
    #[arg(long, env, value_name = "SECONDS")]
    rate_limit_window_seconds: Option<String>,
    /// Failed logins a minute of one address, 0 to 1000; 0 for no limit [default: 5]
    #[arg(long, env, value_name = "N")]
    login_rate_limit: Option<String>,
    /// Redis that counts requests for all nodes, like redis://user:password@host:6379/0 or rediss:// (TLS) [default: each node counts its own]
    #[arg(long, env, value_name = "URL")]
    redis_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated, like 10.0.0.0/8,::1 [default: none]
    #[arg(long, env, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// Connections of all clients, 1 to 1000000; what comes on top is refused [default: 20000, or as many as open files allow]
    #[arg(long, env, value_name = "N")]
    max_connections: Option<String>,
    /// Connections of one address (IPv6: of one /64) that is no proxy of TRUSTED_PROXIES, 0 to 1000000; 0 for no limit [default: three quarters of MAX_CONNECTIONS]
    #[arg(long, env, value_name = "N")]
    max_connections_per_address: Option<String>,
    /// Seconds that a client may take to send the head of its first request, and each body, 1 to 300; a connection on which a request has begun, but does not come, is closed after six times that [default: 10]
    #[arg(long, env, value_name = "SECONDS")]
    request_timeout_seconds: Option<String>,
    /// Seconds that a connection is kept on which no request is under way, 1 to 3600; more than the load balancer in front keeps it [default: 75]
    #[arg(long, env, value_name = "SECONDS")]
    keep_alive_seconds: Option<String>,
    /// Milliseconds that requests may have to wait for their turn, 20 to 10000: where they do for five times as long, a part is refused until they need not; 0 for no limit [default: 200]
    #[arg(long, env, value_name = "MILLISECONDS")]
    max_queue_milliseconds: Option<String>,
    /// Projects of one user, its Inbox included, 1 to 1000000000 [default: 1000]
    #[arg(long, env, value_name = "N")]
    max_projects_per_user: Option<String>,
    /// Tasks of one project, 1 to 1000000000 [default: 100000]
    #[arg(long, env, value_name = "N")]
    max_tasks_per_project: Option<String>,
    /// Comments on one task, 1 to 1000000000 [default: 10000]
    #[arg(long, env, value_name = "N")]
    max_comments_per_task: Option<String>,
    /// Days that notifications are kept, read or not; may be a fraction, to 36500 [default: 90]
    #[arg(long, env, value_name = "DAYS")]
    notification_retention_days: Option<String>,
    /// WebSockets and event streams that a user may hold on this node, 1 to 10000 [default: 20]
    #[arg(long, env, value_name = "N")]
    ws_connections_per_user: Option<String>,
    /// Seconds between two pings of a WebSocket, 1 to 300; without a pong for twice that it is closed [default: 30]
    #[arg(long, env, value_name = "SECONDS")]
    ws_ping_seconds: Option<String>,
    /// Days that the audit is kept; may be a fraction, to 36500 [default: 365]
    #[arg(long, env, value_name = "DAYS")]
    audit_retention_days: Option<String>,
}

/// The settings, checked.
#[derive(Debug)]
pub struct Limits {
    /// Requests in a window, 0 for no limit.
    pub requests: u32,
    /// How long a request counts, in seconds.
    pub window_seconds: NonZeroU32,
    /// Failed logins a minute of one address, 0 for no limit.
    pub logins: u32,
    /// Who counts for all nodes; `None`: each counts its own.
    pub redis_url: Option<RedisUrl>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections of all clients; `None`: as many as fit.
    pub max_connections: Option<usize>,
    /// Connections of one address, 0 for no limit; `None`: a part of all.
    pub max_connections_per_address: Option<usize>,
    /// How long a client may take for the head of its first request, and for each body.
    pub request_timeout: Duration,
    /// How long a connection is kept on which no request is under way.
    pub keep_alive: Duration,
    /// How long requests may have to wait for their turn, 0 for no limit.
    pub max_queue: Duration,
    /// How much may be kept in one place.
    pub quotas: Quotas,
    /// How long is kept what has an age limit.
    pub retention: Retention,
    /// Connections for notifications that a user may hold on this node.
    pub connections_per_user: usize,
    /// Time between two pings of such a connection.
    pub ping_interval: Duration,
}

impl Limits {
    /// How long a connection is kept on which a request has begun, but does not come.
    pub fn pause(&self) -> Duration {
        6 * self.request_timeout
    }

    /// How long a connection is kept on which nothing is under way. Those that are as they should be end before, by
    /// `keep_alive`.
    pub fn idle(&self) -> Duration {
        self.keep_alive + self.pause()
    }
}

impl RawLimits {
    /// Reports what is wrong, and goes on.
    pub fn check(self, faults: &mut impl FnMut(InvalidSetting)) -> Limits {
        let default = Quotas::default();
        let mut quota = |name, raw, default, example| number(name, raw, default, 1..=1_000_000_000, example, faults);
        let quotas = Quotas {
            projects_per_user: quota(
                "MAX_PROJECTS_PER_USER",
                self.max_projects_per_user,
                default.projects_per_user,
                "1000",
            ),
            tasks_per_project: quota(
                "MAX_TASKS_PER_PROJECT",
                self.max_tasks_per_project,
                default.tasks_per_project,
                "100000",
            ),
            comments_per_task: quota(
                "MAX_COMMENTS_PER_TASK",
                self.max_comments_per_task,
                default.comments_per_task,
                "10000",
            ),
        };
        Limits {
            quotas,
            retention: Retention {
                notifications: days("NOTIFICATION_RETENTION_DAYS", self.notification_retention_days, 90, faults),
                audit: days("AUDIT_RETENTION_DAYS", self.audit_retention_days, 365, faults),
            },
            requests: number("RATE_LIMIT_REQUESTS", self.rate_limit_requests, 600, 0..=1_000_000, "600", faults),
            window_seconds: number(
                "RATE_LIMIT_WINDOW_SECONDS",
                self.rate_limit_window_seconds,
                MINUTE,
                NonZeroU32::MIN..=DAY,
                "60",
                faults,
            ),
            logins: number("LOGIN_RATE_LIMIT", self.login_rate_limit, 5, 0..=1000, "5", faults),
            redis_url: parsed("REDIS_URL", self.redis_url, "redis://localhost:6379/0", faults),
            trusted_proxies: networks("TRUSTED_PROXIES", self.trusted_proxies, faults),
            max_connections: present(self.max_connections)
                .map(|raw| number("MAX_CONNECTIONS", Some(raw), 1, 1..=1_000_000, "10000", faults)),
            max_connections_per_address: present(self.max_connections_per_address)
                .map(|raw| number("MAX_CONNECTIONS_PER_ADDRESS", Some(raw), 0, 0..=1_000_000, "1000", faults)),
            request_timeout: Duration::from_secs(number(
                "REQUEST_TIMEOUT_SECONDS",
                self.request_timeout_seconds,
                10,
                1..=300,
                "10",
                faults,
            )),
            keep_alive: Duration::from_secs(number(
                "KEEP_ALIVE_SECONDS",
                self.keep_alive_seconds,
                75,
                1..=3600,
                "75",
                faults,
            )),
            max_queue: match present(self.max_queue_milliseconds).as_deref().map(str::trim) {
                Some("0") => Duration::ZERO,
                given => Duration::from_millis(number(
                    "MAX_QUEUE_MILLISECONDS",
                    given.map(str::to_owned),
                    200,
                    // Timers are a millisecond or two late by themselves.
                    20..=10_000,
                    "200",
                    faults,
                )),
            },
            connections_per_user: number(
                "WS_CONNECTIONS_PER_USER",
                self.ws_connections_per_user,
                20,
                1..=10_000,
                "20",
                faults,
            ),
            ping_interval: Duration::from_secs(number(
                "WS_PING_SECONDS",
                self.ws_ping_seconds,
                30,
                1..=300,
                "30",
                faults,
            )),
        }
    }
}

fn networks(name: &'static str, raw: Option<String>, fault: &mut impl FnMut(InvalidSetting)) -> Vec<IpNet> {
    let raw = present(raw).unwrap_or_default();
    listed(&raw)
        .filter_map(|text| {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network
                .map_err(|_| {
                    let fault_of = format!("{text:?} is neither an address nor a network");
                    fault(InvalidSetting { name, fault: fault_of, example: "10.0.0.0/8,::1" });
                })
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        let mut wrong = Vec::new();
        let read =
            networks("TRUSTED_PROXIES", Some("10.0.0.0/8, ::1,proxy".to_owned()), &mut |fault| wrong.push(fault));
        assert_eq!(read, ["10.0.0.0/8".parse::<IpNet>().unwrap(), "::1/128".parse().unwrap()]);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
    }
}
