//! `gully check --connect` says what of a topic puts records at risk, and changes nothing.

use crate::support::gully::run_once;
use crate::support::kafka::cluster::Cluster;
use crate::support::ports::free_address;
use crate::support::setup::Setup;

#[test]
fn what_is_weak_is_named_and_what_is_missing_is_not_made() {
    let cluster = Cluster::shared();
    let weak = [("unclean.leader.election.enable", "true"), ("max.message.bytes", "1000")];
    cluster.admin().create_topic("weak", 1, 1, &weak);
    let (code, said) = check(&cluster.brokers(), "weak");
    assert_eq!(code, Some(0), "{said}");
    let findings = [
        "replication factor 1",
        "min.insync.replicas = 1",
        "unclean.leader.election.enable = true",
        "max.message.bytes = 1000",
    ];
    for found in findings {
        let line = format!("warning: sink.records: topic weak: found {found}, expected ");
        assert!(said.contains(&line), "nothing about {found}:\n{said}");
    }
    let (code, said) = check(&cluster.brokers(), "not-there");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("topic not-there: found no such topic"), "{said}");
    assert!(cluster.admin().partitions("not-there").is_empty());
}

#[test]
fn nothing_is_said_against_a_topic_that_keeps_records_safe() {
    let cluster = Cluster::three();
    cluster.admin().create_topic("strong", 1, 3, &[]);
    let (code, said) = check(&cluster.brokers(), "strong");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("sink.records: the cluster answers, 0 warnings"), "{said}");
}

#[test]
fn a_cluster_that_does_not_answer_is_an_error() {
    let (code, said) = check(&[free_address().to_string()], "any");
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("error: sink.records: the cluster does not answer: "), "{said}");
    assert!(said.contains("Connection refused"), "{said}");
}

/// Exit code and output of the check of a gully with a sink to `topic` at `brokers`.
fn check(brokers: &[String], topic: &str) -> (Option<i32>, String) {
    let mut setup = Setup::new();
    setup.listener("tcp", "tcp", "");
    setup.kafka_sink("records", brokers, topic, "");
    let path = setup.write();
    let arguments = ["check".as_ref(), "--connect".as_ref(), "--config".as_ref(), path.as_os_str()];
    let output = run_once(setup.directory(), &arguments, b"");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}
