//! Jobs.

pub mod list;
pub mod perform;
pub mod retry;
pub mod work;
