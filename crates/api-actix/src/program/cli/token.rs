//! The command `fasttrack token` manages API tokens.

use super::{output, user::known_email};
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use chrono::SecondsFormat;
use clap::Subcommand;
use fasttrack_app::{
    Error,
    api_token::{ApiTokens, CreateAccountToken},
};
use fasttrack_domain::{
    Timestamp,
    api_token::{ApiToken, Scopes, TokenProjects},
    due::parse_instant,
    email::Email,
    field::Invalid,
    id::{ApiTokenId, ProjectId},
    page::{Limit, PageRequest},
    text::TokenName,
};

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make an API token for an account, and print it, this once
    Create {
        /// Address of the account
        #[arg(long, value_parser = known_email)]
        email: Email,
        /// What its owner recognizes it by
        #[arg(long, value_parser = name)]
        name: TokenName,
        /// What it may be used for, separated by commas or spaces: projects, tasks, comments, notifications and webhooks,
        /// each with :read or :write behind it, which includes :read
        #[arg(long, value_parser = scopes)]
        scopes: Scopes,
        /// Ids of the projects that it is limited to, separated by commas [default: all that the account may see]
        #[arg(long, value_name = "IDS", value_parser = project_ids)]
        project_ids: Option<TokenProjects>,
        /// When it ends, like 2030-12-01T09:30:00Z [default: never]
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        expires_at: Option<Timestamp>,
    },
    /// List the tokens that aren't revoked: id, id of the account, name, beginning of the token, scopes, projects, when it
    /// ends, and when it was last used, separated by tabs
    List,
    /// Revoke a token, whosever it is
    Revoke {
        /// The token
        #[arg(long, value_parser = |id: &str| id.parse::<ApiTokenId>())]
        id: ApiTokenId,
    },
}

fn name(raw: &str) -> Result<TokenName, Invalid> {
    TokenName::parse(raw.to_owned())
}

fn scopes(raw: &str) -> Result<Scopes, Invalid> {
    raw.parse()
}

fn project_ids(raw: &str) -> Result<TokenProjects, Invalid> {
    let ids = raw.split([',', ' ']).filter(|id| !id.is_empty()).map(str::parse::<ProjectId>);
    TokenProjects::parse(ids.collect::<Result<_, _>>()?)
}

fn instant(raw: &str) -> Result<Timestamp, Invalid> {
    parse_instant(raw)
}

impl TokenCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let tokens = Adapters::open(settings).await?.use_cases().api_tokens;
        match self {
            Self::Create { email, name, scopes, project_ids, expires_at } => {
                let command = CreateAccountToken { email, name, scopes, project_ids, expires_at };
                let issued = tokens.create_account_token(command).await.map_err(|error| not_made(&error))?;
                output::line(issued.secret.expose())
            }
            Self::List => list(&tokens).await,
            Self::Revoke { id } => {
                tokens.revoke_any(id).await.map_err(|error| StartError::failed("no token was revoked", &error))?;
                output::line(format_args!("revoked token {id}"))
            }
        }
    }
}

/// Names what is wrong: the message of a validation alone doesn't.
fn not_made(error: &Error) -> StartError {
    const WHAT: &str = "no token was made";
    let Error::Validation(faults) = error else { return StartError::failed(WHAT, error) };
    let faults: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
    StartError::Failed(format!("{WHAT}: {}", faults.join("; ")))
}

async fn list(tokens: &ApiTokens) -> Result<(), StartError> {
    let mut page = PageRequest { limit: Limit::new(100).unwrap_or_default(), cursor: None };
    loop {
        let found = tokens.list_all(page).await.map_err(|error| StartError::failed("the tokens", &error))?;
        for token in found.items {
            output::line(line(&token))?;
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return Ok(());
        }
    }
}

fn line(token: &ApiToken) -> String {
    let ApiToken { id, user_id, name, prefix, scopes, reach, expires_at, last_used_at, .. } = token;
    let name = name.as_str().replace(char::is_control, " ");
    let projects = reach
        .ids()
        .map_or_else(|| "all".to_owned(), |ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    let instant = |at: Option<Timestamp>| {
        at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let (expires_at, last_used_at) = (instant(*expires_at), instant(*last_used_at));
    format!("{id}\t{user_id}\t{name}\t{prefix}\t{scopes}\t{projects}\t{expires_at}\t{last_used_at}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        api_token::{Reach, Scope},
        id::UserId,
    };

    #[test]
    fn ids_of_projects_have_commas_between_them() {
        let ids = |raw| project_ids(raw).map(|ids| ids.distinct()).map_err(|error| error.code);
        assert_eq!(ids("4,2, 4"), Ok(vec![ProjectId::new(2), ProjectId::new(4)]));
        assert_eq!(ids(""), Err("too_few"));
        assert!(ids("4;2").is_err() && ids("garden").is_err());
    }

    #[test]
    fn a_token_is_one_line_of_eight_columns() {
        let token = ApiToken {
            id: ApiTokenId::new(5),
            user_id: UserId::new(7),
            name: "Nightly\timport\nof mine".parse().unwrap(),
            prefix: "ft_u2rUfF1Z".to_owned(),
            scopes: [Scope::TasksWrite, Scope::ProjectsRead].into_iter().collect(),
            reach: Reach::only(vec![ProjectId::new(4), ProjectId::new(2)]),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Some(Timestamp::UNIX_EPOCH),
            last_used_at: None,
        };
        let columns = [
            "5",
            "7",
            "Nightly import of mine",
            "ft_u2rUfF1Z",
            "projects:read tasks:write",
            "2,4",
            "1970-01-01T00:00:00Z",
            "never",
        ];
        assert_eq!(line(&token), columns.join("\t"));
        let unlimited = line(&ApiToken { reach: Reach::All, ..token });
        assert_eq!(unlimited.split('\t').nth(5), Some("all"));
    }
}
