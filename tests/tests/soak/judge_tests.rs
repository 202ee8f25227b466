//! Faults that are planted in the figures of an hour, each of which is found by its name, and figures that don't grow.

use super::{
    judge::{Verdict, judge},
    sample::{Sample, Values},
};
use fastrand::Rng;

/// An hour, sampled every ten seconds.
const DURATION: u32 = 3600;
const INTERVAL: usize = 10;

/// When the server was started.
const STARTS: [u32; 6] = [0, 360, 720, 2160, 2880, 3240];

/// Expired rows are deleted at each start and every ten minutes.
const SWEEPS: u32 = 600;

const MIB: f64 = 1024.0;

/// What grows where it shouldn't.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// 16 KiB a second.
    MemoryLeak,
    /// A file each 20 seconds.
    FileLeak,
    /// A connection each 20 seconds, which the client has closed.
    ConnectionLeak,
    /// A thread each minute.
    ThreadLeak,
    /// A connection each minute that isn't given back.
    PostgresConnectionLeak,
    /// A row each second that nothing deletes.
    GrowingTable,
    /// A table whose expired rows are no longer deleted.
    UnsweptTable,
    /// Two sessions for each login.
    DoubledSession,
    /// A log that is no longer emptied, by a reader that doesn't end.
    GrowingWriteAheadLog,
    /// Pages that aren't used again.
    GrowingDatabase,
    /// Backups that have what was deleted.
    GrowingBackup,
    /// Ever more lines for each request.
    GrowingLog,
    /// Events that no dispatcher takes.
    UndispatchedEvents,
    /// One request of all.
    FailedRequest,
    /// One backup that lacks what was acknowledged.
    BackupWithoutEffect,
}

impl Fault {
    const ALL: [(Self, &str); 15] = [
        (Self::MemoryLeak, "memory (PSS)"),
        (Self::FileLeak, "open files"),
        (Self::ConnectionLeak, "TCP connections"),
        (Self::ThreadLeak, "threads"),
        (Self::PostgresConnectionLeak, "PostgreSQL connections"),
        (Self::GrowingTable, "rows of tasks"),
        (Self::UnsweptTable, "rows of notifications"),
        (Self::DoubledSession, "rows of sessions beyond 1 for each login"),
        (Self::GrowingWriteAheadLog, "write-ahead log"),
        (Self::GrowingDatabase, "database"),
        (Self::GrowingBackup, "newest backup"),
        (Self::GrowingLog, "log per 1,000 requests"),
        (Self::UndispatchedEvents, "undispatched events"),
        (Self::FailedRequest, "failed requests"),
        (Self::BackupWithoutEffect, "backups without effect"),
    ];

    /// What it adds to its figure.
    fn growth(self, at: f64, age: f64) -> f64 {
        match self {
            Self::MemoryLeak => 16.0 * age,
            Self::FileLeak | Self::ConnectionLeak => age / 20.0,
            Self::ThreadLeak | Self::PostgresConnectionLeak => age / 60.0,
            Self::GrowingTable | Self::UndispatchedEvents => at,
            Self::UnsweptTable => 5.0 * at,
            Self::DoubledSession => at / 3.0,
            Self::GrowingWriteAheadLog => 32.0 * age,
            Self::GrowingDatabase | Self::GrowingBackup => 20.0 * at,
            Self::GrowingLog => age / 5.0,
            Self::FailedRequest | Self::BackupWithoutEffect => f64::from(u8::from(at > 3500.0)),
        }
    }
}

/// Figures that go up and down, but don't grow.
fn flat(at: u32, start: u32, rng: &mut Rng) -> Values {
    let age = f64::from(at - start);
    let since_sweep = f64::from((at - start) % SWEEPS);
    let mut around = |value: f64, share: f64| value * (1.0 + share * (2.0 * rng.f64() - 1.0));
    [
        // Caches fill after each start.
        ("memory (PSS)", around(60.0 * MIB, 0.05) * (1.0 - 0.3 * (-age / 60.0).exp())),
        ("open files", around(80.0, 0.2)),
        ("TCP connections", around(60.0, 0.3)),
        ("threads", around(12.0, 0.1)),
        ("PostgreSQL connections", around(12.0, 0.3)),
        ("rows of tasks", around(600.0, 0.1)),
        // 120 s are kept, and what came since the last sweep.
        ("rows of notifications", 5.0 * (120.0 + since_sweep)),
        ("rows of sessions beyond 1 for each login", around(2.0, 1.0)),
        // It keeps the length that it had at most since the start.
        ("write-ahead log", 4.0 * MIB + 2.0 * MIB * (age / 300.0).min(1.0)),
        ("database", around(40.0 * MIB, 0.02)),
        ("newest backup", around(90.0 * MIB, 0.02)),
        ("log per 1,000 requests", around(4.0, 0.9)),
        ("undispatched events", around(20.0, 1.0)),
        ("failed requests", 0.0),
        ("backups without effect", 0.0),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn samples(fault: Option<(Fault, &str)>, seed: u64) -> Vec<Sample> {
    let mut rng = Rng::with_seed(seed);
    let sample = |at: u32| {
        let process = STARTS.iter().rposition(|start| *start <= at).unwrap();
        let start = STARTS[process];
        let mut values = flat(at, start, &mut rng);
        let (at, age) = (f64::from(at), f64::from(at - start));
        if let Some((fault, figure)) = fault {
            *values.get_mut(figure).unwrap() += fault.growth(at, age);
        }
        Sample { at, process, age, values }
    };
    (0..=DURATION).step_by(INTERVAL).map(sample).collect()
}

/// The figures that grew.
fn grown(samples: &[Sample]) -> Vec<String> {
    let verdicts = judge(samples, f64::from(DURATION)).into_iter();
    verdicts.filter(|verdict| !verdict.is_flat()).map(|verdict| verdict.figure).collect()
}

#[test]
fn each_planted_growth_is_found_by_name() {
    for fault in Fault::ALL {
        for seed in 0..5 {
            assert_eq!(grown(&samples(Some(fault), seed)), [fault.1], "{fault:?}, seed {seed}");
        }
    }
}

#[test]
fn noise_and_sweeps_are_no_growth() {
    for seed in 0..50 {
        assert_eq!(grown(&samples(None, seed)), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn falling_figures_are_flat() {
    let mut samples = samples(None, 0);
    for sample in &mut samples {
        for value in sample.values.values_mut() {
            *value *= 1.0 - sample.at / 7200.0;
        }
    }
    assert_eq!(grown(&samples), Vec::<String>::new());
}

#[test]
fn memory_of_short_lives_is_not_judged() {
    let samples: Vec<_> = samples(Some((Fault::MemoryLeak, "memory (PSS)")), 0)
        .into_iter()
        .map(|sample| Sample { at: sample.at / 180.0, age: sample.age / 180.0, ..sample })
        .collect();
    let verdicts = judge(&samples, 20.0);
    let memory: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.figure == "memory (PSS)").collect();
    assert!(matches!(memory[..], [verdict] if verdict.growth.is_none() && verdict.is_flat()), "{memory:#?}");
}
