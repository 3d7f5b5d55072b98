//! Durations, each number with its unit.

use std::time::Duration;

/// Units in milliseconds, the longest first.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Parses `30s`, `500ms` or `1h30m`: each unit at most once, the longest first. The error is a hint, or nothing.
pub(crate) fn parse(text: &str) -> Result<Duration, Option<String>> {
    let mut milliseconds = 0_u64;
    let mut units = UNITS.as_slice();
    let mut rest = text;
    while !rest.is_empty() || text.is_empty() {
        let digits_end = rest.bytes().position(|octet| !octet.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(digits_end);
        let Ok(number) = digits.parse::<u64>() else { return Err(None) };
        let unit_end = after.bytes().position(|octet| octet.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(Some(format!("the unit is missing: \"{text}s\" or \"{text}ms\"")));
        }
        let Some(found) = units.iter().position(|(name, _)| *name == unit) else {
            return Err(Some("units are w, d, h, m, s and ms, the longest first, without spaces".to_owned()));
        };
        let part = number.checked_mul(units[found].1).ok_or(None)?;
        milliseconds = milliseconds.checked_add(part).ok_or(None)?;
        units = &units[found + 1..];
        rest = after;
    }
    Ok(Duration::from_millis(milliseconds))
}

/// `duration` in the longest units that make it up, as [`parse`] reads it.
pub(crate) fn show(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (unit, milliseconds) in UNITS.iter().skip(1) {
        if left >= *milliseconds {
            shown += &format!("{}{unit}", left / milliseconds);
            left %= milliseconds;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, milliseconds: u64) {
        assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
    }

    #[test]
    fn each_number_has_its_unit() {
        check("30s", 30_000);
        check("500ms", 500);
        check("1d", 86_400_000);
        check("1h30m", 5_400_000);
        check("2w1d", 15 * 86_400_000);
        check("0s", 0);
    }

    #[test]
    fn anything_else_is_refused() {
        let mistakes = [
            "",
            "30",
            "1h30",
            "30 s",
            " 30s",
            "-1s",
            "1.5s",
            "s",
            "30m1h",
            "1s1s",
            "1M",
            "1y",
            "NaN",
            "inf",
            "99999999999999999999s",
            "18446744073709551615w",
            "1h ",
        ];
        for text in mistakes {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("30").unwrap_err().unwrap(), "the unit is missing: \"30s\" or \"30ms\"");
    }

    #[test]
    fn a_shown_duration_reads_back() {
        for milliseconds in [0, 1, 999, 1_000, 90_000, 5_400_000, 86_400_001] {
            check(&show(Duration::from_millis(milliseconds)), milliseconds);
        }
        assert_eq!(show(Duration::from_secs(5_400)), "1h30m");
    }
}
