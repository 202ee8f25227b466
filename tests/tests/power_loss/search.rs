//! Searches images of a recording for what was lost.

use super::{
    check::{Expected, findings},
    disk::{Disk, Image, Syncs},
    load::{BACKUP, DATABASE, Recording},
};
use fastrand::Rng;
use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use tempfile::TempDir;

/// How many images are made in one pass over the log.
const BATCH: u64 = 50;

/// How many records are soon after another.
const NEAR: usize = 12;

/// Which images are searched: this many, from this seed on, whose image is the same in each run on the same log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) seed: u64,
    pub(super) images: u64,
}

/// An image from which something was lost.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) seed: u64,
    /// How many records the disk had followed.
    pub(super) position: usize,
    pub(super) findings: Vec<String>,
    /// What is left of the image after the check.
    pub(super) directory: TempDir,
}

/// Searches images on all cores. Stops soon after the first loss.
pub(super) fn search(recording: &Recording, syncs: &Syncs, range: Range) -> Option<Loss> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, lost) = (AtomicU64::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let done = next.fetch_add(BATCH, Ordering::Relaxed);
                    if done >= range.images || lost.lock().unwrap().is_some() {
                        break;
                    }
                    let batch = Range { seed: range.seed + done, images: BATCH.min(range.images - done) };
                    if let Some(loss) = search_batch(recording, syncs, batch) {
                        *lost.lock().unwrap() = Some(loss);
                    }
                }
            });
        }
    });
    lost.into_inner().unwrap()
}

fn search_batch(recording: &Recording, syncs: &Syncs, range: Range) -> Option<Loss> {
    let mut images: Vec<_> = (range.seed..range.seed + range.images).map(|seed| draw(recording, seed)).collect();
    images.sort_unstable_by_key(|&(position, seed, _)| (position, seed));
    let mut disk = Disk::new(&recording.log.records, syncs);
    for (position, seed, mut rng) in images {
        disk.advance(position);
        let directory = tempfile::tempdir().unwrap();
        write(&disk.image(&mut rng), directory.path());
        let findings = losses(recording, position, directory.path());
        if !findings.is_empty() {
            return Some(Loss { seed, position, findings, directory });
        }
    }
    None
}

/// The position of an image, its seed, and what else is drawn of it. Every fourth is soon after a change of names.
fn draw(recording: &Recording, seed: u64) -> (usize, u64, Rng) {
    let mut rng = Rng::with_seed(seed);
    let end = recording.log.records.len();
    let position = match rng.choice(&recording.turns) {
        Some(turn) if rng.u32(..4) == 0 => (turn + rng.usize(..NEAR)).min(end),
        _ => rng.usize(..=end),
    };
    (position, seed, rng)
}

/// One image, and its position.
pub(super) fn image(recording: &Recording, seed: u64) -> (usize, Image) {
    let (position, _, mut rng) = draw(recording, seed);
    (position, image_at(recording, position, &mut rng))
}

/// An image of this position.
pub(super) fn image_at(recording: &Recording, position: usize, rng: &mut Rng) -> Image {
    let mut disk = Disk::new(&recording.log.records, &recording.syncs);
    disk.advance(position);
    disk.image(rng)
}

/// Writes the files of an image.
pub(super) fn write(image: &Image, directory: &Path) {
    for (path, content) in image {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// What is missing or wrong in an image of this position: in the database, and in the backup once that is complete.
pub(super) fn losses(recording: &Recording, position: usize, directory: &Path) -> Vec<String> {
    let database = Expected {
        schema: &recording.schema,
        is_migrated: recording.is_since(position, recording.migrated),
        facts: recording.facts_at(position).collect(),
    };
    let mut found = findings(&directory.join(DATABASE), &database);
    if recording.is_since(position, recording.backed_up) {
        let facts = recording.facts.iter().filter(|fact| fact.is_in_backup).collect();
        let backup = Expected { schema: &recording.schema, is_migrated: true, facts };
        let of_backup = findings(&directory.join(BACKUP), &backup);
        found.extend(of_backup.into_iter().map(|finding| format!("backup: {finding}")));
    }
    found
}
