//! Users, projects, tasks and comments: a folder each as in the URLs, and files for what they share.

mod comments;
mod concurrency;
mod idempotency;
mod matrix;
mod pages;
mod projects;
mod quotas;
mod tasks;
mod users;
