//! Specs for property tests: any valid `vispyr.toml`, over every key there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use vispyr::catalogue;
use vispyr::source::SourceId;
use vispyr::spec::decode;

/// Texts that are legal as names and values, and awkward in YAML, JSON, Alloy, compose or a query.
const ODD: &[&str] = &[
    "checkout",
    "check out",
    "Übung-日本",
    "a\"b",
    "back\\slash",
    "$HOME",
    "${HOME:-x}",
    "$$",
    "{{ .Value }}",
    "it's",
    "yes",
    "null",
    "1e3",
    "0x1f",
    "- item",
    "key: value # no",
    "&anchor",
    "*",
    "%s%d",
    "</script>",
    "a/b",
    "~",
];

const NAMES: &[&str] =
    &["shop", "a", "0", "my-shop_2", "null", "on", "x-", "an-unusually-long-name-for-a-project-of-compose"];
const SCRAPES: &[&str] = &["checkout", "a", "on", "null", "self", "node-exporter", "module", "loop-1", "true"];
const TARGETS: &[&str] = &[
    "checkout:8080",
    "db:9187",
    "10.0.0.7:9100",
    "[2001:db8::7]:9100",
    "a.example.org:443",
    "under_score:1",
    "x.:65535",
];
const PATHS: &[&str] = &["/metrics", "/", "/a/b", "/%20", "/a\"b", "/$x", "/a'b", "/{b}"];
const ADDRESSES: &[&str] = &["obs.example.org", "192.0.2.7", "2001:db8::7", "gateway", "a-b.c"];
const BINDS: &[&str] = &["127.0.0.1", "0.0.0.0", "::1", "192.0.2.9", "::"];
const DURATIONS: &[&str] = &["15d", "2h", "1w", "90d", "1d12h", "7200s"];
const INTERVALS: &[&str] = &["15s", "1s", "1m", "5m", "1m30s"];
const SIZES: &[&str] = &["20GB", "512MB", "1TiB", "700MiB"];
const RATES: &[&str] = &["15MB", "1KB", "64MiB", "1GB"];
const MEMORIES: &[&str] = &["1GiB", "64MiB", "256MB", "2GB"];
const DIMENSIONS: &[&str] = &["tenant", "http.route", "cloud.region", "a b", "x\"y", "übung", "1st"];
const VARIABLES: &[&str] = &["CHECKOUT_TOKEN", "_", "x1"];
const FILES: &[&str] = &["tls/server.pem", "a b.pem", "../up.pem", "/etc/ssl/x.pem", "ü.pem"];
const URLS: &[&str] = &["https://grafana.example.org/", "http://10.0.0.1:8080/grafana/", "https://[2001:db8::1]/"];
const LANGUAGES: &[&str] = &["node", "python", "java", "go", "dotnet", "ruby", "rust", "other"];
const PORTS: &[u16] = &[20_001, 1, 65_535, 8080, 55_000, 20_002, 20_003, 20_004];

/// Releases that a spec may pin, by engine: the two newest of each minor that decode without a word, first the default.
static RELEASES: LazyLock<BTreeMap<&str, Vec<String>>> = LazyLock::new(|| {
    let fits = |engine: &str, version: &str| {
        let layout = if engine == "caddy" { PAIR } else { "" };
        let text = format!("[stack]\nname = \"x\"\n{layout}[versions]\n{engine} = \"{version}\"\n");
        decode(SourceId(0), &text).1.is_empty()
    };
    let pins = |facts: &catalogue::Facts| {
        let mut lines: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for release in facts.releases.iter().rev().filter(|r| fits(facts.engine, &r.to_string())) {
            lines.entry((release.major, release.minor)).or_default().push(release.to_string());
        }
        let newest = lines.into_values().flat_map(|l| l.into_iter().take(2));
        std::iter::once(facts.default.to_string()).chain(newest).collect::<Vec<_>>()
    };
    // Engines that only `check` knows are in no spec.
    let planned = |f: &&catalogue::Facts| vispyr::engines::named(f.engine).is_some_and(|e| e.emit.is_some());
    catalogue::all().iter().filter(planned).map(|f| (f.engine, pins(f))).collect()
});

const PAIR: &str = "layout = \"agent-gateway\"\n[gateway]\naddress = \"x.example.org\"\n";

/// Any valid spec, as text. It shrinks towards one with nothing but a name.
pub(crate) fn specs() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u16>(), 0..220).prop_map(|tape| spec(&tape))
}

/// The spec that a tape of choices spells; where the tape ends, the first choice is taken and nothing is added.
pub(crate) fn spec(tape: &[u16]) -> String {
    Writer { tape: tape.iter(), out: String::new(), ports: PORTS.to_vec() }.write()
}

struct Writer<'a> {
    tape: std::slice::Iter<'a, u16>,
    out: String,
    ports: Vec<u16>,
}

impl Writer<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.tape.next().map_or(0, |n| usize::from(*n) % bound)
    }

    fn maybe(&mut self) -> bool {
        self.below(3) == 1
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn port(&mut self) -> u16 {
        let at = self.below(self.ports.len());
        self.ports.remove(at)
    }

    fn header(&mut self, name: &str) {
        self.out.push_str(&format!("[{name}]\n"));
    }

    fn text(&mut self, key: &str, value: &str) {
        self.out.push_str(&format!("{key} = {}\n", quoted(value)));
    }

    fn texts(&mut self, key: &str, values: &[&str]) {
        let values: Vec<String> = values.iter().map(|v| quoted(v)).collect();
        self.out.push_str(&format!("{key} = [{}]\n", values.join(", ")));
    }

    fn bare(&mut self, key: &str, value: impl std::fmt::Display) {
        self.out.push_str(&format!("{key} = {value}\n"));
    }

    fn maybe_text(&mut self, key: &str, of: &[&str]) {
        if self.maybe() {
            let value = self.pick(of);
            self.text(key, value);
        }
    }

    fn write(mut self) -> String {
        let pair = self.below(2) == 1;
        let (traces, profiles) = (self.below(4) != 1, self.below(4) != 1);
        self.stack(pair);
        self.services();
        if !traces || !profiles || self.maybe() {
            self.header("signals");
            self.text("metrics", "prometheus");
            self.text("traces", if traces { "tempo" } else { "off" });
            self.text("profiles", if profiles { "pyroscope" } else { "off" });
            self.text("logs", "off");
        }
        self.versions(pair, traces, profiles);
        self.collector(traces);
        self.retention(traces, profiles);
        if pair {
            self.between();
        }
        self.grafana();
        self.agent(profiles);
        self.scrapes();
        self.resources(pair, traces, profiles);
        self.limits(traces, profiles);
        if self.maybe() {
            self.header("check");
            self.bare("ignore", "{ \"legacy/**\" = [\"compose-floating-tag\"], \"*.yml\" = [\"*\"] }");
            self.bare("symbols", "[\"../infra/infra.vsym\", \"a b.vsym\"]");
        }
        self.out
    }

    fn stack(&mut self, pair: bool) {
        self.header("stack");
        let name = self.pick(NAMES);
        self.text("name", name);
        if pair || self.maybe() {
            self.text("layout", if pair { "agent-gateway" } else { "single-host" });
        }
        self.maybe_text("environment", ODD);
    }

    fn services(&mut self) {
        let mut seen = BTreeSet::new();
        for _ in 0..self.below(5) {
            let (name, namespace) = (self.pick(ODD), self.maybe().then(|| self.pick(ODD)));
            if !seen.insert((name, namespace)) {
                continue;
            }
            self.header("[services]");
            self.text("name", name);
            self.maybe_text("language", LANGUAGES);
            if let Some(namespace) = namespace {
                self.text("namespace", namespace);
            }
        }
    }

    fn versions(&mut self, pair: bool, traces: bool, profiles: bool) {
        if !self.maybe() {
            return;
        }
        self.header("versions");
        for (engine, releases) in RELEASES.iter() {
            let there = match *engine {
                "caddy" => pair,
                "tempo" => traces,
                "pyroscope" => profiles,
                _ => true,
            };
            if there && self.below(2) == 1 {
                let at = self.below(releases.len());
                self.text(engine, &releases[at]);
            }
        }
    }

    fn collector(&mut self, traces: bool) {
        self.header("collector");
        if self.maybe() {
            self.bare("host_metrics", false);
        }
        let spans = traces && !self.maybe();
        if traces && !spans {
            self.bare("span_metrics", false);
        } else if spans && self.maybe() {
            self.bare("span_metrics", true);
        }
        if self.maybe() {
            let graph = traces && self.maybe();
            self.bare("service_graph", graph);
        }
        self.maybe_text("scrape_interval", INTERVALS);
        self.maybe_text("instance", ODD);
        if spans && self.maybe() {
            let first = self.below(DIMENSIONS.len());
            let last = first + self.below(DIMENSIONS.len() - first);
            self.texts("dimensions", &DIMENSIONS[first..=last]);
        }
    }

    fn retention(&mut self, traces: bool, profiles: bool) {
        self.header("retention");
        self.maybe_text("metrics", DURATIONS);
        self.maybe_text("metrics_size", SIZES);
        if traces {
            self.maybe_text("traces", DURATIONS);
        }
        if profiles {
            self.maybe_text("profiles", DURATIONS);
        }
    }

    /// What only two hosts have.
    fn between(&mut self) {
        self.header("gateway");
        let address = self.pick(ADDRESSES);
        self.text("address", address);
        if self.maybe() {
            let port = self.port();
            self.bare("port", port);
        }
        self.maybe_text("bind", BINDS);
        self.header("tls");
        match self.below(4) {
            1 => {
                self.text("mode", "off");
                self.bare("allow_plaintext", true);
            }
            2 => {
                self.text("mode", "files");
                for key in ["cert", "key"] {
                    let file = self.pick(FILES);
                    self.text(key, file);
                }
                self.maybe_text("ca", FILES);
            }
            3 => self.text("mode", "private"),
            _ => {}
        }
        self.header("auth");
        self.maybe_text("mode", &["bearer", "basic", "none"]);
    }

    fn grafana(&mut self) {
        self.header("grafana");
        self.maybe_text("bind", BINDS);
        if self.maybe() {
            let port = self.port();
            self.bare("port", port);
        }
        self.maybe_text("root_url", URLS);
    }

    fn agent(&mut self, profiles: bool) {
        self.header("agent");
        self.maybe_text("bind", BINDS);
        for key in ["otlp_grpc_port", "otlp_http_port", "profiles_port"] {
            if (key != "profiles_port" || profiles) && self.maybe() {
                let port = self.port();
                self.bare(key, port);
            }
        }
    }

    fn scrapes(&mut self) {
        let (names, targets) = (self.below(SCRAPES.len()), self.below(TARGETS.len()));
        for n in 0..self.below(4) {
            self.header("[scrape]");
            self.text("name", SCRAPES[(names + n) % SCRAPES.len()]);
            let target = TARGETS[(targets + 2 * n) % TARGETS.len()];
            let second = TARGETS[(targets + 2 * n + 1) % TARGETS.len()];
            let count = if n == 0 && self.maybe() { 2 } else { 1 };
            self.texts("targets", &[target, second][..count]);
            self.maybe_text("path", PATHS);
            self.maybe_text("interval", INTERVALS);
            self.maybe_text("scheme", &["http", "https"]);
            if self.maybe() {
                let variable = self.pick(VARIABLES);
                self.bare("bearer", format!("{{ env = \"{variable}\" }}"));
            }
        }
    }

    fn resources(&mut self, pair: bool, traces: bool, profiles: bool) {
        let collectors: &[&str] = if pair { &["agent", "gateway", "proxy"] } else { &["alloy"] };
        let stores = [("prometheus", true), ("tempo", traces), ("pyroscope", profiles), ("grafana", true)];
        let there = stores.iter().filter(|(_, there)| *there).map(|(name, _)| *name);
        for name in collectors.iter().copied().chain(there) {
            if self.maybe() {
                self.header(&format!("resources.{name}"));
                let memory = self.pick(MEMORIES);
                self.text("memory", memory);
            }
        }
    }

    fn limits(&mut self, traces: bool, profiles: bool) {
        self.header("limits");
        for (key, there) in [("traces_rate", traces), ("trace_size", traces), ("profiles_rate", profiles)] {
            if there {
                self.maybe_text(key, RATES);
            }
        }
        if self.maybe() {
            let count = self.pick(&[1_u32, 50_000, 4_000_000_000]);
            self.bare("scrape_samples", count);
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
