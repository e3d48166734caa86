//! vispyr generates, checks and links a whole observability stack.

pub mod diagnostic;
pub mod lang;
pub mod source;
