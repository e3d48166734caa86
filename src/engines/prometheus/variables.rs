//! `${X}` in a config that nothing replaces: Prometheus expands external labels only (config/config.go `Load`@v3.14.0, behind
//! the feature `expand-external-labels` before 3.0).

use super::rules::env_not_expanded::RULE;
use crate::conform::variables::written;
use crate::conform::{Judge, When};
use crate::parse::Node;

/// Looks at the values of a config; `mounted` when the process reads the very file. No flag mends them all, so each is told.
pub(super) fn config(judge: &mut Judge<'_>, root: Node<'_>, mounted: bool, labels_too: bool) {
    for (name, span) in written(root, if labels_too { "" } else { "external_labels" }) {
        judge
            .tell(&RULE, span, When::Always, format!("`${{{name}}}` stays as it is: Prometheus expands no variables here"))
            .help("write the value, read it from a file (`password_file`, `credentials_file`), or fill the file in before it is mounted")
            .sure(mounted);
    }
}
