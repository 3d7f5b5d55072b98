//! Writes that fail, and what is in the files after the retry.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

/// Set in the process that has a limit on the size of its files.
const LIMITED: &str = "GULLY_TEST_FILE_SIZE_IS_LIMITED";

/// Runs the test of this name again, in a process whose files may have 4,096 bytes and that is not killed for trying
/// more. Whether this is that process.
fn is_limited(name: &str) -> bool {
    if std::env::var_os(LIMITED).is_some() {
        setrlimit(Resource::Fsize, Rlimit { current: Some(4_096), ..getrlimit(Resource::Fsize) }).unwrap();
        return true;
    }
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --exact --test-threads=1 \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(format!("sink::tests::failing::{name}"))
        .env(LIMITED, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    false
}

/// Lifts the limit of this process, as if somebody had made room.
fn make_room() {
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

fn is_too_large(result: &Result<u64, DeliveryError>) -> bool {
    matches!(result, Err(DeliveryError::Passing(trouble))
        if trouble.reason == "file_too_large" && trouble.what.contains(".log") && !trouble.remedy.is_empty())
}

#[test]
fn a_write_without_room_leaves_no_torn_line_and_the_retry_no_duplicate() {
    if !is_limited("a_write_without_room_leaves_no_torn_line_and_the_retry_no_duplicate") {
        return;
    }
    for fsync in [Fsync::Never, Fsync::Batch] {
        let mut bench = Bench::with("{class}.log", |settings| settings.fsync = fsync);
        let limit = getrlimit(Resource::Fsize);
        bench.line(&"a".repeat(3_000));
        // The small file succeeds, the large one is cut by the limit in the middle of a line.
        let large = "b".repeat(1_500);
        let batches = bench.number(vec![batch_of(&[(Other, "x"), (Cef, &large), (Other, "y"), (Cef, "c")])]);
        for _ in 0..3 {
            assert!(is_too_large(&bench.attempt(&batches)));
            assert_eq!(bench.read("cef.log").len(), 3_001, "the file ends with its last whole line");
        }
        bench.sink.reopen();
        assert!(is_too_large(&bench.attempt(&batches)));
        make_room();
        assert_eq!(bench.attempt(&batches), Ok(4), "all records count, whichever attempt wrote them");
        bench.line("d");
        assert_eq!(bench.read("other.log"), "x\ny\n");
        assert_eq!(bench.read("cef.log"), format!("{}\n{large}\nc\nd\n", "a".repeat(3_000)));
        setrlimit(Resource::Fsize, limit).unwrap();
    }
}

#[test]
fn a_delivery_that_fails_half_way_through_goes_on_where_it_stopped() {
    if !is_limited("a_delivery_that_fails_half_way_through_goes_on_where_it_stopped") {
        return;
    }
    let mut bench = Bench::with("{class}.log", |settings| {
        settings.buffer_bytes = 500;
        settings.open_files_max = 2;
    });
    let lines = (0..200).map(|number| format!("line {number:032}")).collect::<Vec<_>>();
    let batches = bench.number(lines.iter().map(|line| batch_of(&[(Cef, line), (Other, line)])).collect());
    assert!(is_too_large(&bench.attempt(&batches)));
    assert!(bench.read("cef.log").len() > 3_000, "some of it was written before");
    make_room();
    assert_eq!(bench.attempt(&batches), Ok(400));
    let expected = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!((bench.read("cef.log"), bench.read("other.log")), (expected.clone(), expected));
}

#[test]
fn rotation_by_size_keeps_files_below_a_limit_on_their_size() {
    if !is_limited("rotation_by_size_keeps_files_below_a_limit_on_their_size") {
        return;
    }
    let mut bench = Bench::with("{class}.log", |settings| settings.rotate.size_bytes = Some(2_000));
    (0..20).for_each(|_| bench.line(&"a".repeat(900)));
    let files = files_below(&bench.path(""));
    assert_eq!(files.len(), 10, "{files:?}");
    assert_eq!(files.iter().map(|file| bench.read(file).len()).sum::<usize>(), 20 * 901);
}
