//! Whether Go's regular expressions refuse a pattern for sure.

use crate::lang::promql::regex::{Verdict, judge};

/// The reason why the pattern cannot be compiled.
pub(super) fn broken(pattern: &str) -> Option<String> {
    match judge(pattern) {
        Verdict::Broken(reason) => Some(reason.to_owned()),
        Verdict::Reads(_) => None,
    }
}
