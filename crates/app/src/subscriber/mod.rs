//! Who draws conclusions from events: one a file. A further one goes into [`all`].

pub mod mail;
pub mod notify;
pub mod statistics;

use fasttrack_domain::ports::outbox::EventSubscriber;
use std::sync::Arc;

/// Every subscriber of ours.
pub fn all() -> Arc<[Arc<dyn EventSubscriber>]> {
    Arc::new([Arc::new(notify::Notify), Arc::new(statistics::Count), Arc::new(mail::SendMail)])
}
