use fasttrack_tests::Installation;
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn invalid_setting_is_named_in_one_line() {
    // What is wrong may only turn out after something was logged.
    let installation = Installation::new().with("RUST_LOG", "off");
    let missing = installation.path("missing.pem").display().to_string();
    for (name, value) in [
        ("HOST", "not a host"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("DATABASE_URL", "mysql://localhost/fasttrack"),
        ("DATABASE_URL", "fasttrack.db"),
        ("AUTO_MIGRATE", "perhaps"),
        ("BCRYPT_COST", "3"),
        ("BCRYPT_COST", "17"),
        ("BCRYPT_COST", "twelve"),
        ("REGISTRATION", "sometimes"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_ADDR", "9090"),
        ("METRICS_ADDR", "localhost:9090"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "ROT13"),
        ("JWT_VERIFICATION_KEY_FILES", &missing),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "-5"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "soon"),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "0"),
        ("SESSION_MAX_DAYS", "0"),
        ("SESSION_MAX_DAYS", "3651"),
        ("AUTH_REFRESH_REUSE_LEEWAY_SECONDS", "-1"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://ann:sesame@mail.example.org"),
        ("SMTP_URL", "smtps://ann:sesame@"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_LOG_BODY", "perhaps"),
        ("PASSWORD_RESET_URL", "https://app.example.org/reset"),
        ("PASSWORD_RESET_URL", "app.example.org/{token}"),
        ("EMAIL_VERIFICATION_URL", "https://app.example.org/verify"),
        ("INVITATION_URL", "app.example.org/join?token={token}"),
        ("REQUIRE_VERIFIED_EMAIL", "perhaps"),
        ("EXTERNAL_USERS_MAY_SET_PASSWORD", "2"),
        ("WEBHOOK_ALLOW_NETWORKS", "localhost"),
        ("WEBHOOK_ALLOW_NETWORKS", "10.0.0.0/33"),
        ("WEBHOOK_RETRY_SECONDS", "0"),
        ("WEBHOOK_RETRY_SECONDS", "5,soon"),
        ("WEBHOOK_RETRY_SECONDS", "86401"),
        ("CORS_ORIGINS", "app.example.org"),
        ("CORS_ORIGINS", "https://app.example.org/"),
        ("CORS_ORIGINS", "https://app.example.org,*"),
        ("WS_CONNECTIONS_PER_USER", "0"),
        ("WS_CONNECTIONS_PER_USER", "many"),
        ("WS_PING_SECONDS", "0"),
        ("WS_PING_SECONDS", "soon"),
        ("MAX_CONNECTIONS", "0"),
        ("MAX_CONNECTIONS", "many"),
        ("MAX_CONNECTIONS", "1000001"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "-1"),
        ("REQUEST_TIMEOUT_SECONDS", "0"),
        ("REQUEST_TIMEOUT_SECONDS", "301"),
        ("SHUTDOWN_DELAY_SECONDS", "301"),
        ("MAX_QUEUE_MILLISECONDS", "19"),
        ("MAX_QUEUE_MILLISECONDS", "soon"),
        ("WORKERS", "0"),
        ("WORKERS", "513"),
        ("WORKERS", "many"),
    ] {
        let reason = installation.clone().with(name, value).command([]).run().await.failed(2);
        assert_eq!(reason.trim().lines().count(), 1, "{name}={value}:\n{reason}");
        assert!(reason.contains(name) && !reason.contains("sesame"), "{name}={value}:\n{reason}");
    }
}

#[tokio::test]
async fn invalid_flag_is_reported_like_its_variable() {
    let reason = Installation::new().command(["--bcrypt-cost", "3"]).run().await.failed(2);
    assert!(reason.contains("BCRYPT_COST") || reason.contains("--bcrypt-cost"), "{reason}");
}

#[tokio::test]
async fn weak_or_missing_secret_is_refused_and_not_shown() {
    let weak = "hunter2hunter2";
    let installation = Installation::new().with("JWT_ALGORITHM", "HS256");
    let reason = installation.command([]).run().await.failed(2);
    assert!(reason.contains("SECRET_KEY"), "{reason}");
    let reason = installation.with("SECRET_KEY", weak).command([]).run().await.failed(2);
    assert!(reason.contains("SECRET_KEY") && !reason.contains(weak), "{reason}");
}

#[tokio::test]
async fn invalid_key_file_is_named_and_not_shown() {
    let installation = Installation::new();
    fs::write(installation.path("jwt_private_key.pem"), "sesame, open").unwrap();
    let output = installation.command([]).run().await;
    assert!(matches!(output.code, Some(1 | 2)), "{output:#?}");
    assert!(output.stderr.contains("jwt_private_key.pem") && !output.stderr.contains("sesame"), "{output:#?}");
}

#[tokio::test]
async fn environment_overrides_env_file() {
    let installation = Installation::new();
    fs::write(installation.path(".env"), "REGISTRATION=closed\nTOKEN_ISSUER=file\nTOKEN_AUDIENCE=file\n").unwrap();
    let server = installation.with("TOKEN_ISSUER", "environment").start();
    let body = json!({"email": "ann@example.org", "password": "correct horse"});
    server.anonymous().post("/auth/register", body).await.refused(403, "forbidden");
    let claims = fasttrack_tests::jwt::claims(&server.admin().await.access_token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("environment"), &json!("file")));
}

#[tokio::test]
async fn server_starts_without_settings_in_empty_directory() {
    let installation = Installation::without_settings().with("PORT", "0").with("HOST", "127.0.0.1");
    let server = installation.start();
    server.anonymous().get("/health/ready").await.expect(200);
    for name in ["data/fasttrack.db", "data/jwt_private_key.pem"] {
        assert!(installation.path(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn database_url_determines_database_file() {
    let installation = Installation::new();
    let absolute = format!("sqlite://{}", installation.path("absolute.db").display());
    for (url, file) in
        [("sqlite://relative.db", Some("relative.db")), (&absolute, Some("absolute.db")), ("sqlite::memory:", None)]
    {
        let server = installation.clone().with("DATABASE_URL", url).start();
        let ann = server.register().await;
        let id = ann.project().await;
        assert_eq!(ann.get("/projects").await.expect(200).ids(), [id], "{url}");
        if let Some(file) = file {
            assert!(installation.path(file).exists(), "{url}");
        }
        assert!(!installation.path("fasttrack.db").exists(), "{url}");
    }
}

#[tokio::test]
async fn logs_can_be_json() {
    let server = Installation::new().with("LOG_FORMAT", "json").start();
    server.register().await;
    let log = server.log();
    for line in log.lines() {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(record.is_object(), "{line}");
    }
}
