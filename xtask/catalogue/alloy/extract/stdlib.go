package extract

import (
	"fmt"
	"go/ast"
	"go/types"
	"sort"
	"strings"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// Signatures of the functions of Go's own library that Alloy exposes: go/src at any version since 1.0.
var goSignatures = map[string]string{
	"os.Getenv": "func(string) string", "fmt.Sprintf": "func(string, ...any) string",
	"strings.Join": "func([]string, string) string", "strings.ReplaceAll": "func(string, string, string) string",
	"strings.Split": "func(string, string) []string", "strings.ToLower": "func(string) string",
	"strings.ToUpper": "func(string) string", "strings.Trim": "func(string, string) string",
	"strings.TrimPrefix": "func(string, string) string", "strings.TrimSuffix": "func(string, string) string",
	"strings.TrimSpace": "func(string) string", "path/filepath.Join": "func(...string) string",
}

// functions reads the tables of the standard library: names, namespaces of names, and which are deprecated.
func (x *Extractor) functions() ([]Function, error) {
	p := x.tree.Package(source.Module + "/syntax/internal/stdlib")
	if p == nil || p.Values["Identifiers"] == nil {
		return nil, fmt.Errorf("no table of the standard library")
	}
	experimental := x.flagged(p, "ExperimentalIdentifiers")
	deprecated := x.table(p, "DeprecatedIdentifiers")
	var all []Function
	add := func(name string, file *source.File, expr ast.Expr) error {
		f, err := x.signature(name, file, expr)
		if err == nil {
			f.Experimental = experimental[name]
			_, f.Deprecated = deprecated[name]
			all = append(all, f)
		}
		return err
	}
	for name, expr := range x.table(p, "Identifiers") {
		space, isSpace := x.namespace(p, expr)
		if !isSpace {
			if err := add(name, p.Values["Identifiers"].File, expr); err != nil {
				return nil, err
			}
			continue
		}
		for member, inner := range x.table(p, space) {
			if err := add(name+"."+member, p.Values[space].File, inner); err != nil {
				return nil, err
			}
		}
	}
	for name, expr := range deprecated {
		if err := add(name, p.Values["DeprecatedIdentifiers"].File, expr); err != nil {
			return nil, err
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, nil
}

// table gives the entries of a package variable that is a map literal.
func (x *Extractor) table(p *source.Package, name string) map[string]ast.Expr {
	entries := map[string]ast.Expr{}
	decl := p.Values[name]
	if decl == nil {
		return entries
	}
	literal, ok := decl.Value.(*ast.CompositeLit)
	if !ok {
		return entries
	}
	for _, elt := range literal.Elts {
		if pair, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := interp.Text(x.machine.Eval(decl.File, pair.Key)); ok {
				entries[key] = pair.Value
			}
		}
	}
	return entries
}

func (x *Extractor) flagged(p *source.Package, name string) map[string]bool {
	set := map[string]bool{}
	for key := range x.table(p, name) {
		set[key] = true
	}
	return set
}

// namespace tells whether an entry is the name of another table.
func (x *Extractor) namespace(p *source.Package, expr ast.Expr) (string, bool) {
	ident, ok := expr.(*ast.Ident)
	if !ok || p.Values[ident.Name] == nil {
		return "", false
	}
	literal, ok := p.Values[ident.Name].Value.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	_, isMap := literal.Type.(*ast.MapType)
	return ident.Name, isMap
}

// signature finds out what an entry is: a function, one that gets its arguments unchecked, or a value.
func (x *Extractor) signature(name string, file *source.File, expr ast.Expr) (Function, error) {
	f := Function{Name: name, Kind: "func"}
	switch e := expr.(type) {
	case *ast.Ident:
		if decl := file.Package.Funcs[e.Name]; decl != nil {
			f.Go = signatureText(decl.Decl.Type)
			return f, nil
		}
		if decl := file.Package.Values[e.Name]; decl != nil {
			return x.signature(name, decl.File, decl.Value)
		}
	case *ast.FuncLit:
		f.Go = signatureText(e.Type)
		return f, nil
	case *ast.CallExpr: // value.RawFunction(func …)
		f.Kind, f.Go = "raw", "func(...any) any"
		return f, nil
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok {
			if known := goSignatures[file.Import(pkg.Name)+"."+e.Sel.Name]; known != "" {
				f.Go = known
				return f, nil
			}
		}
	case *ast.BasicLit:
		f.Kind, f.Go = "value", "string"
		return f, nil
	}
	if strings.HasPrefix(name, "constants.") {
		f.Kind, f.Go = "value", "string"
		return f, nil
	}
	return f, fmt.Errorf("the standard library holds %s in a way that is not known", name)
}

// signatureText prints parameter and result types without names, as reflection does.
func signatureText(t *ast.FuncType) string {
	params := fieldTypes(t.Params)
	results := fieldTypes(t.Results)
	text := "func(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}

func fieldTypes(list *ast.FieldList) []string {
	if list == nil {
		return nil
	}
	var out []string
	for _, group := range list.List {
		text := types.ExprString(group.Type)
		text = strings.ReplaceAll(text, "interface{}", "any")
		text = strings.ReplaceAll(text, "[]byte", "[]uint8")
		for n := max(1, len(group.Names)); n > 0; n-- {
			out = append(out, text)
		}
	}
	return out
}
