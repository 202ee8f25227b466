//! Hashing of passwords: [`PasswordHasher`] alone.

use fasttrack_domain::{
    password::{Password, PasswordAttempt, PasswordHash},
    ports::password::{HasherError, PasswordHasher},
};

contract! { $
    hasher { hasher: PasswordHasher }
    a_password_is_verified_by_its_hash,
    another_password_is_not_verified,
    every_character_of_a_password_counts,
    composed_and_decomposed_characters_are_one_password,
    without_a_hash_no_password_is_verified,
    hashes_of_one_password_differ,
    a_current_hash_is_not_renewed,
    a_hash_of_unknown_form_is_an_error,
}

async fn hash(ports: &Ports, password: &str) -> PasswordHash {
    ports.hasher.hash(Password::parse(password.to_owned()).unwrap()).await.unwrap()
}

async fn verify(ports: &Ports, attempt: &str, hash: Option<PasswordHash>) -> bool {
    ports.hasher.verify(PasswordAttempt::new(attempt.to_owned()), hash).await.unwrap()
}

async fn a_password_is_verified_by_its_hash(ports: &Ports) {
    for password in ["correct horse", " with spaces ", "漢字かな交じり文🦀"] {
        assert!(verify(ports, password, Some(hash(ports, password).await)).await, "{password}");
    }
}

async fn another_password_is_not_verified(ports: &Ports) {
    let hash = hash(ports, "correct horse").await;
    for attempt in ["", "correct hors", "correct horse ", "Correct horse"] {
        assert!(!verify(ports, attempt, Some(hash.clone())).await, "{attempt:?}");
    }
}

/// bcrypt reads 72 bytes only; a password may have 128 characters of up to four bytes.
async fn every_character_of_a_password_counts(ports: &Ports) {
    let longest = "漢".repeat(Password::MAX - 1);
    let hash = hash(ports, &format!("{longest}a")).await;
    assert!(verify(ports, &format!("{longest}a"), Some(hash.clone())).await);
    assert!(!verify(ports, &format!("{longest}b"), Some(hash)).await);
}

async fn composed_and_decomposed_characters_are_one_password(ports: &Ports) {
    let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
    for (set, attempt) in [(composed, decomposed), (decomposed, composed)] {
        assert!(verify(ports, attempt, Some(hash(ports, set).await)).await);
    }
}

async fn without_a_hash_no_password_is_verified(ports: &Ports) {
    for attempt in ["", "correct horse"] {
        assert!(!verify(ports, attempt, None).await);
    }
}

async fn hashes_of_one_password_differ(ports: &Ports) {
    assert_ne!(hash(ports, "correct horse").await, hash(ports, "correct horse").await);
}

async fn a_current_hash_is_not_renewed(ports: &Ports) {
    let hash = hash(ports, "correct horse").await;
    let attempt = PasswordAttempt::new("correct horse".to_owned());
    assert_eq!(ports.hasher.renew(attempt, hash).await.unwrap(), None);
}

async fn a_hash_of_unknown_form_is_an_error(ports: &Ports) {
    let (attempt, hash) = (PasswordAttempt::new("correct horse".to_owned()), PasswordHash::new("plain".to_owned()));
    let verified = ports.hasher.verify(attempt, Some(hash)).await;
    assert!(matches!(verified, Err(HasherError::Other(_))), "{verified:?}");
}
