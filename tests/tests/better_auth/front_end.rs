use crate::better_auth::BetterAuth;
use fasttrack_tests::Installation;
use std::{
    io,
    process::{Command, Output},
};
use tokio::task::spawn_blocking;

async fn run(mut command: Command) {
    let output: io::Result<Output> = spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{printed}");
}

#[tokio::test]
async fn documented_front_end_works() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let mut types = Command::new("node");
    types.arg("../node_modules/typescript/bin/tsc").current_dir(better_auth.project());
    run(types).await;

    let server = better_auth.trusted_by(Installation::new()).start();
    let admin = server.admin().await;
    let mut visit = better_auth.front_end("visit.ts", &server);
    visit.env("ADMIN_TOKEN", &admin.access_token);
    run(visit).await;
}
