//! Spec → Stack: every decision of `gen` is taken here, and emitters only write down what the stack says. Writes no text.

mod model;

pub use model::*;
