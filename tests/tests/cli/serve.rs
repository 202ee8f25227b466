use fasttrack_tests::{Installation, PASSWORD, Server};
use std::{fs, net::TcpListener};

#[tokio::test]
async fn port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let reason = Installation::new().with("PORT", &port).command(["serve"]).run().await.failed(1);
    assert!(reason.contains(&port), "{reason}");
}

#[tokio::test]
async fn unusable_data_directory_is_named() {
    let installation = Installation::new();
    fs::write(installation.path("file"), "").unwrap();
    for wrong in ["file", "file/below", "/proc/fasttrack"] {
        let reason = installation.clone().with("DATA_DIR", wrong).command([]).run().await.failed(1);
        assert!(reason.contains(wrong), "{reason}");
    }
}

#[tokio::test]
async fn file_that_is_no_database_is_named_and_unchanged() {
    let installation = Installation::new();
    let text = "This is no database, but somebody may need it. ".repeat(100);
    fs::write(installation.path("fasttrack.db"), &text).unwrap();
    let reason = installation.command([]).run().await.failed(1);
    assert!(reason.contains("fasttrack.db"), "{reason}");
    assert_eq!(installation.read("fasttrack.db"), text);
}

#[tokio::test]
async fn flags_override_environment() {
    let installation = Installation::new();
    let elsewhere = installation.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    installation.command(["migrate", "--data-dir", "elsewhere"]).run().await.succeeded();
    assert!(elsewhere.join("fasttrack.db").exists());
    assert!(!installation.path("fasttrack.db").exists());
}

#[tokio::test]
async fn terminated_server_exits_with_0_and_frees_port() {
    let server = Server::start();
    let ann = server.register().await;
    let id = ann.project().await;
    let (installation, port) = (server.installation().clone(), server.port().to_owned());
    assert_eq!(server.stop().await.code(), Some(0));
    let server = installation.with("PORT", &port).start();
    let client = server.anonymous().with_token(&ann.access_token);
    assert_eq!(client.get("/projects").await.expect(200).ids(), [id]);
}

#[tokio::test]
async fn unreachable_database_is_named_without_password() {
    // Nobody listens on this port, which only root may take.
    let url = "postgres://fasttrack:sesame@127.0.0.1:1/fasttrack";
    for arguments in [vec![], vec!["migrate"]] {
        let installation = Installation::new().with("DATABASE_URL", url).with("RUST_LOG", "off");
        let reason = installation.command(arguments).run().await.failed(1);
        assert_eq!(reason.trim().lines().count(), 1, "{reason}");
        assert!(reason.contains("DATABASE_URL") && !reason.contains("sesame"), "{reason}");
    }
}

#[tokio::test]
async fn second_server_on_same_file_is_refused() {
    let server = Server::start();
    let ann = server.register().await;
    let installation = server.installation().clone();
    std::os::unix::fs::symlink("fasttrack.db", installation.path("link.db")).unwrap();
    let absolute = format!("sqlite://{}", installation.path("fasttrack.db").display());
    for url in [None, Some("sqlite://fasttrack.db"), Some("sqlite://link.db"), Some(absolute.as_str())] {
        let second = url.into_iter().fold(installation.clone(), |it, url| it.with("DATABASE_URL", url));
        let reason = second.command(["serve"]).run().await.failed(1);
        assert!(reason.contains("serves it already") && reason.contains("DATABASE_URL"), "{reason}");
        assert!(reason.contains(&format!("process {}", server.process_id())), "{reason}");
    }
    // The command line works beside it, and another database can be served.
    installation.command(["user", "list"]).run().await.succeeded();
    installation.command(["migrate"]).run().await.succeeded();
    installation.clone().with("DATABASE_URL", "sqlite://other.db").start();
    ann.get("/users/me").await.expect(200);
    // The lock goes with the process, however it ends.
    server.kill();
    let server = installation.start();
    assert!(server.stop().await.success());
    installation.start();
}

#[tokio::test]
async fn start_hashes_no_password() {
    // One hash takes four seconds of a processor, and the system ends whoever uses more than two.
    let installation = Installation::new().with("BCRYPT_COST", "16").after("ulimit -t 2");
    installation.command(["user", "list"]).run().await.succeeded();
    let server = installation.start();
    server.anonymous().get("/health/live").await.expect(200);
    let create = installation.command(["user", "create", "--email", "ann@example.org"]).input(PASSWORD);
    assert_eq!(create.run().await.code, None, "the limit isn't one");
}
