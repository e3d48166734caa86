// Asks the collector's own processors about every text of tests/readers/ottl/verdicts.tsv (standard input) and prints the file with the
// verdicts of the version that go.mod names in the column of that version: A accepted, R refused, - not asked (a form that the version
// does not have). Another version: put its number in go.mod and go.sum.
//
//	go run . < ../../../tests/readers/ottl/verdicts.tsv
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/confmap"
)

// Which component, signal, context and kind a text is for.
type place struct{ component, signal, context, kind string }

var errNotAsked = errors.New("the version has no such form")

// judge validates a configuration of one text, as Alloy does when it loads the component.
func judge(p place, text string) error {
	if p.component == "transform" {
		cfg := transformprocessor.NewFactory().CreateDefaultConfig().(*transformprocessor.Config)
		group := map[string]any{"statements": []any{text}}
		if p.context != "" {
			group["context"] = p.context
		}
		if p.kind == "condition" {
			group["statements"], group["conditions"] = []any{}, []any{text}
		}
		conf := confmap.NewFromStringMap(map[string]any{p.signal + "_statements": []any{group}})
		if conf.Unmarshal(cfg) != nil {
			return errNotAsked
		}
		return cfg.Validate()
	}
	cfg := filterprocessor.NewFactory().CreateDefaultConfig().(*filterprocessor.Config)
	var blocks map[string]any
	if context, explicit := strings.CutPrefix(p.context, "="); explicit || context == "" {
		group := map[string]any{"conditions": []any{text}}
		if context != "" {
			group["context"] = context
		}
		blocks = map[string]any{p.signal + "_conditions": []any{group}}
	} else {
		name := strings.Replace(context, "log", "log_record", 1)
		blocks = map[string]any{p.signal + "s": map[string]any{name: []any{text}}}
	}
	if confmap.NewFromStringMap(blocks).Unmarshal(cfg) != nil {
		return errNotAsked
	}
	return cfg.Validate()
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, m := range info.Deps {
		if strings.HasSuffix(m.Path, "/processor/transformprocessor") {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	fmt.Println(in.Text())
	_, names, _ := strings.Cut(in.Text(), "\t")
	column := slices.Index(strings.Fields(names), version())
	if column < 0 {
		fmt.Fprintln(os.Stderr, "the file has no column for", version())
		os.Exit(1)
	}
	for in.Scan() {
		fields := strings.Split(in.Text(), "\t")
		var text string
		if err := json.Unmarshal([]byte(`"`+fields[5]+`"`), &text); err != nil {
			fmt.Fprintln(os.Stderr, in.Text(), err)
			os.Exit(1)
		}
		verdicts := []byte(fields[0])
		switch err := judge(place{fields[1], fields[2], fields[3], fields[4]}, text); {
		case errors.Is(err, errNotAsked):
			verdicts[column] = '-'
		case err != nil:
			verdicts[column] = 'R'
		default:
			verdicts[column] = 'A'
		}
		fields[0] = string(verdicts)
		fmt.Println(strings.Join(fields, "\t"))
	}
}
