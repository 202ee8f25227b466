use fasttrack_tests::Installation;
use std::fs;

fn with_file(text: &str) -> Installation {
    let installation = Installation::new();
    fs::write(installation.path(".env"), text).unwrap();
    installation
}

#[tokio::test]
async fn misspelt_name_in_env_file_is_reported() {
    let installation = with_file("REGISTRATION=closed\n\nREGISTRATIONS=open\nCORS_ORIGIN=https://a.example.org\n");
    let server = installation.start();
    let log = server.log();
    for line in [
        ".env, line 3: REGISTRATIONS is no setting and has no effect; did you mean REGISTRATION?",
        ".env, line 4: CORS_ORIGIN is no setting and has no effect; did you mean CORS_ORIGINS?",
    ] {
        assert!(log.contains(line), "{log}");
    }
    let output = installation.command(["user", "list"]).run().await;
    assert!(output.code == Some(0) && output.stderr.contains("line 3"), "{output:#?}");
    // Also where that is why another one is missing.
    let installation = with_file("SECRET_KEYS=x\n").with("JWT_ALGORITHM", "HS256");
    let reason = installation.command([]).run().await.failed(2);
    assert!(reason.contains("did you mean SECRET_KEY?") && reason.contains("error: SECRET_KEY"), "{reason}");
}

#[tokio::test]
async fn malformed_line_of_env_file_is_named_and_not_shown() {
    let installation = with_file("PORT=0\n# comment\nSMTP_URL=smtp://sesame with spaces\n");
    for arguments in [&[][..], &["user", "list"], &["config"]] {
        let reason = installation.command(arguments.iter().copied()).run().await.failed(2);
        assert!(reason.contains(".env, line 3:") && !reason.contains("sesame"), "{reason}");
        assert_eq!(reason.lines().count(), 1, "{reason}");
    }
}

#[tokio::test]
async fn every_line_of_env_example_is_valid() {
    let example = include_str!("../../../.env.example");
    let is_setting = |line: &&str| {
        line.split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    };
    let lines: Vec<_> = example.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_setting).collect();
    let installation = Installation::without_settings();
    fs::write(installation.path(".env"), lines.join("\n")).unwrap();
    let output = installation.command(["config"]).run().await;
    assert!(output.stderr.is_empty(), "{output:#?}");
    let printed = output.succeeded();
    let of_file = printed.lines().filter(|line| line.ends_with("\t.env")).count();
    let filled = lines.iter().filter(|line| !line.ends_with('=')).count();
    assert_eq!(of_file, filled, "{printed}");
    // And it has every setting.
    for line in printed.lines() {
        let name = line.split('\t').next().unwrap();
        assert!(lines.iter().any(|line| line.starts_with(&format!("{name}="))), "{name} is not in .env.example");
    }
}

#[tokio::test]
async fn wildcard_origin_is_refused_with_remedy() {
    for value in ["*", "https://*.example.org", "https://app.example.org,*"] {
        let reason = Installation::new().with("CORS_ORIGINS", value).command([]).run().await.failed(2);
        let says =
            reason.contains("name each front end") && reason.contains("CORS_ORIGINS=https://app.example.org,http");
        assert!(says && reason.lines().count() == 1, "{reason}");
    }
}

#[tokio::test]
async fn unused_secret_key_is_reported() {
    let secret = "a-secret-of-more-than-thirty-two-bytes";
    let installation = Installation::new().with("SECRET_KEY", secret);
    let output = installation.command(["migrate"]).run().await;
    let reports =
        output.stderr.contains("SECRET_KEY: is set and not used") && output.stderr.contains("JWT_ALGORITHM=HS256");
    assert!(output.code == Some(0) && reports && !output.stderr.contains(secret), "{output:#?}");
    let output = installation.with("JWT_ALGORITHM", "HS256").command(["migrate"]).run().await;
    assert!(output.code == Some(0) && !output.stderr.contains("SECRET_KEY"), "{output:#?}");
}
