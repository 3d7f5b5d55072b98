//! Lines of the PKS API, its broker and its telemetry.

#![no_main]

gully_extract_fuzz::target!(PksApi, PksBroker, PksTelemetry);
