//! The sink itself: batches to the client, reports to the driver.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ::sink::{Ack, DeliveryError, Progress, Rejected, Sink, SinkBatch, Trouble};
use rdkafka::producer::Producer;
use rdkafka::types::RDKafkaErrorCode;
use record::Sequence;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::client::{self, Client};
use crate::earlier::Earlier;
use crate::health::Health;
use crate::leniency::Leniency;
use crate::maker::{Maker, Sent};
use crate::pulse::Pulse;
use crate::reports::{Failures, SLOTS, Ticket};
use crate::verdict::{SETTINGS, of_error};
use crate::window::{Batching, Sorted, UnderWay, Window, are_only_rejections, first_of};
use crate::{KafkaNumbers, KafkaSettings, KafkaSinkError};

/// Below this there is no sense in halving: each message gets a batch of its own.
const BATCH_BYTES_MIN: u64 = 1024;
/// A line about a topic's odd ways is repeated after this long at the earliest.
const SAID_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// So many records are handed over before the driver gets a chance to do something else.
const HANDED_AT_ONCE: usize = 4096;
/// How long the client's full queue is left alone.
const QUEUE_FULL_NAP: Duration = Duration::from_millis(2);
/// After this long without a report the client is made anew when its complaint is one that people mend: certificates are read
/// and names are resolved again.
const RENEW_AFTER: Duration = Duration::from_secs(60);
/// And after this long whatever it complains about, for what neither it nor we know of.
const RENEW_ANYWAY_AFTER: Duration = Duration::from_secs(180);

/// Delivers records to Kafka. Ending a client blocks for a second or two: give it a thread of its own, as the driver's contract
/// says.
///
/// A failed report, whatever it says, is the end of the client (but see [`Leniency`]): the client sends nothing more once a
/// record has failed for good, so that no record overtakes another of its key, and only a new one goes on. When the failure was about single records,
/// or about how they were put together, the sink goes on by itself; else the driver decides when.
#[derive(Debug)]
pub struct KafkaSink {
    settings: KafkaSettings,
    maker: Maker,
    client: Option<Client>,
    window: Window,
    /// What of the batches that the driver will give again is done with, oldest first.
    earlier: VecDeque<(Sequence, Earlier)>,
    /// The client ended between two calls of the driver, which believes that batches are under way.
    untold: Option<DeliveryError>,
    batch_bytes: u64,
    /// Each message gets a batch of its own until all that is under way is settled.
    is_isolating: bool,
    said_unnamed_at: Option<Instant>,
    /// The client is to be made anew as soon as nothing is under way.
    is_renewal_wanted: bool,
    health: Arc<Health>,
    numbers: Arc<KafkaNumbers>,
    leniency: Leniency,
    pulse: Pulse,
    /// When something was settled last, or nothing was wanted.
    confirmed_at: Instant,
    /// Maintenance has found something wrong, and nothing was settled since.
    is_complaining: bool,
}

impl KafkaSink {
    /// A sink that makes its client when it is first asked for something.
    ///
    /// # Errors
    /// [`KafkaSinkError`]: librdkafka does not take a setting. Nobody is asked over the network.
    pub fn open(settings: KafkaSettings) -> Result<Self, KafkaSinkError> {
        client::try_out(&settings)?;
        Ok(Self {
            maker: Maker::new(&settings),
            batch_bytes: client::batch_bytes(&settings),
            settings,
            client: None,
            window: Window::default(),
            earlier: VecDeque::new(),
            untold: None,
            is_isolating: false,
            said_unnamed_at: None,
            is_renewal_wanted: false,
            health: Arc::default(),
            numbers: Arc::default(),
            leniency: Leniency::default(),
            pulse: Pulse::new(),
            confirmed_at: Instant::now(),
            is_complaining: false,
        })
    }

    /// What its clients count, also after the sink has gone to its driver.
    #[must_use]
    pub fn numbers(&self) -> Arc<KafkaNumbers> {
        Arc::clone(&self.numbers)
    }

    /// Makes a client if there is none, or if a new one is wanted and nothing stands against it.
    fn have_client(&mut self) -> Result<(), DeliveryError> {
        if self.is_renewal_wanted && self.window.is_empty() {
            self.end_client();
            (self.is_renewal_wanted, self.is_isolating) = (false, false);
        }
        if self.client.is_some() {
            return Ok(());
        }
        let batching = if self.is_isolating { Batching::Alone } else { Batching::Bytes(self.batch_bytes) };
        let is_gapless = !self.leniency.is_on(Instant::now());
        match Client::make(&self.settings, batching, is_gapless, &self.health, &self.numbers) {
            Ok(client) => {
                self.window.slots().for_each(|slot| client.reports.begin(slot));
                self.client = Some(client);
                self.pulse = Pulse::new();
                Ok(())
            }
            Err(error) => {
                let what = format!("the Kafka client cannot be made: {error}");
                Err(self.recall(SETTINGS.error(what)))
            }
        }
    }

    /// Ends the client, if there is one, and takes its batches back.
    fn end_client(&mut self) -> Option<Ended> {
        let client = self.client.take()?;
        let fatal = client.producer.client().fatal_error();
        let batching = client.batching;
        let reports = client.end();
        self.numbers.client_gone();
        let Failures { list, topic } = reports.take_failed();
        let sorted = self.window.sort(&list, batching);
        self.window.begin_anew(&reports);
        Some(Ended { sorted, fatal, batching, topic: topic.unwrap_or_default() })
    }

    /// Gives all batches back to the driver, and `error` with them.
    fn recall(&mut self, error: DeliveryError) -> DeliveryError {
        for batch in self.window.recall() {
            // Before those that the driver has not given again since the last time.
            self.earlier.push_front(batch);
        }
        error
    }

    /// Sees to failed reports, if there are any; the error says why the driver should wait before it goes on.
    fn look_at_failures(&mut self) -> Result<(), DeliveryError> {
        let Some(client) = self.client.as_ref().filter(|client| client.reports.has_failed()) else { return Ok(()) };
        if !client.is_gapless
            && let Some(failures) = client.reports.take_failed_if(|list| are_only_rejections(list, client.batching))
        {
            let sorted = self.window.sort(&failures.list, client.batching);
            if sorted == (Sorted { has_rejected: true, ..Sorted::default() }) {
                return Ok(());
            }
        }
        self.begin_anew()
    }

    /// Ends the client, and makes another at once if the failure was about single records, or about how they were put together.
    fn begin_anew(&mut self) -> Result<(), DeliveryError> {
        let Some(ended) = self.end_client() else { return Ok(()) };
        let topic = &ended.topic;
        if let Some(error) = ended.error() {
            return Err(self.recall(error));
        }
        let is_single = !ended.sorted.is_unnamed && !ended.sorted.is_batch_too_large;
        if is_single && self.leniency.note_end(Instant::now()) {
            tracing::warn!(
                topic,
                "records are rejected one after another: for ten minutes clients go on after one, and keep the order of a key only \
                 as long as no batch of several records fails"
            );
        }
        if ended.sorted.is_unnamed {
            if self.said_unnamed_at.is_none_or(|at| at.elapsed() >= SAID_AGAIN_AFTER) {
                self.said_unnamed_at = Some(Instant::now());
                tracing::warn!(topic, "a broker rejects records and does not say which: they are sent one by one");
            }
            (self.is_isolating, self.is_renewal_wanted) = (true, true);
        }
        if let (true, Batching::Bytes(bytes)) = (ended.sorted.is_batch_too_large, ended.batching) {
            tracing::warn!(
                topic,
                bytes,
                "batches of several records are too large for the topic, and are made smaller; max.message.bytes allows more"
            );
            self.batch_bytes = if bytes <= BATCH_BYTES_MIN { 1 } else { bytes / 2 };
        }
        self.have_client()
    }

    /// Hands over what the client has room for.
    fn hand_over(&mut self) -> Result<Handed, DeliveryError> {
        let Self { client: Some(client), window, maker, .. } = self else { return Ok(Handed::UntilFull) };
        let mut budget = HANDED_AT_ONCE;
        while let Some(UnderWay { slot, first, rest, attempted, earlier, .. }) = window.unfinished() {
            while let Some((id, record)) = rest.first() {
                if earlier.needs(id.sequence) {
                    if budget == 0 {
                        return Ok(Handed::Some);
                    }
                    budget -= 1;
                    let ticket = Ticket { slot: *slot, distance: id.sequence.0 - first.0 };
                    match maker.send(client, &record, id, ticket) {
                        Sent::Yes => attempted.handed += 1,
                        Sent::QueueFull => return Ok(Handed::UntilFull),
                        Sent::Rejected(reason, what) => {
                            attempted.rejected.push(Rejected { record: id.sequence, reason, what });
                        }
                        // Some record has failed for good; its report says why.
                        Sent::No(RDKafkaErrorCode::Fatal, _) => {
                            self.begin_anew()?;
                            return Ok(Handed::Some);
                        }
                        Sent::No(code, what) => {
                            self.end_client();
                            return Err(self.recall(of_error(code).error(what)));
                        }
                    }
                    attempted.last = Some(id.sequence);
                }
                rest.advance();
            }
            client.reports.expect(*slot, attempted.handed);
        }
        Ok(Handed::All)
    }

    /// What is wrong when nothing has come in for a while. After a long while the client is ended.
    fn silence(&mut self) -> Option<DeliveryError> {
        let complaint = self.health.complaint();
        if self.window.is_empty() {
            self.pulse.rest();
            // Nothing is wanted from the brokers; but when none is connected, somebody should know before something is.
            let is_alone = self.numbers.brokers_up.load(Ordering::Relaxed) == 0;
            let complaint = complaint.filter(|complaint| complaint.is_total && is_alone);
            self.confirmed_at = Instant::now();
            self.is_complaining = complaint.is_some();
            return complaint.map(|complaint| of_error(complaint.code).error(complaint.what));
        }
        self.pulse.feel(self.client.as_ref()?.reports.reported_in_all());
        // Once raised, an alarm lasts until something is settled.
        if !self.pulse.is_silent() && !self.is_complaining {
            return None;
        }
        self.is_complaining = true;
        let silent_for = self.pulse.silent_for();
        let unconfirmed_for = self.confirmed_at.elapsed().as_secs();
        let (code, what) = match complaint {
            Some(complaint) => (complaint.code, complaint.what),
            None => (RDKafkaErrorCode::NotEnoughReplicas, "no broker has answered".to_owned()),
        };
        let failure = of_error(code);
        let error = failure.error(format!("no record has been confirmed for {unconfirmed_for} s: {what}"));
        let renew_after = if failure.is_configuration() { RENEW_AFTER } else { RENEW_ANYWAY_AFTER };
        if silent_for >= renew_after {
            self.end_untold(error.clone());
        }
        Some(error)
    }

    /// Ends the client between two calls of the driver, which learns of it at the next one.
    fn end_untold(&mut self, error: DeliveryError) {
        if self.end_client().is_some() {
            self.untold = Some(self.recall(error));
        }
    }

    fn tell(&mut self) -> Result<(), DeliveryError> {
        self.untold.take().map_or(Ok(()), Err)
    }
}

/// How far handing over got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handed {
    All,
    /// There was more to do than one call does.
    Some,
    /// The client's queue is full.
    UntilFull,
}

/// What is known of a client that has ended.
#[derive(Debug)]
struct Ended {
    sorted: Sorted,
    fatal: Option<(RDKafkaErrorCode, String)>,
    batching: Batching,
    /// One of the topics that failed.
    topic: String,
}

impl Ended {
    /// The error that is for the driver; none when the failure was about single records, or about their batches.
    fn error(&self) -> Option<DeliveryError> {
        let Self { sorted, fatal, topic, .. } = self;
        if let Some(code) = sorted.failure {
            return Some(of_error(code).error(format!("topic {topic} takes no records: {code}")));
        }
        // That a record has failed for good is fatal by our own choice; the record itself says why.
        let is_explained = sorted.has_rejected || sorted.is_batch_too_large || sorted.is_unnamed;
        match fatal {
            Some((RDKafkaErrorCode::GaplessGuarantee, _)) if is_explained => None,
            None if is_explained => None,
            Some((code, what)) => {
                let of_code = of_error(*code);
                let failure = if of_code.is_configuration() { of_code } else { of_error(RDKafkaErrorCode::Fatal) };
                Some(failure.error(format!("{what} ({code})")))
            }
            None => Some(of_error(RDKafkaErrorCode::Fatal).error("the client gave up its queue".to_owned())),
        }
    }
}

impl Sink for KafkaSink {
    /// Takes the batch; [`Sink::settled`] hands it over.
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        self.tell()?;
        self.have_client()?;
        let earlier = match self.earlier.pop_front() {
            Some((known, earlier)) if known == first_of(batch) => earlier,
            _ => Earlier::default(),
        };
        let slot = self.window.push(batch, earlier);
        if let Some(client) = &self.client {
            client.reports.begin(slot);
        }
        Ok(Progress::UnderWay)
    }

    /// Goes on handing over, and waits for the reports of the oldest batch.
    async fn settled(&mut self) -> Result<Ack, DeliveryError> {
        loop {
            self.tell()?;
            self.look_at_failures()?;
            let handed = self.hand_over()?;
            let Some(client) = &self.client else {
                let what = "the client is gone".to_owned();
                return Err(self.recall(of_error(RDKafkaErrorCode::Fatal).error(what)));
            };
            if let Some(ack) = self.window.settle(&client.reports) {
                self.health.clear();
                self.is_complaining = false;
                self.confirmed_at = Instant::now();
                return Ok(ack);
            }
            match handed {
                Handed::All => {
                    let reports = Arc::clone(&client.reports);
                    reports.changed.notified().await;
                }
                // The driver may have something else to do.
                Handed::Some => yield_now().await,
                Handed::UntilFull => sleep(QUEUE_FULL_NAP).await,
            }
        }
    }

    fn under_way_max(&self) -> usize {
        if self.is_renewal_wanted { 1 } else { SLOTS }
    }

    /// Notices silence, and the end of a lenient time.
    async fn maintain(&mut self) -> Result<(), DeliveryError> {
        let is_lenient = self.client.as_ref().is_some_and(|client| !client.is_gapless);
        if is_lenient && !self.is_renewal_wanted && !self.leniency.is_on(Instant::now()) {
            tracing::info!("the next client keeps the order of a key whatever fails, as before");
            self.is_renewal_wanted = true;
        }
        self.have_client()?;
        self.silence().map_or(Ok(()), Err)
    }

    /// Makes the client anew, and so reads certificates again: as soon as nothing is under way, or at once when nothing moves.
    fn reopen(&mut self) {
        self.is_renewal_wanted = true;
        self.batch_bytes = client::batch_bytes(&self.settings);
        if self.pulse.is_silent() {
            self.end_untold(DeliveryError::Passing(Trouble {
                reason: "renewed",
                what: "the Kafka client was made anew on request".to_owned(),
                remedy: "nothing: what is not known to have arrived is sent again".to_owned(),
            }));
        }
    }

    async fn rebuild(&mut self) -> Result<(), DeliveryError> {
        self.have_client()
    }

    async fn close(&mut self) -> Result<(), DeliveryError> {
        self.client = None;
        Ok(())
    }
}
