mod creation;
mod restoration;

use fasttrack_tests::{Installation, Output, PASSWORD};
use std::{fs, path::Path};

async fn backup(installation: &Installation, out: &str) -> Output {
    installation.command(["backup", "--out", out]).run().await
}

async fn restore(installation: &Installation, from: &str) -> Output {
    installation.command(["restore", "--from", from]).run().await
}

/// Creates an installation with the same signing key.
fn another(installation: &Installation) -> Installation {
    let key = installation.path("jwt_private_key.pem");
    Installation::new().with("JWT_PRIVATE_KEY_FILE", key.to_str().unwrap())
}

fn absolute(installation: &Installation, name: &str) -> String {
    installation.path(name).display().to_string()
}

/// Returns the number of rows that was printed for a table.
fn rows(printed: &str, table: &str) -> usize {
    let line = printed.lines().find(|line| line.split(' ').next() == Some(table)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Creates an installation with an account.
async fn lived_in() -> Installation {
    let installation = Installation::new();
    installation.command(["user", "create", "--email", "a@example.org"]).input(PASSWORD).run().await.succeeded();
    installation
}
