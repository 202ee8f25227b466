//! What a disk may have after a power loss.
//!
//! Writes and truncations of a file are on disk once a sync has ended that began after them, and names once a sync of
//! their directory has. Until then each may be on disk or not, whatever else is, and of a write any of its sectors.

use super::log::{FileId, Names, Record, Target};
use fastrand::Rng;
use std::collections::BTreeMap;

/// The unit that a disk writes wholly or not at all: 512 bytes.
const SECTOR: usize = 512;

/// The content of each file, by path.
pub(super) type Image = BTreeMap<String, Vec<u8>>;

/// The syncs that have an effect: by the position of their record, the position before which all is on disk then.
pub(super) type Syncs = BTreeMap<usize, usize>;

/// The state of a disk, which follows the records of a log.
pub(super) struct Disk<'log> {
    records: &'log [Record],
    syncs: &'log Syncs,
    /// How many records it has followed.
    position: usize,
    files: BTreeMap<FileId, File<'log>>,
    /// The names that the program sees.
    names: Names,
    durable_names: Names,
    pending_names: Vec<(usize, NameChange)>,
}

#[derive(Default)]
struct File<'log> {
    durable: Vec<u8>,
    pending: Vec<(usize, Change<'log>)>,
}

#[derive(Clone, Copy)]
enum Change<'log> {
    Write { offset: usize, data: &'log [u8] },
    Truncate { length: usize },
}

/// Names that changed at once, as by a renaming: each path with its new file, if it has one.
struct NameChange(Vec<(String, Option<FileId>)>);

impl<'log> Disk<'log> {
    /// An empty disk.
    pub(super) fn new(records: &'log [Record], syncs: &'log Syncs) -> Self {
        Self {
            records,
            syncs,
            position: 0,
            files: BTreeMap::new(),
            names: Names::new(),
            durable_names: Names::new(),
            pending_names: Vec::new(),
        }
    }

    /// Follows the records up to this position.
    pub(super) fn advance(&mut self, position: usize) {
        while self.position < position {
            match &self.records[self.position] {
                Record::Write { file, offset, data } => self.change(*file, Change::Write { offset: *offset, data }),
                Record::Truncate { file, length } => self.change(*file, Change::Truncate { length: *length }),
                Record::Names(names) => self.set_names(names),
                Record::Sync { target, .. } => {
                    if let Some(begun) = self.syncs.get(&self.position) {
                        self.sync(target, *begun);
                    }
                }
            }
            self.position += 1;
        }
    }

    fn change(&mut self, file: FileId, change: Change<'log>) {
        self.files.entry(file).or_default().pending.push((self.position, change));
    }

    fn set_names(&mut self, names: &Names) {
        let set = names.iter().filter(|(path, file)| self.names.get(*path) != Some(*file));
        let set = set.map(|(path, file)| (path.clone(), Some(*file)));
        let removed = self.names.keys().filter(|path| !names.contains_key(*path)).map(|path| (path.clone(), None));
        let changes: Vec<_> = set.chain(removed).collect();
        if !changes.is_empty() {
            self.pending_names.push((self.position, NameChange(changes)));
            self.names.clone_from(names);
        }
    }

    fn sync(&mut self, target: &Target, begun: usize) {
        match target {
            Target::File(file) => self.files.entry(*file).or_default().sync(begun),
            Target::Directory(directory) => {
                let is_durable = |(at, change): &(usize, NameChange)| *at < begun && change.directory() == directory;
                let (durable, pending) = self.pending_names.drain(..).partition::<Vec<_>, _>(is_durable);
                self.pending_names = pending;
                for (_, change) in durable {
                    change.apply(&mut self.durable_names);
                }
            }
        }
    }

    /// One of the states that the disk may have.
    pub(super) fn image(&self, rng: &mut Rng) -> Image {
        // Disks that keep nothing, little, much, and everything.
        let percent = [0, 10, 50, 90, 100][rng.usize(..5)];
        let tears = rng.bool();
        let mut names = self.durable_names.clone();
        for (_, change) in &self.pending_names {
            if rng.u32(..100) < percent {
                change.apply(&mut names);
            }
        }
        // A file with two names has one content.
        let mut contents = BTreeMap::new();
        for file in names.values() {
            let draw = || self.files.get(file).map(|state| state.draw(percent, tears, rng)).unwrap_or_default();
            contents.entry(*file).or_insert_with(draw);
        }
        names.into_iter().map(|(path, file)| (path, contents[&file].clone())).collect()
    }
}

impl File<'_> {
    fn sync(&mut self, begun: usize) {
        let count = self.pending.partition_point(|(at, _)| *at < begun);
        for (_, change) in self.pending.drain(..count) {
            change.apply(&mut self.durable);
        }
    }

    /// Keeps each change with this probability. Of a write that isn't kept, some sectors may be, if the disk `tears`.
    fn draw(&self, percent: u32, tears: bool, rng: &mut Rng) -> Vec<u8> {
        let mut content = self.durable.clone();
        for (_, change) in &self.pending {
            match change {
                _ if rng.u32(..100) < percent => change.apply(&mut content),
                Change::Write { offset, data } if tears && rng.bool() => {
                    for (offset, sector) in sectors(*offset, data).filter(|_| rng.bool()) {
                        write(&mut content, offset, sector);
                    }
                }
                _ => {}
            }
        }
        content
    }
}

impl Change<'_> {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => write(content, *offset, data),
            Self::Truncate { length } => content.resize(*length, 0),
        }
    }
}

impl NameChange {
    /// The directory whose sync it takes to be on disk: of a renaming the one with the new name.
    fn directory(&self) -> &str {
        let changed = self.0.iter().find(|(_, file)| file.is_some()).or(self.0.first());
        changed.and_then(|(path, _)| path.rsplit_once('/')).map_or("", |(directory, _)| directory)
    }

    fn apply(&self, names: &mut Names) {
        for (path, file) in &self.0 {
            match file {
                Some(file) => names.insert(path.clone(), *file),
                None => names.remove(path),
            };
        }
    }
}

/// Writes at an offset. What is missing before it is zeros.
fn write(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(data);
}

/// The parts of a write by sector, each with its offset.
fn sectors(offset: usize, data: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - offset % SECTOR).min(data.len());
    let (head, rest) = data.split_at(first);
    let rest = rest.chunks(SECTOR).enumerate().map(move |(n, part)| (offset + first + n * SECTOR, part));
    std::iter::once((offset, head)).chain(rest)
}
