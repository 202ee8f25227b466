//! Reminders whose time has come.

mod give;

use crate::Ports;
use fasttrack_domain::ports::{clock::Clock, reminder::ReminderRepository};
use std::sync::Arc;

#[derive(Clone)]
pub struct Reminders {
    pub reminders: Arc<dyn ReminderRepository>,
    pub clock: Arc<dyn Clock>,
}

impl Reminders {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { reminders: ports.repositories.reminders.clone(), clock: ports.clock.clone() }
    }
}
