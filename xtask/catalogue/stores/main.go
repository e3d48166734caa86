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
	flag.Parse()
	if err := run(flag.Arg(0), *engine, *tag, *mirrors, *explain); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(checkout, engine, tag, mirrors string, explain bool) error {
	adapter, known := engines[engine]
	if !known {
		return fmt.Errorf("no adapter for %q", engine)
	}
	repo, err := openRepository(checkout, tag)
	if err != nil {
		return err
	}
	mods, err := openModules(repo, wanted)
	if err != nil {
		return err
	}
	for _, pair := range strings.Split(mirrors, ",") {
		if name, checkout, ok := strings.Cut(pair, "="); ok {
			mods.mirrors[name] = checkout
		}
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
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(x.snapshot(roots)); err != nil {
		return err
	}
	return out.Flush()
}

// short spells an import path: without the module in the tree, without the host outside of it.
func short(main, path string) string {
	if below(path, main) {
		return strings.TrimPrefix(strings.TrimPrefix(path, main), "/")
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, "github.com/"), "grafana/")
}
