//! Figures of one moment, and those of a process, from `/proc`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{read_dir, read_link, read_to_string},
};

/// The state of a listener in the kernel's tables.
const LISTENING: &str = "0A";

/// Figures by name. Sizes are in KiB.
pub(super) type Values = BTreeMap<String, f64>;

/// The figures of a moment.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Seconds since the beginning.
    pub(super) at: f64,
    /// Counts the starts of the server.
    pub(super) process: usize,
    /// Seconds since that start.
    pub(super) age: f64,
    pub(super) values: Values,
}

/// A number as it is calculated with.
pub(super) fn number(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().ok().unwrap())
}

pub(super) fn kib(bytes: u64) -> f64 {
    number(bytes / 1024)
}

/// What a process uses.
pub(super) fn of_process(process: u32) -> Values {
    let directory = format!("/proc/{process}");
    let read = |file: &str| read_to_string(format!("{directory}/{file}")).unwrap();
    let status = read("status");
    let files: Vec<_> = read_dir(format!("{directory}/fd")).unwrap().map_while(Result::ok).collect();
    let links = files.iter().filter_map(|file| read_link(file.path()).ok());
    let sockets: BTreeSet<_> = links.filter_map(|link| socket(link.to_str()?)).collect();
    // Not each system has IPv6.
    let connections = ["net/tcp", "net/tcp6"].map(|file| read_to_string(format!("{directory}/{file}")));
    let connections = connections.iter().flatten().map(|table| connections_in(table, &sockets)).sum::<usize>();
    [
        ("memory (PSS)", number(value(&read("smaps_rollup"), "Pss:").unwrap())),
        ("memory (RSS)", number(value(&status, "VmRSS:").unwrap())),
        ("threads", number(value(&status, "Threads:").unwrap())),
        ("open files", number(files.len())),
        ("TCP connections", number(connections)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The number behind a name at the beginning of a line.
fn value(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The inode of a socket, by what its file is a link to.
fn socket(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The number of connections in a table of the kernel that are these sockets, whatever their state; listeners are none.
fn connections_in(table: &str, sockets: &BTreeSet<u64>) -> usize {
    let is_connection = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let inode = fields.get(9).and_then(|inode| inode.parse().ok());
        fields.get(3).is_some_and(|state| *state != LISTENING) && inode.is_some_and(|inode| sockets.contains(&inode))
    };
    table.lines().skip(1).filter(is_connection).count()
}

#[test]
fn connections_of_the_process_are_counted() {
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        \x20  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 100 0 0 10 0\n\
        \x20  1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 12 1 0 20 4 30 10 -1\n\
        \x20  2: 0100007F:1F90 0100007F:9C41 08 00000000:00000000 00:00000000 00000000  1000        0 13 1 0 20 4 30 10 -1\n\
        \x20  3: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 99 1 0 20 4 30 10 -1\n";
    assert_eq!(connections_in(table, &BTreeSet::from([11, 12, 13])), 2);
    assert_eq!((socket("socket:[12]"), socket("/tmp/12")), (Some(12), None));
}

#[test]
fn files_and_threads_of_a_process_are_counted() {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    let script = "exec 3</dev/null 4</dev/null; echo ready; read line";
    let mut command = Command::new("/bin/sh");
    let mut child = command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It has opened its files.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let own = of_process(std::process::id());
    let values = of_process(child.id());
    drop(child.stdin.take());
    child.wait().unwrap();
    let of = |name: &str| values[name].to_string();
    assert_eq!((of("threads"), of("TCP connections")), ("1".to_owned(), "0".to_owned()));
    // Standard input, output and error, and two more; a test runner may leave others open.
    assert!(values["open files"] >= 5.0, "{values:?}");
    assert!(values["memory (RSS)"] > 0.0 && values["memory (RSS)"] < own["memory (RSS)"], "{values:?}");
}
