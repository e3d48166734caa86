// Command files prints what one release of an engine takes in its YAML files, as JSON.
//
//	go run . -engine tempo -overlay overlay SOURCE
//
// SOURCE holds the Go files of the repository at the release's tag, go.mod and its vendor folder if it has one.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"vispyr/catalogue/files/shape"
	"vispyr/catalogue/files/source"
)

// root is a kind of file: its name, and the types that it may be in one release or another.
type root struct {
	name  string
	types []string
}

// engines by name, with their kinds of files.
var engines = map[string][]root{
	"tempo":        {{"config", []string{"cmd/tempo/app.Config"}}},
	"loki":         {{"config", []string{"pkg/loki.ConfigWrapper"}}},
	"pyroscope":    {{"config", []string{"pkg/pyroscope.Config", "pkg/phlare.Config"}}},
	"alertmanager": {{"config", []string{"config.Config"}}},
	"prometheus":   {{"config", []string{"config.Config"}}, {"rules", []string{"model/rulefmt.RuleGroups"}}, {"rule-test", []string{"cmd/promtool.unitTestFile"}}},
}

type record struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Body string `json:"body"`
}

type snapshot struct {
	Roots     []record      `json:"roots"`
	Bodies    []*shape.Body `json:"bodies"`
	Types     []*shape.Text `json:"types"`
	Capsules  []any         `json:"capsules"`
	Functions []any         `json:"functions"`
}

func main() {
	engine := flag.String("engine", "", "the engine")
	flag.String("version", "", "the release; its facts depend on nothing but its source")
	overlay := flag.String("overlay", "overlay", "the folder of facts that no reader of the source can see")
	explain := flag.Bool("explain", false, "list types with decoders that are not understood, and packages that are not there")
	checkouts := map[string]string{}
	flag.Func("module", "take a module from a clone of its repository: `PATH=CHECKOUT`", func(text string) error {
		path, checkout, is := strings.Cut(text, "=")
		if !is {
			return fmt.Errorf("write PATH=CHECKOUT")
		}
		checkouts[path] = checkout
		return nil
	})
	flag.Parse()
	if err := run(*engine, *overlay, flag.Arg(0), checkouts, *explain); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(engine, overlay, dir string, checkouts map[string]string, explain bool) error {
	roots, known := engines[engine]
	if !known {
		return fmt.Errorf("there is no engine %q", engine)
	}
	tree, err := source.Open(dir)
	if err != nil {
		return err
	}
	tree.Checkouts = checkouts
	rules, err := load(overlay, engine)
	if err != nil {
		return err
	}
	s := shape.New(tree, rules)
	if engine == "prometheus" {
		s.Inline = discoveries(s)
	}
	out := snapshot{Capsules: []any{}, Functions: []any{}, Roots: []record{}}
	for _, root := range roots {
		body, err := find(s, root)
		if err != nil {
			return err
		}
		out.Roots = append(out.Roots, record{root.name, "file", body})
	}
	for _, body := range s.Bodies {
		out.Bodies = append(out.Bodies, body)
	}
	for _, text := range s.Texts {
		out.Types = append(out.Types, text)
	}
	sort.Slice(out.Roots, func(i, j int) bool { return out.Roots[i].Name < out.Roots[j].Name })
	sort.Slice(out.Bodies, func(i, j int) bool { return out.Bodies[i].Name < out.Bodies[j].Name })
	sort.Slice(out.Types, func(i, j int) bool { return out.Types[i].Name < out.Types[j].Name })
	if explain {
		list("opaque", s.Opaque)
		list("unknown", s.Unknown)
		list("missing", tree.Missing)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

// find shapes the first of a root's types that the release has.
func find(s *shape.Shaper, root root) (string, error) {
	for _, name := range root.types {
		dot := len(name) - len(filepath.Ext(name))
		path, name := s.Tree.Module+"/"+name[:dot], name[dot+1:]
		if p := s.Tree.Package(path); p != nil && p.Types[name] != nil {
			if spelt := s.Named(path, name); spelt == "object("+s.Short(path, name)+")" {
				return s.Short(path, name), nil
			}
		}
	}
	return "", fmt.Errorf("none of %v is there", root.types)
}

// load merges the facts of all engines and those of one.
func load(overlay, engine string) (shape.Rules, error) {
	var all shape.Rules
	for _, name := range []string{"common", engine} {
		text, err := os.ReadFile(filepath.Join(overlay, name+".json"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return all, err
		}
		// Maps that are there are added to.
		if err := json.Unmarshal(text, &all); err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

func list(what string, names map[string]bool) {
	var sorted []string
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	for _, name := range sorted {
		fmt.Fprintln(os.Stderr, what, name)
	}
}
