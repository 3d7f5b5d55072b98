//! Joins the rooms: intake, credit, drain.
