//! Folded stacks: one a line, its functions from the outermost with `;` between, and a count.

use rustc_demangle::try_demangle;

/// The name of a function as the source has it, if it is one of Rust's.
pub fn name(symbol: &str) -> String {
    match try_demangle(symbol) {
        // Without the hash, and without what separates the functions of a stack.
        Ok(name) => format!("{name:#}").replace(';', ","),
        Err(_) => symbol.replace(';', ","),
    }
}

/// The same stacks with the names of the source.
pub fn demangle(folded: &str) -> String {
    let mut demangled = String::with_capacity(folded.len());
    for line in folded.lines() {
        let (stack, count) = line.rsplit_once(' ').unwrap_or((line, ""));
        let names: Vec<_> = stack.split(';').map(name).collect();
        demangled.extend([names.join(";").as_str(), " ", count, "\n"]);
    }
    demangled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_names_of_the_source() {
        assert_eq!(name("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(name("_RNvC6_123foo3bar"), "123foo::bar");
        assert_eq!(name("sqlite3_step"), "sqlite3_step");
    }

    #[test]
    fn count_of_a_stack_is_kept() {
        let folded = "worker 1;clone;_ZN4core3fmt5write17h0123456789abcdefE 12\nworker 1;clone 3\n";
        assert_eq!(demangle(folded), "worker 1;clone;core::fmt::write 12\nworker 1;clone 3\n");
    }
}
