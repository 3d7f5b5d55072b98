//! Sizes in bytes, with a unit that says whether it counts in tens or in twos.

const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// Parses `256KiB` (1024s) or `10MB` (1000s): digits, a unit, nothing else.
///
/// A number without a unit is refused, and so are `10 MB`, `10mb` and `10M`: the error shows both forms that were
/// perhaps meant, because they differ by up to a tenth. The error is a hint, or nothing when there is none.
pub(crate) fn parse(text: &str) -> Result<u64, Option<String>> {
    let digits_end = text.bytes().position(|octet| !octet.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let Ok(number) = digits.parse::<u64>() else { return Err(None) };
    match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => number.checked_mul(*factor).ok_or(None),
        None => Err(hint(number, unit.trim())),
    }
}

/// The forms that `number` with a misspelt `unit` may have meant.
fn hint(number: u64, unit: &str) -> Option<String> {
    let letter = match unit.chars().next().map(|letter| letter.to_ascii_uppercase()) {
        None => return Some(format!("the unit is missing: \"{number}B\" or \"{number}KiB\"")),
        Some('B') => return Some(format!("write \"{number}B\"")),
        Some(letter) if "KMGT".contains(letter) => letter,
        Some('.' | ',') => return Some("write a whole number in a smaller unit".to_owned()),
        Some(_) => return None,
    };
    let bytes = |unit: String| UNITS.iter().find(|(name, _)| *name == unit)?.1.checked_mul(number);
    let (decimal, binary) = (bytes(format!("{letter}B"))?, bytes(format!("{letter}iB"))?);
    Some(format!("write \"{number}{letter}B\" for {decimal} bytes or \"{number}{letter}iB\" for {binary}"))
}

/// `bytes` in the largest binary unit that divides it, as [`parse`] reads it.
pub(crate) fn show(bytes: u64) -> String {
    let binary = UNITS.iter().take(4).find(|(_, factor)| bytes != 0 && bytes.is_multiple_of(*factor));
    binary.map_or_else(|| format!("{bytes}B"), |(unit, factor)| format!("{}{unit}", bytes / factor))
}

/// `bytes` rounded up to whole MiB, for advice.
pub(crate) fn show_mebibytes(bytes: u64) -> String {
    format!("{}MiB", bytes.div_ceil(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, bytes: u64) {
        assert_eq!(parse(text), Ok(bytes), "{text}");
    }

    fn refused(text: &str, hint: &str) {
        assert_eq!(parse(text).unwrap_err().unwrap_or_default(), hint, "{text}");
    }

    #[test]
    fn binary_and_decimal_units_differ() {
        check("256KiB", 262_144);
        check("256KB", 256_000);
        check("1MB", 1_000_000);
        check("20GiB", 21_474_836_480);
        check("0B", 0);
        check("1TiB", 1 << 40);
        check("1TB", 1_000_000_000_000);
    }

    #[test]
    fn an_unclear_size_shows_what_may_be_meant() {
        refused("10 MB", "write \"10MB\" for 10000000 bytes or \"10MiB\" for 10485760");
        refused("10m", "write \"10MB\" for 10000000 bytes or \"10MiB\" for 10485760");
        refused("1024", "the unit is missing: \"1024B\" or \"1024KiB\"");
        refused("5 bytes", "write \"5B\"");
        refused("1.5GiB", "write a whole number in a smaller unit");
    }

    #[test]
    fn what_is_no_size_has_no_hint() {
        for text in
            ["", "-1KiB", "+1KiB", "KiB", "NaN", "1e3B", "18446744073709551616B", "16777216TiB", "99999999999TX", "1 "]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        refused("16777216TiB", "");
        refused("-1KiB", "");
    }

    #[test]
    fn a_shown_size_reads_back() {
        for bytes in [0, 1, 480, 1 << 10, 262_144, 3 << 20, 1 << 40, 1_000_000] {
            check(&show(bytes), bytes);
        }
        assert_eq!(show(262_144), "256KiB");
        assert_eq!(show_mebibytes((1 << 20) + 1), "2MiB");
    }
}
