//! A trace → text for people, and JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::text::clean;
use crate::source::{LineIndex, SourceId, Sources, Span};
use crate::symbol::{Accepts, Bind, Listener, Protocol, Signal};
use crate::topology::{
    Address, Edge, EdgeId, Hop, Labelled, Metric, Node, NodeKind, Pull, Relabelled, State, Topology, Trace, Way,
};

/// Queries that the text names.
const ASKING: usize = 20;

/// What was followed.
#[derive(Debug)]
pub enum Followed<'a> {
    /// A signal.
    Signal(Signal, Trace),
    /// A metric.
    Metric(String, Metric),
    /// An address, as it was given.
    Address(String, Address<'a>),
}

impl Followed<'_> {
    /// The ways that data take.
    pub fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Signal(_, trace) => Some(trace),
            Self::Metric(_, metric) => Some(&metric.trace),
            Self::Address(..) => None,
        }
    }
}

/// Lines of the texts that places lie in, found once each.
struct Places<'a> {
    sources: &'a Sources,
    lines: BTreeMap<SourceId, LineIndex>,
}

impl<'a> Places<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self { sources, lines: BTreeMap::new() }
    }

    fn line(&mut self, span: Span) -> (&'a str, u32, u32) {
        let source = self.sources.get(span.source);
        let lines = self.lines.entry(span.source).or_insert_with(|| LineIndex::new(&source.text));
        let (line, column) = lines.position(&source.text, span.start);
        (&source.path, line, column)
    }

    /// `tempo/tempo.yaml:12`.
    fn shown(&mut self, span: Span) -> String {
        let (path, line, _) = self.line(span);
        format!("{}:{line}", clean(path))
    }
}

/// Prints for people.
pub fn text(topology: &Topology<'_>, followed: &Followed<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Text { topology, places: Places::new(&topology.linked.tree.sources), out };
    match followed {
        Followed::Signal(signal, trace) => {
            writeln!(text.out, "{}", signal.name())?;
            text.trace(trace)?;
            text.sum(signal.name(), trace)
        }
        Followed::Metric(name, metric) => text.metric(name, metric),
        Followed::Address(name, address) => text.address(name, address),
    }
}

struct Text<'t, 'a, 'o> {
    topology: &'t Topology<'a>,
    places: Places<'t>,
    out: &'o mut dyn Write,
}

impl<'a> Text<'_, 'a, '_> {
    fn trace(&mut self, trace: &Trace) -> io::Result<()> {
        for hop in &trace.hops {
            self.hop(hop)?;
        }
        Ok(())
    }

    fn hop(&mut self, hop: &Hop) -> io::Result<()> {
        let topology = self.topology;
        let pad = "  ".repeat(hop.depth.min(40));
        let name = self.name(topology.node(hop.node), hop);
        let Some(edge) = hop.via.map(|e| topology.edge(e)) else {
            writeln!(self.out)?;
            writeln!(self.out, "{pad}{name}")?;
            return self.notes(&pad, hop);
        };
        let how = how(topology, edge);
        let (at, state) = (self.places.shown(edge.span), self.state(edge));
        match &edge.way {
            Way::Inside => writeln!(self.out, "{pad}→ {name}")?,
            Way::Reads { by, count } => {
                let more = count - by.len().min(*count);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let by: Vec<String> = by.iter().map(|b| clean(b)).collect();
                writeln!(self.out, "{pad}→ {name}: {}{more}", by.join(", "))?;
            }
            Way::Dialled { .. } => {
                writeln!(self.out, "{pad}→ {how}  {at}")?;
                if state.is_none() || !matches!(edge.state, State::Broken(..)) {
                    writeln!(self.out, "{pad}→ {name}")?;
                }
            }
        }
        if let Some(state) = state {
            writeln!(self.out, "{pad}  {state}")?;
        }
        self.notes(&pad, hop)
    }

    fn notes(&mut self, pad: &str, hop: &Hop) -> io::Result<()> {
        for note in &hop.notes {
            writeln!(self.out, "{pad}  {}", clean(note))?;
        }
        if hop.again {
            writeln!(self.out, "{pad}  (shown above)")?;
        }
        Ok(())
    }

    /// What a node is called, and where it is.
    fn name(&mut self, node: &Node, hop: &Hop) -> String {
        let of = match self.topology.service(node) {
            Some(service) if node.kind != NodeKind::Service => format!(" of `{}`", clean(&service)),
            // Its name alone would be that of several.
            Some(service) if node.name.len() != service.len() + 2 => {
                return format!("`{}`{}", clean(&service), self.at(node, hop));
            }
            _ => String::new(),
        };
        format!("{}{of}{}", clean(&node.name), self.at(node, hop))
    }

    /// Where a node is. Where a port was decided says more than where its process is named.
    fn at(&mut self, node: &Node, hop: &Hop) -> String {
        let edge = hop.via.map(|e| self.topology.edge(e));
        let pulled = edge.is_some_and(|e| matches!(&e.way, Way::Dialled { pull, .. } if *pull != Pull::No));
        let end = edge.filter(|e| !pulled && matches!(e.way, Way::Dialled { .. })).and_then(|e| e.end);
        end.or(node.span).map_or(String::new(), |s| format!("  {}", self.places.shown(s)))
    }

    /// Why nothing passes, or why that is not known.
    fn state(&self, edge: &Edge<'_>) -> Option<String> {
        match &edge.state {
            State::Fine => None,
            State::Unknown(why) => Some(format!("? {}", clean(why))),
            State::Broken(why, found) => Some(match found.map(|at| &self.topology.findings[at]) {
                Some(found) => format!("✗ {} [{}]", clean(&found.message), found.rule.id),
                None => format!("✗ {}", clean(why)),
            }),
        }
    }

    fn sum(&mut self, what: &str, trace: &Trace) -> io::Result<()> {
        writeln!(self.out)?;
        if trace.starts == 0 {
            return writeln!(self.out, "nothing in these files makes, takes or sends {}", clean(what));
        }
        let mut words = vec![
            counted(trace.starts, "start", "starts"),
            counted(trace.stores, "store", "stores"),
            counted(
                trace.readers,
                "dashboard or group of rules that can see them",
                "dashboards and groups of rules that can see them",
            ),
        ];
        if !trace.broken.is_empty() {
            words.push(format!("{} broken", trace.broken.len()));
        }
        if !trace.unknown.is_empty() {
            words.push(format!("{} not known", trace.unknown.len()));
        }
        writeln!(self.out, "{}", words.join(", "))
    }

    fn metric(&mut self, name: &str, metric: &Metric) -> io::Result<()> {
        writeln!(self.out, "`{}`", clean(name))?;
        writeln!(self.out)?;
        for maker in &metric.makers {
            let place = self.places.shown(maker.span);
            writeln!(self.out, "made by {}  {place}", clean(&maker.name))?;
        }
        match (metric.makers.is_empty(), metric.open) {
            (true, true) => writeln!(self.out, "not known who makes it: it may come by any of these ways")?,
            (true, false) => writeln!(self.out, "nothing in these files makes it")?,
            (false, _) => {}
        }
        self.trace(&metric.trace)?;
        writeln!(self.out)?;
        for way in &metric.labelled {
            self.labelled(way)?;
        }
        if !metric.labelled.is_empty() {
            writeln!(self.out)?;
        }
        match metric.asked.len() {
            0 => writeln!(self.out, "nothing in these files asks for it")?,
            n => writeln!(self.out, "asked for by {}", counted(n, "query", "queries"))?,
        }
        for asking in metric.asked.iter().take(ASKING) {
            let place = self.places.shown(asking.span);
            let series = if asking.series == name { String::new() } else { format!(" (`{}`)", clean(&asking.series)) };
            writeln!(self.out, "  {}{series}  {place}", clean(&asking.by))?;
        }
        if metric.asked.len() > ASKING {
            writeln!(self.out, "  and {} more", metric.asked.len() - ASKING)?;
        }
        Ok(())
    }

    fn labelled(&mut self, way: &Labelled) -> io::Result<()> {
        let place = self.places.shown(way.span);
        writeln!(self.out, "from {} as {}  {place}", clean(&way.maker), clean(&way.labels))?;
        for hop in &way.hops {
            let place = self.places.shown(hop.span);
            let after = hop.labels.as_ref().map_or("✗ dropped".to_owned(), |labels| clean(labels));
            writeln!(self.out, "  → {}: {after}  {place}", clean(&hop.stage))?;
        }
        Ok(())
    }

    fn address(&mut self, name: &str, address: &Address<'a>) -> io::Result<()> {
        writeln!(self.out, "{}", clean(name))?;
        writeln!(self.out)?;
        if address.answers.is_empty() {
            writeln!(self.out, "nobody in these files is known to answer")?;
        }
        for answer in &address.answers {
            let service = clean(&self.topology.linked.tree.service(answer.service).name);
            let published = answer.published.map(|s| format!(", published  {}", self.places.shown(s)));
            match answer.listener {
                Some(listener) => {
                    let place = self.places.shown(listener.origin.span());
                    let what = clean(&listener.name);
                    writeln!(self.out, "{what} of `{service}` answers{}  {place}", published.unwrap_or_default())?;
                    writeln!(self.out, "  {}", listens(listener))?;
                }
                None => {
                    let published = published.unwrap_or_default();
                    writeln!(self.out, "`{service}` answers{published}; what listens there is not known")?;
                }
            }
        }
        writeln!(self.out)?;
        if address.dialled.is_empty() {
            return writeln!(self.out, "nobody in these files dials it");
        }
        for edge in &address.dialled {
            self.dialler(*edge)?;
        }
        Ok(())
    }

    fn dialler(&mut self, id: EdgeId) -> io::Result<()> {
        let edge = self.topology.edge(id);
        let Way::Dialled { url, pull, .. } = &edge.way else { return Ok(()) };
        let who = self.topology.node(if *pull == Pull::No { edge.from } else { edge.to });
        let of = self.topology.service(who).filter(|_| who.kind != NodeKind::Service);
        let of = of.map_or(String::new(), |s| format!(" of `{}`", clean(&s)));
        let place = self.places.shown(edge.span);
        writeln!(self.out, "{}{of} {} it  {place}", clean(&who.name), url.protocol.verb())?;
        match self.state(edge) {
            Some(state) => writeln!(self.out, "  {state}"),
            None => Ok(()),
        }
    }
}

/// `1 start`, `2 starts`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What a listener takes, and from where.
fn listens(listener: &Listener) -> String {
    let bind = match &listener.bind {
        Some(Bind::All) => "on all interfaces",
        Some(Bind::Loopback) => "on loopback alone",
        Some(Bind::Host(_)) => "under one name",
        None => "where, is not known",
    };
    let one = |a: &Accepts| match &a.missing_flag {
        Some(flag) => format!("{} (not without `{flag}`)", a.protocol.title()),
        None => a.protocol.title().to_owned(),
    };
    match &listener.accepts {
        Some(all) if !all.is_empty() => {
            let mut words: Vec<String> = all.iter().map(one).collect();
            words.dedup();
            format!("takes {} {bind}", words.join(", "))
        }
        _ => format!("what it takes is not known; it listens {bind}"),
    }
}

/// `sends OTLP over gRPC to `tempo`, port 4317`.
pub fn how(topology: &Topology<'_>, edge: &Edge<'_>) -> String {
    let Way::Dialled { url, server, pull, listener } = &edge.way else { return String::new() };
    let host = clean(&url.host);
    let name = server.map(|id| topology.linked.tree.service(id).name.as_str()).filter(|n| *n != url.host);
    let host = name.map_or(format!("`{host}`"), |n| format!("`{host}` (`{}`)", clean(n)));
    let port = url.port.map_or(String::new(), |p| format!(":{p}"));
    let protocol = match (listener.map_or(url.protocol, |l| crate::link::spoken(url, l)), &edge.signals[..]) {
        (Protocol::Http, [only]) => only.name(),
        (protocol, _) => protocol.title(),
    };
    match pull {
        Pull::No => format!("{protocol} to {host}{port}"),
        Pull::Scrape => format!("scraped at {host}{port}"),
        Pull::Query => format!("{protocol} at {host}{port}"),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    subject: &'a str,
    what: String,
    starts: usize,
    stores: usize,
    readers: usize,
    broken: usize,
    unknown: usize,
    hops: Vec<JsonHop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<JsonMetric>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<JsonAddress>,
}

#[derive(Serialize)]
struct JsonHop {
    depth: usize,
    node: JsonNode,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<JsonEdge>,
    again: bool,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct JsonNode {
    id: u32,
    kind: &'static str,
    name: String,
    service: Option<String>,
    place: Option<JsonPlace>,
}

#[derive(Serialize)]
pub(super) struct JsonPlace {
    path: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct JsonEdge {
    way: &'static str,
    protocol: Option<&'static str>,
    host: Option<String>,
    port: Option<u16>,
    signals: Vec<&'static str>,
    state: &'static str,
    why: Option<String>,
    rule: Option<&'static str>,
    by: Vec<String>,
    from: JsonPlace,
    to: Option<JsonPlace>,
}

#[derive(Serialize)]
struct JsonMetric {
    makers: Vec<JsonNamed>,
    open: bool,
    labelled: Vec<JsonLabelled>,
    asked: Vec<JsonNamed>,
}

#[derive(Serialize)]
struct JsonLabelled {
    maker: String,
    labels: String,
    place: JsonPlace,
    hops: Vec<JsonRelabelled>,
}

#[derive(Serialize)]
struct JsonRelabelled {
    stage: String,
    /// `None` = dropped.
    labels: Option<String>,
    place: JsonPlace,
}

#[derive(Serialize)]
struct JsonNamed {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<String>,
    place: JsonPlace,
}

#[derive(Serialize)]
struct JsonAddress {
    answers: Vec<JsonAnswer>,
    dialled: Vec<JsonEdge>,
}

#[derive(Serialize)]
struct JsonAnswer {
    service: String,
    listener: Option<String>,
    takes: Option<Vec<&'static str>>,
    place: Option<JsonPlace>,
    published: Option<JsonPlace>,
}

/// Prints for programs.
pub fn json(topology: &Topology<'_>, followed: &Followed<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut json = Json { topology, places: Places::new(&topology.linked.tree.sources) };
    let empty = Trace::default();
    let trace = followed.trace().unwrap_or(&empty);
    let (subject, what) = match followed {
        Followed::Signal(signal, _) => ("signal", signal.name().to_owned()),
        Followed::Metric(name, _) => ("metric", name.clone()),
        Followed::Address(name, _) => ("address", name.clone()),
    };
    let report = Report {
        version: 1,
        subject,
        what,
        starts: trace.starts,
        stores: trace.stores,
        readers: trace.readers,
        broken: trace.broken.len(),
        unknown: trace.unknown.len(),
        hops: trace.hops.iter().map(|h| json.hop(h)).collect(),
        metric: if let Followed::Metric(_, metric) = followed { Some(json.metric(metric)) } else { None },
        address: if let Followed::Address(_, address) = followed { Some(json.address(address)) } else { None },
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

struct Json<'t, 'a> {
    topology: &'t Topology<'a>,
    places: Places<'t>,
}

impl<'a> Json<'_, 'a> {
    fn place(&mut self, span: Span) -> JsonPlace {
        let (path, line, column) = self.places.line(span);
        JsonPlace { path: path.to_owned(), line, column }
    }

    fn node(&mut self, id: u32) -> JsonNode {
        let node = self.topology.node(id);
        JsonNode {
            id,
            kind: node.kind.word(),
            name: node.name.clone(),
            service: self.topology.service(node).map(Cow::into_owned),
            place: node.span.map(|s| self.place(s)),
        }
    }

    fn edge(&mut self, id: EdgeId) -> JsonEdge {
        let edge = self.topology.edge(id);
        let (mut protocol, mut host, mut port, mut by) = (None, None, None, Vec::new());
        let way = match &edge.way {
            Way::Inside => "inside",
            Way::Reads { by: all, .. } => {
                by = all.iter().map(|b| (*b).to_owned()).collect();
                "reads"
            }
            Way::Dialled { url, pull, listener, .. } => {
                protocol = Some(listener.map_or(url.protocol, |l| crate::link::spoken(url, l)).name());
                (host, port) = (Some(url.host.clone()), url.port);
                match pull {
                    Pull::No => "sends",
                    Pull::Scrape => "scrapes",
                    Pull::Query => "asks",
                }
            }
        };
        let (state, why, rule) = match &edge.state {
            State::Fine => ("fine", None, None),
            State::Unknown(why) => ("unknown", Some(why.clone()), None),
            State::Broken(why, found) => {
                ("broken", Some(why.clone()), found.map(|f| self.topology.findings[f].rule.id))
            }
        };
        JsonEdge {
            way,
            protocol,
            host,
            port,
            signals: edge.signals.iter().map(|s| s.name()).collect(),
            state,
            why,
            rule,
            by,
            from: self.place(edge.span),
            to: edge.end.map(|s| self.place(s)),
        }
    }

    fn hop(&mut self, hop: &Hop) -> JsonHop {
        JsonHop {
            depth: hop.depth,
            node: self.node(hop.node),
            via: hop.via.map(|e| self.edge(e)),
            again: hop.again,
            notes: hop.notes.clone(),
        }
    }

    fn metric(&mut self, metric: &Metric) -> JsonMetric {
        let makers = metric.makers.iter();
        let asked = metric.asked.iter();
        JsonMetric {
            makers: makers
                .map(|m| JsonNamed { name: m.name.clone(), series: None, place: self.place(m.span) })
                .collect(),
            open: metric.open,
            labelled: metric.labelled.iter().map(|w| self.labelled(w)).collect(),
            asked: asked
                .map(|a| JsonNamed { name: a.by.clone(), series: Some(a.series.clone()), place: self.place(a.span) })
                .collect(),
        }
    }

    fn labelled(&mut self, way: &Labelled) -> JsonLabelled {
        let hop = |h: &Relabelled, place| JsonRelabelled { stage: h.stage.clone(), labels: h.labels.clone(), place };
        JsonLabelled {
            maker: way.maker.clone(),
            labels: way.labels.clone(),
            place: self.place(way.span),
            hops: way.hops.iter().map(|h| hop(h, self.place(h.span))).collect(),
        }
    }

    fn address(&mut self, address: &Address<'a>) -> JsonAddress {
        let answers = address.answers.iter().map(|a| JsonAnswer {
            service: self.topology.linked.tree.service(a.service).name.clone(),
            listener: a.listener.map(|l| l.name.clone()),
            takes: a.listener.and_then(|l| Some(l.accepts.as_ref()?.iter().map(|a| a.protocol.name()).collect())),
            place: a.listener.map(|l| self.place(l.origin.span())),
            published: a.published.map(|s| self.place(s)),
        });
        let answers = answers.collect();
        JsonAddress { answers, dialled: address.dialled.iter().map(|e| self.edge(*e)).collect() }
    }
}
