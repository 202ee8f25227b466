use fasttrack_tests::Installation;
use std::{collections::BTreeMap, fs};

const SECRET: &str = "sesame-sesame-sesame-sesame-sesame";

/// Value and origin of each setting by its name.
fn read(printed: &str) -> BTreeMap<&str, (&str, &str)> {
    printed
        .lines()
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            assert!(columns.len() == 3 && columns.iter().all(|column| !column.is_empty()), "{line}");
            (columns[0], (columns[1], columns[2]))
        })
        .collect()
}

#[tokio::test]
async fn config_prints_every_setting_once() {
    let installation = Installation::without_settings();
    let printed = installation.command(["config"]).run().await.succeeded();
    let settings = read(&printed);
    assert_eq!(settings.len(), printed.lines().count(), "{printed}");
    let help = installation.command(["--help"]).run().await.succeeded();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let listed: Vec<_> = help.split("[env: ").skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
    assert_eq!(settings.len(), listed.len());
    for name in listed {
        assert_eq!(settings[name].1, "default", "{name}");
    }
    for (name, value) in [
        ("HOST", "127.0.0.1"),
        ("PORT", "8080"),
        ("DATABASE_URL", "sqlite://data/fasttrack.db"),
        ("JWT_PRIVATE_KEY_FILE", "data/jwt_private_key.pem"),
        ("MAIL_FROM", "fasttrack <fasttrack@localhost>"),
        ("METRICS_ADDR", "127.0.0.1:9464"),
        ("SMTP_URL", "-"),
    ] {
        assert_eq!(settings[name].0, value, "{name}");
    }
    assert!(settings["WORKERS"].0.parse::<usize>().is_ok() && settings["MAX_CONNECTIONS"].0.parse::<usize>().is_ok());
    assert!(!installation.path("data").exists());
}

#[tokio::test]
async fn committed_lists_of_settings_are_up_to_date() {
    let installation = Installation::without_settings();
    for (option, committed) in [
        ("--example", include_str!("../../../.env.example")),
        ("--markdown", include_str!("../../../docs/operations/settings.md")),
    ] {
        let printed = installation.command(["config", option]).run().await.succeeded();
        assert!(printed == committed, "run `cargo xtask settings --write`; it must be:\n{printed}");
    }
}

#[tokio::test]
async fn config_shows_source_of_each_setting() {
    let installation = Installation::without_settings()
        .with("HOST", "::1")
        .with("PORT", "1")
        .with("BCRYPT_COST", "")
        .with("WORKERS", "3");
    fs::write(installation.path(".env"), "HOST=0.0.0.0\nDATA_DIR=elsewhere\nWORKERS=5\nLOG_FORMAT=json\n").unwrap();
    let printed = installation.command(["config", "--port", "2", "--log-format", "text"]).run().await.succeeded();
    let settings = read(&printed);
    for (name, value, source) in [
        ("PORT", "2", "flag"),
        ("LOG_FORMAT", "text", "flag"),
        ("HOST", "::1", "environment"),
        ("WORKERS", "3", "environment"),
        ("DATA_DIR", "elsewhere", ".env"),
        ("DATABASE_URL", "sqlite://elsewhere/fasttrack.db", "default"),
        ("BCRYPT_COST", "12", "default"),
    ] {
        assert_eq!(settings[name], (value, source), "{name}");
    }
}

#[tokio::test]
async fn config_shows_no_secret() {
    let installation = Installation::without_settings()
        .with("SECRET_KEY", SECRET)
        .with("JWT_ALGORITHM", "HS256")
        .with("DATABASE_URL", format!("postgres://ann:{SECRET}@host.example.org/x"))
        .with("REDIS_URL", format!("rediss://:{SECRET}@host.example.org"));
    fs::write(installation.path(".env"), format!("SMTP_URL=smtps://ann:{SECRET}@host.example.org\n")).unwrap();
    let output = installation.command(["config"]).run().await;
    assert!(!output.stderr.contains(SECRET), "{output:#?}");
    let printed = output.succeeded();
    assert!(!printed.contains(SECRET), "{printed}");
    let settings = read(&printed);
    assert_eq!(settings["SECRET_KEY"], ("***", "environment"));
    assert_eq!(settings["DATABASE_URL"], ("postgres://ann:***@host.example.org/x", "environment"));
    assert_eq!(settings["SMTP_URL"], ("smtps://ann:***@host.example.org", ".env"));
}
