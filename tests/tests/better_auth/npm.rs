//! Packages of npm, installed once for each target folder.

use std::{
    env, fs,
    fs::File,
    io::{ErrorKind, Write, stdout},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

/// The project without the files of the manual.
pub const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/better-auth");
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Where `node_modules` is. `None`, said once, where npm is missing or can't fetch what isn't there yet.
pub fn installed() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| install().map_err(|reason| leave_out(&reason)).ok());
    INSTALLED.as_deref()
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn leave_out(reason: &str) {
    assert!(env::var_os("CI").is_none(), "CI is set, but: {reason}");
    writeln!(stdout(), "ignored: {}", reason.lines().next().unwrap()).unwrap();
}

fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("better-auth");
    fs::create_dir_all(&folder).unwrap();
    // Another run of these tests may be at it.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let wanted = LISTS.map(|list| fs::read_to_string(Path::new(PROJECT).join(list)).unwrap());
    let done = folder.join("installed");
    if fs::read_to_string(&done).is_ok_and(|done| done == wanted.concat()) {
        return Ok(folder);
    }
    for (list, content) in LISTS.iter().zip(&wanted) {
        fs::write(folder.join(list), content).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdin(Stdio::null());
    let output = match npm.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err("no npm".to_owned()),
        output => output.unwrap(),
    };
    if !output.status.success() {
        return Err(format!("npm can't install: {}", String::from_utf8_lossy(&output.stderr)));
    }
    fs::write(&done, wanted.concat()).unwrap();
    Ok(folder)
}
