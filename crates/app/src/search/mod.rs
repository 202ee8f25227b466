//! The index that tasks are searched by.

mod fill;
mod rebuild;

use crate::Ports;
use fasttrack_domain::ports::search::SearchRepository;
use std::sync::Arc;

#[derive(Clone)]
pub struct Search {
    pub search: Arc<dyn SearchRepository>,
}

impl Search {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { search: ports.repositories.search.clone() }
    }
}

/// Maximum number of tasks in one transaction.
const BATCH: u32 = 200;
