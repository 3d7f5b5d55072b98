//! RFC 3164 and its kin.

use super::*;

#[test]
fn a_pri_alone_makes_the_rest_msg() {
    check(&[
        ("<14>hello", "rfc3164 pri=14 msg=|hello|"),
        ("<14> hello", "rfc3164 pri=14 msg=| hello|"),
        ("<14>hello: world", "rfc3164 pri=14 msg=|hello: world|"),
        ("<14>CEF:0|a|b|c|d|e|1|", "rfc3164 pri=14 msg=|CEF:0|a|b|c|d|e|1||"),
        ("<14>{\"a\":1}", "rfc3164 pri=14 msg=|{\"a\":1}|"),
        ("<14>\n", "rfc3164 pri=14 msg=|\n|"),
        ("<14>\u{feff}x", "rfc3164 pri=14 msg=|x|"),
    ]);
}

#[test]
fn traditional_stamps() {
    for stamp in [
        "Jan 20 04:56:26",
        "Feb 29 04:56:26",
        "Mar  9 04:56:26",
        "Apr 9 04:56:26",
        "May 09 04:56:26",
        "Dec 31 2026 23:59:59",
        "Feb 29 2024 23:59:59",
        "Jun  1 23:59:59.123",
    ] {
        let expected = format!("rfc3164 pri=14 ts={stamp} host=h app=t msg=|x|");
        check(&[(&format!("<14>{stamp} h t: x"), &expected), (&format!("<14> {stamp} h t: x"), &expected)]);
    }
}

#[test]
fn an_impossible_date_is_flagged_and_kept() {
    for stamp in [
        "Feb 31 04:56:26",
        "Feb 30 04:56:26",
        "Jan  0 04:56:26",
        "Jan 20 24:56:26",
        "Jan 20 04:56:60",
        "Feb 29 2026 00:00:00",
    ] {
        check(&[(
            &format!("<14>{stamp} h t: x"),
            &format!("rfc3164 pri=14 ts={stamp} host=h app=t msg=|x| !timestamp"),
        )]);
    }
    for stamp in
        ["2026-02-30T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.123456789Z"]
    {
        check(&[(
            &format!("<14>{stamp} h t: x"),
            &format!("rfc3164 pri=14 ts={stamp} host=h app=t msg=|x| !timestamp"),
        )]);
    }
    check(&[(
        "<14>Jan  1 1900 00:00:00 h t: x",
        "rfc3164 pri=14 ts=Jan  1 1900 00:00:00 host=h app=t msg=|x| !ts_suspect",
    )]);
}

#[test]
fn what_only_resembles_a_stamp_is_text() {
    check(&[
        ("<14>Jan 20 04:56:26host t: x", "rfc3164 pri=14 msg=|Jan 20 04:56:26host t: x| !timestamp"),
        ("<14>Jan 20 04:56 h t: x", "rfc3164 pri=14 msg=|Jan 20 04:56 h t: x|"),
        ("<14>jan 20 04:56:26 h t: x", "rfc3164 pri=14 msg=|jan 20 04:56:26 h t: x|"),
        ("<14>2024-05-01T10:00:00.883Z: CEF:0|x", "rfc3164 pri=14 msg=|2024-05-01T10:00:00.883Z: CEF:0|x|"),
        ("<14>2024-05-01 10:00:00.000  INFO 1 --- x", "rfc3164 pri=14 msg=|2024-05-01 10:00:00.000  INFO 1 --- x|"),
        ("<14>2024/05/01 10:00:00 CEF:0|x", "rfc3164 pri=14 msg=|2024/05/01 10:00:00 CEF:0|x|"),
    ]);
    let garbage = "A".repeat(64 << 10);
    check(&[
        (
            &format!("<14>Jan 20 04:56:26{garbage}"),
            &format!("rfc3164 pri=14 msg=|Jan 20 04:56:26{garbage}| !timestamp"),
        ),
        (&format!("<14>Jan 20 04:56:26 {garbage}"), &format!("rfc3164 pri=14 ts=Jan 20 04:56:26 msg=|{garbage}|")),
        (
            &format!("<14>Jan 20 04:56:26 h {garbage}: x"),
            &format!("rfc3164 pri=14 ts=Jan 20 04:56:26 host=h msg=|{garbage}: x|"),
        ),
    ]);
}

#[test]
fn the_stamp_of_a_line_is_not_that_of_a_header() {
    for line in [
        "2024-05-01T10:00:00.123456789Z stdout F {\"kind\":\"Event\"}",
        "2024-05-01T10:00:00.123456789Z stderr P {\"kind\":\"Ev",
        "2024-05-01T10:00:00.123456Z AUDIT: id=\"a\" stage=\"b\"",
    ] {
        check(&[
            (&format!("<14>{line}"), &format!("rfc3164 pri=14 msg=|{line}|")),
            (
                &format!("<14>Jan 20 04:56:26 h {line}"),
                &format!("rfc3164 pri=14 ts=Jan 20 04:56:26 host=h msg=|{line}|"),
            ),
            (
                &format!("<14>Jan 20 04:56:26 h t[1]: {line}"),
                &format!("rfc3164 pri=14 ts=Jan 20 04:56:26 host=h app=t proc=1 msg=|{line}|"),
            ),
        ]);
    }
}

#[test]
fn hosts() {
    for host in [
        "h",
        "192.168.0.61",
        "2001:db8::1",
        "fe80::1%eth0",
        "1:2:3:4:5:6:7:8",
        "::ffff:10.0.0.1",
        "host-1.example.org",
        "12345",
        "WIN_7",
        "user@relay",
    ] {
        check(&[(
            &format!("<14>Oct 11 22:14:15 {host} su: x"),
            &format!("rfc3164 pri=14 ts=Oct 11 22:14:15 host={host} app=su msg=|x|"),
        )]);
    }
    check(&[
        ("<14>Oct 11 22:14:15 word", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|word|"),
        ("<14>Oct 11 22:14:15", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=||"),
        ("<14>Oct 11 22:14:15 ", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=||"),
        ("<14>Oct 11 22:14:15 h ", "rfc3164 pri=14 ts=Oct 11 22:14:15 host=h msg=||"),
        ("<14>Oct 11 22:14:15 I, [2026] x", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|I, [2026] x|"),
        ("<14>Oct 11 22:14:15 ... x", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|... x|"),
        ("<14>Oct 11 22:14:15 level:info x", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|level:info x|"),
        ("<14>Oct 11 22:14:15 22:14:15 x", "rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|22:14:15 x|"),
    ]);
    let host = "h".repeat(255);
    check(&[
        (
            &format!("<14>Oct 11 22:14:15 {host} t: x"),
            &format!("rfc3164 pri=14 ts=Oct 11 22:14:15 host={host} app=t msg=|x|"),
        ),
        (
            &format!("<14>Oct 11 22:14:15 {host}h t: x"),
            &format!("rfc3164 pri=14 ts=Oct 11 22:14:15 msg=|{host}h t: x|"),
        ),
    ]);
}

#[test]
fn tags() {
    for (text, found) in [
        ("sshd[812]: session opened", "app=sshd proc=812 msg=|session opened|"),
        ("sshd[812]:session", "app=sshd proc=812 msg=|session|"),
        ("sshd[812] session", "app=sshd proc=812 msg=|session|"),
        ("sshd[812]", "app=sshd proc=812 msg=||"),
        ("sshd[]: x", "app=sshd msg=|x|"),
        ("sshd: x", "app=sshd msg=|x|"),
        ("sshd:  x", "app=sshd msg=| x|"),
        ("sshd:", "app=sshd msg=||"),
        ("sshd:{\"a\":1}", "app=sshd msg=|{\"a\":1}|"),
        ("su(pam_unix)[12]: x", "app=su(pam_unix) proc=12 msg=|x|"),
        ("%ASA-6-302013: x", "app=%ASA-6-302013 msg=|x|"),
        ("postfix/smtpd[9]: x", "app=postfix/smtpd proc=9 msg=|x|"),
        (
            "uaa[rs2] [2026-01-20T04:56:26.322731Z] uaa - 11",
            "app=uaa proc=rs2 msg=|[2026-01-20T04:56:26.322731Z] uaa - 11|",
        ),
        ("uaa/uaa_events.log[rs2] [2026] x", "app=uaa/uaa_events.log proc=rs2 msg=|[2026] x|"),
        ("uaa/rs2: [2019] x", "app=uaa/rs2 msg=|[2019] x|"),
        ("broker/rs2 [on-demand-service-broker] x", "app=broker/rs2 msg=|[on-demand-service-broker] x|"),
        ("uaa [2026-01-20 04:56:26] uaa - 11", "app=uaa msg=|[2026-01-20 04:56:26] uaa - 11|"),
        ("vcap.agent[759] 2026/01/20 03:49:06 CEF:0|x", "app=vcap.agent proc=759 msg=|2026/01/20 03:49:06 CEF:0|x|"),
        (
            "vcap.uaa [job=uaa-z1 index=0]  [2015-08-26 04:57:46.033] uaa",
            "app=vcap.uaa msg=|[2015-08-26 04:57:46.033] uaa|",
        ),
        ("vcap.uaa [job=uaa-z1 index=0] {", "app=vcap.uaa msg=|{|"),
        ("vcap.uaa [job=uaa-z1", "app=vcap.uaa msg=|[job=uaa-z1|"),
        ("vcap.uaa text", "app=vcap.uaa msg=|text|"),
        ("credhub CEF:0|cloud_foundry|x", "app=credhub msg=|CEF:0|cloud_foundry|x|"),
        ("doppler[11]: @cee: {\"a\":1}", "app=doppler proc=11 msg=|@cee: {\"a\":1}|"),
        ("app[[APP/PROC/WEB/0]]: x", "app=app proc=[APP/PROC/WEB/0] msg=|x| @Application"),
    ] {
        check(&[
            (
                &format!("<14>Jan 20 04:56:26 h {text}"),
                &with_flags("rfc3164 pri=14 ts=Jan 20 04:56:26 host=h ", found, ""),
            ),
            (
                &format!("<14>2026-01-20T04:56:26Z h {text}"),
                &with_flags("rfc3164 pri=14 ts=2026-01-20T04:56:26Z host=h ", found, ""),
            ),
            (
                &format!("Jan 20 04:56:26 h {text}"),
                &with_flags("rfc3164 ts=Jan 20 04:56:26 host=h ", found, " !no_pri"),
            ),
            (
                &format!("2026-01-20T04:56:26Z h-1 {text}"),
                &with_flags("rfc3164 ts=2026-01-20T04:56:26Z host=h-1 ", found, " !no_pri"),
            ),
        ]);
    }
}

/// `found` behind `before`, with `flag` between MSG and provenance.
fn with_flags(before: &str, found: &str, flag: &str) -> String {
    match found.split_once("| @") {
        Some((found, provenance)) => format!("{before}{found}|{flag} @{provenance}"),
        None => format!("{before}{found}{flag}"),
    }
}

#[test]
fn without_a_tag_msg_begins_after_the_host() {
    for text in [
        "CEF:0|cloud_foundry|cloud_controller_ng|2|a|a|0|rt=1",
        "{\"kind\":\"Event\"}",
        "[2026-01-20T04:56:26.322731Z] uaa - 11",
        "@cee: {\"a\":1}",
        "I, [2026-01-20T04:56:26.384189 #19]  INFO -- : CEF:0|x",
        "Audit: TokenIssuedEvent ('[]'): principal=a",
        "AUDIT: id=\"a\"",
        "2024-05-01 10:00:00.000  INFO 1 --- [x] c.Service : Action 'create-cluster' by user 'a'",
        "2024-05-01T10:00:00.883Z: CEF:0|x",
        "2026/01/20 03:49:06 CEF:0|x",
        "words of a text",
        "Received CEF:0|x",
        "Received {\"kind\":\"Event\"}",
        "http://example.org/ is down",
        "level:info text",
        "E0501 10:00:00.000001 1 metrics.go:109] x",
        "'quoted' text",
        "a=b c=d",
        "f[0 = 1",
        "f[0]=1",
        "- x",
    ] {
        check(&[(
            &format!("<134>Sep  5 08:26:10 cc-host {text}"),
            &format!("rfc3164 pri=134 ts=Sep  5 08:26:10 host=cc-host msg=|{text}|"),
        )]);
    }
    check(&[
        ("<13>Sep 15 08:26:10 h  {\"a\":1}", "rfc3164 pri=13 ts=Sep 15 08:26:10 host=h msg=|{\"a\":1}|"),
        ("<13>Sep 15 08:26:10 CEF:0|x y: z", "rfc3164 pri=13 ts=Sep 15 08:26:10 msg=|CEF:0|x y: z|"),
        ("<13>Sep 15 08:26:10 {\"a\": 1}", "rfc3164 pri=13 ts=Sep 15 08:26:10 msg=|{\"a\": 1}|"),
        ("<13>Sep 15 08:26:10 2024-05-01 10:00:00 x", "rfc3164 pri=13 ts=Sep 15 08:26:10 msg=|2024-05-01 10:00:00 x|"),
    ]);
}

#[test]
fn docker_writes_no_host() {
    check(&[
        (
            "<30>Jan 30 17:21:45 8f4d0a3b5c6e[1234]: {\"audit\":",
            "rfc3164 pri=30 ts=Jan 30 17:21:45 app=8f4d0a3b5c6e proc=1234 msg=|{\"audit\":|",
        ),
        (
            "Jan 30 17:21:45 8f4d0a3b5c6e[1234]: {\"audit\":",
            "rfc3164 ts=Jan 30 17:21:45 app=8f4d0a3b5c6e proc=1234 msg=|{\"audit\":| !no_pri",
        ),
        ("<30>Jan 30 17:21:45 docker/web[7]: x", "rfc3164 pri=30 ts=Jan 30 17:21:45 app=docker/web proc=7 msg=|x|"),
        ("<30>Jan 30 17:21:45 user: x", "rfc3164 pri=30 ts=Jan 30 17:21:45 app=user msg=|x|"),
        ("<30>Jan 30 17:21:45 broker/rs2 x", "rfc3164 pri=30 ts=Jan 30 17:21:45 app=broker/rs2 msg=|x|"),
    ]);
}

#[test]
fn without_pri_a_traditional_stamp_needs_a_tag_or_a_record() {
    check(&[
        ("Sep  5 08:26:10 cc-host CEF:0|x", "rfc3164 ts=Sep  5 08:26:10 host=cc-host msg=|CEF:0|x| !no_pri"),
        ("Sep  5 08:26:10 master-0 {\"kind\":", "rfc3164 ts=Sep  5 08:26:10 host=master-0 msg=|{\"kind\":| !no_pri"),
        ("Feb 31 08:26:10 h t: x", "rfc3164 ts=Feb 31 08:26:10 host=h app=t msg=|x| !no_pri !timestamp"),
        ("Sep  5 08:26:10 cc-host words", "unknown !no_pri"),
        ("Sep  5 08:26:10 INFO CEF:0|x", "unknown !no_pri"),
    ]);
}

#[test]
fn without_pri_an_rfc_3339_stamp_needs_a_host_and_a_tag() {
    let at = "2026-01-20T04:56:26.360194Z";
    for (line, found) in [
        ("192.168.0.61 uaa[rs2] [x]", "host=192.168.0.61 app=uaa proc=rs2 msg=|[x]|"),
        ("localhost sshd: x", "host=localhost app=sshd msg=|x|"),
        ("manager sshd[1]: x", "host=manager app=sshd proc=1 msg=|x|"),
        ("2001:db8::1 job/rs2 x", "host=2001:db8::1 app=job/rs2 msg=|x|"),
        ("10.0.16.19 vcap.uaa [job=a index=0]  [2015] x", "host=10.0.16.19 app=vcap.uaa msg=|[2015] x|"),
    ] {
        check(&[(&format!("{at} {line}"), &format!("rfc3164 ts={at} {found} !no_pri"))]);
    }
    for line in
        ["manager sshd: x", "manager job/rs2 x", "stdout sshd[1]: x", "INFO sshd[1]: x", "manager x", "10.0.0.1 x"]
    {
        check(&[(&format!("{at} {line}"), "unknown !no_pri")]);
    }
}
