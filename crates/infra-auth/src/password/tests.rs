use super::*;
use fasttrack_domain::ports::{RepositoryError, password::MockPasswordCosts};
use std::{
    pin::pin,
    sync::{atomic::AtomicBool, mpsc},
    task::{Context, Waker},
};

fn hasher() -> BcryptHasher {
    BcryptHasher::new(4, 2, 64).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text.to_owned()).unwrap()
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::new(text.to_owned())
}

/// A hasher whose only thread is busy until the sender is dropped.
fn busy_hasher(queue: usize) -> (BcryptHasher, mpsc::Sender<()>) {
    let hasher = BcryptHasher::new(4, 1, queue).unwrap();
    let (begun, begins) = mpsc::channel();
    let (release, held) = mpsc::channel();
    let occupation = move || {
        begun.send(()).unwrap();
        let _ = held.recv();
    };
    hasher.pool.submit(Box::new(occupation)).unwrap();
    begins.recv_timeout(Duration::from_secs(20)).unwrap();
    (hasher, release)
}

#[tokio::test]
async fn a_password_verifies_and_another_does_not() {
    let hasher = hasher();
    let hash = hasher.hash(password("correct horse")).await.unwrap();
    assert!(hash.expose().starts_with("$2b$04$"), "{}", hash.expose());
    assert!(hasher.verify(attempt("correct horse"), Some(hash.clone())).await.unwrap());
    for wrong in ["correct horsf", "correct hors", "", "correct horse\0", "correct horse\0correct horse"] {
        assert!(!hasher.verify(attempt(wrong), Some(hash.clone())).await.unwrap(), "{wrong:?}");
    }
}

#[tokio::test]
async fn one_password_has_a_new_hash_each_time() {
    let hasher = hasher();
    assert_ne!(
        hasher.hash(password("correct horse")).await.unwrap(),
        hasher.hash(password("correct horse")).await.unwrap()
    );
}

#[tokio::test]
async fn every_character_of_a_long_password_counts() {
    let hasher = hasher();
    for length in [71, 72, 73, 128] {
        let long = "x".repeat(length);
        let hash = hasher.hash(password(&long)).await.unwrap();
        assert!(hasher.verify(attempt(&long), Some(hash.clone())).await.unwrap(), "{length}");
        let last = format!("{}y", "x".repeat(length - 1));
        for wrong in [last, "x".repeat(length - 1), "x".repeat(length + 1)] {
            assert!(!hasher.verify(attempt(&wrong), Some(hash.clone())).await.unwrap(), "{length}: {wrong}");
        }
    }
}

#[tokio::test]
async fn hashes_of_other_programs_verify() {
    // A test vector of crypt_blowfish 1.3 (Openwall).
    let vector = "$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let hasher = hasher();
    for version in ["$2a", "$2b", "$2y"] {
        let stored = PasswordHash::new(format!("{version}{vector}"));
        assert!(hasher.verify(attempt("U*U"), Some(stored.clone())).await.unwrap(), "{version}");
        assert!(!hasher.verify(attempt("U*U*"), Some(stored)).await.unwrap(), "{version}");
    }
}

#[tokio::test]
async fn unknown_hash_format_is_an_error() {
    let sign_extended =
        bcrypt::hash_with_salt("password", 4, [7; 16]).unwrap().format_for_version(bcrypt::Version::TwoX);
    for broken in ["", "plain text", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", "$2b$04$short", &sign_extended] {
        let result = hasher().verify(attempt("password"), Some(PasswordHash::new(broken.to_owned()))).await;
        assert!(matches!(result, Err(HasherError::Other(_))), "{broken}");
    }
}

/// The shortest of several durations.
async fn fastest(hasher: &BcryptHasher, text: &str, hash: Option<&PasswordHash>, answer: bool) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        assert_eq!(hasher.verify(attempt(text), hash.cloned()).await.unwrap(), answer);
        fastest = fastest.min(begin.elapsed());
    }
    fastest
}

#[tokio::test]
async fn unknown_account_takes_the_work_of_a_known_one() {
    let hasher = BcryptHasher::new(9, 1, 8).unwrap();
    let hash = hasher.hash(password("correct horse")).await.unwrap();
    let old = BcryptHasher::new(4, 1, 8).unwrap().hash(password("correct horse")).await.unwrap();
    let known = fastest(&hasher, "correct horse", Some(&hash), true).await;
    for (case, hash, text, answer) in [
        ("unknown", None, "correct horse", false),
        ("old hash", Some(&old), "correct horse", true),
        ("old hash, wrong password", Some(&old), "wrong horse", false),
    ] {
        let took = fastest(&hasher, text, hash, answer).await;
        assert!(took > known / 8 && took < known * 8, "{case}: {took:?} against {known:?}");
    }
}

fn costs(answer: impl Fn() -> Result<Option<u32>, RepositoryError> + Send + 'static) -> Arc<MockPasswordCosts> {
    let mut costs = MockPasswordCosts::new();
    costs.expect_highest().returning(answer);
    Arc::new(costs)
}

#[tokio::test]
async fn highest_stored_cost_sets_the_work() {
    for (answer, cost) in [(None, 5), (Some(4), 5), (Some(9), 9), (Some(31), 16)] {
        let hasher = BcryptHasher::new(5, 1, 8).unwrap().with_costs(costs(move || Ok(answer)));
        assert_eq!(hasher.verification_cost().await, cost, "{answer:?}");
    }
    let (cheap, costly) = (BcryptHasher::new(4, 1, 8).unwrap(), BcryptHasher::new(9, 1, 8).unwrap());
    let hash = costly.hash(password("correct horse")).await.unwrap();
    let cheap = cheap.with_costs(costs(|| Ok(Some(9))));
    let known = fastest(&cheap, "wrong horse", Some(&hash), false).await;
    let unknown = fastest(&cheap, "wrong horse", None, false).await;
    assert!(unknown > known / 8 && unknown < known * 8, "{unknown:?} against {known:?}");
}

#[tokio::test]
async fn last_highest_cost_is_used_when_storage_fails() {
    let asked = AtomicU32::new(0);
    let hasher =
        BcryptHasher::new(5, 1, 8).unwrap().with_costs(costs(move || match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Some(8)),
            _ => Err(RepositoryError::Unavailable("gone fishing".into())),
        }));
    assert_eq!((hasher.verification_cost().await, hasher.verification_cost().await), (8, 8));
}

#[tokio::test]
async fn a_hash_of_another_cost_or_version_is_renewed() {
    let (old, new) = (BcryptHasher::new(4, 1, 8).unwrap(), BcryptHasher::new(5, 1, 8).unwrap());
    let hash = old.hash(password("correct horse")).await.unwrap();
    assert_eq!(old.renew(attempt("correct horse"), hash.clone()).await.unwrap(), None);
    let renewed = new.renew(attempt("correct horse"), hash.clone()).await.unwrap().unwrap();
    assert!(renewed.expose().starts_with("$2b$05$"));
    assert!(new.verify(attempt("correct horse"), Some(renewed.clone())).await.unwrap());
    assert!(old.renew(attempt("correct horse"), renewed).await.unwrap().is_some());
    let foreign = PasswordHash::new(hash.expose().replace("$2b$", "$2a$"));
    assert!(old.renew(attempt("correct horse"), foreign).await.unwrap().is_some());
}

#[tokio::test]
async fn a_password_verifies_in_every_normal_form() {
    let hasher = hasher();
    let [composed, decomposed] = ["\u{c5}ngstr\u{f6}m!", "A\u{30a}ngstro\u{308}m!"];
    let hash = hasher.hash(password(decomposed)).await.unwrap();
    // Old releases hashed passwords without NFC.
    let old = PasswordHash::new(bcrypt::hash(decomposed, 4).unwrap());
    for hash in [hash, old.clone()] {
        for text in [composed, decomposed] {
            assert!(hasher.verify(attempt(text), Some(hash.clone())).await.unwrap(), "{text}");
        }
        assert!(!hasher.verify(attempt("Angstrom!"), Some(hash)).await.unwrap());
    }
    let renewed = BcryptHasher::new(5, 1, 8).unwrap().renew(attempt(decomposed), old).await.unwrap().unwrap();
    assert!(bcrypt::verify(composed, renewed.expose()).unwrap());
}

#[tokio::test]
async fn without_an_account_no_password_is_right() {
    let hasher = hasher();
    for text in ["correct horse", ""] {
        assert!(!hasher.verify(attempt(text), None).await.unwrap());
    }
}

#[tokio::test]
async fn full_hash_queue_is_overloaded_at_once() {
    let (hasher, release) = busy_hasher(1);
    let mut waiting = pin!(hasher.hash(password("correct horse")));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let refused = hasher.verify(attempt("correct horse"), None).await;
    assert!(
        matches!(refused, Err(HasherError::Overloaded { retry_after }) if retry_after >= Duration::from_secs(1)),
        "{refused:?}"
    );
    drop(release);
    waiting.await.unwrap();
}

#[tokio::test]
async fn abandoned_password_is_not_hashed() {
    let (hasher, release) = busy_hasher(2);
    let ran = Arc::new(AtomicBool::new(false));
    {
        let ran = Arc::clone(&ran);
        let mut gone = pin!(hasher.run(move || {
            ran.store(true, Ordering::Relaxed);
            Ok(())
        }));
        assert!(gone.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    drop(release);
    hasher.hash(password("correct horse")).await.unwrap();
    assert!(!ran.load(Ordering::Relaxed));
}

#[test]
fn retry_after_follows_from_queue_and_hash_time() {
    let hasher = BcryptHasher::new(4, 2, 1).unwrap();
    hasher.hash_time.0.store(300_000, Ordering::Relaxed);
    assert_eq!(hasher.retry_after(21), Duration::from_millis(3_300));
    assert_eq!(hasher.retry_after(1), Duration::from_secs(1));
}

#[test]
fn settings_out_of_bounds_are_refused() {
    for cost in [0, 3, 17, 31] {
        assert!(matches!(BcryptHasher::new(cost, 1, 1), Err(BcryptHasherError::Cost(c)) if c == cost));
    }
    assert!(matches!(BcryptHasher::new(4, 0, 1), Err(BcryptHasherError::Empty)));
    assert!(matches!(BcryptHasher::new(4, 1, 0), Err(BcryptHasherError::Empty)));
}
