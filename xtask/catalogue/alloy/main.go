// Command alloy prints the catalogue of one Alloy release as JSON.
//
//	go run . -version 1.11.3 -overlay overlay SOURCE
//
// SOURCE holds the folders `internal` and `syntax` of grafana/alloy at the release's tag.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"vispyr/catalogue/alloy/extract"
	"vispyr/catalogue/alloy/source"
)

func main() {
	version := flag.String("version", "", "the release, without the `v`")
	overlay := flag.String("overlay", "overlay", "the folder of facts about other modules")
	explain := flag.Bool("explain", false, "list what the overlay lacks: foreign types, fields without a default for want of a value, foreign values")
	flag.Parse()
	if err := run(flag.Arg(0), *overlay, *version, *explain); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(root, overlayDir, version string, explain bool) error {
	facts, err := extract.LoadOverlay(overlayDir, version)
	if err != nil {
		return err
	}
	x := extract.New(source.Open(root), facts)
	snapshot, err := x.Run()
	if err != nil {
		return err
	}
	if explain {
		types, fields, values := x.Unknown()
		for _, name := range types {
			fmt.Fprintln(os.Stderr, "type", name)
		}
		for _, name := range fields {
			fmt.Fprintln(os.Stderr, "field", name)
		}
		for _, name := range values {
			fmt.Fprintln(os.Stderr, "value", name)
		}
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(snapshot); err != nil {
		return err
	}
	return out.Flush()
}
