//! People: how users find each other.

mod find;
mod list;

pub use list::ListPeople;

use crate::Ports;
use fasttrack_domain::ports::people::PeopleRepository;
use std::sync::Arc;

#[derive(Clone)]
pub struct People {
    pub people: Arc<dyn PeopleRepository>,
}

impl People {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { people: ports.repositories.people.clone() }
    }
}
