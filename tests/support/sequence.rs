//! Numbered messages, and the check that each came once and in order.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Text that every numbered message ends with, so that a cut message is noticed.
const END: &str = " end-of-message";

/// A message that [`Sequences`] can check: who sent it, and the how-manieth it is, from 0.
pub(crate) fn numbered(sender: &str, number: u64) -> String {
    format!("sender={sender} number={number}{END}")
}

/// The numbered messages of `sender` from 0 on, a line each.
pub(crate) fn numbered_lines(sender: &str, count: u64) -> String {
    (0..count).fold(String::new(), |mut lines, number| {
        writeln!(lines, "{}", numbered(sender, number)).expect("a string takes all");
        lines
    })
}

/// How many messages each sender has sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent(pub(crate) Vec<(String, u64)>);

impl Sent {
    /// All messages of all senders.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// What arrived from each sender so far.
#[derive(Debug, Default)]
pub(crate) struct Sequences(BTreeMap<String, Vec<u64>>);

impl Sequences {
    /// Notes a message, in the order of arrival.
    #[track_caller]
    pub(crate) fn add(&mut self, message: &str) {
        let numbered = message.trim_start().strip_prefix("sender=").and_then(|rest| rest.strip_suffix(END));
        let parts = numbered.and_then(|rest| rest.split_once(" number="));
        let parsed = parts.and_then(|(sender, number)| Some((sender, number.parse::<u64>().ok()?)));
        let (sender, number) = parsed.unwrap_or_else(|| panic!("not a whole numbered message: {message:?}"));
        if let Some(numbers) = self.0.get_mut(sender) {
            numbers.push(number);
        } else {
            self.0.insert(sender.to_owned(), vec![number]);
        }
    }

    /// The check of messages from an iterator.
    #[track_caller]
    pub(crate) fn of<'a>(messages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sequences = Self::default();
        messages.into_iter().for_each(|message| sequences.add(message));
        sequences
    }

    /// Panics unless exactly 0 to `count - 1` came from `sender`, in this order.
    #[track_caller]
    pub(crate) fn assert_complete(&self, sender: &str, count: u64) {
        let numbers = self.0.get(sender).map(Vec::as_slice).unwrap_or_default();
        if let Some(fault) = fault(numbers, count) {
            panic!("{sender}: {fault}");
        }
    }

    /// Panics unless 0 to `count - 1` came from `sender`, each for the first time in this order. Returns how many came again.
    #[track_caller]
    pub(crate) fn assert_complete_with_repeats(&self, sender: &str, count: u64) -> u64 {
        let numbers = self.0.get(sender).map(Vec::as_slice).unwrap_or_default();
        let mut firsts = Vec::with_capacity(numbers.len());
        for number in numbers {
            if firsts.last().is_none_or(|last| last < number) {
                firsts.push(*number);
            }
        }
        // Lost, if it did not come, or if it came after a later one.
        if let Some(fault) = fault(&firsts, count) {
            panic!("{sender}: without those that came again, {fault}");
        }
        (numbers.len() - firsts.len()) as u64
    }

    /// Panics unless nobody but `senders` sent anything.
    #[track_caller]
    pub(crate) fn assert_only(&self, senders: &[&str]) {
        let strangers: Vec<_> = self.0.keys().filter(|sender| !senders.contains(&sender.as_str())).collect();
        assert!(strangers.is_empty(), "unexpected senders: {strangers:?}");
    }
}

/// What is wrong with the numbers, said in a way that tells loss, repetition and disorder apart.
fn fault(numbers: &[u64], count: u64) -> Option<String> {
    if numbers.iter().copied().eq(0..count) {
        return None;
    }
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let repeated = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
    sorted.dedup();
    let missing: Vec<_> = (0..count).filter(|number| sorted.binary_search(number).is_err()).collect();
    let disorder = numbers.windows(2).find(|pair| pair[0] >= pair[1]);
    Some(format!(
        "of {count} messages {} are missing (first {:?}), {repeated} came again, first disorder {disorder:?}, {} in all",
        missing.len(),
        missing.first(),
        numbers.len()
    ))
}

#[test]
fn what_came_again_is_counted() {
    let messages: Vec<_> = [0, 1, 2, 1, 2, 3, 3].iter().map(|number| numbered("a", *number)).collect();
    let sequences = Sequences::of(messages.iter().map(String::as_str));
    assert_eq!(sequences.assert_complete_with_repeats("a", 4), 3);
}

#[test]
#[should_panic(expected = "1 are missing")]
fn what_came_too_late_is_not_taken_for_a_repeat() {
    let messages: Vec<_> = [0, 2, 1, 3].iter().map(|number| numbered("a", *number)).collect();
    Sequences::of(messages.iter().map(String::as_str)).assert_complete_with_repeats("a", 4);
}

#[test]
fn loss_repetition_and_disorder_are_told_apart() {
    assert_eq!(fault(&[0, 1, 2], 3), None);
    assert!(fault(&[0, 2], 3).unwrap().contains("1 are missing (first Some(1))"));
    assert!(fault(&[0, 1, 1, 2], 3).unwrap().contains("1 came again"));
    assert!(fault(&[0, 2, 1], 3).unwrap().contains("first disorder Some([2, 1])"));
    assert!(fault(&[0, 1, 2, 3], 3).is_some());
}
