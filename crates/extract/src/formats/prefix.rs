//! What loggers write before a record: stamp, process, thread, level.
