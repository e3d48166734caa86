//! OTTL inside of components of the OpenTelemetry Collector: which of their attributes hold statements and conditions, and of
//! which context.

use vispyr_alloy::{Block, Body, Expr, ExprKind, Literal};

use super::Checker;
use super::report::Rests;
use crate::catalogue::Version;
use crate::engines::alloy::program::Node;
use crate::engines::alloy::rules::{invalid_ottl, ottl_context_moved};
use crate::lang::ottl::{self, Component, Kind, Release, Signal};

/// Policies hold policies, by two.
const DEPTH: u32 = 4;

/// Parts of `otelcol.processor.filter` (grafana/alloy internal/component/otelcol/processor/filter/types.go@v1.0.0,
/// @v1.19.0-rc.3).
const FILTERS: [(&str, &[(&str, &str)]); 3] = [
    ("traces", &[("span", "span"), ("spanevent", "spanevent")]),
    ("metrics", &[("metric", "metric"), ("datapoint", "datapoint")]),
    ("logs", &[("log_record", "log")]),
];

/// Blocks of `otelcol.processor.filter` with conditions that may say their context
/// (grafana/alloy internal/component/otelcol/processor/filter/types.go@v1.15.0).
const CONDITIONS: [(&str, Signal); 3] =
    [("trace_conditions", Signal::Traces), ("metric_conditions", Signal::Metrics), ("log_conditions", Signal::Logs)];

/// Blocks of `otelcol.processor.transform`, and the attributes of its block `statements`
/// (grafana/alloy internal/component/otelcol/processor/transform/transform.go@v1.0.0, @v1.8.0).
const STATEMENTS: [(&str, &str, Signal); 3] = [
    ("trace_statements", "trace", Signal::Traces),
    ("metric_statements", "metric", Signal::Metrics),
    ("log_statements", "log", Signal::Logs),
];

/// What `otelcol.connector.count` counts (grafana/alloy internal/component/otelcol/connector/count/count.go@v1.13.0), and
/// `otelcol.connector.signaltometrics` measures
/// (grafana/alloy internal/component/otelcol/connector/signaltometrics/signaltometrics.go@v1.18.0).
const COUNTED: [(&str, &str); 5] = [
    ("spans", "span"),
    ("spanevents", "spanevent"),
    ("metrics", "metric"),
    ("datapoints", "datapoint"),
    ("logs", "log"),
];

/// A component, the version of the language in it, and whether the config is refused for it.
#[derive(Clone, Copy)]
struct In {
    component: Component,
    release: Release,
    refused: bool,
}

impl<'a> Checker<'_, 'a> {
    /// What a component of the top says in OTTL.
    pub(super) fn ottl(&mut self, node: &Node<'a>, name: &str) {
        let body = node.block.body();
        match name {
            "otelcol.processor.transform" => self.transform(body),
            "otelcol.processor.filter" => self.filter(body),
            "otelcol.processor.tail_sampling" => {
                // Up to v1.11 (v0.134.0 of the processor) policies are read when the processor is made, which is when it
                // passes on traces; since, when it starts: a broken one is told in the log
                // (open-telemetry/opentelemetry-collector-contrib processor/tailsamplingprocessor/processor.go@v0.96.0,
                // @v0.112.0, @v0.134.0, @v0.139.0).
                let made = self.version < Version::new(1, 12, 0) && sends(body, "traces");
                if let Some(at) = self.language(Component::TailSampling, made) {
                    body.blocks("policy").for_each(|policy| self.policy(policy, at, DEPTH));
                }
            }
            "otelcol.connector.count" => self.counted(body, Component::Count, false),
            "otelcol.connector.signaltometrics" => self.counted(body, Component::SignalToMetrics, true),
            _ => {}
        }
    }

    fn language(&self, component: Component, refused: bool) -> Option<In> {
        let version = (self.version.major, self.version.minor, self.version.patch);
        Some(In { component, release: Release::of_alloy(component, version)?, refused })
    }

    fn transform(&mut self, body: Body<'a>) {
        let Some(at) = self.language(Component::Transform, true) else { return };
        for (block, attribute, signal) in STATEMENTS {
            for block in body.blocks(block) {
                let inner = block.body();
                // The word is read in any case (grafana/alloy …/processor/transform/transform.go `UnmarshalText`).
                let Some(context) = literal(inner, "context").map(|l| l.value().to_lowercase()) else { continue };
                if !ottl::offers(at.release, at.component, Kind::Statement, signal, &context) {
                    continue;
                }
                self.each(inner, "statements", at, &context, Kind::Statement);
                self.each(inner, "conditions", at, &context, Kind::Condition);
            }
            for block in body.blocks("statements") {
                self.group(block.body(), attribute, at, signal, Kind::Statement);
            }
        }
    }

    fn filter(&mut self, body: Body<'a>) {
        if let Some(at) = self.language(Component::Filter, true) {
            for (block, attributes) in FILTERS {
                for inner in body.blocks(block).map(|b| b.body()) {
                    for (attribute, context) in attributes {
                        self.each(inner, attribute, at, context, Kind::Condition);
                    }
                }
            }
        }
        let Some(at) = self.language(Component::FilterConditions, true) else { return };
        for (block, signal) in CONDITIONS {
            for inner in body.blocks(block).map(|b| b.body()) {
                match (literal(inner, "context").map(|l| l.value().into_owned()), inner.attr("context")) {
                    (Some(context), _) if !context.is_empty() => {
                        self.each(inner, "conditions", at, &context, Kind::Condition);
                    }
                    (Some(_), _) | (None, None) => self.group(inner, "conditions", at, signal, Kind::Condition),
                    (None, Some(_)) => {}
                }
            }
        }
    }

    fn policy(&mut self, policy: Block<'a>, at: In, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        // What the policy is not of the type of is not read.
        let kind = literal(policy.body(), "type").map(|kind| kind.value());
        for inner in policy.body().all_blocks() {
            let read = kind.as_deref() == Some(&*inner.name()) || inner.name().ends_with("_sub_policy");
            let at = In { refused: at.refused && read, ..at };
            match &*inner.name() {
                "ottl_condition" => {
                    self.each(inner.body(), "span", at, "span", Kind::Condition);
                    self.each(inner.body(), "spanevent", at, "spanevent", Kind::Condition);
                }
                "and"
                | "not"
                | "drop"
                | "composite"
                | "and_sub_policy"
                | "not_sub_policy"
                | "drop_sub_policy"
                | "composite_sub_policy" => self.policy(inner, at, depth),
                _ => {}
            }
        }
    }

    fn counted(&mut self, body: Body<'a>, component: Component, refused: bool) {
        let Some(at) = self.language(component, refused) else { return };
        for (block, context) in COUNTED {
            for inner in body.blocks(block).map(|b| b.body()) {
                self.each(inner, "conditions", at, context, Kind::Condition);
                for value in ["gauge", "sum", "histogram", "exponential_histogram"] {
                    for part in inner.blocks(value).map(|b| b.body()) {
                        for attribute in ["value", "count"] {
                            if let Some(text) = literal(part, attribute) {
                                self.text(text, at, context, Kind::Value);
                            }
                        }
                    }
                }
            }
        }
    }

    /// The texts of a list that have one context.
    fn each(&mut self, body: Body<'a>, attribute: &str, at: In, context: &str, kind: Kind) {
        for text in body.attr(attribute).into_iter().flat_map(|a| elements(a.value())).flatten() {
            self.text(text, at, context, kind);
        }
    }

    fn text(&mut self, literal: Literal<'a>, at: In, context: &str, kind: Kind) {
        let decoded = literal.decode();
        for error in ottl::check(decoded.value(), at.release, at.component, context, kind) {
            self.refuse(literal, error, at);
        }
    }

    /// The texts of a list that say their context themselves. All of them must be known.
    fn group(&mut self, body: Body<'a>, attribute: &str, at: In, signal: Signal, kind: Kind) {
        let Some(attribute) = body.attr(attribute) else { return };
        let Some(literals) = elements(attribute.value()).collect::<Option<Vec<_>>>() else { return };
        let values: Vec<_> = literals.iter().map(|l| l.value()).collect();
        let texts: Vec<&str> = values.iter().map(|v| &**v).collect();
        for (number, error) in ottl::check_group(&texts, at.release, at.component, signal, kind) {
            if let Some(literal) = literals.get(number) {
                self.refuse(*literal, error, at);
            }
        }
    }

    fn refuse(&mut self, literal: Literal<'a>, error: ottl::Error, at: In) {
        let decoded = literal.decode();
        let (start, end) = (error.range.start as u32, error.range.end as u32);
        // Where a text ends too early there is nothing to point at but the text.
        let range = if start < end { decoded.source_range(start..end) } else { literal.range() };
        let rule = if error.moved { &ottl_context_moved::RULE } else { &invalid_ottl::RULE };
        let mut found = self.fault(rule, range, Rests::Version, error.message);
        if let Some(help) = error.help {
            found = found.help(help);
        }
        self.tell(if at.refused { found } else { found.warning() });
    }
}

fn literal<'a>(body: Body<'a>, attribute: &str) -> Option<Literal<'a>> {
    body.attr(attribute)?.value().as_literal()
}

/// Whether block `output` surely passes on a signal to something.
fn sends(body: Body<'_>, signal: &str) -> bool {
    let outputs = body.blocks("output").filter_map(|output| output.body().attr(signal));
    outputs.into_iter().any(|list| match list.value().unparen().kind() {
        ExprKind::Array(consumers) => !consumers.is_empty(),
        _ => false,
    })
}

/// The elements of a list; `None` for one that is no literal, or for what is no list.
fn elements<'a>(list: Expr<'a>) -> impl Iterator<Item = Option<Literal<'a>>> {
    let (exprs, other) = match list.unparen().kind() {
        ExprKind::Array(exprs) => (Some(exprs), None),
        _ => (None, Some(None)),
    };
    let all = exprs.into_iter().flat_map(|e| e.iter().map(|x| x.as_literal()).collect::<Vec<_>>());
    all.chain(other)
}
