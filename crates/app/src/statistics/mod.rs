//! Statistics of projects.

pub mod get;
pub mod rebuild;
