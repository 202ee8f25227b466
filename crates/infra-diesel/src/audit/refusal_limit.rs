//! How many refusals of one address are written one by one.

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

/// Refusals of an address that are written one by one within an hour.
const LIMIT: u32 = 1_000;

/// For how long they count.
fn window() -> TimeDelta {
    TimeDelta::hours(1)
}

/// Addresses that are counted by themselves; those beyond count as one.
const NETWORKS: usize = 10_000;

/// The refusals of an address within an hour, once they are more than the limit.
#[derive(Clone, Debug)]
pub(super) struct Count {
    network: Network,
    /// What tells of those beyond the limit, as the first of them says.
    entry: AuditEntry,
    refusals: u32,
    /// The line that tells of them, once it is written.
    line: Option<AuditId>,
    /// Whether the line says how many they are.
    is_written: bool,
}

impl Count {
    /// The line with the number of refusals by now.
    pub(super) fn entry(&self) -> AuditEntry {
        self.entry.clone().changing(self.changes())
    }

    /// The id of the line, once it is written.
    pub(super) fn line(&self) -> Option<AuditId> {
        self.line
    }

    /// From how many were written to how many there were.
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

/// Counts the refusals of each address.
#[derive(Debug, Default)]
pub(super) struct Cap {
    windows: HashMap<Network, Window>,
    /// Counts of hours that are over, until they are written.
    ended: Vec<Count>,
    /// When it was last looked whose hour is over: that looks at all of them.
    looked_at: Option<Timestamp>,
}

/// What becomes of a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written by itself.
    Write,
    /// It is the first that is counted.
    BeginCount,
    /// It is counted.
    Count,
}

/// Of requests whose address isn't known, and of those beyond [`NETWORKS`].
fn nowhere() -> Network {
    IpAddr::V6(Ipv6Addr::UNSPECIFIED).into()
}

impl Cap {
    /// Counts a refusal.
    pub(super) fn refuse(&mut self, entry: &AuditEntry) -> Verdict {
        let network = self.counted(entry.origin.ip.map_or_else(nowhere, Network::from), entry.at);
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

    /// By which network a refusal at this moment is counted.
    fn counted(&mut self, network: Network, at: Timestamp) -> Network {
        if self.windows.len() < NETWORKS || self.windows.contains_key(&network) {
            return network;
        }
        if self.looked_at.is_some_and(|last| (at - last).abs() < TimeDelta::minutes(1)) {
            return nowhere();
        }
        self.looked_at = Some(at);
        let ended = self.windows.extract_if(|_, window| !is_current(window.begin, at));
        self.ended.extend(ended.filter_map(|(_, window)| window.count).filter(|count| !count.is_written));
        if self.windows.len() < NETWORKS { network } else { nowhere() }
    }

    /// The counts that are to be written.
    pub(super) fn changed(&self) -> Vec<Count> {
        let current = self.windows.values().filter_map(|window| window.count.as_ref());
        current.filter(|count| !count.is_written).chain(&self.ended).cloned().collect()
    }

    /// Notes which line tells of a count.
    pub(super) fn begun(&mut self, count: &Count, line: AuditId) {
        for same in self.same(count) {
            same.line = Some(line);
        }
    }

    /// Notes that the line of a count says what it says.
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

/// Also where the clock was set back by less than an hour.
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

    fn refused(cap: &mut Cap, ip: &str, minute: i64, times: u32) -> Vec<Verdict> {
        (0..times).map(|_| cap.refuse(&refusal(ip, minute))).collect()
    }

    #[test]
    fn beyond_a_thousand_an_hour_refusals_are_counted() {
        let mut cap = Cap::default();
        assert!(refused(&mut cap, "192.0.2.1", 0, 1_000).iter().all(|verdict| *verdict == Verdict::Write));
        assert!(cap.changed().is_empty());
        assert_eq!(refused(&mut cap, "192.0.2.1", 59, 3), [Verdict::BeginCount, Verdict::Count, Verdict::Count]);
        assert_eq!(refused(&mut cap, "192.0.2.2", 59, 1), [Verdict::Write]);
        let counts = cap.changed();
        let [count] = &counts[..] else { panic!("{counts:?}") };
        let expected = AuditChanges::default().field("refusals", 1_000, 1_003);
        assert_eq!((count.line(), count.changes()), (None, expected));
        assert_eq!((count.entry().actor_id, count.entry().action), (None, AuditAction::RefusalsCounted));
        // What is not written is asked for again, and what comes meanwhile too.
        assert_eq!(cap.changed().len(), 1);
        refused(&mut cap, "192.0.2.1", 59, 1);
        cap.begun(count, AuditId::new(7));
        cap.written(count);
        let counts = cap.changed();
        assert_eq!(counts[0].line(), Some(AuditId::new(7)));
        assert_eq!(counts[0].changes(), AuditChanges::default().field("refusals", 1_000, 1_004));
        cap.written(&counts[0]);
        assert!(cap.changed().is_empty());
    }

    #[test]
    fn after_an_hour_it_begins_anew_and_the_last_count_is_kept() {
        let mut cap = Cap::default();
        refused(&mut cap, "192.0.2.1", 0, 1_002);
        assert_eq!(refused(&mut cap, "192.0.2.1", 60, 1), [Verdict::Write]);
        let counts = cap.changed();
        assert_eq!(counts[0].changes(), AuditChanges::default().field("refusals", 1_000, 1_002));
        cap.written(&counts[0]);
        assert!(cap.changed().is_empty());
    }

    #[test]
    fn a_network_counts_as_one_address() {
        let mut cap = Cap::default();
        for host in 0..1_000 {
            assert_eq!(cap.refuse(&refusal(&format!("2001:db8::{host:x}"), 0)), Verdict::Write);
        }
        assert_eq!(cap.refuse(&refusal("2001:db8::ffff:1", 0)), Verdict::BeginCount);
    }

    #[test]
    fn of_however_many_addresses_only_so_many_are_counted_apart() {
        let mut cap = Cap::default();
        for host in 0..12_000_u32 {
            let ip = std::net::Ipv4Addr::from_bits(host).to_string();
            cap.refuse(&refusal(&ip, 0));
        }
        assert!(cap.windows.len() <= NETWORKS + 1);
        // The rest share a limit: 2,000 of them came.
        assert_eq!(refused(&mut cap, "255.0.0.1", 1, 1), [Verdict::Count]);
        assert_eq!(refused(&mut cap, "255.0.0.1", 61, 1), [Verdict::Write]);
    }
}
