//! Histories that are right, and wrong ones with what is found in them.

mod builder;
mod honest;
mod kept;
mod right;
mod wrong_access;
mod wrong_sequences;
mod wrong_tasks;
