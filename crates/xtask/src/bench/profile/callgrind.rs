//! Instructions of the product, by Callgrind.

use super::Work;
use crate::{
    bench::{
        case::{Case, Load},
        load::Length,
        rounds,
        servers::Servers,
    },
    outcome::Outcome,
};
use std::{fs::File, path::Path, process::Command};

/// How many callers of a function are told apart: the depth of the stacks.
const CALLERS: usize = 48;

/// Valgrind runs one thread at a time, and each fifty times slower.
const CONNECTIONS: usize = 4;
const FOLLOWERS: usize = 100;

/// Counts during a load of a bounded number of requests, and returns the open file.
pub(super) fn count(servers: &mut Servers, work: Work, output: &Path) -> Outcome<File> {
    let file = output.with_extension("callgrind");
    let work = slowed(work);
    let requests = requests(work.case);
    servers.restart(work.subject, &launcher(&file))?;
    work.run(servers, Length::Requests(requests.div_ceil(10)))?;
    let process = servers.get(work.subject)?.process.id();
    switch(process, "on")?;
    work.run(servers, Length::Requests(requests))?;
    if work.case.writes() {
        rounds::catch_up(servers, work.subject)?;
    }
    switch(process, "off")?;
    // It writes the file at its end.
    servers.stop(work.subject)?;
    File::open(&file).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn launcher(file: &Path) -> Vec<String> {
    let fixed = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--dump-line=no", "--demangle=no"];
    let callers = [format!("--separate-callers={CALLERS}"), "--separate-recs=1".to_owned()];
    let file = format!("--callgrind-out-file={}", file.display());
    fixed.map(ToOwned::to_owned).into_iter().chain(callers).chain([file]).collect()
}

/// As much at once as the product can do in Valgrind without refusing requests.
fn slowed(work: Work) -> Work {
    let Load { connections, .. } = work.load;
    Work {
        load: Load { connections: connections.min(CONNECTIONS), rate: None, ..work.load },
        followers: work.followers.min(FOLLOWERS),
        ..work
    }
}

fn requests(case: Case) -> u64 {
    match case {
        // A login takes ten seconds here.
        Case::Login => 8,
        Case::Sockets | Case::EventStreams => 200,
        _ => 2000,
    }
}

/// Begins or ends the count.
fn switch(process: u32, state: &str) -> Outcome {
    let control =
        Command::new("callgrind_control").args([&format!("--instr={state}"), &process.to_string()]).output()?;
    if control.status.success() {
        Ok(())
    } else {
        Err(format!("callgrind_control: {}", String::from_utf8_lossy(&control.stderr)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::subject::Subject;

    #[test]
    fn load_in_valgrind_has_a_bound_and_no_rate() {
        let load = Case::Sockets.load().unwrap();
        let work = Work { case: Case::Sockets, subject: Subject::ProductSqlite, load, followers: 1000, seconds: 5.0 };
        let slowed = slowed(work);
        assert_eq!(slowed.load, Load { connections: 4, rate: None, ..load });
        assert_eq!((slowed.followers, requests(slowed.case)), (100, 200));
    }

    #[test]
    fn stacks_are_told_apart_by_their_callers() {
        let launcher = launcher(Path::new("/tmp/read-sqlite.callgrind"));
        assert_eq!(launcher[0], "valgrind");
        assert!(launcher.contains(&"--separate-callers=48".to_owned()));
        assert!(launcher.contains(&"--callgrind-out-file=/tmp/read-sqlite.callgrind".to_owned()));
    }
}
