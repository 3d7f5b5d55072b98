//! What a sink is, the driver that feeds it, and the encoders.
