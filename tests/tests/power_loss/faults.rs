//! Faults of a program or a disk that lose data, planted in a log: syncs that are left out, or cover less.

use super::{
    disk::Syncs,
    log::{FileId, Log, Record, Target},
};
use std::collections::BTreeMap;

/// A planted fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// `PRAGMA synchronous = NORMAL`: commits don't sync the write-ahead log, checkpoints do.
    NormalSynchronous,
    /// The write-ahead log is never synced.
    LogUnsynced,
    /// A checkpoint doesn't sync the database, so that the log is overwritten too early.
    DatabaseUnsynced,
    /// No directory is synced.
    DirectoryUnsynced,
    /// The copy that becomes a backup is not synced before it gets its name.
    BackupUnsynced,
    /// The disk says that data is written while it is in its cache: a sync covers what the sync before it had to.
    LyingDisk,
}

impl Fault {
    pub(super) const ALL: [Self; 6] = [
        Self::NormalSynchronous,
        Self::LogUnsynced,
        Self::DatabaseUnsynced,
        Self::DirectoryUnsynced,
        Self::BackupUnsynced,
        Self::LyingDisk,
    ];

    /// The syncs that are left of a log.
    pub(super) fn plant(self, log: &Log) -> Syncs {
        let path = |file: FileId| log.created_as[file].as_str();
        let mut previous = BTreeMap::<FileId, usize>::new();
        let mut syncs = Syncs::new();
        for (at, target, begun) in ended(log) {
            let left = match (self, target) {
                (Self::NormalSynchronous, Target::File(file)) if path(*file).ends_with("-wal") => {
                    let since = previous.insert(*file, begun).unwrap_or_default();
                    let records = log.records.get(since..begun).unwrap_or_default();
                    (!commits(records, *file)).then_some(begun)
                }
                (Self::LogUnsynced, Target::File(file)) => (!path(*file).ends_with("-wal")).then_some(begun),
                (Self::DatabaseUnsynced, Target::File(file)) => (path(*file) != "fasttrack.db").then_some(begun),
                (Self::DirectoryUnsynced, Target::Directory(_)) => None,
                (Self::BackupUnsynced, Target::File(file)) => {
                    (!path(*file).starts_with(".backup.db.")).then_some(begun)
                }
                (Self::LyingDisk, Target::File(file)) => previous.insert(*file, begun),
                _ => Some(begun),
            };
            syncs.extend(left.map(|begun| (at, begun)));
        }
        syncs
    }
}

/// The syncs of a log as they were.
pub(super) fn faultless(log: &Log) -> Syncs {
    ended(log).map(|(at, _, begun)| (at, begun)).collect()
}

fn ended(log: &Log) -> impl Iterator<Item = (usize, &Target, usize)> {
    log.records.iter().enumerate().filter_map(|(at, record)| match record {
        Record::Sync { target, begun } => Some((at, target, *begun)),
        _ => None,
    })
}

/// Whether transactions were written to the log since its last sync: more than its header, which is synced in any mode. A
/// checkpoint syncs a log to which nothing was written since.
fn commits(records: &[Record], log: FileId) -> bool {
    records.iter().any(|record| matches!(record, Record::Write { file, offset, .. } if *file == log && *offset > 0))
}

const DATABASE: FileId = 0;
const WAL: FileId = 1;

fn write(file: FileId, offset: usize) -> Record {
    Record::Write { file, offset, data: vec![0] }
}

fn sync(file: FileId, begun: usize) -> Record {
    Record::Sync { target: Target::File(file), begun }
}

/// A log with a header, a commit and a checkpoint.
fn checkpoint() -> Log {
    Log {
        records: vec![
            write(WAL, 0),
            sync(WAL, 1),
            write(WAL, 32),
            sync(WAL, 3),
            sync(WAL, 4),
            write(DATABASE, 0),
            sync(DATABASE, 6),
        ],
        created_as: vec!["fasttrack.db".to_owned(), "fasttrack.db-wal".to_owned()],
        ..Log::default()
    }
}

fn left(fault: Fault) -> Vec<(usize, usize)> {
    fault.plant(&checkpoint()).into_iter().collect()
}

#[test]
fn without_a_fault_all_syncs_are_left() {
    assert_eq!(faultless(&checkpoint()), Syncs::from([(1, 1), (3, 3), (4, 4), (6, 6)]));
    assert_eq!(left(Fault::DirectoryUnsynced), [(1, 1), (3, 3), (4, 4), (6, 6)]);
}

#[test]
fn normal_synchronous_leaves_header_and_checkpoint() {
    assert_eq!(left(Fault::NormalSynchronous), [(1, 1), (4, 4), (6, 6)]);
}

#[test]
fn unsynced_file_has_no_sync() {
    assert_eq!(left(Fault::LogUnsynced), [(6, 6)]);
    assert_eq!(left(Fault::DatabaseUnsynced), [(1, 1), (3, 3), (4, 4)]);
}

#[test]
fn lying_disk_is_one_sync_late() {
    assert_eq!(left(Fault::LyingDisk), [(3, 1), (4, 3)]);
}
