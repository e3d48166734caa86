package main

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// The records of one version, by section; a record is its line without the range.
type facts struct {
	records   map[string]map[string]bool
	functions map[string]map[string]function // set → name → signature
}

type function struct {
	args   []string // nil: takes what it is given
	known  bool
	checks []string
}

var sections = []string{"grammar", "priority", "contexts", "registries", "parsers", "functions", "enums", "paths"}

func (f *facts) add(section, record string) {
	if f.records[section] == nil {
		f.records[section] = map[string]bool{}
	}
	f.records[section][record] = true
}

// A registry of functions: which set it makes, for which context, and where it is.
var registries = []struct{ set, context, pkg, fn string }{
	{"filter", "span", "internal/filter/filterottl", "StandardSpanFuncs"},
	{"filter", "spanevent", "internal/filter/filterottl", "StandardSpanEventFuncs"},
	{"filter", "metric", "internal/filter/filterottl", "StandardMetricFuncs"},
	{"filter", "datapoint", "internal/filter/filterottl", "StandardDataPointFuncs"},
	{"filter", "exemplar", "internal/filter/filterottl", "StandardExemplarFuncs"},
	{"filter", "log", "internal/filter/filterottl", "StandardLogFuncs"},
	{"filter", "resource", "internal/filter/filterottl", "StandardResourceFuncs"},
	{"filter", "scope", "internal/filter/filterottl", "StandardScopeFuncs"},
	{"transform", "span", "processor/transformprocessor/internal/traces", "SpanFunctions"},
	{"transform", "spanevent", "processor/transformprocessor/internal/traces", "SpanEventFunctions"},
	{"transform", "metric", "processor/transformprocessor/internal/metrics", "MetricFunctions"},
	{"transform", "datapoint", "processor/transformprocessor/internal/metrics", "DataPointFunctions"},
	{"transform", "exemplar", "processor/transformprocessor/internal/metrics", "ExemplarFunctions"},
	{"transform", "log", "processor/transformprocessor/internal/logs", "LogFunctions"},
	{"transform", "resource", "processor/transformprocessor/internal/common", "ResourceFunctions"},
	{"transform", "scope", "processor/transformprocessor/internal/common", "ScopeFunctions"},
	{"signaltometrics", "span", "connector/signaltometricsconnector/internal/customottl", "SpanFuncs"},
	{"signaltometrics", "datapoint", "connector/signaltometricsconnector/internal/customottl", "DatapointFuncs"},
	{"signaltometrics", "log", "connector/signaltometricsconnector/internal/customottl", "LogFuncs"},
}

// The contexts and the packages that hold them. Profiles are no signal of Alloy.
var contexts = []string{"datapoint", "exemplar", "log", "metric", "resource", "scope", "span", "spanevent"}

func (s *sources) text(module, file string) string {
	dir := s.directory(contrib + module)
	if dir == "" {
		return ""
	}
	out, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	return string(out)
}

// texts joins the sources of a folder.
func (s *sources) texts(module string) string {
	dir := s.directory(contrib + module)
	if dir == "" {
		return ""
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	sort.Strings(names)
	var out strings.Builder
	for _, n := range names {
		if !strings.HasSuffix(n, "_test.go") {
			text, _ := os.ReadFile(n)
			out.Write(text)
		}
	}
	return out.String()
}

func gather(s *sources) *facts {
	f := &facts{records: map[string]map[string]bool{}, functions: map[string]map[string]function{}}
	grammar(s, f)
	m := &machine{src: s, hook: map[string]native{}}
	var parser, enum any
	var names []any
	hooks(m, &parser, &enum, &names)
	words, symbols := s.vocabulary()
	for _, context := range contexts {
		p := s.load(contrib + "pkg/ottl/contexts/ottl" + context)
		if p == nil {
			continue
		}
		parser, enum, names = nil, nil, nil
		fn, ok := m.global(p, "NewParser")
		if !ok {
			fail("%s has no NewParser", p.path)
		}
		m.steps = 0
		m.call(fn, []any{opaque{"functions"}, opaque{"settings"}})
		if parser == nil || enum == nil {
			fail("the parsers of %s were not found", p.path)
		}
		for _, sym := range symbols {
			m.steps = 0
			out := m.call(enum, []any{sym})
			if len(out) == 2 && out[1] == nil {
				f.add("enums", `{"context":`+encode(context)+`,"name":`+encode(sym)+`}`)
			}
		}
		record := func(form, text string) {
			f.add("paths", `{"context":`+encode(context)+`,"form":"`+form+`","path":`+encode(text)+`}`)
		}
		for _, text := range m.paths(parser, "", words) {
			record("bare", text)
		}
		if enable, ok := m.global(p, "EnablePathContextNames"); ok {
			option := m.call(enable, nil)
			m.call(option[0], []any{opaque{"parser"}})
		}
		var list []string
		for _, n := range names {
			name := n.(string)
			list = append(list, name)
			for _, text := range m.paths(parser, name, words) {
				record("named", name+"."+text)
			}
		}
		sort.Strings(list)
		if list == nil {
			list = []string{}
		}
		f.add("contexts", `{"name":`+encode(context)+`,"prefixes":`+encode(list)+`}`)
	}
	registered(m, f)
	parsers(s, f)
	return f
}

// hooks stand in for the library itself, and for the standard library.
func hooks(m *machine, parser, enum *any, names *[]any) {
	ottl := contrib + "pkg/ottl."
	m.hook[ottl+"NewFactory"] = func(a []any) []any { return []any{&factory{a[0].(string), a[1], a[2]}} }
	m.hook[ottl+"NewParser"] = func(a []any) []any {
		*parser = a[1]
		return []any{opaque{"parser"}, nil}
	}
	m.hook[ottl+"WithEnumParser"] = func(a []any) []any {
		*enum = a[0]
		return []any{opaque{"option"}}
	}
	m.hook[ottl+"WithPathContextNames"] = func(a []any) []any {
		*names = a[0].([]any)
		return []any{native(func([]any) []any { return nil })}
	}
	broken := func([]any) []any { return []any{failure{}} }
	for _, name := range []string{"fmt.Errorf", "errors.New", contrib + "pkg/ottl/contexts/internal/ctxerror.New",
		contrib + "pkg/ottl/contexts/internal.FormatDefaultErrorMessage", contrib + "pkg/ottl/contexts/internal/ctxcache.NewError"} {
		m.hook[name] = broken
	}
	m.hook["maps.Copy"] = func(a []any) []any {
		to, from := a[0].(map[string]any), a[1].(map[string]any)
		for k, v := range from {
			to[k] = v
		}
		return nil
	}
}

func registered(m *machine, f *facts) {
	library := contrib + "pkg/ottl/ottlfuncs"
	converters := m.registry(library, "StandardConverters")
	editors := m.registry(library, "StandardFuncs")
	if converters == nil || editors == nil {
		fail("the standard functions were not found")
	}
	for name := range converters {
		delete(editors, name)
	}
	sets := map[string]map[string]any{"converters": converters, "editors": editors}
	for _, r := range registries {
		all := m.registry(contrib+r.pkg, r.fn)
		if all == nil {
			continue
		}
		parts := []string{}
		for _, part := range []string{"converters", "editors"} {
			whole := true
			for name := range sets[part] {
				whole = whole && all[name] != nil
			}
			if whole {
				parts = append(parts, part)
				for name := range sets[part] {
					delete(all, name)
				}
			}
		}
		if len(all) > 0 {
			parts = append(parts, r.set+"."+r.context)
			sets[r.set+"."+r.context] = all
		}
		f.add("registries", `{"functions":`+encode(r.set+"."+r.context)+`,"sets":`+encode(parts)+`}`)
	}
	for set, all := range sets {
		f.functions[set] = map[string]function{}
		for name, v := range all {
			fa := v.(*factory)
			fn := function{known: true, checks: checks(fa.create)}
			if o, ok := fa.args.(*object); ok {
				fn.args, fn.known = o.signature()
			} else if fa.args != nil {
				fn.known = false
			}
			f.functions[set][name] = fn
		}
	}
	f.print()
}

func (m *machine) registry(pkg, fn string) (out map[string]any) {
	p := m.src.load(pkg)
	if p == nil {
		return nil
	}
	v, ok := m.global(p, fn)
	if !ok {
		return nil
	}
	m.steps = 0
	result := m.call(v, nil)
	out, ok = result[0].(map[string]any)
	if !ok {
		fail("%s.%s is no map of functions: %T", pkg, fn, result[0])
	}
	copied := map[string]any{}
	for k, v := range out {
		copied[k] = v
	}
	return copied
}

func (f *facts) print() {
	f.records["functions"] = map[string]bool{}
	for set, all := range f.functions {
		for name, fn := range all {
			record := `{"set":` + encode(set) + `,"name":` + encode(name)
			if fn.known && fn.args != nil {
				record += `,"args":` + encode(fn.args)
			}
			if !fn.known {
				record += `,"any":true`
			}
			if len(fn.checks) > 0 {
				record += `,"checks":` + encode(fn.checks)
			}
			f.add("functions", record+"}")
		}
	}
}

// signature lists the fields of a struct of arguments: name and type, a ? before the type when it is optional.
func (o *object) signature() ([]string, bool) {
	spec := o.pkg.types[o.typ]
	if spec == nil {
		return nil, false
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil, false
	}
	out := []string{}
	for _, field := range st.Fields.List {
		text, ok := kind(field.Type)
		if !ok || len(field.Names) == 0 {
			return nil, false
		}
		for _, n := range field.Names {
			out = append(out, n.Name+" "+text)
		}
	}
	return out, true
}

func kind(t ast.Expr) (string, bool) {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name, true
	case *ast.SelectorExpr:
		return t.Sel.Name, true
	case *ast.StarExpr:
		return kind(t.X)
	case *ast.ArrayType:
		inner, ok := kind(t.Elt)
		return "[]" + inner, ok
	case *ast.IndexExpr:
		name, ok := kind(t.X)
		if ok && name == "Optional" {
			inner, ok := kind(t.Index)
			return "?" + inner, ok
		}
		return name, ok
	}
	return "", false
}

// checks tells what the making of a function does with what it is given: "regexp" when it compiles a text, "depth" when it refuses a
// depth below one, "named" when a pattern must have a named group.
func checks(create any) []string {
	c, ok := create.(*closure)
	if !ok {
		return nil
	}
	seen := map[*ast.BlockStmt]bool{}
	found, depths, named := false, false, false
	var visit func(body *ast.BlockStmt, depth int)
	visit = func(body *ast.BlockStmt, depth int) {
		if body == nil || depth > 3 || seen[body] {
			return
		}
		seen[body] = true
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BinaryExpr:
				x, isName := n.X.(*ast.Ident)
				y, isFixed := n.Y.(*ast.BasicLit)
				if n.Op == token.LSS && isName && isFixed && x.Name == "depth" && y.Value == "1" {
					depths = true
				}
			case *ast.BasicLit:
				if strings.Contains(n.Value, "named capture group") {
					named = true
				}
			case *ast.CallExpr:
				fun := n.Fun
				if i, ok := fun.(*ast.IndexExpr); ok {
					fun = i.X
				}
				switch fun := fun.(type) {
				case *ast.Ident:
					if d, ok := c.pkg.funcs[fun.Name]; ok {
						visit(d.Body, depth+1)
					}
				case *ast.SelectorExpr:
					if x, ok := fun.X.(*ast.Ident); ok && x.Name == "regexp" && fun.Sel.Name == "Compile" {
						found = true
					}
				}
			}
			return true
		})
	}
	visit(c.body, 0)
	var out []string
	if depths {
		out = append(out, "depth")
	}
	if named {
		out = append(out, "named")
	}
	if found {
		out = append(out, "regexp")
	}
	return out
}

// grammar tells which forms a version knows, from the text of the grammar.
func grammar(s *sources, f *facts) {
	text, functions := s.text("pkg/ottl", "grammar.go"), s.text("pkg/ottl", "functions.go")
	block := func(name string) string {
		_, rest, _ := strings.Cut(text, "type "+name+" struct {")
		body, _, _ := strings.Cut(rest, "\n}")
		return body
	}
	inferrer := s.text("pkg/ottl", "context_inferrer.go")
	for name, on := range map[string]bool{
		"maps":                strings.Contains(text, "type mapValue struct"),
		"key_expressions":     strings.Contains(block("key"), "*mathExprLiteral"),
		"key_math":            strings.Contains(block("key"), "*mathExpression"),
		"nil_token":           strings.Contains(block("value"), "@Nil"),
		"unary":               strings.Contains(block("mathValue"), "UnaryOp"),
		"float_without_digit": strings.Contains(text, `\d+\.\d*|`),
		"lambda":              strings.Contains(text, "LambdaArrow"),
		"converter_keys":      regexp.MustCompile(`type exprGetter\[K any\] struct \{\n\s+expr\s+Expr\[K\]\n\s+keys\s+\[\]Key\[K\]`).MatchString(s.text("pkg/ottl", "expression.go")),
		"literal_types":       strings.Contains(functions, "return newStandardStringGetter[K](arg)\n"),
		"empty_literals":      strings.Contains(s.text("pkg/ottl", "literal_getter.go"), "literal") && !strings.Contains(s.text("pkg/ottl", "expression.go"), "len(slice) == 0"),
		"visitor":             strings.Contains(text, "grammarCustomErrorsVisitor"),
		"inference":           inferrer != "",
		"slices_of_settable":  strings.Contains(functions, `"PSliceGetSetter"`),
	} {
		if on {
			f.add("grammar", `{"name":"`+name+`"}`)
		}
	}
	_, rest, _ := strings.Cut(inferrer, "defaultContextInferPriority = []string{")
	list, _, _ := strings.Cut(rest, "}")
	order := []string{}
	for _, w := range strings.Split(list, ",") {
		if w = strings.Trim(strings.TrimSpace(w), `"`); w != "" {
			order = append(order, w)
		}
	}
	if len(order) > 0 {
		f.add("priority", `{"order":`+encode(order)+`}`)
	}
}

// parsers tells how each component sets its parsers up: bare (paths as the context has them), prepend (the context is put before paths
// that name none), or infer (the statements say their context).
func parsers(s *sources, f *facts) {
	entry := func(component, context, kind, functions, mode string) {
		f.add("parsers", `{"component":"`+component+`","context":"`+context+`","kind":"`+kind+`","functions":"`+functions+`","mode":"`+mode+`"}`)
	}
	known := map[string]bool{}
	for record := range f.records["registries"] {
		if name, ok := strings.CutPrefix(record, `{"functions":"`); ok {
			name, _, _ = strings.Cut(name, `"`)
			known[name] = true
		}
	}
	mode := func(text, sign string) string {
		if strings.Contains(text, sign) {
			return "prepend"
		}
		return "bare"
	}
	all := func(component, kind, set, mode string, contexts ...string) {
		for _, c := range contexts {
			if known[set+"."+c] {
				entry(component, c, kind, set+"."+c, mode)
			}
		}
	}
	common := s.texts("processor/transformprocessor/internal/common")
	all("transform", "statement", "transform", mode(common, "EnablePathContextNames"), contexts...)
	if strings.Contains(common, "Conditions []string") || strings.Contains(common, "Conditions") {
		all("transform", "condition", "filter", "bare", contexts...)
	}
	if strings.Contains(common, "ottl.NewParserCollection") {
		all("transform", "statement", "transform", "infer", contexts...)
	}
	all("filter", "condition", "filter", "bare", "span", "spanevent", "metric", "datapoint", "log")
	if s.texts("processor/filterprocessor/internal/condition") != "" {
		all("filter.conditions", "condition", "filter", "prepend", contexts...)
		all("filter.conditions", "condition", "filter", "infer", contexts...)
	}
	sampling := s.texts("processor/tailsamplingprocessor/internal/sampling")
	all("tail_sampling", "condition", "filter", mode(sampling, "WithPathContextNames"), "span", "spanevent")
	if text := s.text("connector/countconnector", "config.go"); text != "" {
		all("count", "condition", "filter", mode(text, "WithPathContextNames"), "span", "spanevent", "metric", "datapoint", "log")
	}
	if text := s.text("connector/signaltometricsconnector", "config/config.go"); text != "" {
		all("signaltometrics", "condition", "signaltometrics", mode(text, "WithPathContextNames"), "span", "datapoint", "log")
		all("signaltometrics", "value", "signaltometrics", mode(text, "ParseValueExpressionsWithContext"), "span", "datapoint", "log")
	}
}

// union holds what either knows; a function that they describe differently is known by name only.
func union(a, b *facts) *facts {
	out := &facts{records: map[string]map[string]bool{}, functions: map[string]map[string]function{}}
	for _, f := range []*facts{a, b} {
		for section, records := range f.records {
			for r := range records {
				out.add(section, r)
			}
		}
		for set, all := range f.functions {
			if out.functions[set] == nil {
				out.functions[set] = map[string]function{}
			}
			for name, fn := range all {
				old, ok := out.functions[set][name]
				if ok && (strings.Join(old.args, ",") != strings.Join(fn.args, ",") || (old.args == nil) != (fn.args == nil) || len(old.checks) != len(fn.checks)) {
					fn = function{}
				}
				out.functions[set][name] = fn
			}
		}
	}
	out.print()
	return out
}
