//! The tables as they are declared to Diesel, read from the source.

const SOURCES: [&str; 2] = [include_str!("../../src/tables.rs"), include_str!("../../src/schema.rs")];

/// Every table with its columns and their types, in their order.
pub fn tables() -> Vec<(String, Vec<(String, String)>)> {
    let mut tables: Vec<(String, Vec<_>)> = Vec::new();
    for line in SOURCES.into_iter().flat_map(str::lines).map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            // `Variant = name` where it is copied, `name` alone where not.
            tables.push((name.rsplit(' ').next().unwrap().to_owned(), Vec::new()));
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            tables.last_mut().unwrap().1.push((column.to_owned(), kind.to_owned()));
        }
    }
    assert_eq!(tables.len(), 37);
    // Diesel makes that one itself.
    tables.retain(|(name, _)| name != "__diesel_schema_migrations");
    tables
}
