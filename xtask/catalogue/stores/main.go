// Command stores prints the catalogue of one release of an engine whose files are YAML read into Go structs, as JSON.
//
//	go run . -engine tempo -tag v3.0.3 CHECKOUT
//
// CHECKOUT is a clone or bare mirror. What the repository does not vendor is read from Go's module cache.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

func main() {
	engine := flag.String("engine", "", "prometheus, tempo, loki, pyroscope, alertmanager, mimir")
	tag := flag.String("tag", "", "the tag to read")
	mirrors := flag.String("mirrors", "", "clones of modules that the proxy does not hold, `MODULE=CHECKOUT,…`")
	explain := flag.Bool("explain", false, "list what could not be told")
	metrics := flag.Bool("metrics", false, "read the names of metrics in place of the configuration")
	of := flag.String("exporter", "", "with -metrics: an exporter's `NAMESPACES`, divided by commas")
	roots := flag.String("roots", "", "with -exporter: the folders that its program may stand in, the first that is there counts")
	recorded := flag.String("recorded", "", "with -exporter: names of files that hold what it showed in a test of its own")
	flag.Parse()
	var exporter *program
	if *of != "" {
		exporter = &program{strings.Split(*of, ","), strings.Split(*roots, ","), strings.Split(*recorded, ",")}
	}
	if err := run(flag.Arg(0), *engine, *tag, *mirrors, *explain, *metrics, exporter); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(checkout, engine, tag, mirrors string, explain, metrics bool, exporter *program) error {
	repo, err := openRepository(checkout, tag)
	if err != nil {
		return err
	}
	needed, main := wanted, ""
	if metrics {
		needed, main = wantedOfMetrics, "github.com/prometheus/"+engine
	}
	if exporter != nil {
		needed = func(string) bool { return false }
	}
	mods, err := openModules(repo, needed, main)
	if err != nil {
		return err
	}
	for _, pair := range strings.Split(mirrors, ",") {
		if name, checkout, ok := strings.Cut(pair, "="); ok {
			mods.mirrors[name] = checkout
		}
	}
	if metrics {
		return runMetrics(repo, mods, engine, explain, exporter)
	}
	adapter, known := engines[engine]
	if !known {
		return fmt.Errorf("no adapter for %q", engine)
	}
	descriptor = func() []byte { return repo.read("cmd/mimir/config-descriptor.json") }
	interp.Allow(20_000_000, 100)
	source.Short = func(path string) string { return short(mods.main, path) }
	x := newExtractor(source.OpenModules(mods), adapter.facts)
	roots, err := adapter.roots(x, mods.main)
	if err != nil {
		return err
	}
	if len(mods.failed) > 0 {
		return fmt.Errorf("modules are missing: %s", strings.Join(mods.failed, "; "))
	}
	x.fillDefaults()
	if explain {
		for _, what := range keys(x.odd) {
			fmt.Fprintln(os.Stderr, what)
		}
	}
	return print(x.snapshot(roots))
}

func print(snapshot any) error {
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(snapshot); err != nil {
		return err
	}
	return out.Flush()
}

// runMetrics prints the names of metrics; with `explain` where each was found.
func runMetrics(repo *repository, mods *modules, engine string, explain bool, exporter *program) error {
	of := program{namespaces: namespaces, roots: []string{"cmd/" + engine}}
	if engine == "alloy" {
		of.roots = []string{".", "internal/alloycli"} // the program stands at the top, or in a module of its own around the second
	}
	if exporter != nil {
		of = *exporter
	}
	snapshot, origins, err := metricsOf(repo, mods, of)
	if exporter != nil && err == nil {
		snapshot = exporter.of(snapshot, repo)
	}
	if explain {
		for _, name := range keys(origins) {
			fmt.Fprintln(os.Stderr, name, strings.Join(origins[name], " "))
		}
	}
	if err != nil {
		return err
	}
	return print(snapshot)
}

// short spells an import path: without the module in the tree, without the host outside of it.
func short(main, path string) string {
	if below(path, main) {
		return strings.TrimPrefix(strings.TrimPrefix(path, main), "/")
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, "github.com/"), "grafana/")
}
