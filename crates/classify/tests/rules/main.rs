//! The rules, seen from outside: over the labelled lines, over look-alikes, and beside the specification.

mod confusers;
mod corpus;
mod equivalence;
mod json;
mod lines;
mod ucp;
