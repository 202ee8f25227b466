//! Files and settings of `docs/better-auth.md`.

use fasttrack_tests::code_blocks;

const MANUAL: &str = include_str!("../../../docs/better-auth.md");

/// Path and content of each file of the front end.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = code_blocks(MANUAL).filter(|block| ["ts", "tsx"].contains(&block.language));
    files.map(|block| (block.name, block.code))
}

/// The documented settings of fasttrack, for a local front end and Better Auth.
pub fn settings(url: &str) -> Vec<(&'static str, String)> {
    let settings = code_blocks(MANUAL).find(|block| block.language == "sh").unwrap();
    let pairs = settings.code.lines().map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name, value.replace("https://app.example.org", url))).collect()
}
