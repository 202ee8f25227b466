//! Tests of the images of a disk, on logs that are written by hand.

use super::{
    disk::{Disk, Image, Syncs},
    log::{Names, Record, Target},
};
use fastrand::Rng;
use std::collections::BTreeSet;

/// Every image of many at the end of these records.
fn images(records: &[Record]) -> BTreeSet<Vec<(String, Vec<u8>)>> {
    let begun = |record: &Record| match record {
        Record::Sync { begun, .. } => Some(*begun),
        _ => None,
    };
    let syncs: Syncs = records.iter().enumerate().filter_map(|(at, record)| Some((at, begun(record)?))).collect();
    let mut disk = Disk::new(records, &syncs);
    disk.advance(records.len());
    let mut rng = Rng::with_seed(7);
    (0..500).map(|_| disk.image(&mut rng)).map(|image: Image| image.into_iter().collect()).collect()
}

/// The contents that the file `a` has in the images, where it is there.
fn contents(records: &[Record]) -> BTreeSet<Vec<u8>> {
    images(records).into_iter().flatten().filter(|(path, _)| path == "a").map(|(_, content)| content).collect()
}

fn names(of: &[(&str, usize)]) -> Record {
    Record::Names(of.iter().map(|(path, file)| ((*path).to_owned(), *file)).collect::<Names>())
}

fn write(offset: usize, data: &[u8]) -> Record {
    Record::Write { file: 0, offset, data: data.to_vec() }
}

fn synced(begun: usize) -> Record {
    Record::Sync { target: Target::File(0), begun }
}

fn synced_directory(directory: &str, begun: usize) -> Record {
    Record::Sync { target: Target::Directory(directory.to_owned()), begun }
}

/// The records after which the file `a` is on disk, empty.
fn created() -> Vec<Record> {
    vec![names(&[("a", 0)]), synced_directory("", 1)]
}

fn text(content: &str) -> Vec<u8> {
    content.as_bytes().to_vec()
}

#[test]
fn what_a_sync_covers_is_in_every_image() {
    let mut records = created();
    records.extend([write(0, b"one"), synced(3)]);
    assert_eq!(contents(&records), BTreeSet::from([text("one")]));
}

#[test]
fn unsynced_writes_are_there_in_any_combination() {
    let mut records = created();
    records.extend([write(0, b"1"), write(1, b"2")]);
    assert_eq!(contents(&records), BTreeSet::from([text(""), text("1"), text("\x002"), text("12")]));
}

#[test]
fn write_during_a_sync_is_not_covered_by_it() {
    let mut records = created();
    // The second write is recorded after the sync has begun.
    records.extend([write(0, b"1"), write(1, b"2"), synced(3)]);
    assert_eq!(contents(&records), BTreeSet::from([text("1"), text("12")]));
}

#[test]
fn write_is_torn_between_sectors_only() {
    let mut records = created();
    records.extend([write(0, &[1; 1024]), synced(3), write(500, &[2; 524])]);
    let halves: BTreeSet<_> = contents(&records)
        .into_iter()
        .map(|content| {
            assert_eq!((content.len(), &content[..500]), (1024, &[1; 500][..]));
            [&content[500..512], &content[512..]].map(|part| {
                assert!(part.iter().all(|byte| *byte == part[0]));
                part[0]
            })
        })
        .collect();
    assert_eq!(halves, BTreeSet::from([[1, 1], [1, 2], [2, 1], [2, 2]]));
}

#[test]
fn truncation_without_sync_may_be_lost() {
    let mut records = created();
    records.extend([write(0, b"long"), synced(3), Record::Truncate { file: 0, length: 2 }]);
    assert_eq!(contents(&records), BTreeSet::from([text("long"), text("lo")]));
}

#[test]
fn name_needs_a_sync_of_its_directory() {
    let records = [names(&[("a", 0)]), write(0, b"one"), synced(2)];
    let present = |record: &[Record]| images(record).iter().map(Vec::len).collect::<BTreeSet<_>>();
    assert_eq!(present(&records), BTreeSet::from([0, 1]));
    let mut records = Vec::from(records);
    records.push(synced_directory("elsewhere", 3));
    assert_eq!(present(&records), BTreeSet::from([0, 1]));
    records.push(synced_directory("", 4));
    assert_eq!(present(&records), BTreeSet::from([1]));
}

#[test]
fn renaming_is_atomic_and_durable_with_its_target() {
    let mut records =
        vec![names(&[("a", 0), ("b", 1)]), synced_directory("", 1), write(0, b"new"), synced(3), names(&[("b", 0)])];
    let before = vec![("a".to_owned(), text("new")), ("b".to_owned(), text(""))];
    let after = vec![("b".to_owned(), text("new"))];
    assert_eq!(images(&records), BTreeSet::from([before, after.clone()]));
    records.push(synced_directory("", 5));
    assert_eq!(images(&records), BTreeSet::from([after]));
}

#[test]
fn removed_file_may_come_back_with_its_content() {
    let mut records = created();
    records.extend([write(0, b"one"), synced(3), names(&[])]);
    assert_eq!(images(&records), BTreeSet::from([vec![("a".to_owned(), text("one"))], vec![]]));
}

#[test]
fn file_with_two_names_has_one_content() {
    let mut records = created();
    records.extend([names(&[("a", 0), ("b", 0)]), synced_directory("", 3), write(0, b"1")]);
    for image in images(&records) {
        assert_eq!((image[0].0.as_str(), image[1].0.as_str()), ("a", "b"));
        assert_eq!(image[0].1, image[1].1);
    }
}
