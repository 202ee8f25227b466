use super::record::{Caller, Nanos, Operation, Outcome, Request};
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

/// Records operations of concurrent clients on one clock.
#[derive(Debug)]
pub struct Recorder {
    begin: Instant,
    operations: Mutex<Vec<Operation>>,
}

/// A request that is being sent. Dropping it records that its outcome is unknown, as where its future is cancelled.
#[derive(Debug)]
pub struct Call {
    recorder: Arc<Recorder>,
    /// `None` once it is recorded.
    operation: Option<Operation>,
}

impl Recorder {
    /// The history begins now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { begin: Instant::now(), operations: Mutex::default() })
    }

    fn now(&self) -> Nanos {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap()
    }

    /// Begins an operation, just before its request is sent.
    pub fn call(self: &Arc<Self>, client: u32, node: u32, caller: Option<Caller>, request: Request) -> Call {
        let outcome = Outcome::Unknown { why: "cancelled".to_owned() };
        let now = self.now();
        let operation = Operation { client, node, caller, called: now, returned: now, request, outcome };
        Call { recorder: Arc::clone(self), operation: Some(operation) }
    }

    /// What was recorded up to now, by the time of the call.
    pub fn history(&self) -> Vec<Operation> {
        let mut operations = self.operations.lock().unwrap().clone();
        operations.sort_by_key(|operation| operation.called);
        operations
    }
}

impl Call {
    /// Records the outcome, which is there now.
    pub fn returned(mut self, outcome: Outcome) {
        self.record(|operation| operation.outcome = outcome);
    }

    fn record(&mut self, complete: impl FnOnce(&mut Operation)) {
        if let Some(mut operation) = self.operation.take() {
            operation.returned = self.recorder.now();
            complete(&mut operation);
            self.recorder.operations.lock().unwrap().push(operation);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.record(|_| {});
    }
}
