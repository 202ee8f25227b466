//! An executor of one thread that draws which task runs next, and its time.

use crate::trace::Trace;
use fastrand::Rng;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What tasks share with the ports: the time, what is drawn, and the trace. All that is drawn comes from the one generator
/// of the seed, so that it is the same in each run.
pub(crate) struct Sim {
    state: Mutex<State>,
    ready: Arc<Ready>,
    trace: Mutex<Trace>,
}

struct State {
    rng: Rng,
    /// Microseconds since the simulation began.
    now: u64,
    timers: BTreeMap<(u64, u64), Waker>,
    next_timer: u64,
    injects_faults: bool,
}

/// The tasks that can go on.
#[derive(Default)]
struct Ready(Mutex<BTreeSet<u64>>);

struct TaskWaker {
    task: u64,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.0.lock().unwrap().insert(self.task);
    }
}

impl Sim {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let state =
            State { rng: Rng::with_seed(seed), now: 0, timers: BTreeMap::new(), next_timer: 0, injects_faults: false };
        Arc::new(Self { state: Mutex::new(state), ready: Arc::default(), trace: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn trace(&self) -> MutexGuard<'_, Trace> {
        self.trace.lock().unwrap()
    }

    /// Adds a line to the trace, of a node or of nobody.
    pub(crate) fn note(&self, node: Option<usize>, what: fmt::Arguments<'_>) {
        let now = self.now();
        self.trace().add(now, node, what);
    }

    pub(crate) fn now(&self) -> u64 {
        self.state().now
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        self.state().rng.u64(..end)
    }

    /// Whether something that has this chance of a thousand happens.
    pub(crate) fn chance(&self, of_thousand: u64) -> bool {
        self.below(1_000) < of_thousand
    }

    /// One of these; `None` if there is none.
    pub(crate) fn choice<T: Clone>(&self, from: &[T]) -> Option<T> {
        let place = usize::try_from(self.below(from.len().max(1) as u64)).unwrap();
        from.get(place).cloned()
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.state().rng.fill(&mut bytes);
        bytes
    }

    pub(crate) fn injects_faults(&self) -> bool {
        self.state().injects_faults
    }

    pub(crate) fn inject_faults(&self, injects: bool) {
        self.state().injects_faults = injects;
    }

    pub(crate) fn sleep(self: &Arc<Self>, time: Duration) -> Sleep {
        let until = self.now() + u64::try_from(time.as_micros()).unwrap();
        Sleep { sim: Arc::clone(self), until, timer: None }
    }

    /// Moves the time to the next timer, and wakes all that are due then. `false` if there is none.
    fn move_to_next_timer(&self) -> bool {
        let mut due = Vec::new();
        {
            let mut state = self.state();
            let Some(until) = state.timers.first_key_value().map(|(&(until, _), _)| until) else { return false };
            state.now = state.now.max(until);
            while state.timers.first_key_value().is_some_and(|(&(at, _), _)| at <= until) {
                due.extend(state.timers.pop_first().map(|(_, waker)| waker));
            }
        }
        due.into_iter().for_each(Waker::wake);
        true
    }
}

/// Lets other tasks run. They may do anything meanwhile.
pub(crate) async fn give_way() {
    let mut gave_way = false;
    poll_fn(move |context| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits until a time. Dropped, it wakes nobody.
pub(crate) struct Sleep {
    sim: Arc<Sim>,
    until: u64,
    timer: Option<(u64, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let sim = Arc::clone(&self.sim);
        let mut state = sim.state();
        if let Some(timer) = self.timer.take() {
            state.timers.remove(&timer);
        }
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let timer = (self.until, state.next_timer);
        state.next_timer += 1;
        state.timers.insert(timer, context.waker().clone());
        self.timer = Some(timer);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            self.sim.state().timers.remove(&timer);
        }
    }
}

/// The tasks of a simulation. Clones share them.
#[derive(Clone)]
pub(crate) struct Tasks {
    sim: Arc<Sim>,
    all: Rc<RefCell<All>>,
}

#[derive(Default)]
struct All {
    tasks: BTreeMap<u64, Task>,
    next: u64,
}

impl Tasks {
    pub(crate) fn new(sim: Arc<Sim>) -> Self {
        Self { sim, all: Rc::default() }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) -> u64 {
        let mut all = self.all.borrow_mut();
        let id = all.next;
        all.next += 1;
        all.tasks.insert(id, Box::pin(task));
        self.sim.ready.0.lock().unwrap().insert(id);
        id
    }

    /// Drops a task wherever it waits. It must not be the one that calls this.
    pub(crate) fn abort(&self, id: u64) {
        // Dropped after the borrow has ended, as its drop may wake others.
        let task = self.all.borrow_mut().tasks.remove(&id);
        drop(task);
    }

    /// Polls a task that is drawn among those that can go on. Where none can, the time moves on first. `false` if nothing
    /// will ever go on.
    pub(crate) fn step(&self) -> bool {
        let Some(id) = self.draw() else { return self.sim.move_to_next_timer() };
        let task = self.all.borrow_mut().tasks.remove(&id);
        // It may have ended since it was woken.
        let Some(mut task) = task else { return true };
        let waker = Waker::from(Arc::new(TaskWaker { task: id, ready: Arc::clone(&self.sim.ready) }));
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.all.borrow_mut().tasks.insert(id, task);
        }
        true
    }

    fn draw(&self) -> Option<u64> {
        let mut ready = self.sim.ready.0.lock().unwrap();
        let place = match ready.len() {
            0 => return None,
            1 => 0,
            count => usize::try_from(self.sim.below(count as u64)).unwrap(),
        };
        let id = ready.iter().nth(place).copied()?;
        ready.remove(&id);
        Some(id)
    }

    /// Drops all tasks.
    pub(crate) fn clear(&self) {
        let tasks = std::mem::take(&mut self.all.borrow_mut().tasks);
        drop(tasks);
    }
}
