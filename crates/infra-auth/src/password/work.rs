//! Input and work of bcrypt.
//!
//! bcrypt reads 72 bytes and, in effect, repeats the password with a NUL between. So a longer password, or one with a
//! NUL, would have the hash of others. Such passwords are digested first: byte 0xFF, then the standard base64 of their
//! SHA-384, 65 bytes together. No UTF-8 text begins with 0xFF, so that no password equals a digest.

use aws_lc_rs::digest::{SHA384, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use bcrypt::{BcryptResult, HashParts};
use fasttrack_domain::password::PasswordHash;
use std::{borrow::Cow, hint::black_box, time::Duration};

/// The stored hash has another format. The message contains nothing of it.
#[derive(Debug, thiserror::Error)]
#[error("a stored password hash is no bcrypt hash of version 2a, 2b or 2y")]
pub(super) struct NoBcryptHash;

/// A parsed bcrypt hash.
pub(super) struct StoredHash {
    parts: HashParts,
    text: String,
}

impl StoredHash {
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, NoBcryptHash> {
        let text = hash.expose();
        if !["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version)) {
            return Err(NoBcryptHash);
        }
        let parts = text.parse().map_err(|_| NoBcryptHash)?;
        Ok(Self { parts, text: text.to_owned() })
    }

    /// Whether [`make`] makes hashes of this version and cost.
    pub(super) fn is_current_at(&self, cost: u32) -> bool {
        self.text.starts_with("$2b$") && self.parts.get_cost() == cost
    }
}

/// Makes a hash with a random salt.
pub(super) fn make(password: &str, cost: u32) -> BcryptResult<String> {
    bcrypt::hash(input(password), cost)
}

/// Whether one of `forms` matches `hash`. Each form takes the work of `cost`, or of the hash's cost if it is higher,
/// also after a match and without a hash.
pub(super) fn compare(forms: &[String], hash: Option<&StoredHash>, cost: u32) -> bool {
    let mut equal = false;
    for form in forms {
        let input = input(form);
        match hash {
            Some(hash) => {
                equal |= bcrypt::verify(&input, &hash.text).unwrap_or(false);
                // The verification did 2^c rounds; 2^c + 2^(c+1) + … + 2^(cost-1) more make 2^cost.
                for missing in hash.parts.get_cost()..cost {
                    spend(missing, &input);
                }
            }
            None => spend(cost, &input),
        }
    }
    equal
}

/// Computes a hash and drops it.
fn spend(cost: u32, input: &[u8]) {
    const SALT: [u8; 16] = [0; 16];
    let _ = black_box(bcrypt::hash_with_salt(black_box(input), cost, SALT));
}

/// Estimates the time of a hash until it was measured.
pub(super) fn estimate(cost: u32) -> Duration {
    Duration::from_micros(60 << cost)
}

/// The input for bcrypt; see the [module](self).
fn input(password: &str) -> Cow<'_, [u8]> {
    let bytes = password.as_bytes();
    if bytes.len() <= 72 && !bytes.contains(&0) {
        return Cow::Borrowed(bytes);
    }
    let mut input = vec![0xFF];
    input.extend_from_slice(STANDARD.encode(digest(&SHA384, bytes)).as_bytes());
    Cow::Owned(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rustix::time::{ClockId, clock_gettime};

    fn stored(hash: String) -> StoredHash {
        StoredHash::parse(&PasswordHash::new(hash)).unwrap()
    }

    /// Time of this thread alone, which a busy machine doesn't lengthen.
    fn cpu_time() -> Duration {
        clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
    }

    fn fastest(runs: usize, work: impl Fn()) -> Duration {
        let time = || {
            let begin = cpu_time();
            work();
            cpu_time().saturating_sub(begin)
        };
        (0..runs).map(|_| time()).min().unwrap()
    }

    #[test]
    fn old_hash_takes_the_work_of_a_new_one() {
        const COST: u32 = 9;
        let hashes: Vec<_> = [4, COST].map(|cost| stored(make("correct horse", cost).unwrap())).into();
        for attempt in ["correct horse", "wrong horse"] {
            let forms = [attempt.to_owned()];
            let nobody = fastest(5, || assert!(!compare(&forms, None, COST)));
            for hash in &hashes {
                let took = fastest(5, || assert_eq!(compare(&forms, Some(hash), COST), attempt == "correct horse"));
                // A hash of cost 4 only would take a thirtieth of the time.
                let (least, most) = (nobody / 8, nobody * 8);
                assert!(least < took && took < most, "{}: {took:?} against {nobody:?}", hash.parts.get_cost());
            }
        }
    }

    #[test]
    fn every_form_is_compared_whether_found_or_not() {
        const COST: u32 = 8;
        let hash = stored(make("a", 4).unwrap());
        let forms = ["a", "b", "c"].map(str::to_owned);
        let (one, three) = (
            fastest(5, || assert!(compare(&forms[..1], Some(&hash), COST))),
            fastest(5, || assert!(compare(&forms, Some(&hash), COST))),
        );
        assert!(three * 2 > one * 3, "{three:?} against {one:?}");
    }

    #[test]
    fn a_hash_is_as_new_by_its_cost_and_version() {
        let hash = make("correct horse", 4).unwrap();
        assert!(stored(hash.clone()).is_current_at(4));
        assert!(!stored(hash.clone()).is_current_at(5));
        assert!(!stored(hash.replace("$2b$", "$2y$")).is_current_at(4));
    }

    #[test]
    fn only_more_than_72_bytes_are_digested() {
        let (short, long) = ("x".repeat(72), "x".repeat(73));
        assert_eq!(*input(&short), *short.as_bytes());
        let digested = input(&long);
        assert_eq!((digested.len(), digested[0]), (65, 0xFF));
        assert_eq!(STANDARD.decode(&digested[1..]).unwrap(), digest(&SHA384, long.as_bytes()).as_ref());
    }

    proptest! {
        #[test]
        fn bcrypt_input_is_short_and_unique_per_password(a in "\\PC{0,80}|[a\\x00]{0,5}", b in "\\PC{0,80}|[a\\x00]{0,5}") {
            let (x, y) = (input(&a), input(&b));
            prop_assert!(x.len() <= 72 && !x.contains(&0));
            prop_assert_eq!(x == y, a == b);
        }
    }
}
