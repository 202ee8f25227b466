//! `fasttrack user`

use super::output;
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use clap::Subcommand;
use fasttrack_app::{
    Error,
    user::{CreateUser, EraseAccount, SetPassword, Users},
};
use fasttrack_domain::{
    email::Email,
    field::Invalid,
    page::{Limit, PageRequest},
    password::Password,
    text::DisplayName,
    user::Role,
};
use std::io::{self, IsTerminal, Read};

/// A password and a line end are far shorter.
const MAX_INPUT: u64 = 4096;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an account, with a password from standard input, and print its id
    Create {
        /// Address of the account
        #[arg(long, value_parser = email)]
        email: Email,
        /// Give it the role admin
        #[arg(long)]
        admin: bool,
        /// What to call the user [default: what stands before the @]
        #[arg(long, value_name = "NAME", value_parser = display_name)]
        display_name: Option<DisplayName>,
    },
    /// Set another password, from standard input, and end all sessions of the account
    SetPassword {
        /// Address of the account
        #[arg(long, value_parser = known_email)]
        email: Email,
    },
    /// Erase an account: its projects are deleted, unless another user gets them, and its name goes from what it wrote
    Erase {
        /// Address of the account
        #[arg(long, value_parser = known_email)]
        email: Email,
        /// Address of the active user who gets the projects, the memberships and the assigned tasks
        #[arg(long, value_name = "EMAIL", value_parser = known_email)]
        reassign_to: Option<Email>,
    },
    /// List accounts: id, address, role, and active or deactivated, separated by tabs
    List,
}

fn email(raw: &str) -> Result<Email, Invalid> {
    Email::parse(raw)
}

/// Also one from before today's rules.
pub(super) fn known_email(raw: &str) -> Result<Email, Invalid> {
    Email::lookup(raw).map_or_else(|| Email::parse(raw), Ok)
}

fn display_name(raw: &str) -> Result<DisplayName, Invalid> {
    DisplayName::parse(raw.to_owned())
}

impl UserCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        match self {
            Self::Create { email, admin, display_name } => {
                let password = read_password()?;
                let role = if admin { Role::Admin } else { Role::User };
                let command =
                    CreateUser { email, password, display_name, role, email_verified: true, is_by_operator: true };
                let user = Adapters::open(settings)
                    .await?
                    .use_cases()
                    .users
                    .create(command)
                    .await
                    .map_err(|error| unchanged(&error))?;
                output::line(user.id)
            }
            Self::SetPassword { email } => {
                let command = SetPassword { email, password: read_password()? };
                let users = Adapters::open(settings).await?.use_cases().users;
                users.set_password(command).await.map(drop).map_err(|error| unchanged(&error))
            }
            Self::Erase { email, reassign_to } => {
                let users = Adapters::open(settings).await?.use_cases().users;
                let command = EraseAccount { email, reassign_to };
                let id = users.erase_account(command).await.map_err(|error| not_erased(&error))?;
                output::line(format_args!("erased user {id}"))
            }
            Self::List => list(&Adapters::open(settings).await?.use_cases().users).await,
        }
    }
}

fn unchanged(error: &Error) -> StartError {
    StartError::failed("the account was not changed", error)
}

fn not_erased(error: &Error) -> StartError {
    let may_have_begun = matches!(error, Error::Unavailable { .. } | Error::Internal(_));
    let what = if may_have_begun {
        "the account was not erased completely; if `fasttrack user list` no longer has it, the server erases the rest"
    } else {
        "the account was not erased"
    };
    StartError::failed(what, error)
}

async fn list(users: &Users) -> Result<(), StartError> {
    let mut page = PageRequest { limit: Limit::new(100).unwrap_or_default(), cursor: None };
    loop {
        let found = users.list_accounts(page).await.map_err(|error| StartError::failed("the accounts", &error))?;
        for user in found.items {
            let state = if user.is_active { "active" } else { "deactivated" };
            output::line(format_args!("{}\t{}\t{}\t{state}", user.id, user.email, user.role.as_str()))?;
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return Ok(());
        }
    }
}

// @spec SPEC-012
// @norm NORM-SEC-001
fn read_password() -> Result<Password, StartError> {
    let failed = |error: io::Error| StartError::failed("the password can't be read from standard input", &error);
    let raw = if io::stdin().is_terminal() {
        let raw = rpassword::prompt_password("Password: ").map_err(failed)?;
        if rpassword::prompt_password("Again: ").map_err(failed)? != raw {
            return Err(StartError::Failed("the passwords differ".to_owned()));
        }
        raw
    } else {
        let mut text = String::new();
        io::stdin().take(MAX_INPUT).read_to_string(&mut text).map_err(failed)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        line.strip_suffix('\r').unwrap_or(line).to_owned()
    };
    Password::parse(raw).map_err(|error| StartError::Failed(format!("the password {error}")))
}
