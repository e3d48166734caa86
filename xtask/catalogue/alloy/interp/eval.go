package interp

import (
	"go/ast"
	"go/constant"
	"go/token"

	"vispyr/catalogue/alloy/source"
)

func (m *Machine) eval(f *frame, expr ast.Expr) Value { return m.evalAs(f, expr, nil) }

// evalAs evaluates with the type that the place expects, which a literal without a type needs.
func (m *Machine) evalAs(f *frame, expr ast.Expr, hint source.Type) Value {
	m.steps++
	if m.steps >= maxSteps {
		return Unknown{}
	}
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return m.evalAs(f, x.X, hint)
	case *ast.BasicLit:
		return Scalar{C: constant.MakeFromLiteral(x.Value, x.Kind, 0)}
	case *ast.Ident:
		return m.ident(f, x)
	case *ast.CompositeLit:
		return m.composite(f, x, hint)
	case *ast.FuncLit:
		return &Func{Type: x.Type, Body: x.Body, File: f.file, env: f.env}
	case *ast.UnaryExpr:
		return m.unary(f, x, hint)
	case *ast.BinaryExpr:
		return m.binary(f, x.Op, m.eval(f, x.X), m.logical(f, x))
	case *ast.StarExpr:
		if cell := m.address(f, x); cell != nil {
			return cell.V
		}
		return m.star(m.eval(f, x.X))
	case *ast.SelectorExpr:
		return m.selector(f, x)
	case *ast.IndexExpr:
		return m.index(f, x)
	case *ast.SliceExpr:
		return m.slice(f, x)
	case *ast.CallExpr:
		v := m.callExpr(f, x)
		return v
	case *ast.TypeAssertExpr:
		return m.eval(f, x.X)
	}
	return Unknown{}
}

// logical evaluates the right side of `&&` and `||` only when the left side does not decide.
func (m *Machine) logical(f *frame, x *ast.BinaryExpr) Value {
	if x.Op == token.LAND || x.Op == token.LOR {
		yes, sure := truth(m.eval(f, x.X))
		if sure && yes == (x.Op == token.LOR) {
			return boolean(yes)
		}
	}
	return m.eval(f, x.Y)
}

// evalMulti evaluates the right side of an assignment to several names.
func (m *Machine) evalMulti(f *frame, expr ast.Expr) Value {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return m.evalMulti(f, x.X)
	case *ast.IndexExpr:
		dict := asDict(m.eval(f, x.X))
		if n, none := dict.(Nil); none {
			if t, ok := source.Underlying(orNil(n.T)).(*source.Map); ok {
				return Tuple{m.ZeroOf(t.Elem), boolean(false)}
			}
		}
		d, ok := dict.(*Dict)
		k, sure := key(m.eval(f, x.Index))
		if !ok || !sure {
			return Tuple{Unknown{}, Unknown{}}
		}
		if cell := d.M[k]; cell != nil {
			return Tuple{cell.V, boolean(true)}
		}
		return Tuple{m.missing(d), boolean(false)}
	case *ast.TypeAssertExpr:
		v := m.eval(f, x.X)
		want, have := f.resolve(x.Type), DynamicType(v)
		if want == nil || have == nil {
			return Tuple{v, Unknown{}}
		}
		wn, hn := source.AsNamed(want), source.AsNamed(have)
		if wn == nil || hn == nil {
			return Tuple{v, Unknown{}}
		}
		return Tuple{v, boolean(wn.Same(hn.Path, hn.Name))}
	}
	return m.eval(f, expr)
}

func (m *Machine) missing(d *Dict) Value {
	if t, ok := source.Underlying(orNil(d.T)).(*source.Map); ok {
		return m.ZeroOf(t.Elem)
	}
	return Unknown{}
}

func (m *Machine) ident(f *frame, x *ast.Ident) Value {
	if cell := f.env.find(x.Name); cell != nil {
		return cell.V
	}
	if cell := m.Global(f.file.Package, x.Name); cell != nil {
		return cell.V
	}
	if decl := f.file.Package.Funcs[x.Name]; decl != nil {
		return function(decl)
	}
	switch x.Name {
	case "true", "false":
		return Scalar{C: constant.MakeBool(x.Name == "true")}
	case "nil":
		return Nil{}
	case "iota":
		return Scalar{C: constant.MakeInt64(int64(f.iota))}
	}
	return Unknown{}
}

// address finds the variable that an expression denotes; nil when it denotes none.
func (m *Machine) address(f *frame, expr ast.Expr) *Cell {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return m.address(f, x.X)
	case *ast.Ident:
		if cell := f.env.find(x.Name); cell != nil {
			return cell
		}
		if decl := f.file.Package.Values[x.Name]; decl != nil && !decl.Const {
			return m.Global(f.file.Package, x.Name)
		}
	case *ast.StarExpr:
		if p, ok := m.eval(f, x.X).(Ptr); ok {
			return p.To
		}
	case *ast.SelectorExpr:
		if path := m.packageOf(f, x); path != "" {
			if p := m.Tree.Package(path); p != nil {
				if decl := p.Values[x.Sel.Name]; decl != nil && !decl.Const {
					return m.Global(p, x.Sel.Name)
				}
			}
			return nil
		}
		base := m.address(f, x.X)
		if base == nil {
			if p, ok := m.eval(f, x.X).(Ptr); ok {
				base = p.To
			}
		}
		return m.field(base, x.Sel.Name)
	case *ast.IndexExpr:
		if list, ok := m.eval(f, x.X).(*List); ok {
			if i, ok := position(m.eval(f, x.Index), len(list.E)); ok {
				return list.E[i]
			}
		}
	}
	return nil
}

func position(v Value, length int) (int, bool) {
	s, ok := v.(Scalar)
	if !ok || s.C.Kind() != constant.Int {
		return 0, false
	}
	i, exact := constant.Int64Val(s.C)
	return int(i), exact && i >= 0 && i < int64(length)
}

// field finds a field of the struct in a variable, through a pointer and through embedded structs.
func (m *Machine) field(base *Cell, name string) *Cell {
	if base == nil {
		return nil
	}
	if p, ok := base.V.(Ptr); ok {
		base = p.To
	}
	if zero, ok := base.V.(Zero); ok {
		base.V = &Struct{T: zero.T, Fields: map[string]*Cell{}, Foreign: true}
	}
	s, ok := base.V.(*Struct)
	if !ok {
		return nil
	}
	if cell := s.Fields[name]; cell != nil {
		return cell
	}
	if s.Foreign {
		cell := &Cell{V: Zero{}}
		if s.T == nil { // the overlay lists what it knows and no more
			cell.V = Unknown{}
		}
		s.Fields[name] = cell
		return cell
	}
	if shape, ok := source.Underlying(orNil(s.T)).(*source.Struct); ok {
		for _, embedded := range embeddedNames(shape) {
			if inner := s.Fields[embedded]; inner != nil {
				if cell := m.field(inner, name); cell != nil {
					return cell
				}
			}
		}
	}
	return nil
}

func embeddedNames(shape *source.Struct) []string {
	var names []string
	for _, group := range shape.Syntax.Fields.List {
		if len(group.Names) == 0 {
			if n := source.AsNamed(orNil(shape.File.Resolve(group.Type))); n != nil {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// packageOf gives the import path when `x.X` is a package name.
func (m *Machine) packageOf(f *frame, x *ast.SelectorExpr) string {
	name, ok := x.X.(*ast.Ident)
	if !ok || f.env.find(name.Name) != nil {
		return ""
	}
	return f.file.Import(name.Name)
}

func (m *Machine) selector(f *frame, x *ast.SelectorExpr) Value {
	if path := m.packageOf(f, x); path != "" {
		return m.member(path, x.Sel.Name)
	}
	if cell := m.address(f, x); cell != nil {
		return cell.V
	}
	base := m.eval(f, x.X)
	switch v := base.(type) {
	case Unknown:
		return m.foreign(v.Symbol, "."+x.Sel.Name)
	case Zero:
		return Zero{}
	}
	if cell := m.field(&Cell{V: base}, x.Sel.Name); cell != nil {
		return cell.V
	}
	if fn := m.method(f, x); fn != nil {
		return fn
	}
	return Unknown{}
}

// foreign extends a symbol of another module and asks the overlay for it.
func (m *Machine) foreign(symbol, more string) Value {
	if symbol == "" {
		return Unknown{}
	}
	symbol += more
	if v, ok := m.Facts.Value(symbol); ok {
		return Copy(v)
	}
	m.Missed[symbol]++
	return Unknown{symbol}
}

// member gives what a package exports under a name.
func (m *Machine) member(path, name string) Value {
	symbol := path + "." + name
	if v, ok := m.Facts.Value(symbol); ok {
		return Copy(v)
	}
	if _, ok := natives[symbol]; ok {
		return native{symbol}
	}
	if p := m.Tree.Package(path); p != nil {
		if cell := m.Global(p, name); cell != nil {
			return cell.V
		}
		if decl := p.Funcs[name]; decl != nil {
			return function(decl)
		}
		return Unknown{}
	}
	if v, ok := standardValues[symbol]; ok {
		return v
	}
	if _, ok := natives[symbol]; ok {
		return native{symbol}
	}
	m.Missed[symbol]++
	return Unknown{symbol}
}

// method finds a method of the value left of the dot, bound to it.
func (m *Machine) method(f *frame, x *ast.SelectorExpr) *Func {
	cell := m.address(f, x.X)
	if cell == nil {
		cell = &Cell{V: m.eval(f, x.X)}
	}
	return m.methodOf(cell, x.Sel.Name, 0)
}

func (m *Machine) methodOf(cell *Cell, name string, depth int) *Func {
	t := DynamicType(cell.V)
	if p, ok := cell.V.(Ptr); ok {
		if pt, ok := source.Underlying(orNil(t)).(*source.Pointer); ok {
			t = pt.Elem
		}
		cell = p.To
	}
	if named, ok := t.(*source.Named); ok {
		if decl := named.Method(name); decl != nil {
			return m.bind(decl, cell, t)
		}
	}
	// A struct without a name has the methods of what it embeds, too.
	s, ok := cell.V.(*Struct)
	if !ok || depth > 4 {
		return nil
	}
	if shape, ok := source.Underlying(t).(*source.Struct); ok {
		for _, embedded := range embeddedNames(shape) {
			if inner := s.Fields[embedded]; inner != nil {
				if fn := m.methodOf(inner, name, depth+1); fn != nil {
					return fn
				}
			}
		}
	}
	return nil
}

func (m *Machine) star(v Value) Value {
	switch v := v.(type) {
	case Ptr:
		return v.To.V
	case Unknown:
		return v
	}
	return Unknown{}
}

func (m *Machine) unary(f *frame, x *ast.UnaryExpr, hint source.Type) Value {
	if x.Op == token.AND {
		if lit, ok := x.X.(*ast.CompositeLit); ok {
			v := m.composite(f, lit, pointee(hint))
			return Ptr{To: &Cell{V: v, T: DynamicType(v)}}
		}
		if cell := m.address(f, x.X); cell != nil {
			return Ptr{To: cell}
		}
		return Ptr{To: &Cell{V: m.eval(f, x.X)}}
	}
	s, ok := m.eval(f, x.X).(Scalar)
	if !ok {
		return Unknown{}
	}
	switch {
	case x.Op == token.NOT && s.C.Kind() != constant.Bool,
		x.Op != token.NOT && s.C.Kind() == constant.Bool, s.C.Kind() == constant.String:
		return Unknown{}
	case x.Op == token.SUB, x.Op == token.ADD, x.Op == token.NOT, x.Op == token.XOR:
		return Scalar{constant.UnaryOp(x.Op, s.C, 0), s.T}
	}
	return Unknown{}
}

func pointee(t source.Type) source.Type {
	if p, ok := t.(*source.Pointer); ok {
		return p.Elem
	}
	return t
}

func (m *Machine) index(f *frame, x *ast.IndexExpr) Value {
	switch base := asDict(m.eval(f, x.X)).(type) {
	case *List:
		if i, ok := position(m.eval(f, x.Index), len(base.E)); ok {
			return base.E[i].V
		}
	case *Dict:
		if k, ok := key(m.eval(f, x.Index)); ok {
			if cell := base.M[k]; cell != nil {
				return cell.V
			}
			return m.missing(base)
		}
	case Nil:
		if t, ok := source.Underlying(orNil(base.T)).(*source.Map); ok {
			return m.ZeroOf(t.Elem)
		}
	case *Func: // a generic function with its types
		return base
	case native:
		return base
	case Unknown:
		return m.foreign(base.Symbol, "")
	}
	return Unknown{}
}

func (m *Machine) slice(f *frame, x *ast.SliceExpr) Value {
	base := m.eval(f, x.X)
	if x.Low == nil && x.High == nil {
		return base
	}
	bound := func(expr ast.Expr, length, otherwise int) (int, bool) {
		if expr == nil {
			return otherwise, true
		}
		return position(m.eval(f, expr), length+1)
	}
	switch v := base.(type) {
	case *List:
		low, ok1 := bound(x.Low, len(v.E), 0)
		high, ok2 := bound(x.High, len(v.E), len(v.E))
		if ok1 && ok2 && low <= high {
			return &List{T: v.T, E: v.E[low:high]}
		}
	case Scalar:
		if text, ok := Text(v); ok {
			low, ok1 := bound(x.Low, len(text), 0)
			high, ok2 := bound(x.High, len(text), len(text))
			if ok1 && ok2 && low <= high {
				return Scalar{constant.MakeString(text[low:high]), v.T}
			}
		}
	}
	return Unknown{}
}
