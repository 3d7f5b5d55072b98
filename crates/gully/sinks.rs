//! From the configuration to sinks that are ready to run. Here, and only here, a kind of sink gets its name.

mod file;
#[cfg_attr(not(feature = "kafka"), path = "sinks/no_kafka.rs")]
pub(crate) mod kafka;

use config::{Config, FieldSet, Target};
use pipeline::SinkPlan;
use record::ClassMask;
use sink::encode::{Encoding, JsonOptions};
use sink::{DeadLetterFile, DriverSettings, Sink};

use crate::exit::{Exit, Failure};
use crate::settings;

/// Dead letters of one sink take at most this much disk; then its delivery waits.
const DEAD_LETTERS_BYTES_MAX: u64 = 1 << 30;

/// Metrics of one kind of sink alone, which are read from it when somebody asks.
pub(crate) trait Publish: Send + Sync {
    /// Brings the exported values up to date.
    fn publish(&self);
}

/// Sinks that are open, and what shows how they fare.
pub(crate) struct Sinks {
    pub(crate) plans: Vec<SinkPlan>,
    pub(crate) publishers: Vec<Box<dyn Publish>>,
}

/// Opens every sink.
pub(crate) fn open(config: &Config) -> Result<Sinks, Failure> {
    let mut sinks = Sinks { plans: Vec::new(), publishers: Vec::new() };
    for sink in &config.sinks {
        match &sink.target {
            Target::File(target) => {
                let (file, publisher) = file::open(sink, target, &config.instance)?;
                sinks.add(config, sink, file, publisher)?;
            }
            Target::Kafka(target) => {
                let (kafka, publisher) = kafka::open(sink, target, &config.instance)?;
                sinks.add(config, sink, kafka, publisher)?;
            }
        }
    }
    Ok(sinks)
}

impl Sinks {
    fn add(
        &mut self,
        config: &Config,
        sink: &config::Sink,
        destination: impl Sink + Send + 'static,
        publisher: impl Publish + 'static,
    ) -> Result<(), Failure> {
        let dead_letters = DeadLetterFile::new(&config.data_dir, &sink.name, DEAD_LETTERS_BYTES_MAX)
            .map_err(|cause| Failure::new(Exit::Configuration, cause))?;
        let plan = SinkPlan::new(&sink.name, take(sink), destination, dead_letters, DriverSettings::default());
        self.plans.push(plan.select(settings::filter(sink)?));
        self.publishers.push(Box::new(publisher));
        Ok(())
    }
}

/// The classes that a sink takes.
pub(crate) fn take(sink: &config::Sink) -> ClassMask {
    // The configuration has checked that each pattern names a class.
    let masks = sink.take.iter().filter_map(|pattern| ClassMask::parse(pattern).ok());
    masks.fold(ClassMask::NONE, ClassMask::union)
}

fn encoding(sink: &config::Sink) -> Encoding {
    match sink.encoding {
        config::Encoding::Raw => Encoding::Raw,
        config::Encoding::Syslog => Encoding::Syslog,
        config::Encoding::Json => Encoding::Json(JsonOptions {
            embed_json: sink.embed_json,
            native: sink.fields.contains(&FieldSet::Native),
            ecs: sink.fields.contains(&FieldSet::Ecs),
        }),
        config::Encoding::Ecs => Encoding::Ecs,
        config::Encoding::Ocsf => Encoding::Ocsf,
        config::Encoding::Cef => Encoding::Cef,
    }
}
