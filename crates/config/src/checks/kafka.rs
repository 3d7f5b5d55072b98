//! Kafka sinks: topics that Kafka takes, and keys that fit together.

use std::path::Path;

use super::tls::{PrivateKey, certificates, private_key};
use crate::address::Address;
use crate::choices::MessageKey;
use crate::config::Config;
use crate::problem::quoted;
use crate::properties::TOPIC;
use crate::read::joined;
use crate::report::Report;
use crate::sink::{KafkaTarget, KafkaTls, Sasl, Sink};
use crate::size::show;
use crate::topic::TOPIC_BYTES_MAX;
use crate::url;

pub(super) fn check(config: &Config, report: &mut Report) {
    for sink in &config.sinks {
        let Some(kafka) = sink.kafka() else { continue };
        brokers(sink, kafka, report);
        topics(sink, kafka, config, report);
        fixed_key(sink, kafka, report);
        partitioner(sink, kafka, report);
        queue(sink, kafka, config, report);
        if let Some(tls) = &kafka.tls {
            encryption(sink, tls, report);
        }
        if let Some(sasl) = &kafka.sasl {
            in_clear(sink, kafka, sasl, report);
        }
    }
}

fn brokers(sink: &Sink, kafka: &KafkaTarget, report: &mut Report) {
    for (index, broker) in kafka.brokers.iter().enumerate() {
        if kafka.brokers[..index].iter().any(|earlier| earlier.eq_ignore_ascii_case(broker)) {
            report.warning(&sink.key("brokers"), format!("{broker:?} a second time"), "each broker once");
        }
    }
}

/// Every topic that can come out of the template has to be one. Of their characters nothing needs to be said: the names
/// of classes, listeners and instances have none that Kafka refuses.
fn topics(sink: &Sink, kafka: &KafkaTarget, config: &Config, report: &mut Report) {
    let of_listener = |listener: &str| {
        let topics = sink.classes().map(|class| (kafka.topic.topic(class, listener, &config.instance), class));
        topics.max_by_key(|(topic, _)| topic.len())
    };
    let longest = config.listeners.iter().filter_map(|listener| Some((of_listener(&listener.name)?, listener)));
    let Some(((topic, class), listener)) = longest.max_by_key(|((topic, _), _)| topic.len()) else { return };
    if topic.len() > TOPIC_BYTES_MAX {
        let whose = match topic == kafka.topic.text {
            true => String::new(),
            false => format!(", of class {class:?} and listener {:?}", listener.name),
        };
        let found = format!("{}, a topic of {} octets{whose}", quoted(&topic), topic.len());
        report.error(&sink.key("topic"), found, format!("topics of at most {TOPIC_BYTES_MAX} octets"));
    }
}

fn fixed_key(sink: &Sink, kafka: &KafkaTarget, report: &mut Report) {
    let (key, fixed_key) = (sink.key("key"), sink.key("fixed_key"));
    let (is_fixed, is_given) = (kafka.key == MessageKey::Fixed, report.is_given(&fixed_key));
    if is_fixed && !is_given {
        report.error(&fixed_key, "nothing with key = \"fixed\"", "fixed_key = \"gully\"");
    } else if is_given && !is_fixed && !report.is_faulty(&key) {
        report.error(&fixed_key, format!("it with key = {:?}", kafka.key.word()), "it only with key = \"fixed\"");
    }
}

/// Records of a key keep their order only in one partition.
fn partitioner(sink: &Sink, kafka: &KafkaTarget, report: &mut Report) {
    if kafka.key == MessageKey::None || report.is_faulty(&sink.key("key")) {
        return;
    }
    for name in ["partitioner".to_owned(), format!("{TOPIC}partitioner")] {
        if kafka.properties.get(&name).is_some_and(|partitioner| partitioner == "random") {
            let word = kafka.key.word();
            let found = format!("\"random\" with key = {word:?}: records with the same key would lose their order");
            report.error(&joined(&sink.key("properties"), &name), found, "another partitioner, or key = \"none\"");
        }
    }
}

/// What does not fit the queue even when it is empty can never be delivered.
fn queue(sink: &Sink, kafka: &KafkaTarget, config: &Config, report: &mut Report) {
    let Some(longest) = config.listeners.iter().max_by_key(|listener| listener.record_bytes_max()) else { return };
    let is_rejoined = longest.record_bytes_max() > longest.frame_bytes_max;
    let longest_key = longest.key(if is_rejoined { "rejoin_bytes_max" } else { "frame_bytes_max" });
    if longest.record_bytes_max() > kafka.queue_bytes && !report.is_faulty(&longest_key) {
        let (queue, record) = (show(kafka.queue_bytes), show(longest.record_bytes_max()));
        let found = format!("\"{queue}\", which makes dead letters of longer records");
        let expected = format!("at least \"{record}\", which is {longest_key}");
        report.warning(&sink.key("queue_bytes"), found, expected);
    }
}

fn encryption(sink: &Sink, tls: &KafkaTls, report: &mut Report) {
    let key = |name: &str| sink.key(&format!("tls.{name}"));
    if let Some(ca) = &tls.ca {
        certificates(&key("ca"), ca, report);
    }
    if let Some(certificate) = &tls.certificate {
        certificates(&key("certificate"), certificate, report);
    }
    let found = tls.key.as_deref().and_then(|path| private_key(&key("key"), path, report));
    for (one, other, example) in [("certificate", "key", "client.key"), ("key", "certificate", "client.pem")] {
        if report.is_given(&key(one)) && !report.is_given(&key(other)) {
            report.error(&key(other), format!("nothing beside {one}"), format!("{other} = {example:?}"));
        }
    }
    password(&key("key"), tls.key.as_deref(), found, &key("key_password"), report);
    if !tls.verify_name {
        let found = "false: everybody with a certificate of these authorities can pose as the brokers";
        report.warning(&key("verify_name"), found, "true, and brokers by the names in their certificates");
    }
}

/// A key has a password exactly when it is encrypted.
fn password(key: &str, path: Option<&Path>, found: Option<PrivateKey>, key_password: &str, report: &mut Report) {
    match (found, path, report.is_given(key_password)) {
        (Some(PrivateKey::Encrypted), Some(path), false) => {
            let found = format!("{}, an encrypted private key, without key_password", path.display());
            report.error(key, found, "key_password, or a private key that is not encrypted");
        }
        (Some(PrivateKey::Plain), _, true) => {
            report.warning(
                key_password,
                "it with a key that is not encrypted, where it has no effect",
                "an encrypted key, or no password",
            );
        }
        (_, None, true) if !report.is_given(key) => {
            report.error(key_password, "it without a key", "it only with an encrypted key");
        }
        _ => {}
    }
}

/// What SASL sends can be read on the way, but for the proofs of SCRAM.
fn in_clear(sink: &Sink, kafka: &KafkaTarget, sasl: &Sasl, report: &mut Report) {
    let is_here = |broker: &String| Address::parse(broker, Path::new("")).is_ok_and(|broker| broker.is_loopback());
    let is_encrypted = report.is_given(&sink.key("tls")) || kafka.brokers.iter().all(is_here);
    let sent = match sasl {
        Sasl::Plain(_) => Some("the password"),
        Sasl::OauthBearer(_) => Some("the token"),
        Sasl::ScramSha256(_) | Sasl::ScramSha512(_) => None,
    };
    if let Some(sent) = sent.filter(|_| !is_encrypted) {
        let found = format!("{:?} without tls, which sends {sent} in clear", sasl.mechanism().word());
        report.warning(&sink.key("sasl.mechanism"), found, "tls, or brokers on this machine alone");
    }
    if let Sasl::OauthBearer(client) = sasl
        && url::is_in_clear(&client.token_url)
    {
        let found = format!("{}, where the client's secret goes in clear", quoted(&client.token_url));
        report.warning(&sink.key("sasl.token_url"), found, "a URL that begins with \"https://\"");
    }
}
