use fasttrack_tests::{Installation, Server};
use std::{fs, net::TcpListener};

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let reason = Installation::new().with("PORT", &port).command(["serve"]).run().await.failed(1);
    assert!(reason.contains(&port), "{reason}");
}

#[tokio::test]
async fn a_data_directory_that_can_not_be_one_is_named() {
    let installation = Installation::new();
    fs::write(installation.path("file"), "").unwrap();
    for wrong in ["file", "file/below", "/proc/fasttrack"] {
        let reason = installation.clone().with("DATA_DIR", wrong).command([]).run().await.failed(1);
        assert!(reason.contains(wrong), "{reason}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let installation = Installation::new();
    let text = "This is no database, but somebody may need it. ".repeat(100);
    fs::write(installation.path("fasttrack.db"), &text).unwrap();
    let reason = installation.command([]).run().await.failed(1);
    assert!(reason.contains("fasttrack.db"), "{reason}");
    assert_eq!(installation.read("fasttrack.db"), text);
}

#[tokio::test]
async fn flags_win_over_the_environment() {
    let installation = Installation::new();
    let elsewhere = installation.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    installation.command(["migrate", "--data-dir", "elsewhere"]).run().await.succeeded();
    assert!(elsewhere.join("fasttrack.db").exists());
    assert!(!installation.path("fasttrack.db").exists());
}

#[tokio::test]
async fn a_terminated_server_ends_with_0_and_leaves_its_port() {
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
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    // Nobody listens on this port, which only root may take.
    let url = "postgres://fasttrack:sesame@127.0.0.1:1/fasttrack";
    for arguments in [vec![], vec!["migrate"]] {
        let installation = Installation::new().with("DATABASE_URL", url).with("RUST_LOG", "off");
        let reason = installation.command(arguments).run().await.failed(1);
        assert_eq!(reason.trim().lines().count(), 1, "{reason}");
        assert!(reason.contains("DATABASE_URL") && !reason.contains("sesame"), "{reason}");
    }
}
