//! The change feed.

mod head;
mod news;
mod read;

pub use read::ReadChanges;

use crate::Ports;
use fasttrack_domain::ports::change::ChangeFeed;
use std::sync::Arc;

#[derive(Clone)]
pub struct Changes {
    pub changes: Arc<dyn ChangeFeed>,
}

impl Changes {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { changes: ports.repositories.changes.clone() }
    }
}
