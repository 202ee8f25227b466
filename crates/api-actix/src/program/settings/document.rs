//! `.env.example` and `docs/operations/settings.md`, made from the declarations.

use super::{
    describe,
    source::{DefaultValue, Setting},
};
use std::fmt::Write;

const ENV_HEAD: &str = "\
# Copy to `.env` in the directory that you start fasttrack from, and change what you need. Everything has a default;
# each line is also a flag (`fasttrack --help`), and a variable of the environment comes before this file.
#
# Written by `cargo xtask settings --write`.
";

const MARKDOWN_HEAD: &str = "\
# Settings

<!-- Written by `cargo xtask settings --write`; change crates/api-actix/src/program/settings/ instead. -->

Every setting, by its environment variable. The flag is the same name in lower case with hyphens: `MAX_CONNECTIONS` is
`--max-connections`. How settings are given, and what happens to a wrong one: [configure](configure.md).
";

/// A file `.env` with every setting in a comment.
pub fn env_example() -> String {
    let mut text = ENV_HEAD.to_owned();
    let mut group = "";
    for setting in describe() {
        if setting.group != group {
            group = setting.group;
            line(&mut text, format_args!("\n# ---- {group} ----"));
        }
        let (value, default) = match &setting.default {
            _ if setting.is_secret() => (String::new(), String::new()),
            DefaultValue::Literal(value) => (quoted(value), String::new()),
            DefaultValue::Described(text) => (quoted(&setting.example), format!(" [default: {text}]")),
            DefaultValue::Absent => (quoted(&setting.example), String::new()),
        };
        line(&mut text, format_args!("\n# {}{default}\n# {}={value}", setting.help, setting.name));
    }
    text
}

/// The page of the documentation that lists every setting.
pub fn markdown() -> String {
    let mut text = MARKDOWN_HEAD.to_owned();
    let mut group = "";
    for Setting { group: of, name, help, default, .. } in describe() {
        if of != group {
            group = of;
            line(&mut text, format_args!("\n## {group}\n\n| setting | default | |\n|---|---|---|"));
        }
        let default = match default {
            DefaultValue::Literal(value) => format!("`{value}`"),
            DefaultValue::Described(text) => text.to_owned(),
            DefaultValue::Absent => String::new(),
        };
        line(&mut text, format_args!("| `{name}` | {default} | {help} |"));
    }
    text
}

/// A value as `.env` takes it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@,=+{}?&".contains(c);
    if value.chars().all(is_plain) { value.to_owned() } else { format!("\"{value}\"") }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string can't fail.
    let _ = writeln!(text, "{line}");
}
