//! Tickets.

pub mod issue;
pub mod redeem;
