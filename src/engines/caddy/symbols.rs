//! What an instance says to others.

use crate::engine::{Instance, Say};

/// Reads the symbols of an instance.
pub fn symbols(_instance: &Instance<'_>, _say: &mut Say<'_>) {}
