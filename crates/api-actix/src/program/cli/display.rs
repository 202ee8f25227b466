//! Progress of a long command on standard error: a bar on a terminal, else a line for each step.

use super::output;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};

pub struct Display {
    bar: Option<ProgressBar>,
    step: String,
}

impl Display {
    /// `unit` is the template behind the bar, as [`ProgressStyle`] defines it.
    pub fn new(unit: &str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(&format!("{{msg:<30}} {{wide_bar}} {unit}, {{eta}} to go"));
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, step: String::new() }
    }

    pub fn show(&mut self, step: &str, done: u64, total: u64) {
        let is_new = self.step != step;
        if is_new {
            step.clone_into(&mut self.step);
        }
        match &self.bar {
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(done);
                if is_new {
                    bar.set_message(self.step.clone());
                }
            }
            None if is_new => output::note(step),
            None => {}
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
