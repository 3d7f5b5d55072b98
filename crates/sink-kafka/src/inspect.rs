//! A look at the cluster: whether the topics are there, and as safe as they should be.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::sink::Trouble;
use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, OwnedResourceSpecifier, ResourceSpecifier};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::KafkaError;
use rdkafka::metadata::MetadataTopic;
use rdkafka::producer::{Producer, ThreadedProducer};

use crate::client::{BATCH_BYTES, config};
use crate::context::{Context, code_of};
use crate::health::Health;
use crate::verdict::of_error;
use crate::window::Batching;
use crate::{KafkaSettings, KafkaSinkError, Sasl};

/// How long a cluster may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(15);
/// With fewer replicas than this, one that is down leaves no second copy.
const REPLICAS_MIN: usize = 3;
/// With fewer in-sync replicas than this, what is acknowledged may be on one machine only.
const IN_SYNC_MIN: u64 = 2;

/// Something about a topic that puts records at risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic.
    pub topic: String,
    /// What is so.
    pub found: String,
    /// What would be better.
    pub expected: String,
}

/// Why there are no findings.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The settings make no client.
    #[error(transparent)]
    Settings(#[from] KafkaSinkError),
    /// The cluster could not be asked.
    #[error("{0}")]
    Trouble(Trouble),
}

/// Asks the cluster about `topics`, whose records have at most `record_bytes_max` octets. Creates nothing, writes nothing.
///
/// # Errors
/// [`InspectError`]: nobody answered within 15 seconds, or we were not let in.
pub async fn inspect(
    settings: &KafkaSettings,
    topics: &[String],
    record_bytes_max: u64,
) -> Result<Vec<Finding>, InspectError> {
    let mut config = config(settings, Batching::Bytes(BATCH_BYTES), false)?;
    config.remove("enable.idempotence");
    let health = Arc::<Health>::default();
    let context = || Context::new(settings, &Arc::default(), &health, &Arc::default());
    let trouble = |error: KafkaError| {
        let (code, what) = match health.complaint() {
            Some(complaint) => (complaint.code, complaint.what),
            None => (code_of(&error), error.to_string()),
        };
        InspectError::Trouble(of_error(code).trouble(format!("the cluster does not answer: {what}")))
    };
    // A producer, since nobody would ask an admin client's queue for a token.
    let client: ThreadedProducer<Context> = config.create_with_context(context()).map_err(trouble)?;
    // All topics: to ask for one by its name may create it.
    let metadata = client.client().fetch_metadata(None, ANSWER_TIME_MAX).map_err(trouble)?;
    let mut findings = Vec::new();
    let mut present = Vec::new();
    for topic in topics {
        match metadata.topics().iter().find(|known| known.name() == topic) {
            Some(known) => {
                findings.extend(few_replicas(known));
                present.push(topic.as_str());
            }
            None => findings.push(Finding {
                topic: topic.clone(),
                found: "no such topic, or none that we may see".to_owned(),
                expected: "it to be created, with 3 replicas and min.insync.replicas = 2, and Describe to be allowed"
                    .to_owned(),
            }),
        }
    }
    if matches!(settings.sasl, Some(Sasl::Oauthbearer(_))) {
        findings.extend(present.iter().map(|topic| Finding {
            topic: (*topic).to_owned(),
            found: "its settings are not looked at when the login is by token".to_owned(),
            expected:
                "a look at min.insync.replicas, unclean.leader.election.enable and max.message.bytes by you".to_owned(),
        }));
    } else {
        let admin = AdminClient::from_config_and_context(&config, context()).map_err(trouble)?;
        findings.extend(weak_settings(&admin, &present, record_bytes_max).await);
    }
    Ok(findings)
}

fn few_replicas(topic: &MetadataTopic) -> Option<Finding> {
    let replicas = topic.partitions().iter().map(|partition| partition.replicas().len()).min()?;
    (replicas < REPLICAS_MIN).then(|| Finding {
        topic: topic.name().to_owned(),
        found: format!("replication factor {replicas}"),
        expected: "3 or more: with fewer, a broker that dies may take records with it".to_owned(),
    })
}

async fn weak_settings(admin: &AdminClient<Context>, topics: &[&str], record_bytes_max: u64) -> Vec<Finding> {
    if topics.is_empty() {
        return Vec::new();
    }
    let specifiers = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect::<Vec<_>>();
    let options = AdminOptions::new().request_timeout(Some(ANSWER_TIME_MAX));
    let unseen = |topic: &str, cause: &dyn std::fmt::Display| Finding {
        topic: topic.to_owned(),
        found: format!("its settings cannot be seen: {cause}"),
        expected: "the operation DescribeConfigs to be allowed, for this look only".to_owned(),
    };
    let described = match admin.describe_configs(&specifiers, &options).await {
        Ok(described) => described,
        Err(error) => return topics.iter().map(|topic| unseen(topic, &error)).collect(),
    };
    let mut findings = Vec::new();
    for (topic, resource) in topics.iter().zip(described) {
        match resource {
            Ok(resource) => findings.extend(weak_settings_of(&resource, record_bytes_max)),
            Err(code) => findings.push(unseen(topic, &code)),
        }
    }
    findings
}

fn weak_settings_of(resource: &ConfigResource, record_bytes_max: u64) -> Vec<Finding> {
    let OwnedResourceSpecifier::Topic(topic) = &resource.specifier else { return Vec::new() };
    let values = resource.entry_map();
    weak(&values.iter().filter_map(|(name, entry)| Some((*name, entry.value.as_deref()?))).collect(), record_bytes_max)
        .into_iter()
        .map(|(found, expected)| Finding { topic: topic.clone(), found, expected })
        .collect()
}

/// What of a topic's settings is found, and what would be better.
fn weak(values: &HashMap<&str, &str>, record_bytes_max: u64) -> Vec<(String, String)> {
    let number = |name: &str| values.get(name).and_then(|value| value.parse::<u64>().ok());
    let mut findings = Vec::new();
    if let Some(least) = number("min.insync.replicas").filter(|least| *least < IN_SYNC_MIN) {
        let expected = "2 or more: with fewer, an acknowledged record may be on one broker only";
        findings.push((format!("min.insync.replicas = {least}"), expected.to_owned()));
    }
    if values.get("unclean.leader.election.enable") == Some(&"true") {
        let expected = "false: a leader that lacks records makes them disappear";
        findings.push(("unclean.leader.election.enable = true".to_owned(), expected.to_owned()));
    }
    if let Some(bytes) = number("max.message.bytes").filter(|bytes| *bytes < record_bytes_max) {
        let expected = format!("{record_bytes_max} or more: longer records become dead letters");
        findings.push((format!("max.message.bytes = {bytes}"), expected));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weak_setting_is_found_and_a_strong_one_is_not() {
        let found = |settings: &[(&'static str, &'static str)]| {
            let values = settings.iter().copied().collect();
            weak(&values, 1_000_000).into_iter().map(|(found, _)| found).collect::<Vec<_>>()
        };
        let strong = [
            ("min.insync.replicas", "2"),
            ("unclean.leader.election.enable", "false"),
            ("max.message.bytes", "1000000"),
        ];
        assert!(found(&strong).is_empty());
        let weak =
            [("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true"), ("max.message.bytes", "999999")];
        assert_eq!(
            found(&weak),
            ["min.insync.replicas = 1", "unclean.leader.election.enable = true", "max.message.bytes = 999999"]
        );
    }
}
