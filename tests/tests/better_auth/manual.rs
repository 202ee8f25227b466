//! What `docs/better-auth.md` says, as what runs.

const MANUAL: &str = include_str!("../../../docs/better-auth.md");

/// The code blocks with this beginning; what stands behind it in the line, and the code.
fn blocks(language: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    MANUAL.split("\n```").skip(1).step_by(2).filter_map(move |block| {
        let (info, code) = block.split_once('\n').unwrap();
        let (found, name) = info.split_once(' ').unwrap_or((info, ""));
        (found == language).then_some((name, code))
    })
}

/// The files of the front end: path and content.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    blocks("ts").chain(blocks("tsx"))
}

/// The settings of fasttrack for a front end and a Better Auth here.
pub fn settings(url: &str) -> Vec<(&'static str, String)> {
    let (_, settings) = blocks("sh").next().unwrap();
    let pairs = settings.lines().map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name, value.replace("https://app.example.org", url))).collect()
}
