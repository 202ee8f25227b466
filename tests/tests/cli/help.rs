use fasttrack_tests::Installation;

const COMMANDS: [&[&str]; 14] = [
    &["serve"],
    &["migrate"],
    &["user"],
    &["user", "create"],
    &["user", "set-password"],
    &["keys"],
    &["keys", "generate"],
    &["jobs"],
    &["jobs", "list"],
    &["jobs", "retry"],
    &["stats"],
    &["stats", "rebuild"],
    &["openapi"],
    &["healthcheck"],
];

const SETTINGS: [&str; 29] = [
    "HOST",
    "PORT",
    "DATA_DIR",
    "DATABASE_URL",
    "AUTO_MIGRATE",
    "JWT_PRIVATE_KEY_FILE",
    "JWT_VERIFICATION_KEY_FILES",
    "JWT_ALGORITHM",
    "SECRET_KEY",
    "TOKEN_ISSUER",
    "TOKEN_AUDIENCE",
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "REFRESH_TOKEN_EXPIRE_DAYS",
    "AUTH_REFRESH_REUSE_LEEWAY_SECONDS",
    "JWKS_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "BCRYPT_COST",
    "SMTP_URL",
    "MAIL_FROM",
    "MAIL_LOG_BODY",
    "PASSWORD_RESET_URL",
    "CORS_ORIGINS",
    "WS_CONNECTIONS_PER_USER",
    "WS_PING_SECONDS",
    "REGISTRATION",
    "LOG_FORMAT",
    "RUST_LOG",
    "WORKERS",
];

#[tokio::test]
async fn help_names_every_command_and_every_setting() {
    let help = Installation::new().command(["--help"]).run().await.succeeded();
    for command in COMMANDS.iter().filter(|command| command.len() == 1) {
        assert!(help.contains(command[0]), "{command:?} is not in:\n{help}");
    }
    for setting in SETTINGS {
        assert!(help.contains(setting), "{setting} is not in:\n{help}");
        let flag = format!("--{}", setting.to_lowercase().replace('_', "-"));
        assert!(setting == "RUST_LOG" || help.contains(&flag), "{flag} is not in:\n{help}");
    }
}

#[tokio::test]
async fn every_command_has_help_that_needs_no_right_settings() {
    let installation = Installation::new().with("DATA_DIR", "/dev/null/nowhere");
    for command in COMMANDS {
        let help = installation.command(command.iter().copied().chain(["--help"])).run().await.succeeded();
        assert!(help.contains("Usage") && help.contains(command[command.len() - 1]), "{command:?}:\n{help}");
    }
}

#[tokio::test]
async fn help_does_not_show_a_secret_that_is_set() {
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
async fn wrong_usage_ends_with_2() {
    let installation = Installation::new();
    for wrong in [
        vec!["dance"],
        vec!["--dance"],
        vec!["serve", "now"],
        vec!["jobs"],
        vec!["stats"],
        vec!["stats", "rebuild", "now"],
        vec!["user"],
        vec!["user", "create"],
        vec!["user", "create", "--email"],
        vec!["user", "set-password"],
        vec!["keys", "generate", "--algorithm", "RS256"],
        vec!["keys", "generate", "--out", "key.pem"],
        vec!["keys", "generate", "--algorithm", "ROT13", "--out", "key.pem"],
    ] {
        installation.command(wrong.iter().copied()).run().await.failed(2);
    }
    assert!(!installation.path("key.pem").exists());
}
