use fasttrack_tests::Installation;
use std::{fs, os::unix::fs::PermissionsExt};

#[tokio::test]
async fn generated_key_is_pkcs8_with_mode_0600() {
    let installation = Installation::new();
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let path = installation.generate_key(algorithm).await;
        let pem = fs::read_to_string(&path).unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{algorithm}");
        assert!(pem.trim_end().ends_with("-----END PRIVATE KEY-----"), "{algorithm}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{algorithm}");
    }
}

#[tokio::test]
async fn existing_key_file_is_never_overwritten() {
    let installation = Installation::new();
    let path = installation.path("key.pem");
    fs::write(&path, "precious").unwrap();
    let out = path.to_str().unwrap();
    let generate = installation.command(["keys", "generate", "--algorithm", "EdDSA", "--out", out]);
    let reason = generate.run().await.failed(1);
    assert!(reason.contains("key.pem"), "{reason}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test]
async fn missing_directory_is_named() {
    let installation = Installation::new();
    let generate = ["keys", "generate", "--algorithm", "EdDSA", "--out", "nowhere/key.pem"];
    let reason = installation.command(generate).run().await.failed(1);
    assert!(reason.contains("nowhere"), "{reason}");
}

#[tokio::test]
async fn generated_key_is_not_printed() {
    let installation = Installation::new();
    let generate = ["keys", "generate", "--algorithm", "RS256", "--out", "key.pem"];
    let output = installation.command(generate).run().await;
    let pem = installation.read("key.pem");
    let secret = pem.lines().nth(1).unwrap();
    assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret));
}
