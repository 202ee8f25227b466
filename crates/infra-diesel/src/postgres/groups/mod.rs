//! Writes that come while another is under way are written together, by one statement: they share its start, the round trip
//! and the commit, which cost more than their rows.

mod changes;
mod comments;
mod created;
mod tasks;

use super::{connection::Connection, database::Database, pool::none_in_time, work::Isolation};
use crate::Error;
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

/// The most that one statement writes.
const MOST: usize = 64;

/// How long others wait for one that is written alone. It takes longer where it waits for a lock.
const PATIENCE: Duration = Duration::from_millis(20);

/// The most that may wait.
const QUEUE: usize = 1024;

/// What can be written together with others of its kind.
pub(crate) trait Grouped: Sized + Send + Sync + 'static {
    /// What storage makes of it.
    type Written: Send + 'static;

    /// The group of its kind.
    fn group(groups: &Groups) -> &Group<Self>;

    /// Whether the statement of the group can write it.
    fn fits(&self) -> bool {
        true
    }

    /// Writes those that nothing prevents from it, and waits for no lock. `None` for the others.
    fn write(
        conn: &mut Connection,
        group: &[Self],
    ) -> impl Future<Output = Result<Vec<Option<Self::Written>>, Error>> + Send;
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
}

/// What waits to be written together.
pub(crate) struct Group<W: Grouped>(Mutex<Queue<W>>);

struct Queue<W: Grouped> {
    /// Whether something is being written. Then what comes waits.
    is_writing: bool,
    waiting: VecDeque<Waiting<W>>,
    latest_ticket: u64,
}

/// What waits, and who is told of it.
struct Waiting<W: Grouped> {
    what: W,
    outcome: oneshot::Sender<Outcome<W>>,
    ticket: u64,
}

/// What became of a write.
enum Outcome<W: Grouped> {
    /// It is committed.
    Written(W::Written),
    /// It is to be written by a statement of its own, which finds out what is the matter.
    Alone(W),
    /// There is no connection, or it was lost. Then it may be committed.
    Failed(Error),
}

/// How a write begins.
enum Begin<W: Grouped> {
    /// Nothing is being written.
    Now(W),
    /// The outcome will come, for this ticket.
    Later(oneshot::Receiver<Outcome<W>>, u64),
}

impl<W: Grouped> Default for Group<W> {
    fn default() -> Self {
        Self(Mutex::new(Queue { is_writing: false, waiting: VecDeque::new(), latest_ticket: 0 }))
    }
}

impl<W: Grouped> Group<W> {
    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to write, or waits.
    fn begin(&self, what: W) -> Result<Begin<W>, Error> {
        let mut queue = self.queue();
        if !queue.is_writing {
            queue.is_writing = true;
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

    /// What is written next, in the order in which it came. `None` where nothing waits: then nothing is being written.
    fn next(&self) -> Option<Vec<Waiting<W>>> {
        let mut queue = self.queue();
        // Nobody waits for what was given up.
        queue.waiting.retain(|waiting| !waiting.outcome.is_closed());
        let count = queue.waiting.len().min(MOST);
        queue.is_writing = count > 0;
        queue.is_writing.then(|| queue.waiting.drain(..count).collect())
    }
}

/// Of who writes: what waits then is written when it ends, also where it was given up or panicked.
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
            self.database.pool().runtime().spawn(async move { write(&turn.database, waiting).await });
        }
    }
}

impl Database {
    /// Writes `what`: by `alone`, which is a statement of its own, or together with others that came meanwhile.
    pub(crate) async fn write_grouped<W, A>(
        &self,
        what: W,
        alone: impl FnOnce(W) -> A,
    ) -> Result<W::Written, RepositoryError>
    where
        W: Grouped,
        A: Future<Output = Result<W::Written, RepositoryError>>,
    {
        let (what, turn) = if what.fits() {
            match W::group(self.groups()).begin(what).map_err(|error| self.record_error(error))? {
                Begin::Now(what) => (what, Some(Turn::<W>::new(self))),
                Begin::Later(outcome, ticket) => match self.outcome(outcome, ticket).await {
                    Outcome::Written(written) => return Ok(written),
                    Outcome::Alone(what) => (what, None),
                    Outcome::Failed(error) => return Err(self.record_error(error)),
                },
            }
        } else {
            (what, None)
        };
        let mut write = Box::pin(alone(what));
        if let Some(turn) = turn {
            if let Ok(written) = timeout(PATIENCE, &mut write).await {
                return written;
            }
            drop(turn);
        }
        write.await
    }

    /// What becomes of a write that waits. It waits for its group as long as for a connection; a group that is being written
    /// ends by itself.
    #[tracing::instrument(name = "postgresql write", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    async fn outcome<W: Grouped>(&self, mut outcome: oneshot::Receiver<Outcome<W>>, ticket: u64) -> Outcome<W> {
        let result = match timeout(self.pool().acquire_timeout(), &mut outcome).await {
            Ok(result) => result,
            Err(_) if W::group(self.groups()).withdraw(ticket) => return Outcome::Failed(none_in_time()),
            Err(_) => outcome.await,
        };
        result.unwrap_or(Outcome::Failed(Error::Closed))
    }
}

/// Writes a group by one statement, and tells who waits, each of whom has a span.
async fn write<W: Grouped>(database: &Database, waiting: Vec<Waiting<W>>) {
    let (group, outcomes): (Vec<_>, Vec<_>) = waiting.into_iter().map(|it| (it.what, it.outcome)).unzip();
    let group = Arc::new(group);
    let (written, failure) = if group.len() == 1 {
        (Vec::new(), None)
    } else {
        let together = Arc::clone(&group);
        let work = async move |conn: &mut Connection| W::write(conn, &together).await;
        match database.attempt(Instant::now(), Isolation::Statements, work).await {
            Ok(written) => (written, None),
            Err((error, _)) => (Vec::new(), Failure::of(&error)),
        }
    };
    // The work has ended, and nothing else has the group.
    let group = Arc::try_unwrap(group).unwrap_or_default();
    let written = written.into_iter().chain(iter::repeat_with(|| None));
    for ((what, outcome), written) in group.into_iter().zip(outcomes).zip(written) {
        let result = match (written, &failure) {
            (Some(written), _) => Outcome::Written(written),
            (None, Some(failure)) => Outcome::Failed(failure.error()),
            (None, None) => Outcome::Alone(what),
        };
        // Where the request was given up, nobody waits.
        let _ = outcome.send(result);
    }
}

/// Why nothing of a group is written, where each of them would fail alike or may be written already. What the server refuses
/// isn't written.
enum Failure {
    QueueFull,
    Connection(String),
}

impl Failure {
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::QueueFull => Some(Self::QueueFull),
            Error::Closed | Error::Connection(_) => Some(Self::Connection(error.to_string())),
            _ => None,
        }
    }

    fn error(&self) -> Error {
        match self {
            Self::QueueFull => Error::QueueFull,
            Self::Connection(reason) => Error::Connection(reason.clone().into()),
        }
    }
}
