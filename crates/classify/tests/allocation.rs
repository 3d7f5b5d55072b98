//! The classifier allocates nothing, whatever the frame is.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use gully_classify::classify;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting what each thread asks for.
struct Counting;

// SAFETY: every call goes on to the system's allocator unchanged; the counter is a thread's own and needs no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the promises of `alloc`, which are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `dealloc`, and `alloc` got the pointer from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn no_frame_makes_the_classifier_allocate() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let files = fs::read_dir(corpus).expect("the corpus is part of the project").flatten();
    let files = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "jsonl"));
    let text: String = files.map(|file| fs::read_to_string(file.path()).expect("the corpus is UTF-8")).collect();
    let mut frames: Vec<Vec<u8>> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("the corpus is JSON"))
        .map(|label| label["message"].as_str().expect("a message").into())
        .collect();
    assert!(frames.len() >= 552);
    frames.push(b"{\"a\":".repeat(10_000));
    frames.push(
        [b"{\"log\":\"".as_slice(), &b"\\u00e9".repeat(10_000), b"\",\"stream\":\"stdout\",\"time\":\"\"}"].concat(),
    );

    assert_eq!(allocations(|| frames.iter().for_each(|frame| _ = black_box(classify(frame)))), 0);
    assert_eq!(allocations(|| drop(black_box(vec![1]))), 1, "the count counts");
}
