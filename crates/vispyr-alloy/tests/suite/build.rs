//! Configurations built from values.

use vispyr_alloy::build::{Body, Value};
use vispyr_alloy::{format, print};

#[track_caller]
fn printed(body: &Body) -> String {
    let file = body.to_file().unwrap();
    let text = print(&file);
    assert_eq!(file.text(), text);
    assert_eq!(format(&text).as_deref(), Ok(&*text));
    text
}

#[test]
fn a_configuration_is_in_canonical_form() {
    let mut body = Body::new();
    body.comment("Made by a test.\n\nDo not edit.").blank();
    body.block("logging", None, |b| {
        b.attr("level", "info");
        b.attr("write_to", vec![Value::reference("loki.write.default.receiver")]);
    });
    body.comment("Takes everything.");
    body.block("otelcol.receiver.otlp", Some("default"), |b| {
        b.comment("Both protocols.");
        b.block("grpc", None, |b| {
            b.attr("endpoint", "0.0.0.0:4317");
        });
        b.block("http", None, |_| {});
        b.block("output", None, |b| {
            let next = Value::reference("otelcol.processor.batch.default.input");
            b.attr("metrics", vec![next.clone()]).attr("traces", vec![next]);
        });
        b.attr("late", true).blank().comment("Explained.").attr("port", 4317_u16).attr("ratio", 0.5);
    });
    let expected = "\
// Made by a test.
//
// Do not edit.

logging {
\tlevel    = \"info\"
\twrite_to = [loki.write.default.receiver]
}

// Takes everything.
otelcol.receiver.otlp \"default\" {
\t// Both protocols.
\tgrpc {
\t\tendpoint = \"0.0.0.0:4317\"
\t}

\thttp { }

\toutput {
\t\tmetrics = [otelcol.processor.batch.default.input]
\t\ttraces  = [otelcol.processor.batch.default.input]
\t}

\tlate = true

\t// Explained.
\tport  = 4317
\tratio = 0.5
}
";
    assert_eq!(printed(&body), expected);
}

#[test]
fn long_lists_are_broken() {
    let mut body = Body::new();
    body.attr("short", Value::array(["a", "b"]));
    body.attr("targets", vec![Value::object([("__address__", "app:8080"), ("service-name", "app")])]);
    body.attr("one", Value::object([("a", 1)]));
    body.attr("long", Value::array(["a".repeat(40), "b".repeat(40)]));
    body.attr("password", Value::env("PASSWORD"));
    body.attr("none", Value::Array(vec![]));
    body.attr("empty", Value::Object(vec![]));
    body.attr("both", Value::call("array.concat", [Value::Null, Value::Float(f64::NAN)]));
    body.attr("deep", Value::array([Value::object([("a", 1), ("b", 2)]), Value::object([("a", 3), ("b", 4)])]));
    let expected = format!(
        "short   = [\"a\", \"b\"]\ntargets = [{{\n\t__address__    = \"app:8080\",\n\t\"service-name\" = \"app\",\n}}]\none  = {{a = 1}}\nlong = [\n\t\"{}\",\n\t\"{}\",\n]\npassword = sys.env(\"PASSWORD\")\nnone     = []\nempty    = {{}}\nboth     = array.concat(null, null)\ndeep     = [\n\t{{\n\t\ta = 1,\n\t\tb = 2,\n\t}},\n\t{{\n\t\ta = 3,\n\t\tb = 4,\n\t}},\n]\n",
        "a".repeat(40),
        "b".repeat(40)
    );
    assert_eq!(printed(&body), expected);
}

#[test]
fn strings_come_back_as_they_went_in() {
    for text in [
        "",
        "a\"b\\",
        "two\nlines\n",
        "  indented\n    more\n",
        "trail \nx",
        "tab\tx",
        "`",
        "é\u{200b}\r\n",
        "\0",
        "\u{feff}",
    ] {
        for value in [Value::from(text), Value::Raw(text.to_owned())] {
            let mut body = Body::new();
            body.attr("x", value).attr("longer", 1);
            let file = body.to_file().unwrap();
            assert_eq!(file.body().attr("x").unwrap().value().as_str().as_deref(), Some(text));
            printed(&body);
        }
    }
    let mut body = Body::new();
    body.attr("x", Value::Raw("a {\n  b = 1\n}\n".to_owned()));
    assert_eq!(printed(&body), "x = `a {\n  b = 1\n}\n`\n");
}

#[test]
fn numbers_come_back_as_they_went_in() {
    let mut body = Body::new();
    body.attr("a", -5).attr("b", i64::MIN).attr("c", 1e21).attr("d", -0.25);
    let file = body.to_file().unwrap();
    let value = |name| file.body().attr(name).unwrap().value();
    assert_eq!((value("a").as_i64(), value("b").as_i64()), (Some(-5), Some(i64::MIN)));
    assert_eq!((value("c").as_f64(), value("d").as_f64()), (Some(1e21), Some(-0.25)));
}

#[test]
fn what_is_no_alloy_is_refused() {
    for (name, label, value) in
        [("a b", None, "x"), ("a", Some("not a label"), "x"), ("a", None, "x y"), ("a", None, "x\n}\nb {")]
    {
        let mut body = Body::new();
        body.block(name, label, |b| {
            b.attr("v", Value::reference(value)).comment("text\nmore");
        });
        // The last value closes the block and opens another: that is Alloy, and the caller's to prevent.
        assert_eq!(body.to_file().is_err(), !value.contains('\n'), "{name} {label:?} {value}");
    }
    let mut value = Value::Int(1);
    for _ in 0..100 {
        value = Value::Array(vec![value]);
    }
    assert!(Body::new().attr("a", value).to_file().is_err());
}
