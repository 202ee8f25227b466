//! How many passwords this machine can verify: the ceiling of logins.

use crate::Outcome;
use serde::Serialize;
use std::{
    thread,
    time::{Duration, Instant},
};

/// The default of fasttrack.
const COST: u32 = 12;

#[derive(Serialize)]
pub struct Hashing {
    requests: u64,
    seconds: f64,
}

/// Verifies on each of the threads until the time is over.
pub fn run(threads: usize, time: Duration) -> Outcome<Hashing> {
    let hash = bcrypt::hash("correct horse battery staple", COST)?;
    let start = Instant::now();
    let verify = || {
        let mut verified = 0;
        while start.elapsed() < time {
            verified += u64::from(bcrypt::verify("correct horse battery staple", &hash)?);
        }
        Ok::<_, bcrypt::BcryptError>(verified)
    };
    let verified: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(verify)).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut requests = 0;
    for verified in verified {
        requests += verified.map_err(|_| "a thread panicked")??;
    }
    Ok(Hashing { requests, seconds: start.elapsed().as_secs_f64() })
}
