//! Packages of other languages. They are installed once for each target folder and list.

use std::{
    env, fs,
    fs::File,
    io::{ErrorKind, Write, stdout},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Installs the packages of `project` below `folder`, and returns the folder of `node_modules`. `None` where npm is
/// missing or can't fetch them, which is printed and fails where `CI` is set.
pub fn npm(folder: &str, project: &str) -> Option<PathBuf> {
    installed(folder, project, &["package.json", "package-lock.json"], |folder| {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        run("npm", Command::new("npm").args(arguments).current_dir(folder))
    })
}

/// Installs `requirements.txt` of `project` below `folder`, and returns the folder of the virtual environment
/// `venv`. `None` as for [`npm`].
pub fn pip(folder: &str, project: &str) -> Option<PathBuf> {
    installed(folder, project, &["requirements.txt"], |folder| {
        run("python3", Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(folder))?;
        let arguments =
            ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];
        let mut pip = Command::new(folder.join("venv/bin/pip"));
        run("pip", pip.args(arguments).args(["--requirement", "requirements.txt"]).current_dir(folder))
    })
}

/// Whether these programs are there. A missing one is printed, and fails where `CI` is set.
pub fn has(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let started = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        started.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    });
    if let Some(missing) = missing {
        leave_out(&format!("no {missing}"));
    }
    missing.is_none()
}

fn installed(
    folder: &str,
    project: &str,
    lists: &[&str],
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Option<PathBuf> {
    let project = Path::new(project);
    let folder = Path::new(folder).join(project.file_name().unwrap());
    fs::create_dir_all(&folder).unwrap();
    // Another run of these tests may be at it.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let wanted: Vec<_> = lists.iter().map(|list| fs::read_to_string(project.join(list)).unwrap()).collect();
    let done = folder.join("installed");
    if fs::read_to_string(&done).is_ok_and(|done| done == wanted.concat()) {
        return Some(folder);
    }
    for (list, content) in lists.iter().zip(&wanted) {
        fs::write(folder.join(list), content).unwrap();
    }
    install(&folder).map_err(|reason| leave_out(&reason)).ok()?;
    fs::write(&done, wanted.concat()).unwrap();
    Some(folder)
}

fn run(name: &str, command: &mut Command) -> Result<(), String> {
    let output = match command.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(format!("no {name}")),
        output => output.unwrap(),
    };
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name} can't install: {}", String::from_utf8_lossy(&output.stderr)))
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn leave_out(reason: &str) {
    assert!(env::var_os("CI").is_none(), "CI is set, but: {reason}");
    writeln!(stdout(), "ignored: {}", reason.lines().next().unwrap()).unwrap();
}
