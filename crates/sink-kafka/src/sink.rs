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
use crate::earlier::{Attempted, Earlier};
use crate::health::Health;
use crate::maker::{Maker, Sent};
use crate::reports::{Failed, Failures, SLOTS, Ticket};
use crate::rest::Rest;
use crate::verdict::{Verdict, of_error, of_report};
use crate::{KafkaNumbers, KafkaSettings, KafkaSinkError};

/// A batch of several messages holds at most this much, unless brokers want less.
pub(crate) const BATCH_BYTES: u64 = 1_000_000;
/// Below this there is no sense in halving: each message gets a batch of its own.
const BATCH_BYTES_MIN: u64 = 1024;
/// So many records are handed over before the driver gets a chance to do something else.
const HANDED_AT_ONCE: usize = 4096;
/// How long the client's full queue is left alone.
const QUEUE_FULL_NAP: Duration = Duration::from_millis(2);
/// Reports that stay away for this long are worth an alarm.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// After this long without a report the client is made anew when its complaint is one that people mend: certificates are read
/// and names are resolved again.
const RENEW_AFTER: Duration = Duration::from_secs(60);
/// And after this long whatever it complains about, for what neither it nor we know of.
const RENEW_ANYWAY_AFTER: Duration = Duration::from_secs(180);

/// Delivers records to Kafka. Blocks in its methods: give it a thread of its own, as the driver's contract says.
#[derive(Debug)]
pub struct KafkaSink {
    settings: KafkaSettings,
    maker: Maker,
    client: Option<Client>,
    /// Batches that the client has, oldest first.
    under_way: VecDeque<UnderWay>,
    /// What arrived of the batches that the last client had, oldest first, until they are given again.
    earlier: VecDeque<(Sequence, Earlier)>,
    next_slot: usize,
    batch_bytes: u64,
    health: Arc<Health>,
    numbers: Arc<KafkaNumbers>,
    heard: Heard,
    /// Why the last client ended, until something is settled.
    trouble: Option<DeliveryError>,
    /// The client has ended, and the driver does not know yet that nothing is under way any more.
    is_untold: bool,
    /// The client is to be made anew as soon as nothing is under way.
    is_renewal_wanted: bool,
}

/// A batch that the client has.
#[derive(Debug)]
struct UnderWay {
    slot: usize,
    /// Its first record.
    first: Sequence,
    /// What is still to be handed over.
    rest: Rest,
    /// What it has of it since this attempt began; `reported` comes from the slot.
    attempted: Attempted,
    earlier: Earlier,
}

/// When reports came in last.
#[derive(Debug)]
struct Heard {
    at: Instant,
    reported: u64,
}

impl KafkaSink {
    /// A sink that makes its client when it is first asked for something.
    ///
    /// # Errors
    /// [`KafkaSinkError`]: librdkafka does not take a setting. Nobody is asked over the network.
    pub fn open(settings: KafkaSettings) -> Result<Self, KafkaSinkError> {
        client::config(&settings, BATCH_BYTES)?;
        Ok(Self {
            maker: Maker::new(&settings),
            settings,
            client: None,
            under_way: VecDeque::new(),
            earlier: VecDeque::new(),
            next_slot: 0,
            batch_bytes: BATCH_BYTES,
            health: Arc::default(),
            numbers: Arc::default(),
            heard: Heard { at: Instant::now(), reported: 0 },
            trouble: None,
            is_untold: false,
            is_renewal_wanted: false,
        })
    }

    /// What its clients count, also after the sink has gone to its driver.
    #[must_use]
    pub fn numbers(&self) -> Arc<KafkaNumbers> {
        Arc::clone(&self.numbers)
    }

    /// Makes a client if there is none.
    fn have_client(&mut self) -> Result<(), DeliveryError> {
        if self.is_renewal_wanted && self.under_way.is_empty() {
            self.is_renewal_wanted = false;
            if self.client.take().is_some() {
                self.numbers.rebuilds.fetch_add(1, Ordering::Relaxed);
            }
        }
        if self.client.is_none() {
            let made = client::config(&self.settings, self.batch_bytes).map_err(|error| error.to_string()).and_then(
                |config| Client::make(&config, &self.health, &self.numbers).map_err(|error| error.to_string()),
            );
            let what = |cause| format!("the Kafka client cannot be made: {cause}");
            self.client = Some(made.map_err(|cause| of_error(RDKafkaErrorCode::SSL).error(what(cause)))?);
            self.heard = Heard { at: Instant::now(), reported: 0 };
        }
        Ok(())
    }

    /// Hands over what the client has room for. Whether it had room for everything.
    fn hand_over(&mut self) -> Result<Handed, DeliveryError> {
        let mut budget = HANDED_AT_ONCE;
        while let Some(place) = self.under_way.iter().position(|batch| !batch.rest.is_empty()) {
            while let Some((id, record)) = self.under_way[place].rest.first() {
                let batch = &self.under_way[place];
                if batch.earlier.needs(id.sequence) {
                    if budget == 0 {
                        return Ok(Handed::Some);
                    }
                    budget -= 1;
                    let ticket = Ticket { slot: batch.slot, distance: id.sequence.0 - batch.first.0 };
                    match self.maker.send(self.client.as_ref(), &record, id, ticket) {
                        Sent::Yes => self.under_way[place].attempted.handed += 1,
                        Sent::QueueFull => return Ok(Handed::UntilFull),
                        Sent::Rejected(reason, what) => {
                            let rejected = Rejected { record: id.sequence, reason, what };
                            self.under_way[place].attempted.rejected.push(rejected);
                        }
                        Sent::No(error) => return Err(self.stop(error)),
                    }
                    self.under_way[place].attempted.last = Some(id.sequence);
                }
                self.under_way[place].rest.advance();
            }
            let batch = &self.under_way[place];
            if let Some(client) = &self.client {
                client.reports.expect(batch.slot, batch.attempted.handed);
            }
        }
        Ok(Handed::All)
    }

    /// What became of the oldest batch, if all of its reports are in.
    fn oldest(&mut self) -> Option<Ack> {
        let (oldest, client) = (self.under_way.front()?, self.client.as_ref()?);
        if !oldest.rest.is_empty() || client.reports.reported(oldest.slot) < oldest.attempted.handed {
            return None;
        }
        let UnderWay { attempted, earlier, .. } = self.under_way.pop_front()?;
        let arrived = attempted.handed - attempted.rejected_by_broker;
        let mut rejected = earlier.rejected;
        rejected.extend(attempted.rejected);
        if arrived > 0 {
            self.health.clear();
        }
        self.trouble = None;
        Some(Ack { records: earlier.arrived + arrived, rejected })
    }

    /// Puts rejected records down as that. Any other failure is the end of the client, and the error that comes back.
    fn look_at_failures(&mut self) -> Result<(), DeliveryError> {
        let Some(client) = self.client.as_ref().filter(|client| client.reports.has_failed()) else { return Ok(()) };
        let Failures { list, topic } = client.reports.take_failed();
        let fatal = client.producer.client().fatal_error();
        let sorted = self.sort(&list);
        let topic = topic.unwrap_or_default();
        let error = match (fatal, sorted.failure) {
            (Some((code, what)), _) => of_error(RDKafkaErrorCode::Fatal).error(format!("{what} ({code})")),
            (None, Some(code)) => of_error(code).error(format!("topic {topic} takes no records: {code}")),
            (None, None) if sorted.is_batch_too_large => {
                let what = format!("topic {topic} takes no batches of {} octets", self.batch_bytes);
                self.batch_bytes = halved(self.batch_bytes);
                let remedy = "nothing: batches are made smaller; raise max.message.bytes of the topic for larger ones";
                DeliveryError::Passing(Trouble { reason: "batch_too_large", what, remedy: remedy.to_owned() })
            }
            (None, None) if sorted.is_purged => of_error(RDKafkaErrorCode::Fatal).error(self.complaint()),
            (None, None) => return Ok(()),
        };
        Err(self.stop(error))
    }

    /// Puts each failed report down at its batch.
    fn sort(&mut self, failed: &[Failed]) -> Sorted {
        let mut sorted = Sorted::default();
        for Failed { ticket, code, value_bytes } in failed {
            let Some(batch) = self.under_way.iter_mut().find(|batch| batch.slot == ticket.slot) else { continue };
            let record = batch.first.plus(ticket.distance);
            // A message of at least this length has a batch of its own, so there is no doubt about which one is too large.
            let is_alone = *value_bytes as u64 >= self.batch_bytes || self.batch_bytes == 1;
            let reason = match of_report(*code) {
                Verdict::TooLarge if is_alone => Some("too_large"),
                Verdict::Rejected(reason) => Some(reason),
                Verdict::TooLarge => {
                    sorted.is_batch_too_large = true;
                    None
                }
                Verdict::Purged => {
                    sorted.is_purged = true;
                    None
                }
                Verdict::Fails => {
                    sorted.failure.get_or_insert(*code);
                    None
                }
            };
            if let Some(reason) = reason {
                let what = format!("as a Kafka message of {value_bytes} octets: {code}");
                batch.attempted.rejected.push(Rejected { record, reason, what });
                batch.attempted.rejected_by_broker += 1;
            } else {
                batch.attempted.missing.push(record);
            }
        }
        sorted
    }

    /// Ends the client, remembers what of each batch arrived, and gives `error` back, which is for the driver.
    fn stop(&mut self, error: DeliveryError) -> DeliveryError {
        self.trouble = Some(error.clone());
        let Some(client) = self.client.take() else { return error };
        let reports = client.end();
        self.numbers.client_gone();
        self.numbers.rebuilds.fetch_add(1, Ordering::Relaxed);
        self.sort(&reports.take_failed().list);
        for UnderWay { slot, first, mut attempted, mut earlier, .. } in self.under_way.drain(..).rev() {
            attempted.reported = reports.reported(slot);
            earlier.add(attempted);
            // Before those that the client before this one had and this one never got.
            self.earlier.push_front((first, earlier));
        }
        error
    }

    /// Ends the client between two calls of the driver, which learns of it at the next one.
    fn stop_untold(&mut self, error: DeliveryError) {
        self.is_untold = self.client.is_some();
        self.stop(error);
    }

    /// Tells the driver of an end that it does not know of.
    fn tell(&mut self) -> Result<(), DeliveryError> {
        if std::mem::take(&mut self.is_untold) { Err(self.why_it_ended()) } else { Ok(()) }
    }

    fn why_it_ended(&self) -> DeliveryError {
        self.trouble.clone().unwrap_or_else(|| of_error(RDKafkaErrorCode::Fatal).error("the client is gone".to_owned()))
    }

    /// What the client complained about last, or that it does not.
    fn complaint(&self) -> String {
        self.health.complaint().map_or_else(|| "the client gives no reason".to_owned(), |complaint| complaint.what)
    }

    /// What is wrong when nothing has come in for a while.
    fn silence(&mut self) -> Option<DeliveryError> {
        let complaint = self.health.complaint();
        if self.under_way.is_empty() {
            self.heard.at = Instant::now();
            // Nothing is wanted from the brokers; but when none is connected, somebody should know before something is.
            let complaint = complaint.filter(|_| self.numbers.brokers_up.load(Ordering::Relaxed) == 0)?;
            return Some(of_error(complaint.code).error(complaint.what));
        }
        let reported = self.client.as_ref()?.reports.reported_by_all();
        if reported != self.heard.reported {
            self.heard = Heard { at: Instant::now(), reported };
        }
        let silent_for = self.heard.at.elapsed();
        if silent_for < SILENCE_MAX {
            return None;
        }
        let (code, what) = match complaint {
            Some(complaint) => (complaint.code, complaint.what),
            None => (RDKafkaErrorCode::NotEnoughReplicas, "no broker has answered".to_owned()),
        };
        let failure = of_error(code);
        let error = failure.error(format!("no record has been confirmed for {} s: {what}", silent_for.as_secs()));
        let renew_after = if failure.is_configuration() { RENEW_AFTER } else { RENEW_ANYWAY_AFTER };
        if silent_for >= renew_after {
            self.stop_untold(error.clone());
        }
        Some(error)
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

/// What a list of failed reports comes to.
#[derive(Debug, Default)]
struct Sorted {
    /// The first failure that is not about single records.
    failure: Option<RDKafkaErrorCode>,
    is_batch_too_large: bool,
    is_purged: bool,
}

/// The next smaller size of batches to try.
const fn halved(batch_bytes: u64) -> u64 {
    if batch_bytes <= BATCH_BYTES_MIN { 1 } else { batch_bytes / 2 }
}

impl Sink for KafkaSink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        self.tell()?;
        self.have_client()?;
        let first = batch.records().next().map_or_else(Sequence::default, |(id, _)| id.sequence);
        let earlier = match self.earlier.pop_front() {
            Some((known, earlier)) if known == first => earlier,
            _ => Earlier::default(),
        };
        let slot = self.next_slot;
        self.next_slot = (slot + 1) % SLOTS;
        if let Some(client) = &self.client {
            client.reports.begin(slot);
        }
        let (rest, attempted) = (Rest::of(batch), Attempted::default());
        self.under_way.push_back(UnderWay { slot, first, rest, attempted, earlier });
        Ok(Progress::UnderWay)
    }

    /// Goes on handing over, and waits for the reports of the oldest batch.
    async fn settled(&mut self) -> Result<Ack, DeliveryError> {
        loop {
            self.tell()?;
            self.look_at_failures()?;
            let handed = self.hand_over()?;
            if let Some(ack) = self.oldest() {
                return Ok(ack);
            }
            let Some(client) = &self.client else { return Err(self.why_it_ended()) };
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

    /// Notices silence.
    async fn maintain(&mut self) -> Result<(), DeliveryError> {
        self.have_client()?;
        self.silence().map_or(Ok(()), Err)
    }

    /// Makes the client anew, and so reads certificates again: as soon as nothing is under way, or at once when nothing moves.
    fn reopen(&mut self) {
        self.is_renewal_wanted = true;
        if self.trouble.is_some() || self.heard.at.elapsed() >= SILENCE_MAX {
            let trouble = Trouble {
                reason: "renewed",
                what: "the Kafka client was made anew on request".to_owned(),
                remedy: "nothing: what is not known to have arrived is sent again".to_owned(),
            };
            self.stop_untold(DeliveryError::Passing(trouble));
        }
    }

    /// Nothing to do: after a fatal error the client is gone, and the next delivery makes another.
    async fn rebuild(&mut self) -> Result<(), DeliveryError> {
        self.have_client()
    }

    async fn close(&mut self) -> Result<(), DeliveryError> {
        self.client = None;
        self.numbers.client_gone();
        Ok(())
    }
}
