//! One simulation, and the search through many.

use crate::{
    book::Book,
    client::{self, Client, Known, Replica, Shared, follow_changes, follow_notifications},
    cluster::Cluster,
    faults::Fault,
    observer::Observer,
    scheduler::Sim,
    settle::{Follower, settle},
    template::{Databases, Template},
    trace::Step,
};
use fasttrack_domain::{policy::Actor, user::User};
use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Requests of each user.
const REQUESTS: u64 = 10;

/// The most polls of a simulation. One has some thousands.
const MAX_POLLS: u64 = 500_000;

/// How many seeds a thread takes at once.
const BATCH: u64 = 8;

/// A simulation that kept all promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub steps: u64,
    /// The hash of all steps.
    pub trace: u64,
}

/// A simulation in which a promise was broken.
#[derive(Clone, Debug)]
pub struct Failure {
    pub seed: u64,
    pub findings: Vec<String>,
    /// The last steps.
    pub steps: Vec<Step>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, findings, steps } = self;
        writeln!(f, "seed {seed} broke a promise; the last steps:")?;
        for step in steps {
            writeln!(f, "{step}")?;
        }
        for finding in findings {
            writeln!(f, "found: {finding}")?;
        }
        write!(f, "replay: cargo xtask simulate --seeds 1 --seed {seed}")
    }
}

/// Runs the simulation of a seed, perhaps with a planted fault.
pub fn run(seed: u64, fault: Option<Fault>) -> Result<Passed, Failure> {
    simulate(&Template::new(), seed, fault)
}

/// Runs the simulations of these seeds on all cores. Stops soon after the first failure.
pub fn search(seeds: Range<u64>, fault: Option<Fault>) -> Option<Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, failed) = (AtomicU64::new(seeds.start), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let template = Template::new();
                while failed.lock().unwrap().is_none() {
                    let begin = next.fetch_add(BATCH, Ordering::Relaxed);
                    if begin >= seeds.end {
                        break;
                    }
                    for seed in begin..seeds.end.min(begin + BATCH) {
                        let simulated = catch_unwind(AssertUnwindSafe(|| simulate(&template, seed, fault)));
                        // The panic itself doesn't say of which seed it is.
                        let simulated = simulated.unwrap_or_else(|_| panic!("the simulation of seed {seed} panicked"));
                        if let Err(failure) = simulated {
                            failed.lock().unwrap().get_or_insert(failure);
                            break;
                        }
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn simulate(template: &Template, seed: u64, fault: Option<Fault>) -> Result<Passed, Failure> {
    let sim = Sim::new(seed);
    let Databases { observed, databases } = template.copy(fault);
    let observer = Arc::new(Observer::new(Arc::clone(&sim), observed).unwrap());
    let cluster = Cluster::new(Arc::clone(&sim), Arc::clone(&observer), databases);
    run_all(&cluster, &template.users);
    // Tasks hold what holds them.
    cluster.tasks.clear();
    let findings = observer.findings();
    let trace = sim.trace();
    if findings.is_empty() {
        Ok(Passed { steps: trace.steps(), trace: trace.hash() })
    } else {
        Err(Failure { seed, findings, steps: trace.last() })
    }
}

/// Runs clients, followers and crashes until the clients have ended, and then until all is quiet. Returns early once
/// something is found.
fn run_all(cluster: &Rc<Cluster>, users: &[User]) {
    let (sim, tasks) = (&cluster.sim, &cluster.tasks);
    (0..cluster.size()).for_each(|node| cluster.start(node));
    sim.inject_faults(true);
    let known = Known::of(users.iter().map(|user| user.id).collect());
    let shared = Rc::new(Shared {
        cluster: Rc::clone(cluster),
        book: Book::default(),
        known: RefCell::new(known),
        requests: Cell::default(),
        running: Cell::new(users.len()),
        erased: RefCell::default(),
    });
    let mut followers = Vec::new();
    for (place, user) in users.iter().enumerate() {
        let (actor, email) = (Actor::new(user.id, user.role), user.email.clone());
        let is_erased = place + 1 == users.len() && sim.below(2) == 0;
        let client = Client { shared: Rc::clone(&shared), actor: actor.clone(), email, is_erased };
        tasks.spawn(client::run(client, REQUESTS));
        let (position, replica) = (Rc::<RefCell<i64>>::default(), Rc::<RefCell<Replica>>::default());
        tasks.spawn(follow_notifications(Rc::clone(&shared), user.id, Rc::clone(&position)));
        tasks.spawn(follow_changes(Rc::clone(&shared), actor.clone(), Rc::clone(&replica)));
        followers.push(Follower { actor, position, replica });
    }
    let trouble = tasks.spawn(make_trouble(Rc::clone(cluster)));
    let mut polls = 0;
    let mut step = || {
        polls += 1;
        let goes_on = tasks.step();
        if !goes_on || polls > MAX_POLLS {
            cluster.observer.found("the end", Some(format!("it didn't come within {polls} polls")));
        }
        cluster.observer.findings().is_empty()
    };
    while shared.running.get() > 0 {
        if !step() {
            return;
        }
    }
    tasks.abort(trouble);
    settle(&shared, followers, &mut step);
}

/// Crashes nodes and starts them again, and makes their clocks jump.
async fn make_trouble(cluster: Rc<Cluster>) {
    let sim = Arc::clone(&cluster.sim);
    loop {
        sim.sleep(Duration::from_millis(200 + sim.below(2_500))).await;
        let node = usize::try_from(sim.below(cluster.size() as u64)).unwrap();
        match sim.below(4) {
            0 => {
                cluster.crash(node);
                sim.sleep(Duration::from_millis(sim.below(1_500))).await;
                cluster.start(node);
            }
            1 => {
                let milliseconds = i64::try_from(sim.below(95_000)).unwrap() - 5_000;
                cluster.jump(node, milliseconds);
            }
            _ => {}
        }
    }
}
