//! The code of docs/embedding.md is that of the examples.

const PAGE: &str = include_str!("../../../docs/embedding.md");

#[test]
fn code_of_the_page_is_that_of_the_examples() {
    let examples = [
        ("sqlite", include_str!("../examples/sqlite.rs")),
        ("own_adapter", include_str!("../examples/own_adapter.rs")),
        ("mocked_ports", include_str!("../examples/mocked_ports.rs")),
        ("command_line", include_str!("../examples/command_line.rs")),
    ];
    for (name, source) in examples {
        assert!(PAGE.contains(&format!("```rust\n{source}```\n")), "docs/embedding.md has not the code of {name}");
    }
    assert_eq!(PAGE.matches("```rust\n").count(), examples.len());
}

#[test]
fn first_example_has_at_most_25_lines() {
    assert!(include_str!("../examples/sqlite.rs").lines().count() <= 25);
}
