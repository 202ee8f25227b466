//! Folds what Callgrind counted. With `--separate-callers` and without demangling it names a function
//! `function'caller'caller…`, which is a stack from its innermost function. A count behind a name, as in `function'2`, is
//! how often it called itself.

use crate::{Outcome, stacks};
use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
};

/// The stacks with the instructions of their innermost function.
pub fn fold(profile: impl BufRead) -> Outcome<String> {
    // Names that the file has given a number.
    let mut names = HashMap::new();
    let mut counts = BTreeMap::<String, u64>::new();
    let mut present = None;
    // What a call took is in the functions that were called.
    let mut is_call = false;
    for line in profile.lines() {
        let line = line?;
        if let Some(function) = line.strip_prefix("fn=") {
            present = Some(resolve(&mut names, function)?);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            resolve(&mut names, function)?;
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if let Some(cost) = cost(&line)
            && !std::mem::take(&mut is_call)
        {
            let stack = present.as_ref().ok_or("instructions of no function")?;
            *counts.entry(stack.clone()).or_default() += cost;
        }
    }
    let line = |(stack, count): (&String, &u64)| format!("{stack} {count}\n");
    Ok(counts.iter().filter(|(_, count)| **count > 0).map(line).collect())
}

/// The instructions in a line of costs: a position, and the count of the first event.
fn cost(line: &str) -> Option<u64> {
    if !line.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '*')) {
        return None;
    }
    line.split(' ').nth(1)?.parse().ok()
}

/// The stack that `(NUMBER) NAME` defines, or that `(NUMBER)` stands for.
fn resolve(names: &mut HashMap<String, String>, function: &str) -> Outcome<String> {
    let (number, name) = function.split_once(')').ok_or("a function without a number")?;
    if let Some(name) = name.strip_prefix(' ') {
        names.insert(number.to_owned(), stack(name));
    }
    names.get(number).cloned().ok_or_else(|| format!("no function has the number {number}").into())
}

/// The functions from the outermost on, with `;` between.
fn stack(context: &str) -> String {
    let is_count = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let names: Vec<_> = context.rsplit('\'').filter(|part| !is_count(part)).map(stacks::name).collect();
    names.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Callgrind 3.19 writes it.
    const PROFILE: &str = "\
# callgrind format
version: 1
positions: line
events: Ir
summary: 1399

fl=(1) main.c
fn=(1) a'main'(below main)
4 8
+1 3
cfn=(2) leaf'2'a'main'(below main)
calls=1 -3
* 1359
* 2

fn=(2)
1 700
1 659

fn=(3) main'(below main)
5 0
totals: 1399
";

    #[test]
    fn stack_has_the_instructions_of_its_innermost_function() {
        assert_eq!(fold(PROFILE.as_bytes()).unwrap(), "(below main);main;a 13\n(below main);main;a;leaf 1359\n");
    }

    #[test]
    fn unknown_function_is_a_failure() {
        assert!(fold(&b"fn=(7)\n1 2\n"[..]).is_err());
        assert!(fold(&b"1 2\n"[..]).is_err());
    }
}
