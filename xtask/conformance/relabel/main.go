// Relabels as Prometheus does: one JSON task a line on standard input, on standard output one line with the labels that
// come out, in order of their names, or with why there are none.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"gopkg.in/yaml.v2"
)

type task struct {
	// What goes in.
	Labels map[string]string `json:"labels"`
	// The list of rules, as a config file has it.
	Rules string `json:"rules"`
	// Whether any text is a name.
	UTF8 bool `json:"utf8"`
}

func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		var t task
		if err := json.Unmarshal(in.Bytes(), &t); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, answer(t))
	}
	if err := errors.Join(in.Err(), out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(t task) string {
	scheme := model.LegacyValidation
	if t.UTF8 {
		scheme = model.UTF8Validation
	}
	var rules []*relabel.Config
	if err := yaml.UnmarshalStrict([]byte(t.Rules), &rules); err != nil {
		return "refused"
	}
	for _, rule := range rules {
		if rule.Validate(scheme) != nil {
			return "refused"
		}
	}
	builder := labels.NewBuilder(labels.FromMap(t.Labels))
	if !relabel.ProcessBuilder(builder, rules...) {
		return "dropped"
	}
	text, _ := json.Marshal(builder.Labels().Map())
	return string(text)
}
