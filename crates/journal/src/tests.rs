//! Tests of the journal as its users see it.

mod batches;
mod cases;
mod model;
mod threads;
