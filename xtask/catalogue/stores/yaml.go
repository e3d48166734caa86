package main

import (
	"go/ast"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/extract"
	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// extractor collects the records of one release of an engine whose files are YAML read into Go structs.
type extractor struct {
	tree    *source.Tree
	machine *interp.Machine
	facts   facts
	bodies  map[string]*extract.Body
	members map[string][]member      // by body
	named   map[string]*source.Named // by body, where it has a Go name
	texts   map[string]extract.TextType
	seen    map[string][]*occurrence // by body
	odd     map[string]bool          // what could not be told, for people
}

// facts is what an adapter knows of its engine.
type facts struct {
	spell map[string]string // how a Go type (`path.Name`) is written
	// extra adds fields to a body that are no Go fields.
	extra func(x *extractor, named *source.Named) []extract.Field
	// closed lists Go fields (`path.Type.Field`) that are inline maps, but take no key in the engine as it is released.
	closed map[string]bool
	// itself lists Go types (`path.Name`) whose decoder reads into the very fields they have.
	itself map[string]bool
}

func newExtractor(tree *source.Tree, f facts) *extractor {
	x := &extractor{
		tree: tree, machine: interp.New(tree, noOverlay{}), facts: f,
		bodies: map[string]*extract.Body{}, members: map[string][]member{}, named: map[string]*source.Named{},
		texts: map[string]extract.TextType{}, seen: map[string][]*occurrence{}, odd: map[string]bool{},
	}
	x.machine.Hooks = hooks
	return x
}

type noOverlay struct{}

func (noOverlay) Kind(string) string                { return "" }
func (noOverlay) Value(string) (interp.Value, bool) { return nil, false }

// member is a field of a struct as the YAML decoder sees it, with the way to it through inlined structs.
type member struct {
	name   string // `*`: every other key
	path   []string
	typ    source.Type
	syntax *ast.Field
	owner  string
}

func exported(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

// membersOf lists the fields that the decoder fills: gopkg.in/yaml.v2 yaml.go getStructInfo, the same in yaml.v3.
func (x *extractor) membersOf(shape *source.Struct, owner string, depth int) []member {
	var all []member
	if depth > 8 {
		return nil
	}
	for _, group := range shape.Syntax.Fields.List {
		tag := ""
		tagged := false
		if group.Tag != nil {
			if text, err := strconv.Unquote(group.Tag.Value); err == nil {
				tag, tagged = reflect.StructTag(text).Lookup("yaml")
				if !tagged && !strings.Contains(text, ":") {
					tag, tagged = text, text != ""
				}
			}
		}
		if tag == "-" {
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		inline := false
		for _, option := range strings.Split(options, ",") {
			inline = inline || option == "inline"
		}
		t := shape.File.Resolve(group.Type)
		var names []string
		for _, ident := range group.Names {
			if exported(ident.Name) {
				names = append(names, ident.Name)
			}
		}
		if len(group.Names) == 0 {
			if name := embeddedName(group.Type); name != "" && (exported(name) || inline) {
				names = append(names, name)
			}
		}
		for _, name := range names {
			if inline {
				all = append(all, x.inlined(t, group, owner, name, depth)...)
				continue
			}
			m := member{name: key, path: []string{name}, typ: t, syntax: group, owner: owner}
			if m.name == "" {
				m.name = strings.ToLower(name)
			}
			all = append(all, m)
		}
	}
	return all
}

func (x *extractor) inlined(t source.Type, group *ast.Field, owner, name string, depth int) []member {
	if u, ok := source.Underlying(source.Deref(orAny(t))).(*source.Map); ok {
		if x.facts.closed[owner+"."+name] {
			return nil
		}
		return []member{{name: "*", path: []string{name}, typ: u.Elem, syntax: group, owner: owner}}
	}
	inner := source.AsStruct(orAny(t))
	if inner == nil {
		x.odd["inline "+owner+"."+name] = true
		return []member{{name: "*", path: []string{name}, syntax: group, owner: owner}}
	}
	innerOwner := owner + "." + name
	if n := source.AsNamed(t); n != nil {
		innerOwner = full(n)
	}
	var all []member
	for _, m := range x.membersOf(inner, innerOwner, depth+1) {
		m.path = append([]string{name}, m.path...)
		all = append(all, m)
	}
	return all
}

func embeddedName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return embeddedName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return embeddedName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func orAny(t source.Type) source.Type {
	if t == nil {
		return &source.Basic{Name: "any"}
	}
	return t
}

func full(n *source.Named) string { return n.Path + "." + n.Name }

// body records a struct under a name; `shapes` are the structs that its decoder tries.
func (x *extractor) body(name string, named *source.Named, shapes []*source.Struct, owners []string) string {
	if x.bodies[name] != nil {
		return name
	}
	b := &extract.Body{Name: name, Fields: []extract.Field{}}
	x.bodies[name] = b
	x.named[name] = named
	at := map[string]int{}
	var all []member
	for i, shape := range shapes {
		for _, m := range x.membersOf(shape, owners[i], 0) {
			f := extract.Field{Name: m.name, Kind: "attr", Deprecated: deprecated(m.syntax)}
			f.Type = x.spell(m.typ, name+"."+strings.Join(m.path, "."))
			if have, twice := at[m.name]; twice {
				b.Fields[have].Type = x.either(b.Fields[have].Type, f.Type)
				continue
			}
			at[m.name] = len(b.Fields)
			b.Fields = append(b.Fields, f)
			all = append(all, m)
		}
	}
	if x.facts.extra != nil && named != nil {
		for _, f := range x.facts.extra(x, named) {
			if _, twice := at[f.Name]; !twice {
				b.Fields = append(b.Fields, f)
				all = append(all, member{name: f.Name})
			}
		}
	}
	x.members[name] = all
	if named != nil {
		b.Validate = fingerprint(named, "UnmarshalYAML", "Validate", "CheckConfig", "ApplyDefaults")
	}
	return name
}

// either spells a field that two structs have: one body with the fields of both where they differ in the body alone.
func (x *extractor) either(a, b string) string {
	if a == b {
		return a
	}
	openA, bodyA, okA := strings.Cut(strings.TrimRight(a, ")"), "object(")
	openB, bodyB, okB := strings.Cut(strings.TrimRight(b, ")"), "object(")
	if !okA || !okB || openA != openB || x.bodies[bodyA] == nil || x.bodies[bodyB] == nil {
		return "any"
	}
	name := bodyA + "|" + bodyB
	if x.bodies[name] == nil {
		both := &extract.Body{Name: name, Fields: append([]extract.Field{}, x.bodies[bodyA].Fields...)}
		x.bodies[name] = both
		for _, f := range x.bodies[bodyB].Fields {
			at := slices.IndexFunc(both.Fields, func(have extract.Field) bool { return have.Name == f.Name })
			if at < 0 {
				both.Fields = append(both.Fields, f)
			} else if both.Fields[at].Type != f.Type {
				both.Fields[at].Type = "any"
			}
		}
	}
	return strings.Replace(a, "object("+bodyA+")", "object("+name+")", 1)
}

// deprecated tells whether the source marks a field as one that is going away.
func deprecated(field *ast.Field) bool {
	if field == nil {
		return false
	}
	if field.Tag != nil {
		if text, err := strconv.Unquote(field.Tag.Value); err == nil {
			tag := reflect.StructTag(text)
			doc, _, _ := strings.Cut(tag.Get("doc"), "|")
			if doc == "deprecated" || tag.Get("category") == "deprecated" {
				return true
			}
		}
	}
	for _, comment := range []*ast.CommentGroup{field.Doc, field.Comment} {
		if comment != nil && (strings.Contains(comment.Text(), "Deprecated:") || strings.HasPrefix(comment.Text(), "DEPRECATED")) {
			return true
		}
	}
	return false
}

// spell writes a Go type as the catalogue does, and records the bodies and text types that it meets.
func (x *extractor) spell(t source.Type, hint string) string {
	if t == nil {
		x.odd["type of "+hint] = true
		return "any"
	}
	if p, ok := t.(*source.Pointer); ok {
		return x.spell(p.Elem, hint)
	}
	if named, ok := t.(*source.Named); ok {
		if s, done := x.spellNamed(named); done {
			return s
		}
	}
	return x.spellPlain(t, hint)
}

func (x *extractor) spellNamed(named *source.Named) (string, bool) {
	name := full(named)
	if s := x.facts.spell[name]; s != "" {
		return s, true
	}
	switch name {
	case "time.Duration":
		return "duration", true
	case "github.com/alecthomas/units.Base2Bytes":
		x.texts["units.Base2Bytes"] = extract.TextType{Name: "units.Base2Bytes", Open: true}
		return "string<units.Base2Bytes>", true
	case "net/url.Values":
		return "map(list(string))", true
	case "time.Time":
		x.texts[name] = extract.TextType{Name: name, Open: true}
		return "string<time.Time>", true
	}
	if named.Decl == nil {
		x.odd["foreign "+name] = true
		return "any", true
	}
	if method, of := methodOf(named, "UnmarshalYAML"); method != nil {
		return x.custom(named, of, method), true
	}
	if method, _ := methodOf(named, "UnmarshalText"); method != nil {
		x.text(named, "UnmarshalText")
		return "string<" + named.String() + ">", true
	}
	return "", false
}

// methodOf finds a method of a type, its own or that of the one embedded struct which has it.
func methodOf(named *source.Named, name string) (*source.FuncDecl, *source.Named) {
	if method := named.Method(name); method != nil {
		return method, named
	}
	shape, ok := source.Underlying(named).(*source.Struct)
	if !ok {
		return nil, nil
	}
	for _, group := range shape.Syntax.Fields.List {
		if len(group.Names) == 0 {
			if inner := source.AsNamed(orAny(shape.File.Resolve(group.Type))); inner != nil {
				if method := inner.Method(name); method != nil {
					return method, inner
				}
			}
		}
	}
	return nil, nil
}

func (x *extractor) spellPlain(t source.Type, hint string) string {
	named, _ := t.(*source.Named)
	switch u := source.Underlying(t).(type) {
	case *source.Basic:
		switch u.Name {
		case "string", "bool":
			return u.Name
		case "any", "error":
			return "any"
		case "byte":
			return "number:uint8"
		case "rune":
			return "number:int32"
		}
		return "number:" + u.Name
	case *source.Slice:
		return "list(" + x.spell(u.Elem, hint) + ")"
	case *source.Array:
		return "list(" + x.spell(u.Elem, hint) + ")"
	case *source.Map:
		return "map(" + x.spell(u.Elem, hint) + ")"
	case *source.Struct:
		name, owner := hint, hint
		if named != nil {
			name, owner = named.String(), full(named)
		}
		return "object(" + x.body(name, named, []*source.Struct{u}, []string{owner}) + ")"
	case *source.Named: // foreign
		if u.Same("time", "Duration") {
			return "number:int64"
		}
		x.odd["foreign "+full(u)] = true
	}
	return "any"
}

// custom spells a type with a decoder of its own by what the decoder decodes into.
func (x *extractor) custom(named, of *source.Named, method *source.FuncDecl) string {
	if shape, ok := source.Underlying(named).(*source.Struct); ok && x.facts.itself[full(named)] {
		return "object(" + x.body(named.String(), named, []*source.Struct{shape}, []string{full(named)}) + ")"
	}
	var shapes []*source.Struct
	var owners []string
	var others []source.Type
	text, sure := false, true
	for _, target := range targets(of, method) {
		if target.typ == nil {
			sure = false
			continue
		}
		t := source.Deref(target.typ)
		if n, ok := t.(*source.Named); ok && !(n.Same(of.Path, of.Name) || target.hidden) {
			if _, structure := source.Underlying(n).(*source.Struct); !structure || n.Method("UnmarshalYAML") != nil {
				others = append(others, t)
				continue
			}
		}
		switch u := source.Underlying(t).(type) {
		case *source.Struct:
			owner := full(of)
			if n, ok := t.(*source.Named); ok {
				owner = full(n)
			}
			shapes, owners = append(shapes, u), append(owners, owner)
		case *source.Basic:
			if u.Name == "string" {
				text = true
			} else {
				others = append(others, u)
			}
		default:
			others = append(others, u)
		}
	}
	if text && len(shapes) == 0 {
		others = x.notText(others)
	}
	switch {
	case !sure:
	case len(shapes) > 0 && !text && len(others) == 0:
		return "object(" + x.body(named.String(), named, shapes, owners) + ")"
	case text && len(shapes) == 0 && len(others) == 0:
		x.text(named, "UnmarshalYAML")
		return "string<" + named.String() + ">"
	case len(others) == 1 && !text && len(shapes) == 0:
		return x.spell(others[0], named.String())
	}
	x.odd["decoder of "+full(named)] = true
	return "any"
}

// notText leaves out the types that are text themselves: a secret that is then read as a URL.
func (x *extractor) notText(types []source.Type) []source.Type {
	var rest []source.Type
	for _, t := range types {
		if !strings.HasPrefix(x.spell(t, ""), "string") {
			rest = append(rest, t)
		}
	}
	return rest
}

// target is what a decoder decodes into.
type target struct {
	typ    source.Type
	hidden bool // a type of the function's own, which has no methods
}

// targets lists what `unmarshal(&x)` or `value.Decode(&x)` is called with in a decoder.
func targets(named *source.Named, method *source.FuncDecl) []target {
	params := method.Decl.Type.Params.List
	if len(params) != 1 || len(params[0].Names) != 1 || method.Decl.Body == nil {
		return []target{{}}
	}
	decoder := params[0].Names[0].Name
	types, vars := map[string]ast.Expr{}, map[string]ast.Expr{}
	if recv := method.Decl.Recv.List[0]; len(recv.Names) == 1 {
		vars[recv.Names[0].Name] = recv.Type
	}
	var found []target
	ast.Inspect(method.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			types[n.Name.Name] = n.Type
		case *ast.ValueSpec:
			for _, name := range n.Names {
				vars[name.Name] = n.Type
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if ident, ok := lhs.(*ast.Ident); ok && i < len(n.Rhs) && n.Tok.String() == ":=" {
					vars[ident.Name] = typeOfValue(n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			if len(n.Args) == 1 && decodes(n.Fun, decoder) || len(n.Args) == 2 && decodesWith(n.Fun, decoder) {
				found = append(found, targetOf(method.File, types, vars, n.Args[0]))
			}
			// A helper that decodes into the first argument: discovery.UnmarshalYAMLWithInlineConfigs(c, unmarshal).
			if len(n.Args) == 2 && decodes(n.Args[1], decoder) {
				into := targetOf(method.File, types, vars, n.Args[0])
				into.hidden = true
				found = append(found, into)
			}
		}
		return true
	})
	return found
}

// decodesWith knows `value.DecodeWithOptions(&x, options)` of grafana/go-yaml/v3.
func decodesWith(fun ast.Expr, decoder string) bool {
	f, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	ident, ok := f.X.(*ast.Ident)
	return ok && ident.Name == decoder && f.Sel.Name == "DecodeWithOptions"
}

func decodes(fun ast.Expr, decoder string) bool {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name == decoder
	case *ast.SelectorExpr:
		ident, ok := f.X.(*ast.Ident)
		return ok && ident.Name == decoder && f.Sel.Name == "Decode"
	}
	return false
}

// typeOfValue gives the type that a literal or a conversion spells.
func typeOfValue(expr ast.Expr) ast.Expr {
	switch e := expr.(type) {
	case *ast.UnaryExpr:
		return typeOfValue(e.X)
	case *ast.CompositeLit:
		return e.Type
	case *ast.CallExpr:
		if paren, ok := e.Fun.(*ast.ParenExpr); ok {
			return paren.X
		}
		if ident, ok := e.Fun.(*ast.Ident); ok && (ident.Name == "new" || ident.Name == "make") && len(e.Args) > 0 {
			return e.Args[0]
		}
		return e.Fun
	case *ast.BasicLit:
		if e.Kind.String() == "STRING" {
			return &ast.Ident{Name: "string"}
		}
	}
	return nil
}

func targetOf(file *source.File, types, vars map[string]ast.Expr, arg ast.Expr) target {
	var spelt ast.Expr
	switch a := arg.(type) {
	case *ast.UnaryExpr:
		if ident, ok := a.X.(*ast.Ident); ok {
			spelt = vars[ident.Name]
		} else if sel, ok := a.X.(*ast.SelectorExpr); ok {
			return target{typ: fieldType(file, types, vars, sel)}
		}
	case *ast.CallExpr:
		spelt = typeOfValue(a)
	case *ast.Ident:
		spelt = vars[a.Name]
	}
	hidden := false
	for depth := 0; depth < 5; depth++ {
		if star, ok := spelt.(*ast.StarExpr); ok {
			spelt = star.X
		}
		ident, ok := spelt.(*ast.Ident)
		if !ok || types[ident.Name] == nil {
			break
		}
		spelt, hidden = types[ident.Name], true
	}
	if spelt == nil {
		return target{}
	}
	return target{typ: file.Resolve(spelt), hidden: hidden}
}

func fieldType(file *source.File, types, vars map[string]ast.Expr, sel *ast.SelectorExpr) source.Type {
	ident, ok := sel.X.(*ast.Ident)
	if !ok || vars[ident.Name] == nil {
		return nil
	}
	shape := source.AsStruct(orAny(file.Resolve(vars[ident.Name])))
	if shape == nil {
		return nil
	}
	t, _ := shape.GoField(sel.Sel.Name)
	return t
}

// snapshot is everything that was collected, sorted.
func (x *extractor) snapshot(roots []extract.Root) *extract.Snapshot {
	s := &extract.Snapshot{Roots: roots, Capsules: []extract.Capsule{}, Functions: []extract.Function{}}
	sort.Slice(s.Roots, func(i, j int) bool { return s.Roots[i].Name < s.Roots[j].Name })
	for _, name := range keys(x.bodies) {
		b := x.bodies[name]
		sort.SliceStable(b.Fields, func(i, j int) bool { return b.Fields[i].Name < b.Fields[j].Name })
		s.Bodies = append(s.Bodies, *b)
	}
	for _, name := range keys(x.texts) {
		s.Types = append(s.Types, x.texts[name])
	}
	return s
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}
