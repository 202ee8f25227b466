//! Limits how many refusals of one address have an audit entry each.

use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditChanges, AuditEntry},
    id::AuditId,
    rate_limit::Network,
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

/// How many refusals of an address within an hour have an entry each.
const LIMIT: u32 = 1_000;

/// The period of the limit.
fn window() -> TimeDelta {
    TimeDelta::hours(1)
}

/// How many addresses are counted separately; all others are counted as one.
const NETWORKS: usize = 10_000;

/// The number of refusals of an address within an hour, once it exceeds the limit.
#[derive(Clone, Debug)]
pub(super) struct Count {
    network: Network,
    /// The entry for those beyond the limit, made from the first of them.
    entry: AuditEntry,
    refusals: u32,
    /// The id of that entry, once it is inserted.
    line: Option<AuditId>,
    /// Whether the inserted entry has the current number.
    is_written: bool,
}

impl Count {
    /// The entry with the current number of refusals.
    pub(super) fn entry(&self) -> AuditEntry {
        self.entry.clone().with_changes(self.changes())
    }

    /// The id of the entry, once it is inserted.
    pub(super) fn line(&self) -> Option<AuditId> {
        self.line
    }

    /// The limit and the current number, as before and after.
    pub(super) fn changes(&self) -> AuditChanges {
        AuditChanges::default().field("refusals", i64::from(LIMIT), i64::from(self.refusals))
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.network, self.entry.at) == (other.network, other.entry.at)
    }
}

#[derive(Debug)]
struct Window {
    begin: Timestamp,
    refusals: u32,
    count: Option<Count>,
}

/// Counts the refusals of each address within an hour.
#[derive(Debug, Default)]
pub(super) struct RefusalLimit {
    windows: HashMap<Network, Window>,
    /// Counts of hours that are over, until they are inserted.
    ended: Vec<Count>,
    /// When windows that are over were last removed, which reads all of them.
    cleaned_at: Option<Timestamp>,
}

/// What to do with a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Insert an entry for it.
    Write,
    /// It is the first that is only counted.
    BeginCount,
    /// It is only counted.
    Count,
}

/// The network of requests without a known address, and of those beyond [`NETWORKS`].
fn unknown_network() -> Network {
    IpAddr::V6(Ipv6Addr::UNSPECIFIED).into()
}

impl RefusalLimit {
    /// Counts a refusal.
    pub(super) fn refuse(&mut self, entry: &AuditEntry) -> Verdict {
        let network = self.counted(entry.origin.ip.map_or_else(unknown_network, Network::from), entry.at);
        let empty = Window { begin: entry.at, refusals: 0, count: None };
        let window = self.windows.entry(network).or_insert(empty);
        if !is_current(window.begin, entry.at) {
            self.ended.extend(window.count.take().filter(|count| !count.is_written));
            *window = Window { begin: entry.at, refusals: 0, count: None };
        }
        window.refusals = window.refusals.saturating_add(1);
        if window.refusals <= LIMIT {
            return Verdict::Write;
        }
        let refusals = window.refusals;
        if let Some(count) = &mut window.count {
            count.refusals = refusals;
            count.is_written = false;
            return Verdict::Count;
        }
        let entry = AuditEntry { actor_id: None, action: AuditAction::RefusalsCounted, object: None, ..entry.clone() };
        window.count = Some(Count { network, entry, refusals, line: None, is_written: false });
        Verdict::BeginCount
    }

    /// The network under which a refusal is counted.
    fn counted(&mut self, network: Network, at: Timestamp) -> Network {
        if self.windows.len() < NETWORKS || self.windows.contains_key(&network) {
            return network;
        }
        if self.cleaned_at.is_some_and(|last| (at - last).abs() < TimeDelta::minutes(1)) {
            return unknown_network();
        }
        self.cleaned_at = Some(at);
        let ended = self.windows.extract_if(|_, window| !is_current(window.begin, at));
        self.ended.extend(ended.filter_map(|(_, window)| window.count).filter(|count| !count.is_written));
        if self.windows.len() < NETWORKS { network } else { unknown_network() }
    }

    /// The counts whose entry is missing or has another number.
    pub(super) fn changed(&self) -> Vec<Count> {
        let current = self.windows.values().filter_map(|window| window.count.as_ref());
        current.filter(|count| !count.is_written).chain(&self.ended).cloned().collect()
    }

    /// Stores the id of the inserted entry of a count.
    pub(super) fn begun(&mut self, count: &Count, line: AuditId) {
        for same in self.same(count) {
            same.line = Some(line);
        }
    }

    /// Marks a count as inserted, unless its number has changed meanwhile.
    pub(super) fn written(&mut self, count: &Count) {
        for same in self.same(count) {
            same.is_written = same.refusals == count.refusals;
        }
        self.ended.retain(|count| !count.is_written);
    }

    fn same<'a>(&'a mut self, count: &'a Count) -> impl Iterator<Item = &'a mut Count> {
        let current = self.windows.get_mut(&count.network).and_then(|window| window.count.as_mut());
        current.into_iter().chain(&mut self.ended).filter(|other| other.is_same(count))
    }
}

/// Whether the window contains `at`, also where the clock was set back by less than an hour.
fn is_current(begin: Timestamp, at: Timestamp) -> bool {
    (at - begin).abs() < window()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{audit::Origin, id::UserId};

    fn refusal(ip: &str, minute: i64) -> AuditEntry {
        let at = Timestamp::UNIX_EPOCH + TimeDelta::minutes(minute);
        let origin = Origin { ip: Some(ip.parse().unwrap()), request_id: None };
        AuditEntry::new(at, Some(UserId::new(1)), AuditAction::Forbidden, origin)
    }

    fn refused(limit: &mut RefusalLimit, ip: &str, minute: i64, times: u32) -> Vec<Verdict> {
        (0..times).map(|_| limit.refuse(&refusal(ip, minute))).collect()
    }

    #[test]
    fn beyond_a_thousand_an_hour_refusals_are_counted() {
        let mut limit = RefusalLimit::default();
        assert!(refused(&mut limit, "192.0.2.1", 0, 1_000).iter().all(|verdict| *verdict == Verdict::Write));
        assert!(limit.changed().is_empty());
        assert_eq!(refused(&mut limit, "192.0.2.1", 59, 3), [Verdict::BeginCount, Verdict::Count, Verdict::Count]);
        assert_eq!(refused(&mut limit, "192.0.2.2", 59, 1), [Verdict::Write]);
        let counts = limit.changed();
        let [count] = &counts[..] else { panic!("{counts:?}") };
        let expected = AuditChanges::default().field("refusals", 1_000, 1_003);
        assert_eq!((count.line(), count.changes()), (None, expected));
        assert_eq!((count.entry().actor_id, count.entry().action), (None, AuditAction::RefusalsCounted));
        // A count that isn't inserted yet is returned again, with what was added meanwhile.
        assert_eq!(limit.changed().len(), 1);
        refused(&mut limit, "192.0.2.1", 59, 1);
        limit.begun(count, AuditId::new(7));
        limit.written(count);
        let counts = limit.changed();
        assert_eq!(counts[0].line(), Some(AuditId::new(7)));
        assert_eq!(counts[0].changes(), AuditChanges::default().field("refusals", 1_000, 1_004));
        limit.written(&counts[0]);
        assert!(limit.changed().is_empty());
    }

    #[test]
    fn count_restarts_after_an_hour_and_the_last_is_kept() {
        let mut limit = RefusalLimit::default();
        refused(&mut limit, "192.0.2.1", 0, 1_002);
        assert_eq!(refused(&mut limit, "192.0.2.1", 60, 1), [Verdict::Write]);
        let counts = limit.changed();
        assert_eq!(counts[0].changes(), AuditChanges::default().field("refusals", 1_000, 1_002));
        limit.written(&counts[0]);
        assert!(limit.changed().is_empty());
    }

    #[test]
    fn a_network_counts_as_one_address() {
        let mut limit = RefusalLimit::default();
        for host in 0..1_000 {
            assert_eq!(limit.refuse(&refusal(&format!("2001:db8::{host:x}"), 0)), Verdict::Write);
        }
        assert_eq!(limit.refuse(&refusal("2001:db8::ffff:1", 0)), Verdict::BeginCount);
    }

    #[test]
    fn addresses_beyond_the_maximum_share_a_count() {
        let mut limit = RefusalLimit::default();
        for host in 0..12_000_u32 {
            let ip = std::net::Ipv4Addr::from_bits(host).to_string();
            limit.refuse(&refusal(&ip, 0));
        }
        assert!(limit.windows.len() <= NETWORKS + 1);
        // The rest share a limit: 2,000 of them came.
        assert_eq!(refused(&mut limit, "255.0.0.1", 1, 1), [Verdict::Count]);
        assert_eq!(refused(&mut limit, "255.0.0.1", 61, 1), [Verdict::Write]);
    }
}
