//! FIELDS.md says what the code says.

use gully_extract::{Field, FieldSet};

const PAGE: &str = include_str!("../../FIELDS.md");

/// The cells of the rows of the table behind `heading`, without its head.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = PAGE.split_once(heading).expect("the heading is there");
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| row.trim_matches('|').split(" | ").map(str::trim).collect();
    rows.skip(2).map(cells).collect()
}

#[test]
fn every_field_has_its_row_and_its_meaning() {
    let found: Vec<_> = table("## Fields of the event").iter().map(|row| (row[0], row[1], row[2])).collect();
    let names: Vec<String> = Field::ALL.iter().map(|field| format!("`{}`", field.name())).collect();
    let expected: Vec<_> = Field::ALL
        .iter()
        .zip(&names)
        .map(|(field, name)| {
            let set = match field.set() {
                FieldSet::Ecs => "ECS",
                FieldSet::Beats => "Beats",
                FieldSet::Own => "ours",
            };
            (name.as_str(), set, field.meaning())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_field_of_the_platform_has_its_sources() {
    let found: Vec<_> = table("## Who sent it").iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let expected: Vec<_> =
        Field::ALL.iter().map(|field| field.name()).filter(|name| name.starts_with("platform.")).collect();
    assert_eq!(found, expected);
}
