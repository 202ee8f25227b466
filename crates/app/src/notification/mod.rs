//! Notifications.

pub mod catch_up;
pub mod follow;
pub mod list;
pub mod mark_read;
