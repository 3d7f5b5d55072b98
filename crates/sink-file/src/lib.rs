//! The file destination.
