package main

import (
	"bytes"
	"go/ast"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/source"
)

// program is whose metrics are read: how their names begin, and the folders that its main package may stand in.
type program struct {
	namespaces, roots []string
	// recorded are names of files of the repository that hold what an exporter showed in a test of its own; `nil` for engines.
	recorded []string
}

// of keeps the names that are an exporter's own and adds what its tests have recorded. Patterns that all of its names would fit are
// not kept: what such a place makes is not known.
func (p program) of(snapshot metricsSnapshot, repo *repository) metricsSnapshot {
	found := map[string]family{}
	for _, metric := range snapshot.Metrics {
		if p.says(metric.Name) {
			found[metric.Name] = metric
		}
	}
	for name := range repo.other {
		if slices.Contains(p.recorded, path.Base(name)) {
			for _, metric := range families(repo.read(name)) {
				if p.says(metric.Name) {
					found[metric.Name] = metric
				}
			}
		}
	}
	snapshot = metricsSnapshot{Metrics: []family{}, Prefixes: []wrap{}}
	for _, metric := range found {
		snapshot.Metrics = append(snapshot.Metrics, metric)
	}
	sort.Slice(snapshot.Metrics, func(i, j int) bool { return snapshot.Metrics[i].Name < snapshot.Metrics[j].Name })
	return snapshot
}

// says tells whether a name, or a pattern, is one of the exporter's and holds anything but its namespace.
func (p program) says(name string) bool {
	return slices.ContainsFunc(p.namespaces, func(namespace string) bool {
		rest, inside := strings.CutPrefix(name, namespace)
		return inside && rest != "" && !strings.HasPrefix(rest, anything)
	})
}

// families reads the types of an exposition.
func families(page []byte) []family {
	var all []family
	for line := range bytes.Lines(page) {
		words := strings.Fields(string(line))
		if len(words) == 4 && words[0] == "#" && words[1] == "TYPE" {
			kind := words[3]
			if kind == "untyped" {
				kind = ""
			}
			all = append(all, family{words[2], kind})
		}
	}
	return all
}

// usages are the words with which postgres_exporter says what a column is; those that make no metric are not among them
// (cmd/postgres_exporter/postgres_exporter.go@v0.17.1).
var usages = map[string]struct{ kind, ending string }{
	"COUNTER": {"counter", ""}, "GAUGE": {"gauge", ""}, "MAPPEDMETRIC": {"gauge", ""}, "DURATION": {"gauge", "_milliseconds"}, "HISTOGRAM": {"histogram", ""},
}

// tables reads maps that names are looked up in when they are made: those of postgres_exporter, whose columns stand below the
// name of their view, those of redis_exporter, which have words for what they mean (exporter/exporter.go@v1.70.0), and what
// node_exporter fills with the fields of /proc/meminfo (collector/meminfo_linux.go, meminfo.go@v1.9.0).
func (s *scanner) tables(file *source.File) {
	meminfo := path.Base(s.tree.Fset.Position(file.Syntax.Pos()).Filename) == "meminfo_linux.go"
	ast.Inspect(file.Syntax, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.KeyValueExpr:
			if key, ok := node.Key.(*ast.Ident); ok && strings.HasPrefix(key.Name, "metricMap") {
				for _, pair := range pairs(node.Value) {
					if word, ok := text(pair.Value); ok {
						s.add(s.namespaces[0]+word, "", site{place{file: file}, pair})
					}
				}
			}
			if view, ok := text(node.Key); ok {
				s.columns(file, view, node.Value)
			}
		case *ast.AssignStmt:
			if index, ok := node.Lhs[0].(*ast.IndexExpr); ok && meminfo {
				if field, ok := text(index.Index); ok {
					s.add(s.namespaces[0]+"memory_"+field, "", site{place{file: file}, node})
				}
			}
		case *ast.RangeStmt:
			for _, pair := range pairs(node.X) {
				word, ok := text(pair.Key)
				for _, part := range pairs(pair.Value) {
					if name, named := part.Key.(*ast.Ident); ok && named && name.Name == "txt" {
						s.add(s.namespaces[0]+word, "", site{place{file: file}, pair})
					}
				}
			}
		}
		return true
	})
}

// columns reads what is below the name of a view.
func (s *scanner) columns(file *source.File, view string, value ast.Expr) {
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, part := range append([]ast.Expr{literal}, literal.Elts...) {
		for _, pair := range pairs(part) {
			column, ok := text(pair.Key)
			row, filled := pair.Value.(*ast.CompositeLit)
			if !ok || !filled || len(row.Elts) == 0 {
				continue
			}
			if usage, ok := row.Elts[0].(*ast.Ident); ok && usages[usage.Name].kind != "" {
				is := usages[usage.Name]
				s.add(view+"_"+column+is.ending, is.kind, site{place{file: file}, pair})
			}
		}
	}
}

// pairs are the members of a literal that have keys.
func pairs(expr ast.Expr) (all []*ast.KeyValueExpr) {
	if literal, ok := expr.(*ast.CompositeLit); ok {
		for _, element := range literal.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				all = append(all, pair)
			}
		}
	}
	return all
}

// text is what a literal says.
func text(expr ast.Expr) (string, bool) {
	if literal, ok := expr.(*ast.BasicLit); ok {
		said, err := strconv.Unquote(literal.Value)
		return said, err == nil
	}
	return "", false
}
