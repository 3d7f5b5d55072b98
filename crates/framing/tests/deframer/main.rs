//! The deframer from outside: every rule on one connection, then any connection.

mod connection;

mod counted;
mod first_octets;
mod limits;
mod lines;
mod properties;
