//! Lines without a syslog header, some of which look as if they had one.

use super::*;
use crate::header::locate_raw;

#[test]
fn a_raw_line_is_not_mistaken_for_a_header() {
    for line in [
        "2024-05-01T10:00:00.001Z stdout F {\"kind\":\"Event\"}",
        "2024-05-01T10:00:00.001Z stderr P part/of a line",
        "2024-05-01T10:00:00.001Z stdout some/path is read",
        "2024-05-01T10:00:00.123456Z AUDIT: id=\"a\" stage=\"ResponseComplete\"",
        "2024-05-01T10:00:00.883Z: CEF:0|cloud_foundry|credhub|2.0|a|a|0|",
        "2024-05-01T10:00:00Z INFO main: started",
        "2024-05-01T10:00:00Z info main: started",
        "2024-05-01T10:00:00Z WARN worker[12]: slow",
        "2024-05-01T10:00:00Z host-1 words of a text",
        "2024-05-01T10:00:00Z host-1 CEF:0|a|b|c|d|e|1|",
        "2024-05-01T10:00:00Z uaa[rs2]: no host",
        "2024-13-01T10:00:00Z host-1 uaa[rs2]: no such month",
        "2024-05-01T10:00:00Zhost-1 uaa[rs2]: no space",
        "2024-05-01T10:00:00Z",
        "2024-05-01 10:00:00 host-1 uaa[rs2]: no T",
        "2020-02-01 08:00:00.120  INFO 7600 --- [nio-1] o.e.Service : text",
        "2024/05/01 10:00:00 CEF:0|CloudFoundry|BOSH|1|agent_api|get_state|1|duser=x",
        "[2016-07-05 04:02:18.245] uaa - 15178 [http-bio-8080-exec-14] ....  INFO --- Audit: X ('y')",
        "I, [2024-05-01T10:00:00.557979 #29] []  INFO -- DirectorAudit: CEF:0|x",
        "CEF:0|a|b|c|d|e|1|",
        "Audit: TokenIssuedEvent ('[]'): principal=a, origin=[b], identityZoneId=[uaa]",
        "{\"kind\":\"Event\"}",
        "May  1 10:00:00 something happened here",
        "May  1 10:00:00 INFO: started",
        "May  1 10:00:00 INFO {\"a\":1}",
        "May  1 10:00:00 app: no host, no pid",
        "May  1 10:00:00",
        "May  1 10:00:00host sshd[1]: x",
        "May 1st, 10:00:00 host sshd[1]: x",
        "Maybe 1 10:00:00 host sshd[1]: x",
        "May",
        "audispd: node=vm type=EXECVE msg=audit(1714557600.9:4): argc=2",
        "sshd[812]: session opened",
        "10.0.4.18 - [29/Aug/2019:06:22:21 +0000] \"GET /v2/info HTTP/1.1\" 200 9",
        "host-1 uaa[rs2]: no stamp",
    ] {
        check(&[(line, "unknown !no_pri")]);
    }
}

#[test]
fn a_line_that_is_said_to_be_raw_is_not_looked_at() {
    for line in ["<14>1 - h a p m - x", "<14>x", "x", ""] {
        assert_eq!(show(line.as_bytes(), &locate_raw(line.as_bytes())), "unknown !no_pri");
    }
}
