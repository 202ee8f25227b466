//! Power losses: a server writes under a recorder, and its files are rebuilt as a disk may have had them at any moment.
//!
//! [`recorder`] runs the binary under a library that logs what it does to its files, [`load`] makes it write and keeps
//! what it acknowledged as [`facts`], [`disk`] builds images of the log, and [`check`] opens them. [`faults`] are planted
//! in the log to see that the search finds what they lose.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod acts;
mod check;
mod disk;
mod disk_tests;
mod facts;
mod faults;
mod load;
mod log;
mod recorder;
mod search;

use diesel::connection::SimpleConnection;
use fastrand::Rng;
use fasttrack_tests::{Account, Installation, PASSWORD};
use faults::Fault;
use load::{DATABASE, Recording};
use search::{Range, image, image_at, losses, search, write};

/// How many images are searched where `POWER_LOSS_IMAGES` doesn't say.
const IMAGES: u64 = 500;

/// How many images it takes at most until the loss by a planted fault is found.
const IMAGES_OF_FAULT: u64 = 200;

/// Images on which the binary itself is started.
const SERVED_IMAGES: u64 = 6;

/// A number that `cargo xtask power-loss` sets.
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn setting(name: &str) -> Option<u64> {
    let value = std::env::var_os(name)?;
    Some(value.to_str().unwrap().parse().unwrap())
}

fn seed() -> u64 {
    // So that a range of seeds doesn't overflow.
    setting("POWER_LOSS_SEED").unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)))
}

#[tokio::test]
async fn every_acknowledged_change_survives_power_loss() {
    let Some(recording) = Recording::shared().await else { return };
    let range = Range { seed: seed(), images: setting("POWER_LOSS_IMAGES").unwrap_or(IMAGES) };
    if let Some(loss) = search(recording, &recording.syncs, range) {
        let kept = loss.directory.keep();
        panic!(
            "seed {} at record {} of {}, {}: {:#?}",
            loss.seed,
            loss.position,
            recording.log.records.len(),
            kept.display(),
            loss.findings
        );
    }
}

#[tokio::test]
async fn binary_serves_what_a_power_loss_leaves() {
    let Some(recording) = Recording::shared().await else { return };
    let seed = seed();
    for seed in seed..seed + SERVED_IMAGES {
        let (position, image) = image(recording, seed);
        let installation = Installation::new();
        write(&image, &installation.path(""));
        let server = installation.start();
        if recording.is_since(position, recording.registered) {
            Account::log_in(&server.anonymous(), &recording.email, PASSWORD).await;
        }
        assert!(server.stop().await.success());
        let found = losses(recording, position, &installation.path(""));
        assert!(found.is_empty(), "seed {seed} at record {position}: {found:#?}");
    }
}

#[tokio::test]
async fn planted_faults_of_program_and_disk_are_found() {
    let Some(recording) = Recording::shared().await else { return };
    let range = Range { seed: seed(), images: IMAGES_OF_FAULT };
    for fault in Fault::ALL {
        let loss = search(recording, &fault.plant(&recording.log), range);
        assert!(loss.is_some(), "{fault:?} loses nothing in {range:?}");
    }
}

#[tokio::test]
async fn lost_and_doubled_rows_are_found() {
    let Some(recording) = Recording::shared().await else { return };
    let position = recording.log.records.len();
    let image = image_at(recording, position, &mut Rng::with_seed(0));
    for damage in [
        "DELETE FROM audit WHERE id = (SELECT min(id) FROM audit WHERE action = 'token.created')",
        "DELETE FROM idempotency_records WHERE key = 'key-1'",
        "DELETE FROM notifications WHERE json_extract(content, '$.type') = 'comment_added'; DELETE FROM events",
        "DELETE FROM changes WHERE kind = 'task'",
        "DELETE FROM task_labels",
        "DELETE FROM revocations",
        "UPDATE refresh_tokens SET spent_at = NULL",
        "UPDATE tasks SET comment_count = comment_count + 1 WHERE title = 'Task 1'",
        "DROP INDEX audit_at",
        "INSERT INTO audit (at, actor_id, action, object, changes, ip, request_id) \
         SELECT at, actor_id, action, object, changes, ip, request_id FROM audit WHERE action = 'member.added'",
        "INSERT INTO notifications (user_id, seq, content, created_at) \
         SELECT user_id, seq + 1000, content, created_at FROM notifications",
        "INSERT INTO events (kind, payload, created_at) \
         SELECT 'task_assigned', json_object('task', json_object('task_id', id)), 0 FROM tasks WHERE title = 'Task 1'",
    ] {
        let directory = tempfile::tempdir().unwrap();
        write(&image, directory.path());
        assert_eq!(losses(recording, position, directory.path()), Vec::<String>::new());
        let mut database = check::opened(&directory.path().join(DATABASE)).unwrap();
        database.batch_execute(damage).unwrap();
        drop(database);
        assert_ne!(losses(recording, position, directory.path()), Vec::<String>::new(), "{damage}");
    }
}
