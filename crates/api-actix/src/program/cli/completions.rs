//! `fasttrack completions`

use super::output;
use crate::program::start::StartError;
use clap::{Args, Command, ValueEnum};
use clap_complete::{Shell, generate};

#[derive(Args)]
pub struct CompletionsCommand {
    /// The shell, as in `source <(fasttrack completions bash)`
    shell: SupportedShell,
}

#[derive(Clone, Copy, ValueEnum)]
enum SupportedShell {
    Bash,
    Zsh,
    Fish,
}

impl CompletionsCommand {
    /// Prints the script that completes `program`.
    pub fn run(self, program: &mut Command) -> Result<(), StartError> {
        let shell = match self.shell {
            SupportedShell::Bash => Shell::Bash,
            SupportedShell::Zsh => Shell::Zsh,
            SupportedShell::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generate(shell, program, "fasttrack", &mut script);
        output::text(&script)
    }
}
