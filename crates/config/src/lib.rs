//! TOML and environment to checked settings.
