use fasttrack_tests::Installation;
use std::collections::BTreeSet;

const COMMANDS: [&[&str]; 28] = [
    &["serve"],
    &["migrate"],
    &["backup"],
    &["restore"],
    &["demo"],
    &["user"],
    &["user", "create"],
    &["user", "set-password"],
    &["user", "list"],
    &["user", "erase"],
    &["token"],
    &["token", "create"],
    &["token", "list"],
    &["token", "revoke"],
    &["keys"],
    &["keys", "generate"],
    &["jobs"],
    &["jobs", "list"],
    &["jobs", "retry"],
    &["stats"],
    &["stats", "rebuild"],
    &["search"],
    &["search", "rebuild"],
    &["openapi"],
    &["healthcheck"],
    &["config"],
    &["completions"],
    &["copy"],
];

/// Names that deployments use. Everything else that lists settings is generated from their declarations, and would follow one
/// that is renamed or lost.
const SETTINGS: &str = "\
    HOST PORT DATA_DIR DATABASE_URL AUTO_MIGRATE JWT_PRIVATE_KEY_FILE JWT_VERIFICATION_KEY_FILES JWT_ALGORITHM \
    SECRET_KEY TOKEN_ISSUER TOKEN_AUDIENCE ACCESS_TOKEN_EXPIRE_MINUTES REFRESH_TOKEN_EXPIRE_DAYS SESSION_MAX_DAYS \
    AUTH_REFRESH_REUSE_LEEWAY_SECONDS JWKS_URL JWT_ISSUER JWT_AUDIENCE BCRYPT_COST SMTP_URL MAIL_FROM MAIL_LOG_BODY \
    PASSWORD_RESET_URL EMAIL_VERIFICATION_URL INVITATION_URL REQUIRE_VERIFIED_EMAIL \
    EXTERNAL_USERS_MAY_SET_PASSWORD CORS_ORIGINS \
    WS_CONNECTIONS_PER_USER WS_PING_SECONDS REGISTRATION TLS_CERT_FILE TLS_KEY_FILE LOG_FORMAT RUST_LOG WORKERS \
    SHUTDOWN_DELAY_SECONDS MAX_CONNECTIONS MAX_CONNECTIONS_PER_ADDRESS REQUEST_TIMEOUT_SECONDS \
    MAX_QUEUE_MILLISECONDS MAX_PROJECTS_PER_USER MAX_TASKS_PER_PROJECT MAX_COMMENTS_PER_TASK \
    NOTIFICATION_RETENTION_DAYS AUDIT_RETENTION_DAYS CHANGES_RETENTION_DAYS DATABASE_POOL_SIZE \
    RATE_LIMIT_REQUESTS RATE_LIMIT_WINDOW_SECONDS LOGIN_RATE_LIMIT REDIS_URL TRUSTED_PROXIES KEEP_ALIVE_SECONDS METRICS_ADDR \
    WEBHOOK_ALLOW_NETWORKS WEBHOOK_RETRY_SECONDS OTEL_EXPORTER_OTLP_ENDPOINT OTEL_SERVICE_NAME \
    OTEL_TRACES_SAMPLER_ARG";

/// The setting in each line of `.env.example`, which another test compares with the program.
fn settings() -> impl Iterator<Item = &'static str> {
    include_str!("../../../.env.example").lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("# ")?.split_once('=')?;
        name.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some(name)
    })
}

/// Joins the text to one line.
fn unwrapped(help: &str) -> String {
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn help_names_every_command_and_every_setting() {
    let help = Installation::new().command(["--help"]).run().await.succeeded();
    for command in COMMANDS.iter().filter(|command| command.len() == 1) {
        assert!(help.contains(command[0]), "{command:?} is not in:\n{help}");
    }
    assert_eq!(settings().collect::<BTreeSet<_>>(), SETTINGS.split_whitespace().collect());
    for setting in settings() {
        assert!(help.contains(setting), "{setting} is not in:\n{help}");
        let flag = format!("--{}", setting.to_lowercase().replace('_', "-"));
        assert!(setting == "RUST_LOG" || help.contains(&flag), "{flag} is not in:\n{help}");
    }
}

/// The files in `deploy` that use settings.
const DEPLOYMENTS: [&str; 6] = [
    include_str!("../../../deploy/Dockerfile"),
    include_str!("../../../deploy/compose.yaml"),
    include_str!("../../../deploy/compose.postgres.yaml"),
    include_str!("../../../deploy/kubernetes/10-settings.yaml"),
    include_str!("../../../deploy/kubernetes/30-deployment.yaml"),
    include_str!("../../../deploy/systemd/fasttrack.service"),
];
/// Names in those files that look like settings and belong to other programs.
const OF_OTHERS: [&str; 6] = ["AF_INET", "AF_INET6", "AF_UNIX", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_USER"];

#[tokio::test]
async fn deployment_files_use_existing_settings() {
    let help = unwrapped(&Installation::new().command(["--help"]).run().await.succeeded());
    let mut found = 0;
    for deployment in DEPLOYMENTS {
        let names = deployment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| {
            word.contains('_') && !word.starts_with('_') && !word.contains(|c: char| c.is_ascii_lowercase())
        });
        for name in names.filter(|name| !OF_OTHERS.contains(name)) {
            assert!(help.contains(&format!("[env: {name}]")), "{name} is no setting:\n{help}");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

#[tokio::test]
async fn help_works_with_invalid_settings() {
    let installation = Installation::new().with("DATA_DIR", "/dev/null/nowhere");
    for command in COMMANDS {
        let help = installation.command(command.iter().copied().chain(["--help"])).run().await.succeeded();
        assert!(help.contains("Usage") && help.contains(command[command.len() - 1]), "{command:?}:\n{help}");
    }
}

#[tokio::test]
async fn help_groups_the_settings() {
    let help = Installation::new().command(["--help"]).run().await.succeeded();
    let groups = [
        ("Server", ["--port", "--registration", "--cors-origins", "--tls-key-file"]),
        ("Database", ["--database-url", "--database-pool-size", "--auto-migrate", ""]),
        ("Tokens", ["--jwt-algorithm", "--secret-key", "--bcrypt-cost", "--jwks-url"]),
        ("Mail", ["--smtp-url", "--mail-from", "--mail-log-body", "--password-reset-url"]),
        ("Limits", ["--rate-limit-requests", "--redis-url", "--max-connections", "--ws-ping-seconds"]),
        ("Watching", ["--metrics-addr", "--log-format", "--rust-log", "--otel-service-name"]),
    ];
    let begin = |group: &str| help.find(&format!("\n{group}:\n")).unwrap_or_else(|| panic!("no {group} in:\n{help}"));
    let ends = groups.iter().skip(1).map(|(group, _)| begin(group)).chain([help.len()]);
    for ((group, settings), end) in groups.iter().zip(ends) {
        for setting in settings {
            assert!(help[begin(group)..end].contains(setting), "{setting} is not under {group}:\n{help}");
        }
    }
}

#[tokio::test]
async fn help_fits_100_columns() {
    let installation = Installation::new();
    for command in COMMANDS.into_iter().chain([&[][..]]) {
        for flag in ["--help", "-h"] {
            let help = installation.command(command.iter().copied().chain([flag])).run().await.succeeded();
            for line in help.lines() {
                assert!(line.chars().count() <= 100, "{command:?} {flag}: {line}");
            }
        }
    }
}

#[tokio::test]
async fn subcommand_help_omits_global_settings() {
    let installation = Installation::new();
    for command in COMMANDS {
        let help = installation.command(command.iter().copied().chain(["--help"])).run().await.succeeded();
        assert!(!help.contains("--data-dir") && !help.contains("DATABASE_URL"), "{command:?}:\n{help}");
        assert!(help.contains("`fasttrack --help`"), "{command:?}:\n{help}");
    }
    let arguments = ["stats", "rebuild", "--data-dir", "elsewhere"];
    installation.command(arguments).run().await.succeeded();
    assert!(installation.path("elsewhere/fasttrack.db").exists());
}

#[tokio::test]
async fn help_hides_configured_secrets() {
    let secret = "a-secret-of-more-than-thirty-two-bytes";
    for (name, value) in [("SECRET_KEY", secret), ("SMTP_URL", &format!("smtps://ann:{secret}@mail.example.org"))] {
        let installation = Installation::new().with(name, value);
        assert!(!installation.command(["--help"]).run().await.succeeded().contains(secret), "{name}");
    }
}

#[tokio::test]
async fn version_is_one_line() {
    let version = Installation::new().command(["--version"]).run().await.succeeded();
    assert_eq!(version, format!("fasttrack {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn wrong_usage_exits_with_2() {
    let installation = Installation::new();
    for wrong in [
        vec!["dance"],
        vec!["--dance"],
        vec!["serve", "now"],
        vec!["jobs"],
        vec!["stats"],
        vec!["stats", "rebuild", "now"],
        vec!["search"],
        vec!["search", "rebuild", "now"],
        vec!["user"],
        vec!["user", "create"],
        vec!["user", "create", "--email"],
        vec!["user", "set-password"],
        vec!["user", "erase"],
        vec!["user", "erase", "--email", "no address"],
        vec!["user", "erase", "--reassign-to", "ann@example.org"],
        vec!["keys", "generate", "--algorithm", "RS256"],
        vec!["keys", "generate", "--out", "key.pem"],
        vec!["keys", "generate", "--algorithm", "ROT13", "--out", "key.pem"],
    ] {
        installation.command(wrong.iter().copied()).run().await.failed(2);
    }
    assert!(!installation.path("key.pem").exists());
}
