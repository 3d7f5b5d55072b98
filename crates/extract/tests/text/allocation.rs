//! Nothing is allocated per record once the buffers have grown.

use gully_extract::{Extractor, Input, Wanted};
use std::hint::black_box;

use crate::check;

#[test]
fn a_warm_extractor_allocates_nothing() {
    let lines = check::corpus();
    let verdicts: Vec<_> = lines.iter().map(|line| classify::classify(&line.message)).collect();
    let mut extractor = Extractor::new();
    let mut extract_all = || {
        let mut fields = 0;
        for (line, verdict) in lines.iter().zip(&verdicts) {
            let input =
                Input { octets: &line.message, header: &verdict.header, class: verdict.class, flags: verdict.flags };
            let extraction = extractor.extract(&input, Wanted::ALL);
            fields += black_box(extraction.native()).count()
                + extraction.events().map(|event| event.fields().count()).sum::<usize>();
        }
        fields
    };
    let fields = extract_all();
    assert!(fields > 10 * lines.len());
    let info = allocation_counter::measure(|| assert_eq!(extract_all(), fields));
    assert_eq!(info.count_total, 0, "{info:?}");
}
