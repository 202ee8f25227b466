//! `fasttrack user`

use crate::{settings::Settings, start::StartError, wiring::Adapters};
use clap::Subcommand;
use fasttrack_app::user::{create, set_password};
use fasttrack_domain::{email::Email, field::Invalid, password::Password, text::DisplayName, user::Role};
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
        #[arg(long, value_parser = email)]
        email: Email,
    },
}

fn email(raw: &str) -> Result<Email, Invalid> {
    Email::parse(raw)
}

fn display_name(raw: &str) -> Result<DisplayName, Invalid> {
    DisplayName::parse(raw.to_owned())
}

impl UserCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let password = read_password()?;
        let adapters = Adapters::open(settings).await?;
        let outcome = match self {
            Self::Create { email, admin, display_name } => {
                let role = if admin { Role::Admin } else { Role::User };
                let command = create::Command { email, password, display_name, role, welcome: false };
                adapters.create_user().execute(command).await.map(|user| println!("{}", user.id))
            }
            Self::SetPassword { email } => {
                adapters.set_password().execute(set_password::Command { email, password }).await.map(drop)
            }
        };
        outcome.map_err(|error| StartError::failed("the account was not changed", &error))
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
