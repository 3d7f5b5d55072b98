//! The sink itself: records to files, files to the disk.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use ::sink::encode::Encoder;
use ::sink::{Ack, DeliveryError, Sink, SinkBatch, Trouble};
use record::{Class, Origin, Record, RecordId, Sequence, UnixNanos};

use crate::base::Base;
use crate::closed::GRACE;
use crate::error::Failure;
use crate::housekeeper::Housekeeper;
use crate::open_paths::OpenPaths;
use crate::output::{Buffered, Output, Progress, Rotated, Shared};
use crate::template::{UnsafeValue, Values, checked};
use crate::{FileCounts, FileSettings, FileSinkError, Fsync};

/// This many empty buffers are kept for later.
const SPARE_BUFFERS_MAX: usize = 4;

/// Appends records to files. Blocks in its methods: give it a thread of its own, as the driver's contract says.
#[derive(Debug)]
pub struct FileSink {
    shared: Arc<Shared>,
    encoder: Encoder,
    /// Open files, at most `open_files_max`; a file keeps its place until it is closed.
    outputs: Vec<Output>,
    /// Which place each path has.
    places: HashMap<String, usize>,
    /// Counts choices of outputs, to find the one not chosen for the longest time.
    choices: u64,
    route: Route,
    /// What files have of the delivery that is being tried, by path.
    progress: HashMap<String, Progress>,
    /// How many records of it that are.
    taken_records: u64,
    /// Encoded octets in all outputs together.
    buffered_bytes: usize,
    spare_buffers: Vec<Vec<u8>>,
    synced_at: Instant,
    housekeeper: Option<Housekeeper>,
}

/// Where the records of one class, connection and read go: found once for all of them.
#[derive(Debug, Default)]
struct Route {
    key: Option<(Arc<Origin>, UnixNanos)>,
    places: [Option<usize>; Class::COUNT],
    path: String,
}

impl FileSink {
    /// Opens the base directory, and makes it when it is missing. Files are opened when there is a record for them.
    ///
    /// # Errors
    /// [`FileSinkError`]: the base cannot be used, or a setting makes no sense.
    pub fn open(settings: FileSettings) -> Result<Self, FileSinkError> {
        checked("instance", &settings.instance).map_err(|UnsafeValue(_, value)| FileSinkError::Instance(value))?;
        let zeroes = [
            ("open_files_max", "1", settings.open_files_max == 0),
            ("rotate.size", "1 byte", settings.rotate.size_bytes == Some(0)),
            ("rotate.every", "1 second", settings.rotate.every.is_some_and(|every| every.as_secs() == 0)),
        ];
        if let Some((key, least, _)) = zeroes.into_iter().find(|(.., is_zero)| *is_zero) {
            return Err(FileSinkError::Zero { key, least });
        }
        let base = Base::new(settings.path.base(), settings.dir_mode, settings.owner);
        base.open().map_err(|source| FileSinkError::Base { path: settings.path.base().to_owned(), source })?;
        let encoder = Encoder::new(settings.encoding);
        let pattern = settings.path.pattern(&settings.instance, settings.take);
        let (open_paths, counts) = (OpenPaths::default(), Arc::default());
        let shared = Arc::new(Shared { base, settings, pattern, open_paths, counts });
        Ok(Self {
            housekeeper: Housekeeper::start(&shared).map_err(FileSinkError::Thread)?,
            shared,
            encoder,
            outputs: Vec::new(),
            places: HashMap::new(),
            choices: 0,
            route: Route::default(),
            progress: HashMap::new(),
            taken_records: 0,
            buffered_bytes: 0,
            spare_buffers: Vec::new(),
            synced_at: Instant::now(),
        })
    }

    /// What happens to its files, also after the sink has gone to its driver.
    #[must_use]
    pub fn counts(&self) -> Arc<FileCounts> {
        Arc::clone(&self.shared.counts)
    }

    /// Buffers are written when they hold this much together; no more than a whole file may have.
    fn write_at_bytes(&self) -> usize {
        let settings = &self.shared.settings;
        let size_bytes = settings.rotate.size_bytes.and_then(|size| usize::try_from(size).ok());
        settings.buffer_bytes.min(size_bytes.unwrap_or(usize::MAX))
    }

    /// Encodes and writes what the files do not have yet of `batch`.
    fn write_batch(&mut self, batch: &SinkBatch<'_>) -> Result<(), DeliveryError> {
        let write_at_bytes = self.write_at_bytes();
        let is_retry = !self.progress.is_empty();
        self.taken_records = 0;
        for (id, record) in batch.records() {
            let place = self.place_for(&record)?;
            if is_retry && self.has(place, id.sequence) {
                self.taken_records += 1;
                continue;
            }
            self.encode(place, &record, id)?;
            if self.buffered_bytes >= write_at_bytes {
                self.write_all()?;
            }
        }
        self.write_all()?;
        if self.shared.settings.fsync == Fsync::Batch {
            self.sync_all()?;
        }
        Ok(())
    }

    /// Whether the file at `place` has the record of the delivery from an earlier attempt.
    fn has(&self, place: usize, record: Sequence) -> bool {
        let progress = self.progress.get(&self.outputs[place].path);
        progress.and_then(|progress| progress.written).is_some_and(|written| record <= written)
    }

    fn encode(&mut self, place: usize, record: &Record<'_>, id: RecordId) -> Result<(), Failure> {
        let output = &mut self.outputs[place];
        if output.buffer.capacity() == 0 {
            output.buffer = self.spare_buffers.pop().unwrap_or_default();
        }
        let before = output.buffer.len();
        self.encoder.encode(record, id, &mut output.buffer);
        self.buffered_bytes += output.buffer.len() - before;
        let size_bytes_max = self.shared.settings.rotate.size_bytes.unwrap_or(u64::MAX);
        if before > 0 && output.buffer.len() as u64 > size_bytes_max {
            // The records do not fit into one file together.
            let record = output.buffer.split_off(before);
            self.taken_records += write(output, &self.shared, &mut self.progress, self.housekeeper.as_ref())?;
            self.buffered_bytes -= before;
            output.buffer.clear();
            output.buffer.extend_from_slice(&record);
            output.buffered = Buffered::default();
        }
        output.buffered.records += 1;
        output.buffered.last = id.sequence;
        Ok(())
    }

    /// Writes the buffers of all outputs.
    fn write_all(&mut self) -> Result<(), DeliveryError> {
        for output in self.outputs.iter_mut().filter(|output| !output.buffer.is_empty()) {
            self.taken_records += write(output, &self.shared, &mut self.progress, self.housekeeper.as_ref())?;
        }
        self.discard_buffers();
        Ok(())
    }

    /// Forgets what is buffered: because it is written, or because a failed delivery is encoded anew.
    fn discard_buffers(&mut self) {
        self.buffered_bytes = 0;
        let buffer_bytes_max = 2 * self.shared.settings.buffer_bytes;
        for output in self.outputs.iter_mut().filter(|output| !output.buffer.is_empty()) {
            output.buffered = Buffered::default();
            let mut buffer = std::mem::take(&mut output.buffer);
            buffer.clear();
            // A buffer that one huge record has blown up is not worth keeping.
            if self.spare_buffers.len() < SPARE_BUFFERS_MAX && buffer.capacity() <= buffer_bytes_max {
                self.spare_buffers.push(buffer);
            }
        }
    }

    fn sync_all(&mut self) -> Result<(), Failure> {
        self.synced_at = Instant::now();
        let mut result = Ok(());
        for output in &mut self.outputs {
            let synced = output.sync(&self.shared, progress_of(&mut self.progress, &output.path));
            result = result.and(synced);
        }
        result
    }

    fn maintain_at(&mut self, now: SystemTime) -> Result<(), Failure> {
        let mut result = Ok(());
        if let Fsync::Interval(interval) = self.shared.settings.fsync
            && self.synced_at.elapsed() >= interval
        {
            result = self.sync_all();
        }
        for output in &mut self.outputs {
            result = result.and(output.close_if_over(now, &self.shared));
            match output.rotate_if_due(0, &self.shared, &mut Progress::default()) {
                Ok(rotated) => tell(self.housekeeper.as_ref(), output, rotated),
                Err(failure) => result = result.and(Err(failure)),
            }
        }
        self.progress.clear();
        result
    }

    /// The place of the output for `record`.
    fn place_for(&mut self, record: &Record<'_>) -> Result<usize, DeliveryError> {
        let (origin, received_at) = (record.origin(), record.received_at());
        let known = self.route.key.as_ref();
        if !known.is_some_and(|(known, at)| Arc::ptr_eq(known, origin) && *at == received_at) {
            self.route.key = Some((Arc::clone(origin), received_at));
            self.route.places = [None; Class::COUNT];
        }
        let class = record.class().index();
        if let Some(place) = self.route.places[class] {
            return Ok(place);
        }
        let place = self.choose(record)?;
        self.route.places[class] = Some(place);
        Ok(place)
    }

    /// Finds the output for `record`, or makes it; closes another one when there are too many.
    fn choose(&mut self, record: &Record<'_>) -> Result<usize, DeliveryError> {
        let shared = Arc::clone(&self.shared);
        let values = Values {
            class: record.class(),
            listener: &record.origin().listener,
            instance: &shared.settings.instance,
            received_at: record.received_at(),
        };
        let template = &shared.settings.path;
        template.render(&values, &mut self.route.path).map_err(unsafe_value)?;
        self.choices += 1;
        if let Some(place) = self.places.get(&self.route.path) {
            self.outputs[*place].chosen_at = self.choices;
            return Ok(*place);
        }

        let over_at = shared.pattern.period().map(|period| period.end_after(values.received_at) + GRACE);
        let mut output = Output::new(self.route.path.clone(), template.group(&values), over_at);
        output.chosen_at = self.choices;
        let place = if self.outputs.len() < shared.settings.open_files_max {
            self.outputs.push(output);
            self.outputs.len() - 1
        } else {
            let place = self.close_one()?;
            self.outputs[place] = output;
            place
        };
        self.places.insert(self.route.path.clone(), place);
        Ok(place)
    }

    /// Writes, syncs and forgets the output that was not chosen for the longest time, and gives its place away.
    fn close_one(&mut self) -> Result<usize, DeliveryError> {
        self.write_all()?;
        let oldest = self.outputs.iter().enumerate().min_by_key(|(_, output)| output.chosen_at);
        let place = oldest.map_or(0, |(place, _)| place);
        let output = &mut self.outputs[place];
        output.sync(&self.shared, progress_of(&mut self.progress, &output.path))?;
        self.places.remove(&output.path);
        self.route.places = [None; Class::COUNT];
        Ok(place)
    }
}

impl Sink for FileSink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<::sink::Progress, DeliveryError> {
        if let Err(error) = self.write_batch(batch) {
            self.discard_buffers();
            return Err(error);
        }
        self.progress.clear();
        Ok(::sink::Progress::Settled(Ack::taken(self.taken_records)))
    }

    /// Syncs when the interval has passed, closes files whose date or hour is long over, and rotates what is due by time.
    async fn maintain(&mut self) -> Result<(), DeliveryError> {
        Ok(self.maintain_at(SystemTime::now())?)
    }

    fn maintain_every(&self) -> Duration {
        let second = Duration::from_secs(1);
        match self.shared.settings.fsync {
            Fsync::Interval(interval) => interval.clamp(Duration::from_millis(10), second),
            Fsync::Never | Fsync::Batch => second,
        }
    }

    /// Closes all files; each is opened by its name with the next record for it.
    fn reopen(&mut self) {
        if let Err(failure) = self.sync_all() {
            tracing::warn!("before reopening: {failure}");
        }
        self.outputs.clear();
        self.places.clear();
        self.route = Route::default();
    }

    async fn close(&mut self) -> Result<(), DeliveryError> {
        self.housekeeper = None;
        Ok(self.sync_all()?)
    }
}

/// The progress of the file at `path`. A path is copied once for each delivery and file.
fn progress_of<'a>(progress: &'a mut HashMap<String, Progress>, path: &str) -> &'a mut Progress {
    if !progress.contains_key(path) {
        progress.insert(path.to_owned(), Progress::default());
    }
    progress.get_mut(path).expect("it was put there if it was not")
}

/// Writes what `output` has buffered, and says how many records that were.
fn write(
    output: &mut Output,
    shared: &Shared,
    progress: &mut HashMap<String, Progress>,
    housekeeper: Option<&Housekeeper>,
) -> Result<u64, Failure> {
    let rotated = output.write(shared, progress_of(progress, &output.path))?;
    tell(housekeeper, output, rotated);
    Ok(output.buffered.records)
}

fn tell(housekeeper: Option<&Housekeeper>, output: &Output, rotated: Rotated) {
    if let Some(housekeeper) = housekeeper
        && rotated == Rotated::Yes
    {
        housekeeper.look_after(&output.group);
    }
}

fn unsafe_value(value: UnsafeValue) -> DeliveryError {
    DeliveryError::Configuration(Trouble {
        reason: "path_value",
        what: format!("no path can be made for a record: {value}"),
        remedy: "give the listener another name, or leave the placeholder out".to_owned(),
    })
}

#[cfg(test)]
mod tests;
