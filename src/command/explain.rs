//! `vispyr explain`: the page of a rule.

use crate::check::is_called;

use super::args::Explain;
use super::{Exit, Failure, Streams, did_you_mean, trouble};

pub(super) fn run(args: &Explain, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let all = crate::check::rules();
    let Some(rule) = all.iter().find(|r| is_called(r, &args.rule)) else {
        let near =
            did_you_mean(&args.rule, all.iter().flat_map(|r| std::iter::once(r.id).chain(r.aliases.iter().copied())));
        return Err(trouble(format!("there is no rule `{}`{near}", args.rule)));
    };
    writeln!(streams.out, "{}", rule.page.trim_end())?;
    Ok(Exit::Clean)
}
