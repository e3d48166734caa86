// Package shape tells what a YAML reader takes for a Go type: bodies with fields, spelt as the catalogue spells types.
package shape

import (
	"go/ast"
	"reflect"
	"sort"
	"strings"

	"vispyr/catalogue/files/source"
)

// Field is one key.
type Field struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type"`
}

// Body is what one struct takes.
type Body struct {
	Name   string   `json:"name"`
	Fields []*Field `json:"fields"`
}

// Text is a scalar with a decoder of its own.
type Text struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitempty"`
	Fold   bool     `json:"fold,omitempty"`
	Empty  bool     `json:"empty,omitempty"`
	Open   bool     `json:"open,omitempty"`
}

// Rules are facts that no reader of the source can see; `overlay/*.json`.
type Rules struct {
	// Types by name: what they are to the reader.
	Types map[string]string `json:"types"`
	// Words that text types take.
	Words map[string][]string `json:"words"`
	// Types by name: others whose fields are taken as well.
	Also map[string][]string `json:"also"`
	// Types whose other keys are refused after all.
	Closed map[string]bool `json:"closed"`
}

// Shaper collects bodies and text types.
type Shaper struct {
	Tree   *source.Tree
	Rules  Rules
	Inline func(file *source.File, name string) []*Field // further fields of a struct
	Bodies map[string]*Body
	Texts  map[string]*Text
	// Types with a decoder that is not understood, and types whose source is not there.
	Opaque, Unknown map[string]bool
	used            map[string]bool
}

// New prepares a shaper.
func New(tree *source.Tree, rules Rules) *Shaper {
	return &Shaper{
		Tree: tree, Rules: rules, Bodies: map[string]*Body{}, Texts: map[string]*Text{},
		Opaque: map[string]bool{}, Unknown: map[string]bool{}, used: map[string]bool{},
	}
}

// Short is the spelling of a type's name: in-tree paths without the module, others without their host.
func (s *Shaper) Short(path, name string) string {
	if rest, in := strings.CutPrefix(path, s.Tree.Module+"/"); in {
		path = rest
	} else if host, rest, in := strings.Cut(path, "/"); in && strings.Contains(host, ".") {
		path = rest
	}
	return path + "." + name
}

var basics = map[string]string{
	"string": "string", "bool": "bool", "any": "any", "error": "any", "byte": "number:uint8", "rune": "number:int32",
}

func basic(name string) (string, bool) {
	if spelt, is := basics[name]; is {
		return spelt, true
	}
	for _, kind := range []string{"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64"} {
		if name == kind {
			return "number:" + kind, true
		}
	}
	return "", false
}

// Type spells a type expression. `owner` names what anonymous structs belong to. Empty = nothing that is read.
func (s *Shaper) Type(file *source.File, expr ast.Expr, owner string) string {
	switch x := expr.(type) {
	case *ast.Ident:
		if file.Package.Types[x.Name] == nil {
			if spelt, is := basic(x.Name); is {
				return spelt
			}
		}
		return s.Named(file.Package.Path, x.Name)
	case *ast.SelectorExpr:
		if pkg, is := x.X.(*ast.Ident); is {
			if path := file.Import(pkg.Name); path != "" {
				return s.Named(path, x.Sel.Name)
			}
		}
		return "any"
	case *ast.StarExpr:
		return s.Type(file, x.X, owner)
	case *ast.ParenExpr:
		return s.Type(file, x.X, owner)
	case *ast.ArrayType:
		if id, is := x.Elt.(*ast.Ident); is && id.Name == "byte" {
			return "any"
		}
		return "list(" + s.Type(file, x.Elt, owner) + ")"
	case *ast.MapType:
		return "map(" + s.Type(file, x.Value, owner) + ")"
	case *ast.StructType:
		s.body(file, x, owner)
		return "object(" + owner + ")"
	case *ast.FuncType, *ast.ChanType:
		return ""
	}
	return "any"
}

// Named spells a named type.
func (s *Shaper) Named(path, name string) string {
	short := s.Short(path, name)
	if spelt, known := s.Rules.Types[short]; known {
		s.used[short] = true
		return s.overlaid(path, name, spelt)
	}
	if path == "time" && name == "Duration" {
		return "duration"
	}
	p := s.Tree.Package(path)
	if p == nil || p.Types[name] == nil {
		s.Unknown[short] = true
		return "any"
	}
	t := p.Types[name]
	methods := p.Methods[name]
	if decoder := methods["UnmarshalYAML"]; decoder != nil && !isPlain(decoder, name) {
		spelt := "any"
		if into := decoded(decoder); into != nil {
			spelt = s.Type(decoder.File, into, short)
		}
		switch spelt {
		case "string":
			// What it does with the text is its own affair.
			return s.text(short)
		case "any":
			s.Opaque[short] = true
		}
		return spelt
	}
	if methods["UnmarshalYAML"] == nil && methods["UnmarshalText"] != nil {
		return s.text(short)
	}
	if t.Spec.Assign.IsValid() {
		return s.Type(t.File, t.Spec.Type, short)
	}
	if x, is := t.Spec.Type.(*ast.StructType); is {
		s.body(t.File, x, short)
		return "object(" + short + ")"
	}
	return s.Type(t.File, t.Spec.Type, short)
}

// overlaid spells what the overlay says: `struct` is the struct itself, whatever its decoder does.
func (s *Shaper) overlaid(path, name, spelt string) string {
	short := s.Short(path, name)
	switch spelt {
	case "struct":
		if p := s.Tree.Package(path); p != nil && p.Types[name] != nil {
			return s.Type(p.Types[name].File, p.Types[name].Spec.Type, short)
		}
		return "any"
	case "text":
		return s.text(short)
	}
	return spelt
}

func (s *Shaper) text(short string) string {
	if s.Texts[short] == nil {
		words := s.Rules.Words[short]
		s.Texts[short] = &Text{Name: short, Values: words, Open: len(words) == 0, Empty: true}
	}
	return "string<" + short + ">"
}

// isPlain tells whether a decoder decodes the type itself under another name: `type plain T`.
func isPlain(decoder *source.Func, name string) bool {
	found := false
	ast.Inspect(decoder.Decl.Body, func(n ast.Node) bool {
		if spec, is := n.(*ast.TypeSpec); is {
			if id, is := spec.Type.(*ast.Ident); is && id.Name == name {
				found = true
			}
		}
		return true
	})
	return found
}

func (s *Shaper) body(file *source.File, x *ast.StructType, name string) {
	if s.Bodies[name] != nil {
		return
	}
	body := &Body{Name: name, Fields: []*Field{}}
	s.Bodies[name] = body
	fields := map[string]*Field{}
	s.fields(file, x, name, fields)
	for _, other := range s.Rules.Also[name] {
		dot := strings.LastIndex(other, ".")
		if p := s.Tree.Package(s.Tree.Module + "/" + other[:dot]); p != nil && p.Types[other[dot+1:]] != nil {
			t := p.Types[other[dot+1:]]
			if inner, is := t.Spec.Type.(*ast.StructType); is {
				s.fields(t.File, inner, other, fields)
			}
		}
	}
	if s.Inline != nil {
		for _, field := range s.Inline(file, name) {
			fields[field.Name] = field
		}
	}
	if s.Rules.Closed[name] {
		delete(fields, "*")
	}
	for _, field := range fields {
		body.Fields = append(body.Fields, field)
	}
	sort.Slice(body.Fields, func(i, j int) bool { return body.Fields[i].Name < body.Fields[j].Name })
}

// fields adds the keys of a struct; what is there already wins.
func (s *Shaper) fields(file *source.File, x *ast.StructType, owner string, fields map[string]*Field) {
	for _, field := range x.Fields.List {
		tag := ""
		if field.Tag != nil {
			tag = reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml")
		}
		parts := strings.Split(tag, ",")
		if parts[0] == "-" && len(parts) == 1 {
			continue
		}
		inline := false
		for _, option := range parts[1:] {
			inline = inline || option == "inline"
		}
		names := field.Names
		if len(names) == 0 {
			names = []*ast.Ident{{Name: receiverName(field.Type)}}
		}
		for _, id := range names {
			if !id.IsExported() && !(inline && len(field.Names) == 0) {
				continue
			}
			if inline {
				s.inline(file, field.Type, owner, fields)
				continue
			}
			name := parts[0]
			if name == "" {
				name = strings.ToLower(id.Name)
			}
			if fields[name] != nil {
				continue
			}
			if spelt := s.Type(file, field.Type, owner+"."+id.Name); spelt != "" {
				fields[name] = &Field{Name: name, Kind: "attr", Type: spelt}
			}
		}
	}
}

// inline adds the keys of a struct, or takes every key of a map.
func (s *Shaper) inline(file *source.File, expr ast.Expr, owner string, fields map[string]*Field) {
	switch x := expr.(type) {
	case *ast.StarExpr:
		s.inline(file, x.X, owner, fields)
		return
	case *ast.MapType:
		fields["*"] = &Field{Name: "*", Kind: "attr", Type: s.Type(file, x.Value, owner)}
		return
	case *ast.StructType:
		s.fields(file, x, owner, fields)
		return
	}
	path, name := file.Package.Path, ""
	switch x := expr.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		if pkg, is := x.X.(*ast.Ident); is {
			path, name = file.Import(pkg.Name), x.Sel.Name
		}
	}
	p := s.Tree.Package(path)
	if p == nil || p.Types[name] == nil {
		// Its keys are not known: any may be one.
		s.Unknown[s.Short(path, name)] = true
		fields["*"] = &Field{Name: "*", Kind: "attr", Type: "any"}
		return
	}
	t := p.Types[name]
	s.inline(t.File, t.Spec.Type, s.Short(path, name), fields)
}

func receiverName(expr ast.Expr) string {
	switch x := expr.(type) {
	case *ast.StarExpr:
		return receiverName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}
