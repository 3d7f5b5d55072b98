//! Which setting of a sender to change, for a record that was cut before it came here.

use record::Class;

/// A length at which a sender is known to cut.
struct CutMark {
    /// Octets of MSG that a cut record has. A range, since a relay writes the header anew; its upper end is also that of the
    /// whole frame.
    message_bytes: std::ops::RangeInclusive<usize>,
    /// Who cuts there, and what to change.
    advice: &'static str,
}

const CUT_MARKS: [CutMark; 5] = [
    CutMark {
        message_bytes: 16_384..=16_384,
        advice: "Docker cuts lines after 16,384 octets: a listener with `protocol` tcp, tls or unix joins the pieces of a JSON record \
                 (`rejoin`) when all of them come; if yours did not, look at gully_rejoin_failed_total, and set Docker's `mode` to \
                 blocking, as non-blocking loses pieces. For text use a log driver that joins pieces itself",
    },
    CutMark {
        message_bytes: 7_600..=8_192,
        advice: "rsyslog cuts messages after 8 KiB: raise `$MaxMessageSize` (global(maxMessageSize=\"64k\")) on every rsyslog on the \
                 way; syslog-release has `syslog.max_message_size`",
    },
    CutMark {
        message_bytes: 900..=1_024,
        advice: "the file forwarder of syslog-release hands lines to the local rsyslog over UDP, 1,024 octets with their header: set \
                 `syslog.use_tcp_for_file_forwarding_local_transport: true`",
    },
    CutMark {
        message_bytes: 99_500..=99_990,
        advice: "the file forwarder of syslog-release cuts lines after 99,990 octets, which cannot be changed: make the producer \
                 write less, for Kubernetes by a lower level in its audit policy",
    },
    CutMark {
        message_bytes: 65_000..=65_536,
        advice: "64 KiB is the limit of a UDP datagram and of syslog-ng's `log-msg-size()`: send over TCP or TLS, and raise it",
    },
];

/// What to do about a record of `class` that is cut: a frame of `frame_bytes` octets, `message_bytes` of them MSG.
pub(super) fn advice(class: Class, frame_bytes: usize, message_bytes: usize) -> &'static str {
    let is_whole_frame = |mark: &&CutMark| *mark.message_bytes.end() == frame_bytes;
    let of_message = |mark: &&CutMark| mark.message_bytes.contains(&message_bytes);
    let mark = CUT_MARKS.iter().find(is_whole_frame).or_else(|| CUT_MARKS.iter().find(of_message));
    if let Some(mark) = mark {
        return mark.advice;
    }
    match class {
        Class::UaaAudit => {
            "UAA itself replaces everything after `password=` or `client_secret=` by `<redacted>`, the rest of the record included; \
             otherwise look for a message size limit of a relay on the way"
        }
        Class::PksApi => {
            "a file forwarder sends each line of a multi-line record as a message of its own: user, cluster and plan are in the first"
        }
        Class::CredhubCef => {
            "CredHub ends every record with a blank: a relay that trims lines, or cuts them, took it; look for its message size limit"
        }
        _ => "no sender is known to cut at this length: look for a message size limit of each relay on the way",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_tells_who_cut() {
        for (bytes, name) in [(16_384, "Docker"), (8_100, "MaxMessageSize"), (930, "local_transport"), (65_507, "UDP")]
        {
            assert!(advice(Class::K8sAudit, bytes + 90, bytes).contains(name), "{bytes}");
        }
    }

    #[test]
    fn a_frame_with_a_long_header_has_the_length_itself() {
        for (bytes, name) in [(1_024, "local_transport"), (8_192, "MaxMessageSize"), (16_384, "Docker")] {
            assert!(advice(Class::UaaAudit, bytes, bytes - 700).contains(name), "{bytes}");
        }
    }

    #[test]
    fn the_advice_on_docker_names_keys_that_exist_and_helps_where_they_are_set() {
        let advice = CUT_MARKS.iter().find(|mark| mark.message_bytes.contains(&16_384)).unwrap().advice;
        for name in ["`protocol`", "`rejoin`", "gully_rejoin_failed_total", "`mode`"] {
            assert!(advice.contains(name), "{name}");
        }
        assert!(!advice.contains("kind"));
    }

    #[test]
    fn other_lengths_are_told_by_class() {
        assert!(advice(Class::UaaAudit, 490, 400).contains("password="));
        assert!(advice(Class::K8sAudit, 490, 400).contains("no sender is known"));
    }
}
