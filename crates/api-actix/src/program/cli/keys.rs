//! `fasttrack keys`

use crate::program::{
    start::StartError,
    wiring::{self, types::KeyAlgorithm},
};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a key that signs tokens: PKCS#8 in PEM, mode 0600; never overwrites
    Generate {
        /// RS256, ES256 or EdDSA
        #[arg(long, value_parser = asymmetric)]
        algorithm: KeyAlgorithm,
        /// Where to write it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

fn asymmetric(raw: &str) -> Result<KeyAlgorithm, &'static str> {
    match raw.parse() {
        Ok(algorithm) if algorithm != KeyAlgorithm::HS256 => Ok(algorithm),
        _ => Err("must be one of RS256, ES256, EdDSA"),
    }
}

impl KeysCommand {
    pub fn run(self) -> Result<(), StartError> {
        let Self::Generate { algorithm, out } = self;
        wiring::generate_key(&out, algorithm).map_err(|error| StartError::failed("no key was made", &error))
    }
}
