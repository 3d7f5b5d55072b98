//! The name somebody probably meant.

/// The candidate with the fewest edits from `word`, when they are few enough to be a slip: at most one in three
/// characters. An edit is an octet added, left out or replaced.
///
/// Cost: the product of the lengths per candidate; words over 64 octets are not looked at.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const WORD_BYTES_MAX: usize = 64;
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let near = |candidate: &'a str| {
        let edits = edits_between(word.as_bytes(), candidate.as_bytes());
        (edits <= word.len().max(candidate.len()) / 3).then_some((edits, candidate))
    };
    candidates.into_iter().filter_map(near).min().map(|(_, candidate)| candidate)
}

/// The Levenshtein distance without regard to case, with one row of its table.
fn edits_between(from: &[u8], to: &[u8]) -> usize {
    let mut row = (0..=to.len()).collect::<Vec<_>>();
    for (index, octet) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(!octet.eq_ignore_ascii_case(other));
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// A hint at the name that was probably meant; empty when nothing is near.
pub(crate) fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through_and_strangers_are_not() {
        let names = ["event.outcome", "event.action", "source.ip", "class"];
        for (word, expected) in [
            ("event.outcom", Some("event.outcome")),
            ("event.outome", Some("event.outcome")),
            ("Source.IP", Some("source.ip")),
            ("klass", Some("class")),
            ("src", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }
}
