//! Held against the truth.
