//! Frame to class and header spans.
