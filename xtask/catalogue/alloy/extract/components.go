package extract

import (
	"fmt"
	"go/ast"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

const allComponents = source.Module + "/internal/component/all"

var stabilities = map[string]string{
	"StabilityGenerallyAvailable": "generally-available",
	"StabilityPublicPreview":      "public-preview",
	"StabilityExperimental":       "experimental",
}

// components lists what the packages register that the binary links: those that the list of all components imports.
func (x *Extractor) components() ([]Root, error) {
	var roots []Root
	for _, p := range x.linked() {
		for _, file := range p.Files {
			for _, literal := range registrations(file) {
				root, err := x.component(file, literal)
				if err != nil {
					return nil, err
				}
				roots = append(roots, root)
			}
		}
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("no component found below %s", allComponents)
	}
	return roots, nil
}

// linked is the closure of imports within the tree, in the order of first mention.
func (x *Extractor) linked() []*source.Package {
	var queue []*source.Package
	seen := map[string]bool{}
	add := func(path string) {
		if p := x.tree.Package(path); p != nil && !seen[path] {
			seen[path] = true
			queue = append(queue, p)
		}
	}
	add(allComponents)
	for i := 0; i < len(queue); i++ {
		for _, path := range queue[i].ImportedPaths() {
			add(path)
		}
	}
	return queue
}

// registrations finds the literals in `component.Register(component.Registration{…})`.
func registrations(file *source.File) []*ast.CompositeLit {
	var found []*ast.CompositeLit
	ast.Inspect(file.Syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Register" {
			return true
		}
		literal, ok := call.Args[0].(*ast.CompositeLit)
		if !ok || literal.Type == nil {
			return true
		}
		named, ok := file.Resolve(literal.Type).(*source.Named)
		if ok && named.Same(source.Module+"/internal/component", "Registration") {
			found = append(found, literal)
		}
		return true
	})
	return found
}

func (x *Extractor) component(file *source.File, literal *ast.CompositeLit) (Root, error) {
	parts := keyed(literal)
	root := Root{Kind: "component"}
	name, ok := interp.Text(x.machine.Eval(file, parts["Name"]))
	if !ok {
		return root, fmt.Errorf("a component of %s has no constant name", file.Package.Path)
	}
	root.Name = name
	root.Stability = stabilityOf(parts["Stability"])
	if community, ok := parts["Community"].(*ast.Ident); ok {
		root.Community = community.Name == "true"
	}
	args := x.literalType(file, parts["Args"])
	if args == nil {
		return root, fmt.Errorf("%s: its arguments are no literal", name)
	}
	root.Body = x.body(args)
	x.announced(args)
	if exports := x.literalType(file, parts["Exports"]); exports != nil {
		root.Exports = x.body(exports)
	}
	return root, nil
}

func stabilityOf(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.SelectorExpr:
		return stabilities[e.Sel.Name]
	case *ast.Ident:
		return stabilities[e.Name]
	}
	return ""
}

// keyed gives the parts of a struct literal by name.
func keyed(literal *ast.CompositeLit) map[string]ast.Expr {
	parts := map[string]ast.Expr{}
	for _, elt := range literal.Elts {
		if pair, ok := elt.(*ast.KeyValueExpr); ok {
			if name, ok := pair.Key.(*ast.Ident); ok {
				parts[name.Name] = pair.Value
			}
		}
	}
	return parts
}

// literalType gives the named type of `T{}` or `&T{}`; nil for anything else.
func (x *Extractor) literalType(file *source.File, expr ast.Expr) *source.Named {
	if unary, ok := expr.(*ast.UnaryExpr); ok {
		expr = unary.X
	}
	literal, ok := expr.(*ast.CompositeLit)
	if !ok || literal.Type == nil {
		return nil
	}
	named, _ := file.Resolve(literal.Type).(*source.Named)
	return named
}
