package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"path"
	"strings"

	"vispyr/catalogue/alloy/extract"
	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// adapter is what is particular to an engine.
type adapter struct {
	facts facts
	roots func(x *extractor, main string) ([]extract.Root, error)
}

var engines map[string]adapter

func init() {
	// Decodes into a struct that reflection makes; the fields that it adds are told by `discovery`.
	interp.Native("github.com/prometheus/prometheus/discovery.UnmarshalYAMLWithInlineConfigs", nothing)
	yamlNode := map[string]string{
		"gopkg.in/yaml.v3.Node": "string", "go.yaml.in/yaml/v3.Node": "string", // a scalar of a rule, kept with its position
	}
	// A string that RemoteWriteConfig itself validates: prometheus/client_golang exp/api/remote/remote_headers.go@exp.
	yamlNode["github.com/prometheus/client_golang/exp/api/remote.WriteMessageType"] = "string"
	prometheus := facts{spell: yamlNode, extra: discovery}
	engines = map[string]adapter{
		"prometheus":   {prometheus, prometheusRoots},
		"alertmanager": {facts{extra: discovery}, alertmanagerRoots},
		"tempo":        {facts{closed: tempoClosed}, tempoRoots},
		"loki":         {facts{spell: yamlNode, extra: discovery}, lokiRoots},
		"pyroscope":    {facts{extra: discovery}, pyroscopeRoots},
		"mimir":        {facts{spell: yamlNode, extra: discovery, itself: mimirItself}, mimirRoots},
	}
}

// The modules that hold what configurations are made of; the others are clients and libraries.
func wanted(module string) bool {
	for _, prefix := range []string{
		"github.com/prometheus/common", "github.com/prometheus/exporter-toolkit", "github.com/prometheus/sigv4",
		"github.com/prometheus/alertmanager", "github.com/prometheus/prometheus", "github.com/grafana/dskit",
		"github.com/grafana/pyroscope", "github.com/thanos-io/objstore", "github.com/grafana/mimir-prometheus", "github.com/grafana/memberlist",
		"github.com/grafana/mimir-otlptranslator", "github.com/go-kit/log", "github.com/hashicorp/memberlist", "github.com/prometheus/otlptranslator",
	} {
		if below(module, prefix) {
			return true
		}
	}
	return false
}

// wantedOfMetrics are the modules whose metrics programs have under names of their own, or of another engine.
func wantedOfMetrics(module string) bool {
	for _, prefix := range []string{
		"github.com/grafana/dskit", "github.com/grafana/ckit", "github.com/thanos-io/objstore", "github.com/prometheus/prometheus",
		"github.com/grafana/loki", "github.com/grafana/pyroscope", "github.com/prometheus/alertmanager", "github.com/prometheus/exporter-toolkit",
	} {
		if below(module, prefix) {
			return true
		}
	}
	return false
}

// hooks stand in for methods that parse text with regular expressions or with other modules.
var hooks = map[string]interp.Hook{
	"github.com/prometheus/common/model.Duration.Set":          setDuration,
	"github.com/grafana/dskit/flagext.URLValue.Set":            setNothing,
	"github.com/grafana/dskit/flagext.Bytes.Set":               setBytes,
	"github.com/grafana/loki/pkg/util/flagext.ByteSize.Set":    setBytes,
	"github.com/grafana/loki/v3/pkg/util/flagext.ByteSize.Set": setBytes,
	"github.com/grafana/pyroscope/pkg/util/flagext.Bytes.Set":  setBytes,
}

func setNothing(_ *interp.Machine, cell *interp.Cell, args []interp.Value) interp.Value {
	if text, ok := interp.Text(args[0]); !ok || text != "" {
		cell.V = interp.Unknown{}
	}
	return interp.Nil{}
}

func (x *extractor) file(name, pkg, typ string) (extract.Root, *source.Named, error) {
	named, _ := x.tree.Named(pkg, typ).(*source.Named)
	if named == nil {
		return extract.Root{}, nil, fmt.Errorf("%s: no type %s.%s", name, pkg, typ)
	}
	body := objectOf(x.spell(named, name))
	if body == "" {
		return extract.Root{}, nil, fmt.Errorf("%s: %s.%s is no object", name, pkg, typ)
	}
	return extract.Root{Name: name, Kind: "file", Body: body}, named, nil
}

// registered runs what registers the flags of a root struct and remembers what it leaves there.
func (x *extractor) registered(root extract.Root, named *source.Named, method string, args ...interp.Value) *interp.FlagSet {
	cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
	v, set := interp.NewFlagSet()
	if _, ok := x.machine.CallMethod(cell, named, method, append(args, v)...); !ok {
		x.odd["no "+method+" of "+full(named)] = true
	}
	x.observe(root.Body, cell.V, 0)
	return set
}

// Tempo refuses keys that no extension registered, and registers none itself.
// grafana/tempo modules/overrides/extension.go@v3.0.3, processExtensions.
var tempoClosed = map[string]bool{
	"github.com/grafana/tempo/modules/overrides.Overrides.Extensions":       true,
	"github.com/grafana/tempo/modules/overrides.LegacyOverrides.Extensions": true,
}

func tempoRoots(x *extractor, main string) ([]extract.Root, error) {
	config, named, err := x.file("config", main+"/cmd/tempo/app", "Config")
	if err != nil {
		return nil, err
	}
	set := x.registered(config, named, "RegisterFlagsAndApplyDefaults", interp.Str(""))
	roots := []extract.Root{config}
	if root, _, err := x.file("overrides", main+"/modules/overrides", "perTenantOverrides"); err == nil {
		roots = append(roots, root)
	}
	fields := append(x.flagFields(set), x.written(main+"/cmd/tempo")...)
	return append(roots, x.flagsBody(append(fields, goFlags...))), nil
}

// goFlags are what package flag takes by itself.
var goFlags = []extract.Field{{Name: "h", Kind: "attr", Type: "bool", Default: interp.Encode(false)}, {Name: "help", Kind: "attr", Type: "bool", Default: interp.Encode(false)}}

func lokiRoots(x *extractor, main string) ([]extract.Root, error) {
	config, named, err := x.file("config", main+"/pkg/loki", "ConfigWrapper")
	if err != nil {
		return nil, err
	}
	set := x.registered(config, named, "RegisterFlags")
	roots := []extract.Root{config}
	if root, _, err := x.file("runtime", main+"/pkg/loki", "runtimeConfigValues"); err == nil {
		roots = append(roots, root)
	}
	// What its ruler reads: pkg/ruler/grouploader.go, parseRules.
	if root, _, err := x.file("rules", "github.com/prometheus/prometheus/model/rulefmt", "RuleGroups"); err == nil {
		roots = append(roots, root)
	}
	fields := append(x.flagFields(set), x.written(main+"/cmd/loki")...)
	return append(roots, x.flagsBody(append(fields, goFlags...))), nil
}

func pyroscopeRoots(x *extractor, main string) ([]extract.Root, error) {
	config, named, err := x.file("config", main+"/cmd/pyroscope", "mainFlags")
	if err != nil {
		return nil, err
	}
	set := x.registered(config, named, "RegisterFlags")
	roots := []extract.Root{config}
	for _, pkg := range []string{"/pkg/pyroscope", "/pkg/phlare"} {
		if root, _, err := x.file("runtime", main+pkg, "runtimeConfigValues"); err == nil {
			roots = append(roots, root)
		}
	}
	fields := append(x.flagFields(set), x.written(main+"/cmd/pyroscope")...)
	return append(roots, x.flagsBody(append(fields, goFlags...))), nil
}

// Decodes into a struct that reflection makes of these fields and of extensions, of which the release has none.
// grafana/mimir pkg/util/validation/limits.go@aced80d74930, newLimitsWithExtensions.
var mimirItself = map[string]bool{"github.com/grafana/mimir/pkg/util/validation.Limits": true}

// described is a row of Mimir's own description of its config.
type described struct {
	Flag    string      `json:"fieldFlag"`
	Entries []described `json:"blockEntries"`
}

// unregistered lists the flags of cmd/mimir/config-descriptor.json that registration did not reach: the file is generated from the
// program and holds all but hidden ones, so that none may be lacking.
func unregistered(fields []extract.Field) ([]string, error) {
	text := descriptor()
	if text == nil {
		return nil, fmt.Errorf("no config-descriptor.json")
	}
	var all described
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	registered := map[string]bool{"": true} // a row of a block has none
	for _, field := range fields {
		registered[field.Name] = true
	}
	var lacking []string
	for rows := []described{all}; len(rows) > 0; {
		row := rows[0]
		rows = append(rows[1:], row.Entries...)
		if !registered[row.Flag] {
			lacking = append(lacking, row.Flag)
		}
	}
	return lacking, nil
}

// descriptor reads that file; set by main, which knows the checkout.
var descriptor = func() []byte { return nil }

// Mimir's config registers its flags with a logger behind them, and the program's own ones by another name.
func mimirRoots(x *extractor, main string) ([]extract.Root, error) {
	config, named, err := x.file("config", main+"/pkg/mimir", "Config")
	if err != nil {
		return nil, err
	}
	cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
	v, set := interp.NewFlagSet()
	if _, ok := x.machine.CallMethod(cell, named, "RegisterFlags", v, interp.Nil{}); !ok {
		x.odd["no RegisterFlags of "+full(named)] = true
	}
	x.observe(config.Body, cell.V, 0)
	fields := x.flagFields(set)
	if flags, _ := x.tree.Named(main+"/cmd/mimir", "mainFlags").(*source.Named); flags != nil {
		own := &interp.Cell{V: x.machine.ZeroOf(flags), T: flags}
		v, set := interp.NewFlagSet()
		if _, ok := x.machine.CallMethod(own, flags, "registerFlags", v); ok {
			fields = append(fields, x.flagFields(set)...)
		}
	}
	fields = append(fields, x.written(main+"/cmd/mimir")...)
	lacking, err := unregistered(fields)
	if err != nil {
		return nil, err
	}
	if len(lacking) > 0 {
		return nil, fmt.Errorf("registration does not reach %s", strings.Join(lacking, ", "))
	}
	runtime, _, err := x.file("runtime", main+"/pkg/mimir", "runtimeConfigValues")
	if err != nil {
		return nil, err
	}
	// What its ruler reads in folders: pkg/ruler/rulestore/local/local.go.
	rules, _, err := x.file("rules", "github.com/prometheus/prometheus/model/rulefmt", "RuleGroups")
	if err != nil {
		return nil, err
	}
	return append([]extract.Root{config, runtime, rules}, x.flagsBody(append(fields, goFlags...))), nil
}

// Flags that kingpin adds to every program: alecthomas/kingpin app.go@v2.4.0, New and init.
func kingpinFlags() []extract.Field {
	var fields []extract.Field
	for _, name := range []string{"help", "help-long", "help-man", "completion-bash", "completion-script-bash", "completion-script-zsh", "version"} {
		fields = append(fields, extract.Field{Name: name, Kind: "attr", Type: "bool", Default: interp.Encode(false)})
	}
	return fields
}

// logFlags are those of the logging package that the program imports.
func (x *extractor) logFlags() []extract.Field {
	var fields []extract.Field
	for _, pkg := range []string{"promslog", "promlog"} {
		log := x.kingpin("github.com/prometheus/common/" + pkg + "/flag")
		if len(fields) == 0 {
			fields = log
		}
	}
	return fields
}

func prometheusRoots(x *extractor, main string) ([]extract.Root, error) {
	var roots []extract.Root
	for _, kind := range [][3]string{
		{"config", "config", "Config"}, {"rules", "model/rulefmt", "RuleGroups"}, {"rule-test", "cmd/promtool", "unitTestFile"},
	} {
		root, _, err := x.file(kind[0], main+"/"+kind[1], kind[2])
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	web, _, err := x.file("web", "github.com/prometheus/exporter-toolkit/web", "Config")
	if err != nil {
		return nil, err
	}
	// A file of file_sd_configs is a list of these: discovery/file/file.go, readFile.
	group, _, err := x.file("file-sd", main+"/discovery/targetgroup", "Group")
	if err != nil {
		return nil, err
	}
	fields := append(x.kingpin(main+"/cmd/prometheus"), x.logFlags()...)
	for i := range fields {
		if fields[i].Name == "enable-feature" {
			fields[i].Values = x.cases(main+"/cmd/prometheus", "setFeatureListOptions")
		}
	}
	return append(roots, web, group, x.flagsBody(append(fields, kingpinFlags()...))), nil
}

func alertmanagerRoots(x *extractor, main string) ([]extract.Root, error) {
	config, _, err := x.file("config", main+"/config", "Config")
	if err != nil {
		return nil, err
	}
	roots := []extract.Root{config}
	if web, _, err := x.file("web", "github.com/prometheus/exporter-toolkit/web", "Config"); err == nil {
		roots = append(roots, web)
	}
	fields := append(x.kingpin(main+"/cmd/alertmanager"), x.logFlags()...)
	fields = append(fields, x.kingpin("github.com/prometheus/exporter-toolkit/web/kingpinflag")...)
	for i := range fields {
		if fields[i].Name == "enable-feature" {
			fields[i].Values = x.cases(main+"/featurecontrol", "NewFlags")
		}
	}
	return append(roots, x.flagsBody(append(fields, kingpinFlags()...))), nil
}

// discovery gives the fields that a struct with service discovery has besides its own: one list for every mechanism that
// is registered. prometheus/prometheus discovery/registry.go, UnmarshalYAMLWithInlineConfigs.
func discovery(x *extractor, named *source.Named) []extract.Field {
	shape := source.AsStruct(named)
	if shape == nil {
		return nil
	}
	const home = "github.com/prometheus/prometheus/discovery"
	_, types := shape.GoFields()
	for _, t := range types {
		if n, ok := t.(*source.Named); ok && n.Same(home, "Configs") {
			return x.mechanisms(home)
		}
	}
	return nil
}

func (x *extractor) mechanisms(home string) []extract.Field {
	group, _ := x.tree.Named(home+"/targetgroup", "Group").(*source.Named)
	fields := []extract.Field{{Name: "static_configs", Kind: "attr", Type: "list(" + x.spell(group, "static") + ")"}}
	for _, name := range mechanismFolders {
		p := x.tree.Package(path.Join(home, name))
		if p == nil {
			continue
		}
		for _, file := range p.Files {
			ast.Inspect(file.Syntax, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) != 1 {
					return true
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "RegisterConfig" {
					return true
				}
				config, _ := source.Deref(orAny(file.Resolve(orIdent(typeOfValue(call.Args[0]))))).(*source.Named)
				if config == nil {
					x.odd["mechanism in "+p.Path] = true
					return true
				}
				cell := &interp.Cell{V: x.machine.ZeroOf(config), T: config}
				result, _ := x.machine.CallMethod(cell, config, "Name")
				word, ok := interp.Text(result)
				if !ok {
					x.odd["name of "+full(config)] = true
					return true
				}
				fields = append(fields, extract.Field{Name: word + "_sd_configs", Kind: "attr", Type: "list(" + x.spell(config, word) + ")"})
				return true
			})
		}
	}
	return fields
}

func orIdent(expr ast.Expr) ast.Expr {
	if expr == nil {
		return &ast.Ident{Name: "any"}
	}
	return expr
}

var mechanismFolders = strings.Fields(`aws azure consul digitalocean dns eureka file gce hetzner http ionos kubernetes linode marathon
	moby nomad oci openstack outscale ovhcloud puppetdb scaleway stackit triton uyuni vultr xds zookeeper`)

func nothing(*interp.Machine, []interp.Value) interp.Value { return interp.Nil{} }
