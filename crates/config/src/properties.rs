//! Properties of librdkafka that are passed on, and those that are not.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::interpolate::interpolate;
use crate::problem::{Fault, alternatives, quoted};
use crate::read::{Reader, joined};
use crate::value::found;

/// Properties that are not passed on.
pub(crate) struct Refusal {
    /// Their names; a `*` at either end stands for any text.
    pub(crate) names: &'static [&'static str],
    /// What they would do, or whose they are.
    pub(crate) why: &'static str,
    /// The keys to use instead.
    pub(crate) instead: &'static [&'static str],
}

/// Every property that is not passed on, by the names of librdkafka's `CONFIGURATION.md`.
pub(crate) const REFUSALS: &[Refusal] = &[
    Refusal {
        names: &["acks", "request.required.acks"],
        why: "delivered means that all in-sync replicas have the record",
        instead: &[],
    },
    Refusal {
        names: &["enable.idempotence"],
        why: "without it, a message that is sent again may stand twice and out of order",
        instead: &[],
    },
    Refusal {
        names: &["max.in.flight", "max.in.flight.requests.per.connection"],
        why: "idempotence keeps the order of five, and is set to that",
        instead: &[],
    },
    Refusal {
        names: &["enable.gapless.guarantee"],
        why: "the sink decides: it is on, and off for ten minutes when many records are rejected one after another",
        instead: &[],
    },
    Refusal {
        names: &["api.version.request", "api.version.fallback.ms", "broker.version.fallback"],
        why: "a broker that is taken for an old one gives idempotence no producer id, and nothing would be delivered",
        instead: &[],
    },
    Refusal {
        names: &["transactional.id", "transaction.timeout.ms"],
        why: "nobody would commit the transactions",
        instead: &[],
    },
    Refusal {
        names: &["message.timeout.ms", "delivery.timeout.ms", "retries", "message.send.max.retries"],
        why: "messages would be given up, which are tried until they are delivered",
        instead: &[],
    },
    Refusal {
        names: &["queue.buffering.max.messages", "queue.buffering.max.kbytes"],
        why: "it has a key of its own, with which the memory is counted",
        instead: &["queue_bytes"],
    },
    Refusal { names: &["message.max.bytes"], why: "the brokers say which records are too long", instead: &[] },
    Refusal { names: &["queuing.strategy"], why: "the order of records would be lost", instead: &[] },
    Refusal {
        names: &[
            "delivery.report.only.error",
            "enabled_events",
            "*_cb",
            "opaque",
            "default_topic_conf",
            "msg_order_cmp",
            "ssl_engine_callback_data",
        ],
        why: "it is between the program and librdkafka: how gully learns what was delivered",
        instead: &[],
    },
    Refusal { names: &["bootstrap.servers", "metadata.broker.list"], why: OWN_KEY, instead: &["brokers"] },
    Refusal { names: &["client.id"], why: OWN_KEY, instead: &["client_id"] },
    Refusal { names: &["compression.codec", "compression.type"], why: OWN_KEY, instead: &["compression"] },
    Refusal { names: &["security.protocol"], why: OWN_KEY, instead: &["tls", "sasl"] },
    Refusal {
        names: &["ssl.*", "ssl_*", "https.*", "enable.ssl.certificate.verification"],
        why: "encryption has a table of its own",
        instead: &["tls"],
    },
    Refusal {
        names: &["sasl.*", "enable.sasl.oauthbearer.unsecure.jwt"],
        why: "users, passwords and tokens have a table of their own",
        instead: &["sasl"],
    },
    Refusal {
        names: &["statistics.interval.ms"],
        why: "the statistics become metrics, at a pace of their own",
        instead: &[],
    },
    Refusal { names: &["debug"], why: "it would log what goes over the wire", instead: &[] },
    Refusal {
        names: &["log.queue", "log_level"],
        why: "librdkafka's lines go through gully's own log",
        instead: &["log.level"],
    },
    Refusal {
        names: &["plugin.library.paths", "interceptors"],
        why: "code from elsewhere would run inside gully",
        instead: &[],
    },
    Refusal {
        names: &["test.mock.*", "ut_*"],
        why: "records would go to brokers that are only pretended",
        instead: &[],
    },
    Refusal {
        names: &["internal.*", "builtin.features"],
        why: "it is librdkafka's own, and not to be set",
        instead: &[],
    },
    Refusal {
        names: &[
            "group.*",
            "partition.assignment.strategy",
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "coordinator.query.interval.ms",
            "max.poll.interval.ms",
            "enable.auto.commit",
            "auto.commit.*",
            "enable.auto.offset.store",
            "queued.min.messages",
            "queued.max.messages.kbytes",
            "fetch.*",
            "max.partition.fetch.bytes",
            "offset.store.*",
            "auto.offset.reset",
            "isolation.level",
            "enable.partition.eof",
            "check.crcs",
            "consume.callback.max.messages",
        ],
        why: "it is for consumers",
        instead: &[],
    },
];

const OWN_KEY: &str = "it has a key of its own";

/// Properties that are whole numbers from 1 to a limit: name, limit, why.
pub(crate) const LIMITS: &[(&str, u64, &str)] =
    &[("batch.size", 1_000_000, "the brokers refuse larger batches, unless they are told otherwise")];

/// What librdkafka leaves out of a name that it does not know, before it looks among the properties of topics.
pub(crate) const TOPIC: &str = "topic.";

/// Why the property called `name` is not passed on.
pub(crate) fn refusal(name: &str) -> Option<&'static Refusal> {
    let name = name.strip_prefix(TOPIC).unwrap_or(name);
    REFUSALS.iter().find(|refusal| refusal.names.iter().any(|pattern| matches(pattern, name)))
}

fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => pattern == name,
    }
}

impl Reader<'_> {
    /// Reads the table of properties at `path`, each as the text that librdkafka takes.
    pub(crate) fn properties(&mut self, path: &str, table: &DeTable<'_>) -> BTreeMap<String, String> {
        let mut properties = BTreeMap::new();
        for (name, value) in table {
            let (key, place) = (joined(path, name.get_ref()), self.place(name.span().start));
            self.saw(&key, name.span().start);
            match self.property(&key, name.get_ref(), value.get_ref()) {
                Ok(value) => {
                    properties.insert(name.get_ref().to_string(), value);
                }
                Err(fault) => {
                    let found = fault.found.unwrap_or_else(|| found(value.get_ref()));
                    self.report.error_at(place, &key, found, fault.expected);
                }
            }
            if self.report.is_full() {
                break;
            }
        }
        properties
    }

    fn property(&mut self, key: &str, name: &str, value: &DeValue<'_>) -> Result<String, Fault> {
        if let Some(refusal) = refusal(name) {
            let found = format!("a property that is not passed on: {}", refusal.why);
            return Err(Fault::new(
                found,
                match refusal.instead {
                    [] => "properties without it".to_owned(),
                    keys => format!("the key {}", alternatives(keys.iter().copied())),
                },
            ));
        }
        let text = match value {
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => number.to_string(),
                Err(_) => return Err(Fault::expected(VALUES)),
            },
            DeValue::String(raw) => {
                let filled = interpolate(raw, self.directory, self.environment)?;
                if filled.is_secret() {
                    self.report.keep_secret(key, format!("the value of {}, which is not shown", quoted(raw)));
                }
                filled.text
            }
            DeValue::Table(inner) => {
                let expected = format!("the whole name in quotes: {:?} = …", leaf(name, inner));
                return Err(Fault::new("a name without quotes, which is a table", expected));
            }
            _ => return Err(Fault::expected(VALUES)),
        };
        if text.contains('\0') {
            return Err(Fault::expected("a text without NUL"));
        }
        match LIMITS.iter().find(|(limited, ..)| *limited == name) {
            Some((_, max, why)) if !is_number_to(&text, *max) => {
                Err(Fault::expected(format!("a whole number from 1 to {max}: {why}")))
            }
            _ => Ok(text),
        }
    }
}

/// Whether everybody reads `text` as the same number from 1 to `max`: with a zero in front it would be octal to librdkafka.
fn is_number_to(text: &str, max: u64) -> bool {
    text.parse().is_ok_and(|number| (1..=max).contains(&number) && number.to_string() == text)
}

const VALUES: &str = "a text, a whole number, true or false";

/// The name of the first property in a table that somebody got by leaving out the quotes.
fn leaf(name: &str, table: &DeTable<'_>) -> String {
    let (mut name, mut table) = (name.to_owned(), table);
    while let Some((part, value)) = table.iter().next() {
        name.push('.');
        name.push_str(part.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_promise_or_has_a_key_is_refused() {
        for name in [
            "acks",
            "topic.acks",
            "ssl.key.pem",
            "ssl_key",
            "dr_msg_cb",
            "test.mock.num.brokers",
            "group.id",
            "debug",
            "api.version.request",
            "broker.version.fallback",
        ] {
            assert!(refusal(name).is_some(), "{name}");
        }
        for name in [
            "linger.ms",
            "batch.size",
            "partitioner",
            "enable.random.seed",
            "socket.nagle.disable",
            "client.rack",
            "ackss",
            "topic.metadata.refresh.interval.ms",
            "api.version.request.timeout.ms",
        ] {
            assert!(refusal(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text_at_its_end() {
        assert!(matches("ssl.*", "ssl.ca.pem") && matches("*_cb", "log_cb") && matches("acks", "acks"));
        assert!(!matches("ssl.*", "enable.ssl.x") && !matches("*_cb", "log_cbs") && !matches("acks", "acksx"));
    }

    #[test]
    fn a_limited_number_is_written_in_one_way() {
        for text in ["1", "999", "1000"] {
            assert!(is_number_to(text, 1000), "{text}");
        }
        for text in ["", "0", "1001", "-5", "+5", " 5", "5 ", "0x100", "0100", "1e3", "abc", "99999999999999999999"] {
            assert!(!is_number_to(text, 1000), "{text}");
        }
    }

    #[test]
    fn each_name_has_one_reason() {
        let names = REFUSALS.iter().flat_map(|refusal| refusal.names).collect::<Vec<_>>();
        for (index, name) in names.iter().enumerate() {
            let plain = name.replace('*', "x");
            assert_eq!(names.iter().position(|pattern| matches(pattern, &plain)), Some(index), "{name}");
        }
    }
}
