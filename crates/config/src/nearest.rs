//! The word somebody probably meant.

/// The candidate nearest to `word`, when it is near enough to be a slip: at most one edit in three characters.
///
/// An edit is a character added, left out, replaced, or swapped with its neighbour. Case does not count, `-` is `_`, and
/// the order of the words counts as one edit (`max_connections`).
/// Cost: the product of the lengths per candidate; words over 64 octets are not looked at.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const WORD_BYTES_MAX: usize = 64;
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let near = |candidate: &'a str| {
        let (folded, folded_candidate) = (folded(word), folded(candidate));
        let edits = edits_between(&folded, &folded_candidate);
        let edits = edits.min(1 + edits_between(&in_word_order(&folded), &in_word_order(&folded_candidate)));
        (edits <= word.len().max(candidate.len()) / 3).then_some((edits, candidate))
    };
    candidates.into_iter().filter_map(near).min().map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Vec<char> {
    word.chars().map(|character| if character == '-' { '_' } else { character.to_ascii_lowercase() }).collect()
}

/// The words between `_`, sorted.
fn in_word_order(folded: &[char]) -> Vec<char> {
    let mut words = folded.split(|character| *character == '_').collect::<Vec<_>>();
    words.sort_unstable();
    words.join(&'_')
}

/// The restricted Damerau-Levenshtein distance, with three rows of its table.
fn edits_between(from: &[char], to: &[char]) -> usize {
    let mut before_last = Vec::new();
    let mut last = (0..=to.len()).collect::<Vec<_>>();
    for (row, character) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(character != other);
            let mut edits = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *character == to[column - 1] && from[row - 1] == *other {
                edits = edits.min(before_last[column - 1] + 1);
            }
            current.push(edits);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let keys = ["address", "connections_max", "connections_per_source_max", "tls", "framing", "frame_timeout"];
        assert_eq!(nearest(word, keys), expected, "{word}");
    }

    #[test]
    fn a_slip_finds_its_key() {
        check("max_conections", Some("connections_max"));
        check("conections_max", Some("connections_max"));
        check("adress", Some("address"));
        check("addrses", Some("address"));
        check("connections-max", Some("connections_max"));
        check("Framing", Some("framing"));
        check("frame_time_out", Some("frame_timeout"));
        check("tsl", Some("tls"));
    }

    #[test]
    fn another_word_finds_nothing() {
        check("brokers", None);
        check("x", None);
        check("", None);
        check(&"a".repeat(10_000), None);
    }
}
