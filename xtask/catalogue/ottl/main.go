// Reads what OTTL accepts from the modules of opentelemetry-collector-contrib in the module cache, at every version that a release
// line of Alloy embeds, and prints schemas/lang/ottl.json.
//
//	go run . ALLOY_MIRROR > ../../../schemas/lang/ottl.json
//
// ALLOY_MIRROR is a clone of grafana/alloy with its tags. The modules are brought by `go mod download`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "ottl: "+format+"\n", args...)
	os.Exit(1)
}

// Versions of modules that the module proxy does not serve are read at their neighbours: a fact of either counts as a fact, and
// arguments on which they differ are not judged.
var standIns = map[string][]string{
	"pkg/ottl@0.122.0":                           {"0.121.0", "0.125.0"},
	"internal/filter@0.108.0":                    {"0.105.0", "0.109.0"},
	"internal/filter@0.122.0":                    {"0.121.0", "0.125.0"},
	"processor/transformprocessor@0.99.0":        {"0.98.0", "0.102.0"},
	"processor/transformprocessor@0.116.0":       {"0.115.0", "0.117.0"},
	"processor/transformprocessor@0.122.0":       {"0.121.0", "0.128.0"},
	"processor/transformprocessor@0.125.0":       {"0.121.0", "0.128.0"},
	"processor/filterprocessor@0.99.0":           {"0.98.0", "0.102.0"},
	"processor/filterprocessor@0.108.0":          {"0.105.0", "0.109.0"},
	"processor/filterprocessor@0.116.0":          {"0.115.0", "0.117.0"},
	"processor/filterprocessor@0.122.0":          {"0.121.0", "0.128.0"},
	"processor/filterprocessor@0.125.0":          {"0.121.0", "0.128.0"},
	"processor/tailsamplingprocessor@0.105.0":    {"0.102.0", "0.109.0"},
	"processor/tailsamplingprocessor@0.108.0":    {"0.102.0", "0.109.0"},
	"processor/tailsamplingprocessor@0.122.0":    {"0.121.0", "0.128.0"},
	"processor/tailsamplingprocessor@0.125.0":    {"0.121.0", "0.128.0"},
	"connector/countconnector@0.147.0":           {"0.142.0", "0.152.0"},
	"connector/countconnector@0.153.0":           {"0.152.0", "0.158.0"},
	"connector/signaltometricsconnector@0.153.0": {"0.158.0"},
}

// The modules that speak OTTL, and from which contrib version on Alloy has the component.
var modules = []struct{ path, component, since string }{
	{"pkg/ottl", "", ""},
	{"internal/filter", "", ""},
	{"processor/transformprocessor", "otelcol.processor.transform", ""},
	{"processor/filterprocessor", "otelcol.processor.filter", ""},
	{"processor/tailsamplingprocessor", "otelcol.processor.tail_sampling", ""},
	{"connector/countconnector", "otelcol.connector.count", "0.142.0"},
	{"connector/signaltometricsconnector", "otelcol.connector.signaltometrics", "0.153.0"},
}

type embedded struct{ component, alloy, contrib string }

// lines reads go.mod at every tag of Alloy: which contrib version each component is of, first tag of a run only.
func lines(mirror string) (versions, tags []string, table []embedded) {
	out, err := exec.Command("git", "-C", mirror, "tag", "-l", "v1.*").Output()
	if err != nil {
		fail("the tags of %s cannot be read: %v", mirror, err)
	}
	all := strings.Fields(string(out))
	sort.Slice(all, func(i, j int) bool { return less(all[i], all[j]) })
	released := map[string]bool{}
	for _, t := range all {
		if !strings.Contains(t, "-") {
			released[t] = true
		}
	}
	last := map[string]string{}
	seen := map[string]bool{}
	for _, tag := range all {
		name := strings.TrimPrefix(tag, "v")
		if base, _, pre := strings.Cut(name, "-"); pre {
			if released["v"+base] || !strings.HasSuffix(base, ".0") {
				continue
			}
			name = base // the newest pre-release of a line without a release stands for it
		}
		text, err := exec.Command("git", "-C", mirror, "show", tag+":go.mod").Output()
		if err != nil {
			fail("go.mod of %s: %v", tag, err)
		}
		tags = append(tags, tag)
		for _, m := range modules {
			v := required(string(text), contrib+m.path)
			if v == "" {
				continue
			}
			if m.component == "" {
				if !seen[v] {
					seen[v] = true
					versions = append(versions, v)
				}
				continue
			}
			if m.since != "" && less("v"+v, "v"+m.since) {
				continue
			}
			if last[m.component] == v {
				continue
			}
			last[m.component] = v
			table = append(table, embedded{m.component, name, v})
		}
	}
	sort.Slice(versions, func(i, j int) bool { return less("v"+versions[i], "v"+versions[j]) })
	return versions, tags, table
}

// required is the version that go.mod asks for; a replacement by a fork is unknown ground and stops the run.
func required(mod, path string) string {
	v := ""
	for _, line := range strings.Split(mod, "\n") {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && f[0] == path && strings.HasPrefix(f[1], "v") {
			v = strings.TrimPrefix(f[1], "v")
		}
		f = strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "replace "))
		if len(f) >= 3 && f[0] == path && (f[1] == "=>" || f[2] == "=>") {
			fail("%s is replaced", path)
		}
	}
	return v
}

func less(a, b string) bool {
	x, xp, _ := strings.Cut(strings.TrimPrefix(a, "v"), "-")
	y, yp, _ := strings.Cut(strings.TrimPrefix(b, "v"), "-")
	var xs, ys [3]int
	fmt.Sscanf(x, "%d.%d.%d", &xs[0], &xs[1], &xs[2])
	fmt.Sscanf(y, "%d.%d.%d", &ys[0], &ys[1], &ys[2])
	for i := range xs {
		if xs[i] != ys[i] {
			return xs[i] < ys[i]
		}
	}
	if (xp == "") != (yp == "") {
		return xp != ""
	}
	return xp < yp
}

func main() {
	if len(os.Args) != 2 {
		fail("usage: go run . ALLOY_MIRROR > ottl.json")
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		fail("%v", err)
	}
	versions, tags, table := lines(os.Args[1])
	root := strings.TrimSpace(string(cache))
	var sets []*facts
	used := map[string][]string{}
	for _, v := range versions {
		sets = append(sets, at(root, v, used))
	}
	write(versions, tags, table, used, sets)
}

// at reads one contrib version, through its stand-ins where a module is not to be had.
func at(root, version string, used map[string][]string) *facts {
	read := []map[string]string{{}, {}}
	uncertain := false
	for _, m := range modules {
		if m.since != "" && less("v"+version, "v"+m.since) {
			continue
		}
		dir := filepath.Join(root, contrib+m.path+"@v"+version)
		if _, err := os.Stat(dir); err == nil {
			read[0][m.path], read[1][m.path] = version, version
			continue
		}
		stand := standIns[m.path+"@"+version]
		if stand == nil {
			fail("%s@v%s is not in the module cache", m.path, version)
		}
		used[m.path+"@"+version] = stand
		read[0][m.path], read[1][m.path] = stand[0], stand[len(stand)-1]
		uncertain = true
	}
	first := gather(newSources(root, read[0]))
	if !uncertain {
		return first
	}
	return union(first, gather(newSources(root, read[1])))
}

func ranged(versions []string, sets []*facts, section string) []string {
	held := map[string][]bool{}
	for i, f := range sets {
		for record := range f.records[section] {
			if held[record] == nil {
				held[record] = make([]bool, len(versions))
			}
			held[record][i] = true
		}
	}
	type row struct {
		text  string
		since int
		line  string
	}
	var rows []row
	for record, in := range held {
		for i := 0; i < len(in); i++ {
			if !in[i] || (i > 0 && in[i-1]) {
				continue
			}
			end := i
			for end < len(in) && in[end] {
				end++
			}
			line := strings.TrimSuffix(record, "}")
			if i > 0 {
				line += `,"since":"` + versions[i] + `"`
			}
			if end < len(in) {
				line += `,"until":"` + versions[end] + `"`
			}
			rows = append(rows, row{record, i, line + "}"})
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		if rows[i].text != rows[j].text {
			return rows[i].text < rows[j].text
		}
		return rows[i].since < rows[j].since
	})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.line
	}
	return out
}

func write(versions, tags []string, table []embedded, used map[string][]string, sets []*facts) {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprintf(w, "{\n\"language\":\"ottl\",\n\"repository\":\"open-telemetry/opentelemetry-collector-contrib\",\n")
	fmt.Fprintf(w, "\"versions\":%s,\n", encode(versions))
	list := func(name string, lines []string, end string) {
		fmt.Fprintf(w, "%q:[\n%s\n]%s\n", name, strings.Join(lines, ",\n"), end)
	}
	var lines []string
	for k, v := range used {
		lines = append(lines, `{"module":`+encode(k)+`,"read":`+encode(v)+`}`)
	}
	sort.Strings(lines)
	list("stand_ins", lines, ",")
	sort.SliceStable(table, func(i, j int) bool { return table[i].component < table[j].component })
	lines = nil
	for _, e := range table {
		lines = append(lines, fmt.Sprintf(`{"component":%q,"alloy":%q,"contrib":%q}`, e.component, e.alloy, e.contrib))
	}
	list("embedded", lines, ",")
	for i, section := range sections {
		end := ","
		if i == len(sections)-1 {
			end = ""
		}
		list(section, ranged(versions, sets, section), end)
	}
	fmt.Fprintln(w, "}")
	_ = tags
}

func encode(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		fail("%v", err)
	}
	text := string(out)
	for _, r := range [][2]string{{`\u003c`, "<"}, {`\u003e`, ">"}, {`\u0026`, "&"}} {
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	return text
}
