package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/source"
)

const clientGolang = "github.com/prometheus/client_golang/prometheus"

// optsTypes are the structs of the client library that name a metric, with its type.
var optsTypes = map[string]string{
	"CounterOpts": "counter", "GaugeOpts": "gauge", "HistogramOpts": "histogram", "SummaryOpts": "summary",
	"Opts": "", "UntypedOpts": "",
}

// family is a metric as the snapshot of one tag has it. Its name is whole, or has `*` where nothing is known.
type family struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
}

// wrap is what a registerer puts in front of the names of what is registered with it.
type wrap struct {
	Name string `json:"name"`
}

type metricsSnapshot struct {
	Metrics  []family `json:"metrics"`
	Prefixes []wrap   `json:"prefixes"`
}

// scanner collects the names of metrics from every package of a repository and of the modules that it is built from.
type scanner struct {
	*evaluator
	program
	metrics  map[string]map[string]bool // name to types
	origins  map[string][]string        // name to its places, for `-explain`
	prefixes map[string]bool
	literals map[string]bool // texts that look like a name of one of the namespaces, wherever they stand
}

// site is something that names a metric or a prefix, and where it stands.
type site struct {
	at   place
	node ast.Node
}

// metricsOf reads all metric names at one tag.
func metricsOf(repo *repository, mods *modules, of program) (metricsSnapshot, map[string][]string, error) {
	tree := source.OpenModules(mods)
	packages, err := metricPackages(repo, mods, tree, of.roots)
	if err != nil {
		return metricsSnapshot{}, nil, err
	}
	s := &scanner{
		evaluator: newEvaluator(tree), program: of, metrics: map[string]map[string]bool{},
		origins: map[string][]string{}, prefixes: map[string]bool{},
		literals: map[string]bool{},
	}
	var sites []site
	for _, p := range packages {
		for _, file := range p.Files {
			sites = append(sites, s.index(file)...)
			if s.recorded != nil {
				s.tables(file)
			}
		}
	}
	for _, found := range sites {
		s.read(found)
	}
	main := s.metrics
	snapshot, err := s.metricsSnapshot(mods)
	if err != nil {
		return snapshot, s.origins, err
	}
	// What other programs of the repository have may be asked for as well: it is no name that is not there.
	s.metrics, s.known, sites = map[string]map[string]bool{}, map[ast.Node][]string{}, nil
	for _, p := range restOf(repo, mods, tree, packages) {
		for _, file := range p.Files {
			sites = append(sites, s.index(file)...)
		}
	}
	for _, found := range sites {
		s.read(found)
	}
	for name := range s.metrics {
		if main[name] == nil && !foreign(name) && !strings.HasPrefix(name, anything) {
			snapshot.Metrics = append(snapshot.Metrics, family{name, "text"})
		}
	}
	for text := range s.literals {
		if main[text] == nil && s.metrics[text] == nil {
			snapshot.Metrics = append(snapshot.Metrics, family{text, "text"})
		}
	}
	sort.Slice(snapshot.Metrics, func(i, j int) bool { return snapshot.Metrics[i].Name < snapshot.Metrics[j].Name })
	return snapshot, s.origins, err
}

// metricPackages lists the packages whose metrics the engine's program may hold: those of the repository that it is built
// from, and those of modules that name metrics.
func metricPackages(repo *repository, mods *modules, tree *source.Tree, roots []string) ([]*source.Package, error) {
	seen := map[string]bool{}
	var packages []*source.Package
	add := func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		if p := tree.Package(name); p != nil {
			packages = append(packages, p)
		}
	}
	for _, root := range roots {
		add(path.Join(mods.main, root))
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no program in %v", roots)
	}
	for at := 0; at < len(packages); at++ {
		for _, name := range packages[at].ImportedPaths() {
			if mods.Has(name) && (!mods.vendored || below(name, mods.main)) {
				add(name)
			}
		}
	}
	if !mods.vendored {
		return packages, nil
	}
	var vendored []string
	naming := map[string]bool{}
	for folder := range repo.folders {
		if name, inside := strings.CutPrefix(folder, "vendor/"); inside {
			vendored = append(vendored, name)
		}
	}
	sort.Strings(vendored)
	for _, name := range vendored {
		for _, text := range mods.Files(name) {
			if namesMetrics(text) {
				naming[moduleOf(name)] = true
			}
		}
	}
	for _, name := range vendored {
		if naming[moduleOf(name)] {
			add(name)
		}
	}
	return packages, nil
}

// restOf lists the packages of the repository that the engine's program is not built from.
func restOf(repo *repository, mods *modules, tree *source.Tree, packages []*source.Package) []*source.Package {
	read := map[*source.Package]bool{}
	for _, p := range packages {
		read[p] = true
	}
	var rest []*source.Package
	for _, folder := range keys(repo.folders) {
		if strings.HasPrefix(folder, "vendor/") || strings.Contains(folder, "/vendor/") {
			continue
		}
		if p := tree.Package(path.Join(mods.main, folder)); p != nil && !read[p] {
			rest = append(rest, p)
		}
	}
	return rest
}

// moduleOf is the first part of a path that modules share: host, owner, repository.
func moduleOf(name string) string {
	parts := strings.SplitN(name, "/", 4)
	return strings.Join(parts[:min(len(parts), 3)], "/")
}

func namesMetrics(text []byte) bool {
	if !bytes.Contains(text, []byte(clientGolang)) {
		return false
	}
	for _, word := range []string{"Opts", "NewDesc", "BuildFQName", "WrapRegistererWithPrefix"} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// index notes what a file calls and assigns, and gives what names metrics in it.
func (s *scanner) index(file *source.File) []site {
	var sites []site
	s.note(file, func(at place, node ast.Node) {
		switch node := node.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING && s.looksLikeName(text) {
				s.literals[text] = true
			}
		case *ast.CompositeLit:
			if s.optsType(at.file, node.Type) != nil {
				sites = append(sites, site{at, node})
			}
		case *ast.CallExpr:
			switch s.callee(at.file, node) {
			case "NewDesc", "BuildFQName", "WrapRegistererWithPrefix":
				sites = append(sites, site{at, node})
			}
			if s.isBuildInfo(at.file, node) {
				sites = append(sites, site{at, node})
			}
		}
	})
	return sites
}

// optsType gives the type that a literal's struct names metrics of.
func (s *scanner) optsType(file *source.File, expr ast.Expr) *string {
	name := ""
	switch expr := expr.(type) {
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok && file.Import(x.Name) == clientGolang {
			name = expr.Sel.Name
		}
	case *ast.Ident:
		if file.Package.Path == clientGolang {
			name = expr.Name
		}
	case *ast.ArrayType, *ast.MapType:
		return nil
	}
	if kind, known := optsTypes[name]; known {
		return &kind
	}
	return nil
}

// callee gives the name of a function of the client library that is called.
func (s *scanner) callee(file *source.File, call *ast.CallExpr) string {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := selector.X.(*ast.Ident); ok && file.Import(x.Name) == clientGolang {
		return selector.Sel.Name
	}
	return ""
}

// looksLikeName tells whether a text may be the whole name of a metric of the program.
func (p program) looksLikeName(text string) bool {
	for _, namespace := range p.namespaces {
		if rest, ok := strings.CutPrefix(text, namespace); ok {
			return rest != "" && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && !strings.HasSuffix(rest, "_")
		}
	}
	return false
}

// isBuildInfo tells whether a call makes the metric of a program's version
// (prometheus/client_golang prometheus/collectors/version/version.go@v1.20.0, prometheus/common version/info.go@v0.44.0).
func (s *scanner) isBuildInfo(file *source.File, call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "NewCollector" || len(call.Args) == 0 {
		return false
	}
	x, ok := selector.X.(*ast.Ident)
	if !ok {
		return false
	}
	imported := file.Import(x.Name)
	return imported == "github.com/prometheus/common/version" || imported == clientGolang+"/collectors/version"
}

func selected(expr ast.Expr) string {
	if selector, ok := expr.(*ast.SelectorExpr); ok {
		return selector.Sel.Name
	}
	return ""
}

// read takes the names of one site.
func (s *scanner) read(found site) {
	switch node := found.node.(type) {
	case *ast.CompositeLit:
		kind := *s.optsType(found.at.file, node.Type)
		parts := map[string][]string{"Namespace": {""}, "Subsystem": {""}, "Name": {""}}
		for _, element := range node.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := pair.Key.(*ast.Ident); ok && parts[key.Name] != nil {
				parts[key.Name] = s.eval(found.at, pair.Value)
			}
		}
		if len(node.Elts) == 0 {
			return // filled elsewhere: the assignments of its fields are not followed
		}
		for _, name := range s.joined(parts["Namespace"], parts["Subsystem"], parts["Name"]) {
			s.add(name, kind, found)
		}
	case *ast.CallExpr:
		switch name := s.callee(found.at.file, node); {
		case name == "WrapRegistererWithPrefix":
			for _, prefix := range s.eval(found.at, node.Args[0]) {
				if strings.Trim(prefix, "_") != "" {
					s.prefixes[prefix] = true
					s.origins["prefix "+prefix] = append(s.origins["prefix "+prefix], s.tree.Fset.Position(node.Pos()).String())
				}
			}
		case s.isBuildInfo(found.at.file, node):
			for _, program := range s.eval(found.at, node.Args[0]) {
				s.add(program+"_build_info", "gauge", found)
			}
		case name == "BuildFQName" || name == "NewDesc":
			value := ast.Expr(node)
			if name != "BuildFQName" {
				if len(node.Args) == 0 {
					return
				}
				value = node.Args[0]
			}
			for _, name := range s.eval(found.at, value) {
				s.add(name, "", found)
			}
		}
	}
}

// joined is BuildFQName of the client library.
func (e *evaluator) joined(namespace, subsystem, name []string) []string {
	var all []string
	mixed := len(subsystem) > 1 && len(name) > 1
	for _, ns := range namespace {
		for _, sub := range subsystem {
			for _, n := range name {
				if n == "" {
					continue
				}
				parts := []string{n}
				if sub != "" {
					parts = append([]string{sub}, parts...)
				}
				if ns != "" {
					parts = append([]string{ns}, parts...)
				}
				whole := strings.Join(parts, "_")
				all = append(all, whole)
				if mixed || e.mixed[n] {
					e.mixed[whole] = true
				}
			}
		}
	}
	return limited(all)
}

func (s *scanner) add(name, kind string, found site) {
	if name == "" {
		return
	}
	for _, twice := range []string{"**", "*_*"} {
		for strings.Contains(name, twice) {
			name = strings.ReplaceAll(name, twice, "*")
		}
	}
	if s.metrics[name] == nil {
		s.metrics[name] = map[string]bool{}
	}
	s.origins[name] = append(s.origins[name], s.tree.Fset.Position(found.node.Pos()).String())
	s.metrics[name][kind] = true
}

// metricsSnapshot keeps what can be a name of one of the namespaces, or what a prefix can make one of.
func (s *scanner) metricsSnapshot(mods *modules) (metricsSnapshot, error) {
	out := metricsSnapshot{Metrics: []family{}, Prefixes: []wrap{}}
	open := map[string]bool{}
	for name, kinds := range s.metrics {
		if strings.HasPrefix(name, anything) {
			places, patterns := s.unexplained(name)
			for _, pattern := range patterns {
				open[pattern] = true
			}
			if name == anything && len(places) > 0 && s.recorded == nil {
				return out, fmt.Errorf("nothing is known of the names of these metrics: %s", strings.Join(places, " "))
			}
			if len(places) == 0 {
				continue
			}
		}
		if foreign(name) {
			continue
		}
		kind := ""
		if len(kinds) == 1 {
			kind = keys(kinds)[0]
		}
		if s.recorded != nil && s.mixed[name] {
			kind = "text"
		}
		out.Metrics = append(out.Metrics, family{name, kind})
	}
	for prefix := range s.prefixes {
		if strings.HasPrefix(prefix, anything) {
			return out, fmt.Errorf("nothing is known of a prefix: %s", strings.Join(s.origins["prefix "+prefix], " "))
		}
		out.Prefixes = append(out.Prefixes, wrap{prefix})
	}
	for module, pattern := range unread {
		if _, built := mods.find(module); built && !mods.vendored {
			open[pattern] = true
		}
	}
	for _, id := range mods.failed {
		pattern, known := instead(id)
		if !known {
			return out, fmt.Errorf("a module is missing: %s", id)
		}
		open[pattern] = true
	}
	for _, pattern := range keys(open) {
		out.Metrics = append(out.Metrics, family{Name: pattern})
	}
	sort.Slice(out.Prefixes, func(i, j int) bool { return out.Prefixes[i].Name < out.Prefixes[j].Name })
	return out, nil
}

// namespaces are what the names of the engines' metrics begin with.
var namespaces = []string{
	"alertmanager_", "alloy_", "cortex_", "loki_", "prometheus_", "pyroscope_", "tempo_", "tempodb_",
}

// others are what names of other programs of the repositories, and of libraries, begin with: no prefix is put before them.
var others = []string{"promtail_", "logstash_", "go_", "process_", "promhttp_", "jaeger_", "agent_", "k6_"}

func foreign(name string) bool {
	for _, other := range others {
		if strings.HasPrefix(name, other) {
			return true
		}
	}
	return false
}

// library is a package that names metrics as its callers, or the user's configuration, tell it.
type library struct {
	path, why string
	open      string // what those names are here, where they are of an engine's namespace
}

var libraries = []library{
	{path: clientGolang, why: "the client library: its callers are read"},
	{path: "github.com/armon/go-metrics/prometheus", why: "clients of Consul and memberlist, whose names begin with theirs"},
	{path: "github.com/hashicorp/go-metrics/prometheus", why: "the same, moved"},
	{path: "github.com/uber/jaeger-lib/metrics", why: "names of Jaeger's client"},
	{path: "github.com/jaegertracing/jaeger/internal/metrics", why: "the same, moved"},
	{path: "github.com/docker/go-metrics", why: "names of the client of Docker's registry"},
	{path: "go.opentelemetry.io/otel/exporters/prometheus", why: "names of instruments of OpenTelemetry"},
	{path: "contrib.go.opencensus.io/exporter/prometheus", why: "names of instruments of OpenTelemetry's receivers", open: "*receiver_*"},
	{path: "github.com/grafana/loki/v3/clients/pkg/logentry/metric", why: "metrics that users define"},
	{path: "github.com/grafana/loki/clients/pkg/logentry/metric", why: "the same"},
	{path: "github.com/grafana/alloy/internal/component/loki/process/metric", why: "the same"},
	{path: "github.com/grafana/ckit/internal/metricsutil", why: "the cluster's, which begin with `cluster_`"},
	{path: "github.com/grafana/alloy/internal/static/integrations", why: "metrics of databases, which users define"},
	{path: "github.com/grafana/tempo/modules/generator/registry", why: "metrics made of spans, which are sent away"},
}

// unexplained lists the places of a name that are in no library, and what the libraries' names may be.
func (s *scanner) unexplained(name string) (places, open []string) {
	for _, at := range s.origins[name] {
		found := slices.IndexFunc(libraries, func(l library) bool { return strings.HasPrefix(at, l.path+"/") })
		if found < 0 {
			places = append(places, at)
		} else if pattern := libraries[found].open; pattern != "" {
			open = append(open, pattern)
		}
	}
	return places, open
}

// unread are modules that are not read, and what their metrics may be called that are given an engine's namespace.
var unread = map[string]string{
	"github.com/grafana/walqueue": "alloy_queue_*", // internal/component/prometheus/write/queue/component.go@v1.6.0
}

// instead gives what can be a name of a module's metrics that could not be had.
func instead(failed string) (string, bool) {
	id, _, _ := strings.Cut(failed, "@")
	for module, pattern := range map[string]string{
		"github.com/grafana/objstore":         "*objstore_*",
		"github.com/thanos-io/objstore":       "*objstore_*",
		"github.com/grafana/prometheus":       "prometheus_*",
		"github.com/prometheus/prometheus":    "prometheus_*",
		"github.com/grafana/mimir-prometheus": "prometheus_*",
		"github.com/grafana/loki":             "loki_*",
		"github.com/grafana/ckit":             "cluster_*",
		"github.com/grafana/dskit":            "*",
		"github.com/prometheus/alertmanager":  "alertmanager_*",
		"github.com/grafana/pyroscope":        "pyroscope_*",
	} {
		if below(id, module) {
			return pattern, true
		}
	}
	return "", false
}
