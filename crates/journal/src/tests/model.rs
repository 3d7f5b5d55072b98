//! The journal beside a model that keeps everything: random appends, reads, acknowledgements and rewinds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::batches::{Returned, batch_of};
use crate::{Cursor, Journal, Position};
use proptest::collection::vec;
use proptest::prelude::*;
use record::{Class, ClassMask, JournalId};

const CURSOR_COUNT: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<Class>),
    Read { cursor: usize, bytes_max: u64 },
    Ack { cursor: usize, position: u64 },
    Rewind { cursor: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop::sample::select(&[Class::Cef, Class::Other, Class::K8sAudit][..]);
    let cursor = 0..CURSOR_COUNT;
    let step = prop_oneof![
        3 => vec(class, 1..5).prop_map(Step::Append),
        3 => (cursor.clone(), 0..12_u64).prop_map(|(cursor, bytes_max)| Step::Read { cursor, bytes_max }),
        2 => (cursor.clone(), 0..60_u64).prop_map(|(cursor, position)| Step::Ack { cursor, position }),
        1 => cursor.prop_map(|cursor| Step::Rewind { cursor }),
    ];
    vec(step, 1..60)
}

/// What a cursor has not acknowledged, as (first, records in the batch, records it takes).
#[derive(Debug, Default)]
struct Model {
    queue: VecDeque<(u64, u64, u64)>,
    handed_out: usize,
}

impl Model {
    fn read(&mut self, bytes_max: u64) -> Vec<u64> {
        let (mut firsts, mut bytes) = (Vec::new(), 0);
        for (first, len, _) in self.queue.iter().skip(self.handed_out) {
            bytes += len;
            if bytes > bytes_max && !firsts.is_empty() {
                break;
            }
            firsts.push(*first);
        }
        self.handed_out += firsts.len();
        firsts
    }

    fn ack(&mut self, position: u64) {
        while self.handed_out > 0 && self.queue.front().is_some_and(|(first, len, _)| first + len <= position) {
            self.queue.pop_front();
            self.handed_out -= 1;
        }
    }
}

async fn read(cursor: &mut Cursor, bytes_max: u64) -> Vec<u64> {
    let delivery = tokio::select! {
        biased;
        delivery = cursor.next(bytes_max) => delivery,
        () = std::future::ready(()) => None,
    };
    delivery.map(|delivery| delivery.batches.iter().map(|(first, _)| first.0).collect()).unwrap_or_default()
}

async fn check(steps: Vec<Step>) {
    let masks: [ClassMask; CURSOR_COUNT] =
        [ClassMask::ALL, ClassMask::parse("cef").unwrap(), [Class::Other, Class::K8sAudit].into_iter().collect()];
    let journal = Journal::memory(JournalId(1), u64::MAX);
    let returned = Arc::new(Returned::default());
    let mut cursors = masks.map(|mask| journal.cursor(&format!("{mask:?}"), mask).unwrap());
    let mut models: [Model; CURSOR_COUNT] = Default::default();
    let mut appended_records = 0;

    for step in steps {
        match step {
            Step::Append(classes) => {
                let batch = batch_of(&classes, classes.len() as u64, &returned);
                for (model, mask) in models.iter_mut().zip(masks) {
                    let taken = batch.counts().within(mask);
                    if taken > 0 {
                        model.queue.push_back((appended_records, classes.len() as u64, taken));
                    }
                }
                assert_eq!(journal.append(batch).unwrap().first.0, appended_records);
                appended_records += classes.len() as u64;
            }
            Step::Read { cursor, bytes_max } => {
                assert_eq!(read(&mut cursors[cursor], bytes_max).await, models[cursor].read(bytes_max));
            }
            Step::Ack { cursor, position } => {
                cursors[cursor].ack(Position::before(record::Sequence(position)));
                models[cursor].ack(position);
            }
            Step::Rewind { cursor } => {
                cursors[cursor].rewind();
                models[cursor].handed_out = 0;
            }
        }
        for (cursor, model) in cursors.iter().zip(&models) {
            assert_eq!(cursor.in_flight(), model.queue.iter().map(|(_, _, taken)| taken).sum::<u64>());
            let oldest = model.queue.front().map_or(appended_records, |(first, ..)| *first);
            assert_eq!(cursor.position().next().0, oldest);
        }
        let mut held =
            models.iter().flat_map(|model| &model.queue).map(|(first, len, _)| (*first, *len)).collect::<Vec<_>>();
        held.sort_unstable();
        held.dedup();
        let held_bytes = held.iter().map(|(_, len)| len).sum::<u64>();
        assert_eq!(journal.bytes_held(), held_bytes);
        assert_eq!(returned.0.load(Ordering::SeqCst), appended_records - held_bytes, "each record weighs one byte");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_cursor_behaves_like_a_queue_of_its_own(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(check(steps));
    }
}
