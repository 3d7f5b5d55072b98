//! The log between intake and sinks: positions and cursors.
