package extract

import (
	"go/ast"
	"go/token"

	"vispyr/catalogue/alloy/source"
)

// typer tells the types of expressions within one function, as far as the tree's own declarations carry. Names are kept
// flat: a name that is declared twice keeps its later type, which is enough to find out which method a call means.
type typer struct {
	file  *source.File
	names map[string]source.Type
}

func newTyper(f *source.FuncDecl) *typer {
	t := &typer{file: f.File, names: map[string]source.Type{}}
	for _, list := range []*ast.FieldList{f.Decl.Recv, f.Decl.Type.Params, f.Decl.Type.Results} {
		if list == nil {
			continue
		}
		for _, group := range list.List {
			for _, name := range group.Names {
				t.names[name.Name] = f.File.Resolve(group.Type)
			}
		}
	}
	return t
}

func (t *typer) set(expr ast.Expr, typ source.Type) {
	if ident, ok := expr.(*ast.Ident); ok && typ != nil {
		t.names[ident.Name] = typ
	}
}

func (t *typer) define(s *ast.AssignStmt) {
	if len(s.Lhs) == len(s.Rhs) {
		for i := range s.Lhs {
			t.set(s.Lhs[i], t.of(s.Rhs[i]))
		}
		return
	}
	if call, ok := s.Rhs[0].(*ast.CallExpr); ok {
		for i := range s.Lhs {
			t.set(s.Lhs[i], t.result(call, i))
		}
		return
	}
	t.set(s.Lhs[0], t.of(s.Rhs[0]))
}

func (t *typer) defineRange(s *ast.RangeStmt) {
	if s.Tok != token.DEFINE {
		return
	}
	over := source.Underlying(source.Deref(orAny(t.of(s.X))))
	switch u := over.(type) {
	case *source.Map:
		if s.Key != nil {
			t.set(s.Key, u.Key)
		}
		if s.Value != nil {
			t.set(s.Value, u.Elem)
		}
	default:
		if s.Value != nil {
			t.set(s.Value, elemOf(over))
		}
	}
}

func (t *typer) defineVars(s *ast.DeclStmt) {
	group, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range group.Specs {
		values, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range values.Names {
			switch {
			case values.Type != nil:
				t.set(name, t.file.Resolve(values.Type))
			case i < len(values.Values):
				t.set(name, t.of(values.Values[i]))
			}
		}
	}
}

func orAny(typ source.Type) source.Type {
	if typ == nil {
		return &source.Basic{Name: "any"}
	}
	return typ
}

// of tells the type of an expression; nil when it is not known.
func (t *typer) of(expr ast.Expr) source.Type {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return t.of(x.X)
	case *ast.Ident:
		if typ, known := t.names[x.Name]; known {
			return typ
		}
		return t.global(t.file.Package, x.Name)
	case *ast.SelectorExpr:
		return t.selected(x)
	case *ast.StarExpr:
		if p, ok := t.of(x.X).(*source.Pointer); ok {
			return p.Elem
		}
	case *ast.UnaryExpr:
		inner := t.of(x.X)
		if x.Op == token.AND && inner != nil {
			return &source.Pointer{Elem: inner}
		}
		return inner
	case *ast.IndexExpr:
		over := source.Underlying(source.Deref(orAny(t.of(x.X))))
		if m, ok := over.(*source.Map); ok {
			return m.Elem
		}
		return elemOf(over)
	case *ast.CompositeLit:
		if x.Type != nil {
			return t.file.Resolve(x.Type)
		}
	case *ast.TypeAssertExpr:
		if x.Type != nil {
			return t.file.Resolve(x.Type)
		}
	case *ast.CallExpr:
		return t.result(x, 0)
	}
	return nil
}

func (t *typer) global(p *source.Package, name string) source.Type {
	decl := p.Values[name]
	switch {
	case decl == nil:
		return nil
	case decl.Type != nil:
		return decl.File.Resolve(decl.Type)
	case decl.Value == nil || decl.Multi:
		return nil
	}
	inner := &typer{file: decl.File, names: map[string]source.Type{}}
	switch decl.Value.(type) {
	case *ast.CompositeLit, *ast.UnaryExpr, *ast.CallExpr:
		return inner.of(decl.Value)
	}
	return nil
}

func (t *typer) packageOf(x *ast.SelectorExpr) *source.Package {
	name, ok := x.X.(*ast.Ident)
	if !ok {
		return nil
	}
	if _, local := t.names[name.Name]; local {
		return nil
	}
	path := t.file.Import(name.Name)
	if path == "" {
		return nil
	}
	return t.file.Package.Tree.Package(path)
}

func (t *typer) selected(x *ast.SelectorExpr) source.Type {
	if p := t.packageOf(x); p != nil {
		return t.global(p, x.Sel.Name)
	}
	shape := source.AsStruct(orAny(t.of(x.X)))
	if shape == nil {
		return nil
	}
	typ, _ := shape.GoField(x.Sel.Name)
	return typ
}

// callee finds the declaration that a call runs.
func (t *typer) callee(call *ast.CallExpr) *source.FuncDecl {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		if _, local := t.names[fun.Name]; !local {
			return t.file.Package.Funcs[fun.Name]
		}
	case *ast.SelectorExpr:
		if p := t.packageOf(fun); p != nil {
			return p.Funcs[fun.Sel.Name]
		}
		if named := source.AsNamed(orAny(t.of(fun.X))); named != nil {
			return named.Method(fun.Sel.Name)
		}
	}
	return nil
}

// result tells the type of a call's result.
func (t *typer) result(call *ast.CallExpr, at int) source.Type {
	callee := t.callee(call)
	if callee == nil {
		if len(call.Args) == 1 {
			return t.file.Resolve(unparen(call.Fun)) // a conversion
		}
		return nil
	}
	if callee.Decl.Type.Results == nil {
		return nil
	}
	i := 0
	for _, group := range callee.Decl.Type.Results.List {
		i += max(1, len(group.Names))
		if at < i {
			return callee.File.Resolve(group.Type)
		}
	}
	return nil
}

func unparen(expr ast.Expr) ast.Expr {
	for {
		p, ok := expr.(*ast.ParenExpr)
		if !ok {
			return expr
		}
		expr = p.X
	}
}
