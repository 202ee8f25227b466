//! Reads the log of the recorder, whose format is in `tests/power-loss/README.md`.

use std::{collections::BTreeMap, str};

/// The number of a file, in the order of creation. Unlike an inode, it isn't used again.
pub(super) type FileId = usize;

/// The file of each path.
pub(super) type Names = BTreeMap<String, FileId>;

/// What the program did, in order.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) records: Vec<Record>,
    /// The end of each record, in bytes of the log.
    pub(super) ends: Vec<u64>,
    /// The path that each file was created with.
    pub(super) created_as: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Record {
    Write {
        file: FileId,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        file: FileId,
        length: usize,
    },
    /// The names of all files.
    Names(Names),
    /// A sync has ended. What was recorded before `begun` is on disk.
    Sync {
        target: Target,
        begun: usize,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    File(FileId),
    /// The path of a directory, empty for the recorded one.
    Directory(String),
}

impl Log {
    /// Parses a log.
    ///
    /// # Panics
    ///
    /// If it is invalid, or has something in it that can't be recorded.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut parser = Parser::default();
        let mut rest = Bytes(bytes);
        while !rest.0.is_empty() {
            let (kind, length) = (rest.u32(), rest.u32());
            let (inode, number) = (rest.u64(), rest.u64());
            let data = rest.take(usize::try_from(length).unwrap());
            let end = bytes.len() - rest.0.len();
            if let Some(record) = parser.record(kind, inode, number, data) {
                parser.log.records.push(record);
                parser.log.ends.push(u64::try_from(end).unwrap());
            }
        }
        parser.log
    }

    /// The number of records that were complete when the log had this length.
    pub(super) fn position(&self, length: u64) -> usize {
        self.ends.partition_point(|end| *end <= length)
    }
}

#[derive(Default)]
struct Parser {
    log: Log,
    files: BTreeMap<u64, FileId>,
    /// Syncs that have begun, by their number.
    syncs: BTreeMap<u64, (Target, usize)>,
}

impl Parser {
    fn record(&mut self, kind: u32, inode: u64, number: u64, data: &[u8]) -> Option<Record> {
        match kind {
            1 => {
                self.files.insert(inode, self.log.created_as.len());
                self.log.created_as.push(text(data));
                None
            }
            2 => Some(Record::Write { file: self.file(inode), offset: size(number), data: data.to_vec() }),
            3 => Some(Record::Truncate { file: self.file(inode), length: size(number) }),
            4 => self.begin(number, Target::File(self.file(inode))),
            6 => self.begin(number, Target::Directory(text(data))),
            5 | 7 => {
                let (target, begun) = self.syncs.remove(&number).unwrap();
                Some(Record::Sync { target, begun })
            }
            8 => Some(Record::Names(self.names(data))),
            9 => panic!("the recorder does not know {}", text(data)),
            _ => panic!("no record has the kind {kind}"),
        }
    }

    fn begin(&mut self, number: u64, target: Target) -> Option<Record> {
        self.syncs.insert(number, (target, self.log.records.len()));
        None
    }

    fn file(&self, inode: u64) -> FileId {
        *self.files.get(&inode).expect("the file was there before the recorder")
    }

    /// Files that were there before are left out.
    fn names(&self, data: &[u8]) -> Names {
        let mut names = Names::new();
        let mut rest = Bytes(data);
        while !rest.0.is_empty() {
            let (inode, length) = (rest.u64(), rest.u32());
            let path = text(rest.take(usize::try_from(length).unwrap()));
            if let Some(file) = self.files.get(&inode) {
                names.insert(path, *file);
            }
        }
        names
    }
}

fn text(data: &[u8]) -> String {
    str::from_utf8(data).unwrap().to_owned()
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// Takes values from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take(4).try_into().unwrap())
    }

    fn u64(&mut self) -> u64 {
        u64::from_ne_bytes(self.take(8).try_into().unwrap())
    }
}

fn encode(kind: u32, inode: u64, number: u64, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let parts = [&kind.to_ne_bytes()[..], &length.to_ne_bytes(), &inode.to_ne_bytes(), &number.to_ne_bytes(), data];
    parts.concat()
}

fn encode_names(names: &[(u64, &str)]) -> Vec<u8> {
    let encode = |&(inode, path): &(u64, &str)| {
        let length = u32::try_from(path.len()).unwrap();
        [&inode.to_ne_bytes()[..], &length.to_ne_bytes(), path.as_bytes()].concat()
    };
    names.iter().flat_map(encode).collect()
}

#[test]
fn sync_refers_to_what_was_recorded_before_it_began() {
    let bytes = [
        encode(1, 70, 0, b"a.db"),
        encode(8, 0, 0, &encode_names(&[(70, "a.db"), (1, "key.pem")])),
        encode(4, 70, 900, b""),
        encode(2, 70, 512, b"late"),
        encode(5, 70, 900, b""),
        encode(3, 70, 100, b""),
        encode(6, 0, 901, b"below"),
        encode(7, 0, 901, b""),
    ];
    let log = Log::parse(&bytes.concat());
    let expected = [
        Record::Names(Names::from([("a.db".to_owned(), 0)])),
        Record::Write { file: 0, offset: 512, data: b"late".to_vec() },
        Record::Sync { target: Target::File(0), begun: 1 },
        Record::Truncate { file: 0, length: 100 },
        Record::Sync { target: Target::Directory("below".to_owned()), begun: 4 },
    ];
    assert_eq!(log.records, expected);
    assert_eq!(log.created_as, ["a.db"]);
    // In the middle of the write.
    let length = u64::try_from(bytes[..3].concat().len()).unwrap();
    assert_eq!((log.position(length + 1), log.position(length + 28), log.position(u64::MAX)), (1, 2, 5));
}

#[test]
fn inode_that_is_used_again_is_another_file() {
    let bytes = [
        encode(1, 70, 0, b"a"),
        encode(2, 70, 0, b"first"),
        encode(1, 70, 0, b"b"),
        encode(2, 70, 0, b"second"),
        encode(8, 0, 0, &encode_names(&[(70, "b")])),
    ];
    let log = Log::parse(&bytes.concat());
    let expected = [
        Record::Write { file: 0, offset: 0, data: b"first".to_vec() },
        Record::Write { file: 1, offset: 0, data: b"second".to_vec() },
        Record::Names(Names::from([("b".to_owned(), 1)])),
    ];
    assert_eq!(log.records, expected);
}

#[test]
#[should_panic(expected = "the recorder does not know mmap")]
fn log_with_something_unrecorded_is_refused() {
    Log::parse(&encode(9, 0, 0, b"mmap"));
}
