//! x
/// x
#[derive(Debug)]
pub struct Finding;
/// x
pub fn inspect() {}
