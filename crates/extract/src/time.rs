//! Points in time as the normalised event has them: RFC 3339, in UTC.

const SECOND: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// Appends the point in time that is `nanos` after 1970-01-01 00:00:00 UTC, with `digits` digits of a second, at most
/// nine; what lies below the last of them is dropped.
pub(crate) fn write_utc(nanos: i64, digits: usize, out: &mut Vec<u8>) {
    let (seconds, fraction) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
    let (days, second) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let (year, month, day) = date(days);
    write_digits(year, 4, out);
    for (before, number) in
        [(b'-', month), (b'-', day), (b'T', second / 3600), (b':', second / 60 % 60), (b':', second % 60)]
    {
        out.push(before);
        write_digits(number, 2, out);
    }
    if digits > 0 {
        out.push(b'.');
        write_digits(fraction, 9, out);
        out.truncate(out.len() - 9_usize.saturating_sub(digits));
    }
    out.push(b'Z');
}

/// Appends a number that is not negative in as many decimal digits. It has a share in the time per record, so nothing is
/// formatted by a pattern here.
fn write_digits(number: i64, width: u32, out: &mut Vec<u8>) {
    for place in (0..width).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(b'0' + digit as u8);
    }
}

/// How many digits of a second a stamp `yyyy-mm-ddThh:mm:ss.f…` has.
pub(crate) fn fraction_digits(stamp: &[u8]) -> usize {
    let fraction = stamp.get(19..).and_then(|rest| rest.strip_prefix(b"."));
    fraction.map_or(0, |rest| rest.iter().take_while(|octet| octet.is_ascii_digit()).count())
}

/// The date of the Gregorian calendar that is `days` after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from the 1st of March of year 0, leap days are the last of their year, and months repeat every five.
    const TO_MARCH_0000: i64 = 719_468;
    const DAYS_OF_400_YEARS: i64 = 146_097;

    let days = days + TO_MARCH_0000;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(nanos: i64, digits: usize, expected: &str) {
        let mut written = Vec::new();
        write_utc(nanos, digits, &mut written);
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn digits_are_as_many_as_asked_for() {
        check(1_714_557_600_123_456_789, 9, "2024-05-01T10:00:00.123456789Z");
        check(1_714_557_600_123_456_789, 3, "2024-05-01T10:00:00.123Z");
        check(1_714_557_600_123_456_789, 0, "2024-05-01T10:00:00Z");
        check(-1, 1, "1969-12-31T23:59:59.9Z");
        check(951_782_400 * SECOND, 0, "2000-02-29T00:00:00Z");
        check(i64::MIN, 9, "1677-09-21T00:12:43.145224192Z");
        check(i64::MAX, 9, "2262-04-11T23:47:16.854775807Z");
    }

    #[test]
    fn the_digits_of_a_second_are_counted() {
        assert_eq!(fraction_digits(b"2024-05-01T10:00:00.1230+02:00"), 4);
        assert_eq!(fraction_digits(b"2024-05-01T10:00:00Z"), 0);
        assert_eq!(fraction_digits(b"2024"), 0);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same_point_in_time(nanos: i64) {
            let mut written = Vec::new();
            write_utc(nanos, 9, &mut written);
            prop_assert_eq!(header::timestamp_nanos(&written), Some(nanos));
        }
    }
}
