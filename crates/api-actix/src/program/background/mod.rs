//! Background tasks of the program alone.

pub mod auditor;
pub mod idle;
pub mod reloader;
pub mod sampler;
