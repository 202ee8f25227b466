//! What comes while others of its kind are under way is done together, by one statement: writes share its start, the round
//! trip and the commit, and reads the first two, which cost more than their rows.

mod changes;
mod comments;
mod created;
mod failure;
mod reads;
mod tasks;

use super::{
    connection::Connection,
    database::Database,
    pool::none_in_time,
    repositories::task::{
        find::{FindProject, FindTask},
        pages::FindPage,
    },
    work::Isolation,
};
use crate::Error;
use failure::Failure;
use fasttrack_domain::{
    comment::NewComment,
    ports::RepositoryError,
    task::{NewTask, TaskChange},
};
use std::{
    collections::VecDeque,
    iter,
    marker::PhantomData,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::oneshot, time::timeout};

/// How long others wait for one that is done alone. It takes longer where it waits for a lock.
const PATIENCE: Duration = Duration::from_millis(20);

/// The most that may wait.
const QUEUE: usize = 1024;

/// What can be written or read together with others of its kind.
pub(crate) trait Grouped: Sized + Send + Sync + 'static {
    /// What storage makes of it.
    type Answer: Send + 'static;

    /// How many statements of its kind run at the same time until others wait.
    const AT_ONCE: usize = 1;

    /// The most that one statement does.
    const MOST: usize = 64;

    /// Whether it writes nothing, and so can be done again.
    const ONLY_READS: bool = false;

    /// The group of its kind.
    fn group(groups: &Groups) -> &Group<Self>;

    /// Whether the statement of the group can do it.
    fn fits(&self) -> bool {
        true
    }

    /// Does those that nothing prevents from it, and waits for no lock. `None` for the others.
    fn run(
        conn: &mut Connection,
        group: &[Self],
    ) -> impl Future<Output = Result<Vec<Option<Self::Answer>>, Error>> + Send;
}

// @decision DEC-0036
/// The groups of a database. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Groups(Arc<Kinds>);

#[derive(Default)]
struct Kinds {
    tasks: Group<NewTask>,
    changes: Group<TaskChange>,
    comments: Group<NewComment>,
    found_tasks: Group<FindTask>,
    found_projects: Group<FindProject>,
    found_pages: Group<FindPage>,
}

impl Groups {
    /// Counts what waits, of all kinds.
    pub(super) fn waiting(&self) -> usize {
        let Kinds { tasks, changes, comments, found_tasks, found_projects, found_pages } = &*self.0;
        let written = tasks.waiting() + changes.waiting() + comments.waiting();
        written + found_tasks.waiting() + found_projects.waiting() + found_pages.waiting()
    }
}

/// What waits to be done together.
pub(crate) struct Group<W: Grouped>(Mutex<Queue<W>>);

struct Queue<W: Grouped> {
    /// How many statements run. What comes waits if they are as many as may run at once.
    running: usize,
    waiting: VecDeque<Waiting<W>>,
    latest_ticket: u64,
}

/// What waits, and who is told of it.
struct Waiting<W: Grouped> {
    what: W,
    outcome: oneshot::Sender<Outcome<W>>,
    ticket: u64,
}

/// What became of a read or a write.
enum Outcome<W: Grouped> {
    /// It is read, or committed.
    Done(W::Answer),
    /// It is to be done by a statement of its own, which finds out what is the matter.
    Alone(W),
    /// There is no connection, or it was lost. Then a write may be committed.
    Failed(Error),
}

/// How a read or a write begins.
enum Begin<W: Grouped> {
    /// It is done at once, by a statement of its own.
    Now(W),
    /// The outcome will come, for this ticket.
    Later(oneshot::Receiver<Outcome<W>>, u64),
}

impl<W: Grouped> Default for Group<W> {
    fn default() -> Self {
        Self(Mutex::new(Queue { running: 0, waiting: VecDeque::new(), latest_ticket: 0 }))
    }
}

impl<W: Grouped> Group<W> {
    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> usize {
        self.queue().waiting.len()
    }

    /// Lets `what` begin, or has it wait for those that run.
    fn begin(&self, what: W) -> Result<Begin<W>, Error> {
        let mut queue = self.queue();
        if queue.running < W::AT_ONCE {
            queue.running += 1;
            return Ok(Begin::Now(what));
        }
        if queue.waiting.len() >= QUEUE {
            return Err(Error::QueueFull);
        }
        queue.latest_ticket += 1;
        let ticket = queue.latest_ticket;
        let (outcome, receiver) = oneshot::channel();
        queue.waiting.push_back(Waiting { what, outcome, ticket });
        Ok(Begin::Later(receiver, ticket))
    }

    /// Takes back what still waits. Returns whether it did.
    fn withdraw(&self, ticket: u64) -> bool {
        let mut queue = self.queue();
        let count = queue.waiting.len();
        queue.waiting.retain(|waiting| waiting.ticket != ticket);
        queue.waiting.len() < count
    }

    /// What is done next, after one that has ended, in the order in which it came. `None` where nothing waits.
    fn next(&self) -> Option<Vec<Waiting<W>>> {
        let mut queue = self.queue();
        // Nobody waits for what was given up.
        queue.waiting.retain(|waiting| !waiting.outcome.is_closed());
        let count = queue.waiting.len().min(W::MOST);
        if count == 0 {
            queue.running -= 1;
            return None;
        }
        Some(queue.waiting.drain(..count).collect())
    }
}

/// Of what runs: what waits then is done when it ends, also where it was given up or panicked.
struct Turn<W: Grouped> {
    database: Database,
    kind: PhantomData<fn() -> W>,
}

impl<W: Grouped> Turn<W> {
    fn new(database: &Database) -> Self {
        Self { database: database.clone(), kind: PhantomData }
    }
}

impl<W: Grouped> Drop for Turn<W> {
    fn drop(&mut self) {
        // Where the connections run, so that it goes on when the thread ends that serves the request.
        if let Some(waiting) = W::group(self.database.groups()).next() {
            let turn = Self::new(&self.database);
            self.database.pool().runtime().spawn(async move { run(&turn.database, waiting).await });
        }
    }
}

impl Database {
    /// Does `what`: by `alone`, which is a statement of its own, or together with others that came meanwhile.
    pub(crate) async fn grouped<W, A>(&self, what: W, alone: impl FnOnce(W) -> A) -> Result<W::Answer, RepositoryError>
    where
        W: Grouped,
        A: Future<Output = Result<W::Answer, RepositoryError>>,
    {
        let (what, turn) = if what.fits() {
            match W::group(self.groups()).begin(what).map_err(|error| self.record_error(error))? {
                Begin::Now(what) => (what, Some(Turn::<W>::new(self))),
                Begin::Later(outcome, ticket) => match self.outcome(outcome, ticket).await {
                    Outcome::Done(answer) => return Ok(answer),
                    Outcome::Alone(what) => (what, None),
                    Outcome::Failed(error) => return Err(self.record_error(error)),
                },
            }
        } else {
            (what, None)
        };
        let mut alone = Box::pin(alone(what));
        if let Some(turn) = turn {
            if let Ok(answer) = timeout(PATIENCE, &mut alone).await {
                return answer;
            }
            drop(turn);
        }
        alone.await
    }

    /// What becomes of what waits. It waits for its group as long as for a connection; a group that runs ends by itself.
    #[tracing::instrument(name = "postgresql group", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    async fn outcome<W: Grouped>(&self, mut outcome: oneshot::Receiver<Outcome<W>>, ticket: u64) -> Outcome<W> {
        let result = match timeout(self.pool().acquire_timeout(), &mut outcome).await {
            Ok(result) => result,
            Err(_) if W::group(self.groups()).withdraw(ticket) => return Outcome::Failed(none_in_time()),
            Err(_) => outcome.await,
        };
        result.unwrap_or(Outcome::Failed(Error::Closed))
    }
}

/// Does a group by one statement, and tells who waits, each of whom has a span.
async fn run<W: Grouped>(database: &Database, waiting: Vec<Waiting<W>>) {
    let (group, outcomes): (Vec<_>, Vec<_>) = waiting.into_iter().map(|it| (it.what, it.outcome)).unzip();
    let group = Arc::new(group);
    let together = Arc::clone(&group);
    let work = async move |conn: &mut Connection| W::run(conn, &together).await;
    let (answers, failure) = if W::ONLY_READS {
        match database.read_repeatedly(work).await {
            Ok(answers) => (answers, None),
            Err(error) => (Vec::new(), Failure::of_read(&error)),
        }
    } else if group.len() == 1 {
        drop(work);
        (Vec::new(), None)
    } else {
        match database.attempt(Instant::now(), Isolation::Statements, work).await {
            Ok(answers) => (answers, None),
            Err((error, _)) => (Vec::new(), Failure::of(&error)),
        }
    };
    // The work has ended, and nothing else has the group.
    let group = Arc::try_unwrap(group).unwrap_or_default();
    let answers = answers.into_iter().chain(iter::repeat_with(|| None));
    for ((what, outcome), answer) in group.into_iter().zip(outcomes).zip(answers) {
        let result = match (answer, &failure) {
            (Some(answer), _) => Outcome::Done(answer),
            (None, Some(failure)) => Outcome::Failed(failure.error()),
            (None, None) => Outcome::Alone(what),
        };
        // Where the request was given up, nobody waits.
        let _ = outcome.send(result);
    }
}
