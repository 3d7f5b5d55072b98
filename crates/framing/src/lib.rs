//! Octets to frames: RFC 6587, 5425 and 5426.
