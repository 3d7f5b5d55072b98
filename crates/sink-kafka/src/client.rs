//! The librdkafka client: its properties, its making and its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer, PurgeConfig, ThreadedProducer};

use crate::context::Context;
use crate::health::Health;
use crate::reports::Reports;
use crate::window::Batching;
use crate::{Compression, KafkaNumbers, KafkaSettings, KafkaSinkError, Sasl};

/// A batch of several messages holds at most this much, unless somebody wants less.
pub(crate) const BATCH_BYTES: u64 = 1_000_000;
/// librdkafka's statistics come this often.
const STATISTICS_MILLIS: u32 = 5_000;
/// The largest value that librdkafka takes for `message.max.bytes`: the broker's limit decides, not ours.
const MESSAGE_BYTES_MAX: u32 = 1_000_000_000;
/// What librdkafka keeps of a message beside its value, as an average that is on the safe side: see `queue_messages_max`.
const VALUE_BYTES_PER_MESSAGE: u64 = 1024;
/// At its end a client gets this long to learn what became of the requests under way, so that fewer records are sent twice.
const IN_FLIGHT_GRACE: Duration = Duration::from_secs(1);

/// A client and where its reports go.
pub(crate) struct Client {
    pub(crate) producer: ThreadedProducer<Context>,
    pub(crate) reports: Arc<Reports>,
    pub(crate) batching: Batching,
    /// It sends nothing more once a record has failed for good.
    pub(crate) is_gapless: bool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("batching", &self.batching).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn make(
        settings: &KafkaSettings,
        batching: Batching,
        is_gapless: bool,
        health: &Arc<Health>,
        numbers: &Arc<KafkaNumbers>,
    ) -> Result<Self, KafkaSinkError> {
        let config = config(settings, batching, is_gapless)?;
        let reports = Arc::<Reports>::default();
        let context = Context::new(settings, &reports, health, numbers);
        let producer = config.create_with_context(context).map_err(refused)?;
        Ok(Self { producer, reports, batching, is_gapless })
    }

    /// Throws the client away, and gives back the reports, to which nothing is added any more.
    ///
    /// What is not on its way yet does not go any more: records behind a failed one must not overtake it. Blocks for
    /// about a second at most.
    pub(crate) fn end(self) -> Arc<Reports> {
        let Self { producer, reports, .. } = self;
        producer.purge(PurgeConfig::default().queue());
        let until = Instant::now() + IN_FLIGHT_GRACE;
        while producer.in_flight_count() > 0 && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        drop(producer);
        reports
    }
}

/// Makes a client that knows no broker, since librdkafka looks at some settings, and at the files of TLS, only then.
pub(crate) fn try_out(settings: &KafkaSettings) -> Result<(), KafkaSinkError> {
    let mut config = config(settings, Batching::Bytes(batch_bytes(settings)), true)?;
    config.remove("bootstrap.servers");
    let unheard = Context::new(settings, &Arc::default(), &Arc::default(), &Arc::default());
    config.create_with_context::<_, BaseProducer<Context>>(unheard).map_err(refused).map(drop)
}

/// All properties of the client for `settings`.
pub(crate) fn config(
    settings: &KafkaSettings,
    batching: Batching,
    is_gapless: bool,
) -> Result<ClientConfig, KafkaSinkError> {
    let mut properties = BTreeMap::new();
    let mut set = |property: &str, value: String| properties.insert(property.to_owned(), value);
    set("bootstrap.servers", settings.brokers.join(","));
    set("client.id", settings.client_id.clone());
    // Brokers that are gone are found out sooner than by the library's own minute.
    set("socket.timeout.ms", "20000".to_owned());
    set("request.timeout.ms", "15000".to_owned());
    set("socket.keepalive.enable", "true".to_owned());
    set("reconnect.backoff.max.ms", "5000".to_owned());
    set("topic.metadata.propagation.max.ms", "10000".to_owned());
    // While an idempotent client waits for an answer and holds a message older than this, it looks at its queue without a pause;
    // so it should be more than a round trip, and more than the queue lasts.
    set("linger.ms", "50".to_owned());
    // The same partition for a key as by clients in Java.
    set("partitioner", "murmur2_random".to_owned());
    for (property, value) in &settings.properties {
        set(property, value.clone());
    }
    // What follows is what delivery rests upon, so it comes last.
    set("acks", "all".to_owned());
    set("enable.idempotence", "true".to_owned());
    set("message.timeout.ms", "0".to_owned());
    set("message.max.bytes", MESSAGE_BYTES_MAX.to_string());
    match batching {
        Batching::Bytes(bytes) => set("batch.size", bytes.to_string()),
        Batching::Alone => set("batch.num.messages", "1".to_owned()),
    };
    // With it a record that fails for good ends the client, so that nothing behind it overtakes what is sent again.
    set("enable.gapless.guarantee", is_gapless.to_string());
    set("queue.buffering.max.kbytes", settings.queue_bytes.div_ceil(1024).to_string());
    set("queue.buffering.max.messages", queue_messages_max(settings.queue_bytes).to_string());
    set("statistics.interval.ms", STATISTICS_MILLIS.to_string());
    set("compression.codec", codec(settings.compression).to_owned());
    security(settings, &mut set);

    let mut config = ClientConfig::new();
    config.set_log_level(RDKafkaLogLevel::Debug);
    for (property, value) in properties {
        config.set(property, value);
    }
    config.create_native_config().map_err(refused)?;
    Ok(config)
}

/// What a batch of several messages may hold at first.
pub(crate) fn batch_bytes(settings: &KafkaSettings) -> u64 {
    let asked = settings.properties.iter().find(|(property, _)| property == "batch.size");
    asked.and_then(|(_, bytes)| bytes.parse().ok()).map_or(BATCH_BYTES, |bytes: u64| bytes.min(BATCH_BYTES))
}

/// How many messages librdkafka may queue. Their values count against `queue.buffering.max.kbytes`, but not what it keeps
/// beside each: key, headers and its own records, less than a KiB.
pub(crate) fn queue_messages_max(queue_bytes: u64) -> u64 {
    (queue_bytes / VALUE_BYTES_PER_MESSAGE).max(1)
}

/// The library's error without the value, which may be a secret.
fn refused(error: KafkaError) -> KafkaSinkError {
    match error {
        KafkaError::ClientConfig(_, cause, property, value) => {
            let shown = if value.is_empty() { cause } else { cause.replace(&value, "…") };
            KafkaSinkError::Property { property, cause: shown.trim_end().to_owned() }
        }
        other => KafkaSinkError::Settings(other.to_string().trim_end().to_owned()),
    }
}

const fn codec(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "none",
        Compression::Gzip => "gzip",
        Compression::Snappy => "snappy",
        Compression::Lz4 => "lz4",
        Compression::Zstd => "zstd",
    }
}

fn security(settings: &KafkaSettings, set: &mut impl FnMut(&str, String) -> Option<String>) {
    let protocol = match (&settings.tls, &settings.sasl) {
        (None, None) => "plaintext",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), None) => "ssl",
        (Some(_), Some(_)) => "sasl_ssl",
    };
    set("security.protocol", protocol.to_owned());
    let text = |path: &Path| path.to_string_lossy().into_owned();
    if let Some(tls) = &settings.tls {
        // `probe`: wherever this system keeps the certificates that it trusts.
        set("ssl.ca.location", tls.ca.as_deref().map_or_else(|| "probe".to_owned(), text));
        if let Some((certificate, key)) = &tls.certificate {
            set("ssl.certificate.location", text(certificate));
            set("ssl.key.location", text(key));
        }
        if let Some(password) = &tls.key_password {
            set("ssl.key.password", password.current());
        }
        set("ssl.endpoint.identification.algorithm", if tls.verify_name { "https" } else { "none" }.to_owned());
    }
    let (mechanism, login) = match &settings.sasl {
        None => return,
        Some(Sasl::Plain(login)) => ("PLAIN", login),
        Some(Sasl::ScramSha256(login)) => ("SCRAM-SHA-256", login),
        Some(Sasl::ScramSha512(login)) => ("SCRAM-SHA-512", login),
        Some(Sasl::Oauthbearer(_)) => {
            set("sasl.mechanism", "OAUTHBEARER".to_owned());
            return;
        }
    };
    set("sasl.mechanism", mechanism.to_owned());
    set("sasl.username", login.username.clone());
    set("sasl.password", login.password.current());
}
