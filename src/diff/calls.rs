//! Who dials whom: signals that no longer arrive, and those that go elsewhere now.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Change, Side, Weight, What};
use crate::link::Resolution;
use crate::source::Span;
use crate::symbol::{Protocol, Url};

/// One URL on one side.
#[derive(Clone, Copy)]
struct Call<'a> {
    /// The service that dials, else the file.
    who: &'a str,
    url: &'a Url,
    /// What stops it, as far as it is known.
    fault: bool,
    /// Whether it is known to arrive.
    arrives: bool,
}

fn calls<'a>(side: &Side<'a>) -> Vec<Call<'a>> {
    let faults: HashSet<*const Url> = side.linked.faults.iter().map(|f| std::ptr::from_ref(f.url)).collect();
    let one = |(owner, url, resolution): &(crate::symbol::Owner, &'a Url, Resolution)| {
        let service = owner.service.map(|id| side.tree.service(id).name.as_str());
        let file = owner.artifact.map(|id| side.tree.artifact(id).path.as_str());
        let fault = faults.contains(&std::ptr::from_ref(*url));
        let known = matches!(resolution, Resolution::Services(_) | Resolution::Published(_) | Resolution::Itself);
        Call { who: service.or(file).unwrap_or_default(), url, fault, arrives: known && !fault }
    };
    side.linked.urls.iter().map(one).collect()
}

/// What makes a call of one side the same as one of the other: the exact one first, then those that differ in one thing.
type Key<'a> = (&'a str, &'a str, Protocol, &'a str, Option<u16>);

/// What counts of a key in each round: who dials, what in it, which host, which port.
const ROUNDS: [[bool; 4]; 5] = [
    [true, true, true, true],
    [true, false, true, true],
    [false, true, true, true],
    [true, true, true, false],
    [true, true, false, false],
];

fn key<'a>(call: &Call<'a>, counts: [bool; 4]) -> Key<'a> {
    let [who, sender, host, port] = counts;
    (
        if who { call.who } else { "" },
        if sender { call.url.sender.as_str() } else { "" },
        call.url.protocol,
        if host { call.url.host.as_str() } else { "" },
        if port { call.url.port } else { None },
    )
}

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (mut before, mut after) = (calls(old), calls(new));
    let mut pairs = Vec::new();
    for counts in ROUNDS {
        let mut waiting: HashMap<Key<'_>, VecDeque<usize>> = HashMap::new();
        for (at, call) in after.iter().enumerate() {
            waiting.entry(key(call, counts)).or_default().push_back(at);
        }
        let mut taken = HashSet::new();
        before.retain(|call| {
            let same = waiting.get_mut(&key(call, counts)).and_then(VecDeque::pop_front);
            if let Some(at) = same {
                taken.insert(at);
                pairs.push((*call, after[at]));
            }
            same.is_none()
        });
        let mut at = 0;
        after.retain(|_| {
            at += 1;
            !taken.contains(&(at - 1))
        });
    }
    for (was, is) in pairs {
        pair(was, is, old, new, changes);
    }
    for call in before.into_iter().filter(|c| !c.fault) {
        let text = format!("{} no longer {}", subject(call), target(call));
        changes.push(Change::new(Weight::Lost, What::Signal, text).old(old.place(call.url.span)));
    }
    for call in after.into_iter().filter(|c| !c.fault) {
        let text = format!("{} {} now", subject(call), target(call));
        changes.push(Change::new(Weight::Gained, What::Signal, text).new_at(new.place(call.url.span)));
    }
}

/// The same call on both sides.
fn pair(was: Call<'_>, is: Call<'_>, old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let mut tell = |weight, text: String, spans: (Span, Span)| {
        let change = Change::new(weight, What::Signal, text);
        changes.push(change.old(old.place(spans.0)).new_at(new.place(spans.1)));
    };
    let spans = (was.url.span, is.url.span);
    if !was.fault && is.fault {
        // That it arrived is not known of every one: nothing stopped it.
        return tell(Weight::Lost, format!("what {} {} arrives no more", subject(is), target(is)), spans);
    }
    if was.fault && is.arrives {
        return tell(Weight::Gained, format!("what {} {} arrives now", subject(is), target(is)), spans);
    }
    if is.fault || (&was.url.host, was.url.port) == (&is.url.host, is.url.port) {
        return;
    }
    let text = format!("{} {}, and no longer {}", subject(is), target(is), address(was.url));
    tell(Weight::Changed, text, spans);
}

/// `` `otelcol.exporter.otlp.tempo` of `alloy` ``.
fn subject(call: Call<'_>) -> String {
    let sender = &call.url.sender;
    // Some are named after their service already.
    if sender.to_ascii_lowercase().contains(&call.who.to_ascii_lowercase()) {
        sender.clone()
    } else {
        format!("{sender} of `{}`", call.who)
    }
}

/// `` sends to `tempo:4317` (traces) ``.
fn target(call: Call<'_>) -> String {
    let signals: Vec<&str> = call.url.signals.iter().map(|s| s.name()).collect();
    let signals = if signals.is_empty() { String::new() } else { format!(" ({})", signals.join(", ")) };
    format!("{} {}{signals}", call.url.protocol.verb(), address(call.url))
}

fn address(url: &Url) -> String {
    match url.port {
        Some(port) => format!("`{}:{port}`", url.host),
        None => format!("`{}`", url.host),
    }
}
