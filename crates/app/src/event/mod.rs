//! What happens after the fact.

pub mod dispatch;
