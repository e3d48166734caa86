//! Who reaches whom, for which signal.

use super::Flow;
use crate::catalogue::schema;
use crate::check::instances;
use crate::engines;
use crate::engines::alloy::check::met;
use crate::engines::alloy::program::{Program, Strings};
use crate::symbol::Signal;
use crate::tree::{RawTree, Settings, VersionFrom};

/// Titles of what reaches a component as a signal; `None` = not known.
fn upstream(text: &str, id: &str, signal: Signal) -> Option<Vec<String>> {
    let tree = engines::tree(RawTree::from_texts([("config.alloy", text)]), &Settings::default());
    let instance = &instances(&tree, engines::named("alloy").unwrap())[0];
    let version = instance.version.clone().unwrap().0;
    let strings = Strings::default();
    let program = Program::new(instance, &strings);
    let at = schema("alloy").unwrap().at(version);
    let flow = Flow::new(instance, &program, at, version, &VersionFrom::Option, met(&program, at, version));
    let part = flow.parts().find(|(at, _)| flow.title(*at) == format!("`{id}`")).unwrap().0;
    let mut found: Vec<_> = flow.upstream(part, signal, |_| false)?.into_iter().map(|p| flow.title(p)).collect();
    found.sort();
    Some(found)
}

const CONFIG: &str = "
otelcol.receiver.otlp \"in\" {
	grpc { }
	output {
		metrics = [otelcol.processor.batch.all.input]
		traces  = [otelcol.processor.batch.all.input, otelcol.connector.spanmetrics.red.input]
	}
}
otelcol.connector.spanmetrics \"red\" {
	histogram { explicit { } }
	output { metrics = [otelcol.processor.batch.all.input] }
}
otelcol.processor.batch \"all\" {
	output {
		metrics = [otelcol.exporter.prometheus.out.input]
		traces  = [otelcol.exporter.otlp.out.input]
	}
}
otelcol.exporter.prometheus \"out\" { forward_to = [prometheus.remote_write.out.receiver] }
prometheus.remote_write \"out\" { endpoint { url = \"http://prometheus:9090/api/v1/write\" } }
otelcol.exporter.otlp \"out\" { client { endpoint = \"tempo:4317\" } }
";

#[test]
fn signals_are_followed_apart() {
    let all = |names: &[&str]| Some(names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>());
    let traces = ["otelcol.exporter.otlp.out", "otelcol.processor.batch.all", "otelcol.receiver.otlp.in"];
    assert_eq!(upstream(CONFIG, "otelcol.exporter.otlp.out", Signal::Traces), all(&traces));
    let metrics = [
        "otelcol.connector.spanmetrics.red",
        "otelcol.exporter.prometheus.out",
        "otelcol.processor.batch.all",
        "otelcol.receiver.otlp.in",
        "prometheus.remote_write.out",
    ];
    assert_eq!(upstream(CONFIG, "prometheus.remote_write.out", Signal::Metrics), all(&metrics));
    assert_eq!(upstream(CONFIG, "otelcol.exporter.otlp.out", Signal::Logs), all(&["otelcol.exporter.otlp.out"]));
}

#[test]
fn what_a_module_sends_is_not_known() {
    let text = format!(
        "{CONFIG}\nimport.git \"kit\" {{ repository = \"x\"\n path = \"y\" }}\nkit.apps \"a\" {{ to = otelcol.exporter.otlp.out.input }}\n"
    );
    assert_eq!(upstream(&text, "otelcol.exporter.otlp.out", Signal::Traces), None);
}
