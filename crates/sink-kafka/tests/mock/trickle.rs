//! Little to do, all the time.

use std::time::{Duration, Instant};

use crate::support::{Bench, Cluster, Done, Plan, SOON, wait_until};

#[test]
fn a_trickle_of_records_is_not_taken_for_silence() {
    let cluster = Cluster::new(1, 1);
    cluster.answer_after(1, Duration::from_millis(30));
    let mut plan = Plan::of(&cluster);
    plan.driver.delivery_bytes_max = 1;
    let mut bench = Bench::start(plan);
    // Longer than the silence that is an alarm. There is always something under way.
    let until = Instant::now() + Duration::from_secs(7);
    while Instant::now() < until {
        bench.append(1, 100);
        wait_until("an older record's delivery", SOON, || bench.ledger.delivered() + 2 > bench.accepted());
        assert_eq!(bench.handle.alarm(), None);
    }
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}
