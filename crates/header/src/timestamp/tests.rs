use super::*;

fn check(stamp: &str, expected: Option<i64>) {
    assert_eq!(timestamp_nanos(stamp.as_bytes()), expected, "{stamp}");
}

#[test]
fn rfc3339_stamps_are_read_to_the_nanosecond() {
    check("1970-01-01T00:00:00Z", Some(0));
    check("1970-01-01T00:00:00.012345+00:00", Some(12_345_000));
    check("2026-01-20T04:56:26.360194Z", Some(1_768_884_986_360_194_000));
    check("2026-01-20T05:56:26.360194+01:00", Some(1_768_884_986_360_194_000));
    check("2019-06-04T14:16:52-06:00", Some(1_559_679_412 * SECOND));
    check("2000-02-29T23:59:59.999999999Z", Some(951_868_799_999_999_999));
    check("1985-04-12t23:20:50.52z", Some(482_196_050_520_000_000));
    check("1969-12-31T23:59:59.5Z", Some(-500_000_000));
    check("1970-01-01T00:00:00+23:59", Some(-86_340 * SECOND));
}

#[test]
fn the_ends_of_the_scale_are_exact() {
    check("2262-04-11T23:47:16.854775807Z", Some(i64::MAX));
    check("2262-04-11T23:47:16.854775808Z", None);
    check("1677-09-21T00:12:43.145224192Z", Some(i64::MIN));
    check("1677-09-21T00:12:43.145224191Z", None);
    check("0000-01-01T00:00:00Z", None);
    check("9999-12-31T23:59:59Z", None);
}

#[test]
fn what_is_no_point_in_time_is_none() {
    let rows = [
        "",
        "-",
        "2026",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-20T24:00:00Z",
        "2026-01-20T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-20T04:56:26",
        "2026-01-20T04:56:26.Z",
        "2026-01-20T04:56:26.0123456789Z",
        "2026-01-20T04:56:26+25:00",
        "2026-01-20T04:56:26+24:00",
        "2026-01-20T04:56:26+01:60",
        "2026-01-20T04:56:26+0100",
        "2026-01-20T04:56:26+1:00",
        "2026-01-20 04:56:26Z",
        "2026-1-20T04:56:26Z",
        "2026-01-20T04:56Z",
        "2026-01-20T04:56:26Z ",
        " 2026-01-20T04:56:26Z",
        "2026-01-20T04:56:26ZZ",
        "-026-01-20T04:56:26Z",
        "2026-01-20T+4:56:26Z",
        "２026-01-20T04:56:26Z",
    ];
    rows.iter().for_each(|row| check(row, None));
}

#[test]
fn a_timestamp_of_rfc5424_is_a_subset() {
    let check = |stamp: &str, expected| assert_eq!(is_rfc5424_timestamp(stamp.as_bytes()), expected, "{stamp}");
    check("2026-01-20T04:56:26Z", true);
    check("2026-01-20T04:56:26.360194+01:00", true);
    check("2026-01-20T04:56:26.1234567Z", false);
    check("2026-01-20t04:56:26Z", false);
    check("2026-01-20T04:56:26z", false);
    check("2026-02-30T04:56:26Z", false);
    check("Jan 20 04:56:26", false);
    check("-", false);
}

#[test]
fn days_count_up_by_one_over_eight_centuries() {
    let mut expected = days_since_epoch(1600, 1, 1).unwrap();
    assert_eq!(expected, -135_140);
    for year in 1600..2400 {
        for (month, day) in (1..=12).flat_map(|month| (1..=31).map(move |day| (month, day))) {
            if let Some(days) = days_since_epoch(year, month, day) {
                assert_eq!(days, expected, "{year}-{month}-{day}");
                assert!(days < 0 || year_of(days) == year, "{year}-{month}-{day}");
                expected += 1;
            }
        }
    }
    assert_eq!(days_since_epoch(2400, 1, 1), Some(expected));
}

#[test]
fn an_rfc3164_stamp_gets_the_year_in_which_it_is_nearest() {
    let check = |stamp: &str, received: &str, expected: Option<&str>| {
        let received = UnixNanos(timestamp_nanos(received.as_bytes()).unwrap() as u64);
        let expected = expected.map(|stamp| timestamp_nanos(stamp.as_bytes()).unwrap());
        assert_eq!(rfc3164_nanos(stamp.as_bytes(), received), expected, "{stamp}");
    };
    let june = "2026-06-04T12:00:00Z";
    check("Jun  4 11:59:58", june, Some("2026-06-04T11:59:58Z"));
    check("Jun 04 11:59:58", june, Some("2026-06-04T11:59:58Z"));
    check("Jun 4 11:59:58", june, Some("2026-06-04T11:59:58Z"));
    check("Jun 14 11:59:58.25", june, Some("2026-06-14T11:59:58.25Z"));
    check("Jun  4 2019 11:59:58.5", june, Some("2019-06-04T11:59:58.5Z"));
    check("Feb 29 2024 00:00:00", june, Some("2024-02-29T00:00:00Z"));
    check("Feb 29 2026 00:00:00", june, None);
    check("Jun 4 9999 11:59:58", june, None);
    check("Jun 4 20x6 11:59:58", june, None);
    check("Dec 31 23:59:59", "2026-01-01T00:00:01Z", Some("2025-12-31T23:59:59Z"));
    check("Jan  1 00:00:01", "2025-12-31T23:59:59Z", Some("2026-01-01T00:00:01Z"));
    check("Dec 31 23:59:59", june, Some("2025-12-31T23:59:59Z"));
    check("Feb 29 10:00:00", "2024-03-01T00:00:00Z", Some("2024-02-29T10:00:00Z"));
    check("Feb 29 10:00:00", "2023-12-31T00:00:00Z", Some("2024-02-29T10:00:00Z"));
    check("Feb 29 10:00:00", "2026-03-01T00:00:00Z", None);
    check("Feb 29 10:00:00", "2025-02-01T00:00:00Z", None);
    let broken = [
        "",
        "Jun",
        "Jun ",
        "Jun  4",
        "jun  4 11:59:58",
        "Jxn  4 11:59:58",
        "Jun 31 11:59:58",
        "Jun  0 11:59:58",
        "Jun  4 24:00:00",
        "Jun  4 11:59:60",
        "Jun   4 11:59:58",
        "Jun  4  11:59:58",
        "Jun  14 11:59:58",
        "Jun 4 11:59:58 ",
        "Jun 4 11:59",
        "Jun 4 11:59:58.",
        "Jun 4 2026",
    ];
    broken.iter().for_each(|stamp| check(stamp, june, None));
}

#[test]
fn a_receive_time_off_the_scale_gives_no_year() {
    assert_eq!(rfc3164_nanos(b"Jun  4 11:59:58", UnixNanos(u64::MAX)), None);
    assert!(rfc3164_nanos(b"Jan  1 00:00:00", UnixNanos(0)) == Some(0));
    assert!(rfc3164_nanos(b"Apr 11 23:00:00", UnixNanos(i64::MAX as u64)).is_some());
}
