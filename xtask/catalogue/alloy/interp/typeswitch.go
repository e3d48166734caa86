package interp

import (
	"go/ast"

	"vispyr/catalogue/alloy/source"
)

// typeSwitch runs the clause of the first type that a value has; where that cannot be known, it forgets.
func (f *frame) typeSwitch(s *ast.TypeSwitchStmt) outcome {
	f.push()
	defer f.pop()
	if s.Init != nil {
		f.exec(s.Init)
	}
	name, assert := "", ast.Expr(nil)
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		assert = a.X
	case *ast.AssignStmt:
		if ident, ok := a.Lhs[0].(*ast.Ident); ok && len(a.Rhs) == 1 {
			name, assert = ident.Name, a.Rhs[0]
		}
	}
	x, ok := assert.(*ast.TypeAssertExpr)
	if !ok {
		f.poison(s)
		return outcome{}
	}
	v := f.m.eval(f, x.X)
	fallback := -1
	for i, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			fallback = i
		}
		for _, expr := range clause.List {
			has, sure := f.m.hasType(f, v, expr)
			if !sure {
				f.poison(s.Body)
				return outcome{}
			}
			if has {
				return f.typeClause(clause, name, v)
			}
		}
	}
	if fallback >= 0 {
		return f.typeClause(s.Body.List[fallback].(*ast.CaseClause), name, v)
	}
	return outcome{}
}

func (f *frame) typeClause(clause *ast.CaseClause, name string, v Value) outcome {
	f.push()
	defer f.pop()
	if name != "" {
		f.define(name, v, nil)
	}
	out := f.block(clause.Body)
	if out.kind == broke {
		return outcome{}
	}
	return out
}

// hasType tells whether a value is of a type, or has the methods of an interface.
func (m *Machine) hasType(f *frame, v Value, expr ast.Expr) (has, sure bool) {
	if ident, ok := expr.(*ast.Ident); ok && ident.Name == "nil" {
		_, none := v.(Nil)
		return none, Known(v)
	}
	want, have := f.resolve(expr), DynamicType(v)
	if want == nil || have == nil {
		return false, false
	}
	if iface, ok := source.Underlying(want).(*source.Interface); ok {
		return m.hasMethods(v, iface)
	}
	wn, hn := source.AsNamed(want), source.AsNamed(have)
	if wn == nil || hn == nil {
		return false, false
	}
	return wn.Same(hn.Path, hn.Name), true
}

func (m *Machine) hasMethods(v Value, iface *source.Interface) (has, sure bool) {
	for _, field := range iface.Syntax.Methods.List {
		signature, ok := field.Type.(*ast.FuncType)
		if !ok || len(field.Names) == 0 {
			return false, false
		}
		for _, name := range field.Names {
			fn := m.methodOf(&Cell{V: v}, name.Name, 0)
			if fn == nil || fn.Type.Params.NumFields() != signature.Params.NumFields() {
				return false, true
			}
		}
	}
	return true, true
}
