//! How much the server accepts, and from whom.

use super::source::{Declaration, Source};
use crate::program::wiring::types::RedisUrl;
use fasttrack_app::Retention;
use fasttrack_domain::quota::Quotas;
use ipnet::IpNet;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

const MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
const DAY: NonZeroU32 = NonZeroU32::new(86_400).unwrap();

/// Settings of limits.
#[derive(Debug)]
pub struct Limits {
    /// Requests in a window, 0 for no limit.
    pub requests: u32,
    /// Length of that window.
    pub window_seconds: NonZeroU32,
    /// Failed logins a minute of one address, 0 for no limit.
    pub logins: u32,
    /// Redis that counts requests for all nodes; `None`: each node counts its own.
    pub redis_url: Option<RedisUrl>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections of all clients; `None`: as many as open files allow, up to a default.
    pub max_connections: Option<usize>,
    /// Connections of one address, 0 for no limit; `None`: a part of all.
    pub max_connections_per_address: Option<usize>,
    /// Time for the head of a connection's first request, and for each body.
    pub request_timeout: Duration,
    /// How long a connection without a request is kept.
    pub keep_alive: Duration,
    /// How late requests may begin before some are refused, 0 for no limit.
    pub max_queue: Duration,
    /// How much may be stored in one place.
    pub quotas: Quotas,
    /// How long data with an age limit is kept.
    pub retention: Retention,
    /// WebSockets and event streams of one user on this node.
    pub connections_per_user: usize,
    /// Time between two pings of a WebSocket.
    pub ping_interval: Duration,
}

impl Limits {
    /// How long a connection is kept on which a request has begun, but does not come.
    pub fn pause(&self) -> Duration {
        6 * self.request_timeout
    }

    /// How long a connection without a request is kept at most. `keep_alive` closes well-behaved ones before.
    pub fn idle(&self) -> Duration {
        self.keep_alive + self.pause()
    }

    #[expect(clippy::too_many_lines, reason = "a list of declarations")]
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Limits");
        let default = Quotas::default();
        Self {
            requests: source
                .setting(
                    "RATE_LIMIT_REQUESTS",
                    "Requests in RATE_LIMIT_WINDOW_SECONDS of one user, or of one address without a user; 0 for no limit",
                )
                .value_name("N")
                .whole(600, 0..=1_000_000),
            window_seconds: source
                .setting("RATE_LIMIT_WINDOW_SECONDS", "Seconds in which RATE_LIMIT_REQUESTS are allowed")
                .value_name("SECONDS")
                .whole(MINUTE, NonZeroU32::MIN..=DAY),
            logins: source
                .setting("LOGIN_RATE_LIMIT", "Failed logins a minute of one address; 0 for no limit")
                .value_name("N")
                .whole(5, 0..=1000),
            redis_url: source
                .setting(
                    "REDIS_URL",
                    "Redis that counts requests for all nodes, like redis://user:password@host:6379/0 or rediss:// (TLS)",
                )
                .value_name("URL")
                .default_is("each node counts its own")
                .example("redis://localhost:6379/0")
                .parsed(),
            trusted_proxies: source
                .setting(
                    "TRUSTED_PROXIES",
                    "Proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated",
                )
                .value_name("NETWORKS")
                .default_is("none")
                .example("10.0.0.0/8,::1")
                .list(network),
            max_connections: source
                .setting("MAX_CONNECTIONS", "Connections of all clients; further ones are refused")
                .value_name("N")
                .default_is("20000, or as many as open files allow")
                .example("1000")
                .optional_whole(1..=1_000_000),
            max_connections_per_address: source
                .setting(
                    "MAX_CONNECTIONS_PER_ADDRESS",
                    "Connections of one address (IPv6: of one /64) that is no proxy of TRUSTED_PROXIES; 0 for no limit",
                )
                .value_name("N")
                .default_is("three quarters of MAX_CONNECTIONS")
                .example("1000")
                .optional_whole(0..=1_000_000),
            request_timeout: seconds(
                source.setting(
                    "REQUEST_TIMEOUT_SECONDS",
                    "Seconds that a client may take to send the head of its first request, and each body; a connection \
                     on which a request has begun, but does not come, is closed after six times that",
                ),
                10,
                300,
            ),
            keep_alive: seconds(
                source.setting(
                    "KEEP_ALIVE_SECONDS",
                    "Seconds that a connection without a request is kept; more than the load balancer in front keeps it",
                ),
                75,
                3600,
            ),
            max_queue: source
                .setting(
                    "MAX_QUEUE_MILLISECONDS",
                    "Load shedding: where requests begin later than this for five times as long, a part of them is \
                     refused until they don't (20 to 10000, or 0 for no limit)",
                )
                .value_name("MILLISECONDS")
                .default_value("200")
                .read(queue)
                .unwrap_or(Duration::from_millis(200)),
            quotas: Quotas {
                projects_per_user: quota(
                    source.setting("MAX_PROJECTS_PER_USER", "Projects of one user, its Inbox included"),
                    default.projects_per_user,
                ),
                tasks_per_project: quota(
                    source.setting("MAX_TASKS_PER_PROJECT", "Tasks of one project"),
                    default.tasks_per_project,
                ),
                comments_per_task: quota(
                    source.setting("MAX_COMMENTS_PER_TASK", "Comments on one task"),
                    default.comments_per_task,
                ),
            },
            retention: Retention {
                notifications: source
                    .setting("NOTIFICATION_RETENTION_DAYS", "Days that notifications are kept, read or not")
                    .days(90),
                audit: source.setting("AUDIT_RETENTION_DAYS", "Days that the audit is kept").days(365),
                changes: source
                    .setting(
                        "CHANGES_RETENTION_DAYS",
                        "Days that the change feed keeps what was deleted; clients that were away for longer begin anew",
                    )
                    .days_up_to(3_650.0, 90),
            },
            connections_per_user: source
                .setting("WS_CONNECTIONS_PER_USER", "WebSockets and event streams of one user on this node")
                .value_name("N")
                .whole(20, 1..=10_000),
            ping_interval: seconds(
                source.setting(
                    "WS_PING_SECONDS",
                    "Seconds between two pings of a WebSocket; without a pong for twice that it is closed",
                ),
                30,
                300,
            ),
        }
    }
}

fn seconds(setting: Declaration<'_, '_>, default: u64, max: u64) -> Duration {
    Duration::from_secs(setting.value_name("SECONDS").whole(default, 1..=max))
}

fn quota(setting: Declaration<'_, '_>, default: u32) -> u32 {
    setting.value_name("N").whole(default, 1..=1_000_000_000)
}

/// Below 20 ms it would be the timers that are late, by a millisecond or two each.
fn queue(raw: &str) -> Result<Duration, String> {
    let milliseconds = raw.trim().parse().ok().filter(|value| *value == 0 || (20..=10_000).contains(value));
    let milliseconds = milliseconds.ok_or_else(|| format!("{raw:?} is no whole number from 20 to 10000, nor 0"))?;
    Ok(Duration::from_millis(milliseconds))
}

pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| format!("{text:?} is neither an address nor a network"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(network("10.0.0.0/8"), Ok("10.0.0.0/8".parse().unwrap()));
        assert_eq!(network("::1"), Ok("::1/128".parse().unwrap()));
        assert!(network("proxy").is_err());
    }
}
