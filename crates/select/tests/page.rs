//! What README.md tells operators is what the code does.

use gully_select::{DROP_LISTS, NEVER_NOISE};

const PAGE: &str = include_str!("../README.md");

#[test]
fn the_drop_lists_are_those_of_the_code() {
    let lists = DROP_LISTS
        .iter()
        .map(|list| format!("### {}\n\n{}\n\n```text\n{}\n```\n\n", list.name, list.meaning, list.definition));
    let expected = format!("calling himself a probe.\n\n{}## Tests", lists.collect::<String>());
    assert!(PAGE.contains(&expected), "expected in README.md:\n{expected}");
    assert!(PAGE.contains(&format!("not ({NEVER_NOISE})")), "expected in README.md:\nnot ({NEVER_NOISE})");
}

#[test]
fn every_name_beside_those_of_the_event_is_listed() {
    let of_record = gully_select::names().filter(|(name, _)| extract::Field::from_name(name).is_none());
    for (name, _) in of_record {
        assert!(PAGE.contains(&format!("`{name}`")), "{name}");
    }
}
