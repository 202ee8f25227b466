//! Declares the commands and their arguments.

use super::{
    backup::{BackupCommand, RestoreCommand},
    completions::CompletionsCommand,
    config::ConfigCommand,
    copy::CopyCommand,
    jobs::JobsCommand,
    keys::KeysCommand,
    search::SearchCommand,
    stats::StatsCommand,
    token::TokenCommand,
    user::UserCommand,
};
use crate::program::settings::GivenSettings;
use clap::{Parser, Subcommand};

/// Users, projects, tasks and comments over HTTP, on SQLite or PostgreSQL.
///
/// Every setting below is a flag of every command, an environment variable, and a line in the file .env of the working
/// directory; a flag goes before a variable, and a variable before the file.
#[derive(Parser)]
#[command(name = "fasttrack", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub settings: GivenSettings,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve (what happens without a command, too)
    Serve,
    /// Bring the database's schema up to date, and name what was applied
    Migrate,
    /// Copy all data of a database into another, empty one, SQLite or PostgreSQL each, and compare both
    Copy(CopyCommand),
    /// Write a consistent copy of the SQLite database to a new file, while it is served and written to
    Backup(BackupCommand),
    /// Put a backup in the place of the SQLite database, and keep that beside it; the server must be stopped
    Restore(RestoreCommand),
    /// Fill an empty database with an example team, and print its logins
    Demo,
    /// Manage accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Manage API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Manage signing keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look at the queue of background jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Manage statistics
    #[command(subcommand)]
    Stats(StatsCommand),
    /// Manage the index that tasks are searched by
    #[command(subcommand)]
    Search(SearchCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Ask the running server whether it is ready
    Healthcheck,
    /// Print every setting: name, value with secrets masked, and where it is from, separated by tabs
    Config(ConfigCommand),
    /// Print what lets a shell complete commands and flags
    Completions(CompletionsCommand),
}
