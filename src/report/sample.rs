//! One report that every format is shown with.

use crate::diagnostic::{Diagnostic, Fix, FixKind, Rule, Severity, Tier};
use crate::source::{Edit, Source, SourceId, Sources, Span};
use crate::tree::Skipped;

use super::{FileView, Format, Style, View};

pub(super) static RULE: Rule = Rule {
    id: "tempo-removed-key",
    aliases: &[],
    summary: "a key that this version no longer has",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Safe,
    since: "0.1.0",
    page: "",
};
static LINK: Rule = Rule {
    id: "link-port-unserved",
    aliases: &[],
    summary: "nothing listens on the port that is dialled",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: "",
};

pub(super) struct Sample {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    skipped: Vec<Skipped>,
    files: Vec<FileView>,
}

impl Sample {
    pub(super) fn view(&self) -> View<'_> {
        let mut view = View::of_source(&self.sources, &self.diagnostics);
        view.files.clone_from(&self.files);
        view.suppressed = 2;
        view.skipped = &self.skipped;
        view
    }
}

/// What a format prints.
pub(super) fn printed(format: &Format, view: &View<'_>) -> String {
    let mut out = Vec::new();
    (format.render)(view, &Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn sample() -> Sample {
    let mut sources = Sources::new();
    // `ü` is two bytes and one column; the byte order mark is three bytes of the file and none of the text.
    let text = "# über\nserver: {http_listen_port: 3200}\ncompactor: {}\n";
    let tempo = sources.push(Source { path: "tempo/tempo.yaml".into(), text: text.into(), shift: 3 });
    let alloy = sources.add(
        "alloy/config.alloy",
        "otelcol.exporter.otlp \"tempo\" {\n  client {\n    endpoint = \"tempo:4317\"\n  }\n}\n",
    );
    let at = |id: SourceId, needle: &str| {
        let start = sources.text(id).find(needle).unwrap();
        Span::new(id, start..start + needle.len())
    };
    let diagnostics = vec![
        Diagnostic::new(&RULE, at(tempo, "compactor"), "`compactor` was removed in Tempo 3.0")
            .here("removed in 3.0")
            .note("version 3.0.3 from `compose.yaml:4`")
            .help("remove `compactor`")
            .fix(Fix {
                title: "remove `compactor`".into(),
                safe: true,
                edits: vec![Edit { span: at(tempo, "compactor: {}\n"), text: String::new() }],
            }),
        Diagnostic::new(
            &LINK,
            at(alloy, "\"tempo:4317\""),
            "nothing listens on port `4317` of `tempo`, so spans are lost",
        )
        .here("sent there")
        .label(at(tempo, "3200"), "the only port it listens on")
        .help("add an OTLP receiver to `tempo`"),
    ];
    let file = |path: &str, kind, engine, version: &str, from: &str| FileView {
        path: path.into(),
        kind,
        engine: Some(engine),
        engine_version: Some(version.into()),
        version_from: Some(from.into()),
    };
    Sample {
        diagnostics,
        files: vec![
            file("alloy/config.alloy", "alloy-config", "alloy", "1.19.0", "newest known"),
            file("tempo/tempo.yaml", "tempo-config", "tempo", "3.0.3", "compose.yaml:4"),
        ],
        skipped: vec![Skipped { path: "values.yaml".into(), reason: "template".into() }],
        sources,
    }
}
