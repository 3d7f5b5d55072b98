//! The few lines that a start prints: what gully listens on, where records go, how to try it.

use config::{Config, Sink, Target};
use listener::Running;

use crate::logging;

/// Prints to standard error what is running, and a command to try when it runs on embedded defaults.
pub(crate) fn announce(config: &Config, listeners: &[(String, Running)], embedded: bool) {
    for (listener, (_, running)) in config.listeners.iter().zip(listeners) {
        logging::say(format_args!("gully listens on {} ({})", running.local_address(), listener.protocol.word()));
    }
    for sink in &config.sinks {
        logging::say(format_args!("records go to {} ({})", destination(sink), sink.encoding.word()));
    }
    if let Some(address) = &config.admin.address {
        logging::say(format_args!("metrics are at http://{address}/metrics"));
    }
    if !embedded {
        return;
    }
    if let Some(address) = listeners.iter().find_map(|(_, running)| running.local_address().ip()) {
        logging::say(format_args!("try: logger -n {} -P {} -T 'hello gully'", address.ip(), address.port()));
    }
}

/// Where the records of a sink go.
pub(crate) fn destination(sink: &Sink) -> String {
    match &sink.target {
        Target::File(file) => file.path.to_path().display().to_string(),
        Target::Kafka(kafka) => format!("the topic {} at {}", kafka.topic.text, kafka.brokers.join(", ")),
    }
}
