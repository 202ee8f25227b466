//! Background tasks that only the program runs.

pub mod auditor;
pub mod idle;
pub mod reloader;
pub mod sampler;
