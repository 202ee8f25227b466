use fasttrack_tests::{Installation, PASSWORD};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

fn mode(installation: &Installation, name: &str) -> u32 {
    fs::metadata(installation.path(name)).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn files_are_private_with_any_umask() {
    for umask in ["000", "022", "077"] {
        let installation = Installation::without_settings().with("HOST", "127.0.0.1").with("PORT", "0");
        fs::set_permissions(installation.path(""), Permissions::from_mode(0o755)).unwrap();
        let installation =
            installation.with("DATA_DIR", "new/data").with("METRICS_ADDR", "off").after(&format!("umask {umask}"));
        let server = installation.start();
        server.register().await;
        installation.command(["backup", "--out", "backup.db"]).run().await.succeeded();
        installation
            .command(["copy", "--from", "sqlite://backup.db", "--to", "sqlite://copy.db"])
            .run()
            .await
            .succeeded();
        for name in ["fasttrack.db", "fasttrack.db-wal", "fasttrack.db-shm", "fasttrack.db.lock", "jwt_private_key.pem"]
        {
            assert_eq!(mode(&installation, &format!("new/data/{name}")), 0o600, "umask {umask}: {name}");
        }
        for name in ["new", "new/data"] {
            assert_eq!(mode(&installation, name), 0o700, "umask {umask}: {name}");
        }
        assert!(server.stop().await.success());
        installation.command(["restore", "--from", "backup.db"]).run().await.succeeded();
        for name in ["backup.db", "copy.db", "new/data/fasttrack.db", "new/data/fasttrack.db.before-restore"] {
            assert_eq!(mode(&installation, name), 0o600, "umask {umask}: {name}");
        }
    }
}

#[tokio::test]
async fn start_removes_permissions_of_others() {
    let installation = Installation::new();
    installation.command(["user", "create", "--email", "ann@example.org"]).input(PASSWORD).run().await.succeeded();
    // A server that was killed leaves its log.
    installation.start().kill();
    let names = ["fasttrack.db", "fasttrack.db-wal", "fasttrack.db-shm"];
    for name in names {
        fs::set_permissions(installation.path(name), Permissions::from_mode(0o664)).unwrap();
    }
    let server = installation.start();
    for name in names {
        assert_eq!(mode(&installation, name), 0o600, "{name}");
    }
    assert!(server.log().contains("set the mode to 0600"), "{}", server.log());
}

#[tokio::test]
async fn exposed_private_key_is_refused_with_remedy() {
    let installation = Installation::empty();
    let generate = ["keys", "generate", "--algorithm", "EdDSA", "--out"];
    for name in ["jwt_private_key.pem", "old.pem"] {
        installation.command(generate.into_iter().chain([name])).run().await.succeeded();
    }
    let installation = installation.with("JWT_VERIFICATION_KEY_FILES", "old.pem");
    for (name, setting) in [("jwt_private_key.pem", "JWT_PRIVATE_KEY_FILE"), ("old.pem", "JWT_VERIFICATION_KEY_FILES")]
    {
        for exposed in [0o644, 0o604, 0o602, 0o606] {
            fs::set_permissions(installation.path(name), Permissions::from_mode(exposed)).unwrap();
            let reason = installation.command([]).run().await.failed(2);
            assert!(reason.contains(setting) && reason.contains("chmod 600 ") && reason.contains(name), "{reason}");
        }
        for private in [0o600, 0o400, 0o640] {
            fs::set_permissions(installation.path(name), Permissions::from_mode(private)).unwrap();
            installation.command(["user", "list"]).run().await.succeeded();
        }
    }
}
