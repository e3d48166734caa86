package interp

import (
	"go/ast"
	"go/constant"

	"vispyr/catalogue/alloy/source"
)

// native is a function of the standard library that this package knows.
type native struct{ symbol string }

func (m *Machine) callExpr(f *frame, x *ast.CallExpr) Value {
	fun := unparen(x.Fun)
	if v, done := m.conversion(f, fun, x); done {
		return v
	}
	if name, ok := fun.(*ast.Ident); ok && f.env.find(name.Name) == nil && f.file.Package.Funcs[name.Name] == nil {
		if v, done := m.builtin(f, name.Name, x); done {
			return v
		}
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && m.packageOf(f, sel) == "" {
		return m.methodCall(f, sel, x)
	}
	callee := m.eval(f, fun)
	return m.apply(f, callee, m.arguments(f, x))
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

// conversion evaluates `T(x)`.
func (m *Machine) conversion(f *frame, fun ast.Expr, x *ast.CallExpr) (Value, bool) {
	if len(x.Args) != 1 {
		return nil, false
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		if f.env.find(fun.Name) != nil || f.file.Package.Funcs[fun.Name] != nil {
			return nil, false
		}
	case *ast.SelectorExpr:
		path := m.packageOf(f, fun)
		if path == "" {
			return nil, false
		}
		if !m.Tree.Has(path) && m.Facts.Kind(path+"."+fun.Sel.Name) == "" && !(path == "time" && fun.Sel.Name == "Duration") {
			return nil, false
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		return nil, false
	}
	t := f.resolve(fun)
	if t == nil {
		return nil, false
	}
	return m.Convert(Copy(m.eval(f, x.Args[0])), t), true
}

func (m *Machine) arguments(f *frame, x *ast.CallExpr) []Value {
	if len(x.Args) == 1 {
		if tuple, ok := m.eval(f, x.Args[0]).(Tuple); ok {
			return tuple
		}
	}
	var args []Value
	for i, expr := range x.Args {
		v := m.eval(f, expr)
		if x.Ellipsis.IsValid() && i == len(x.Args)-1 {
			v = spread{v}
		}
		args = append(args, v)
	}
	return args
}

func (m *Machine) apply(f *frame, callee Value, args []Value) Value {
	switch fn := callee.(type) {
	case *Func:
		return m.call(fn, args)
	case native:
		return natives[fn.symbol](m, args)
	case Unknown:
		// A function that is not known may write through its pointers.
		for _, arg := range args {
			if p, ok := arg.(Ptr); ok {
				p.To.V = Unknown{}
			}
		}
		return m.foreign(fn.Symbol, "()")
	}
	return Unknown{}
}

func (m *Machine) methodCall(f *frame, sel *ast.SelectorExpr, x *ast.CallExpr) Value {
	if fn := m.method(f, sel); fn != nil {
		if v, done := m.hooked(fn, sel.Sel.Name, f, x); done {
			return v
		}
		return m.call(fn, m.arguments(f, x))
	}
	recv := m.eval(f, sel.X)
	args := m.arguments(f, x)
	if set := flagSet(recv); set != nil {
		return m.flagCall(set, sel.Sel.Name, args)
	}
	if value := flagValue(recv); value != nil && sel.Sel.Name == "Set" {
		return value.set(m, args)
	}
	if flagSetters[sel.Sel.Name] && len(args) == 4 {
		// `flags.StringVar(&field, "name", value, "usage")` sets the field to the value.
		if p, ok := args[0].(Ptr); ok {
			p.To.V = m.Convert(args[2], p.To.T)
			return nil
		}
	}
	if v, ok := m.nativeMethod(recv, sel.Sel.Name, args); ok {
		return v
	}
	if !isForeign(recv) {
		if cell := m.address(f, sel); cell != nil { // a field that holds a function
			return m.apply(f, cell.V, args)
		}
	}
	return m.apply(f, m.foreignMethod(recv, sel.Sel.Name), args)
}

func isForeign(v Value) bool {
	if p, ok := v.(Ptr); ok {
		v = p.To.V
	}
	s, ok := v.(*Struct)
	return ok && s.Foreign
}

// foreignMethod names the method of a foreign value, so that the overlay can tell what it returns.
func (m *Machine) foreignMethod(recv Value, name string) Value {
	if u, ok := recv.(Unknown); ok && u.Symbol != "" {
		return Unknown{u.Symbol + "." + name}
	}
	if named := source.AsNamed(orNil(DynamicType(recv))); named != nil && !m.Tree.Has(named.Path) {
		symbol := named.Path + "." + named.Name
		if text, ok := Text(recv); ok {
			symbol += "(" + text + ")"
		}
		return Unknown{symbol + "." + name}
	}
	return Unknown{}
}

var flagSetters = map[string]bool{
	"StringVar": true, "IntVar": true, "Int64Var": true, "UintVar": true, "Uint64Var": true, "BoolVar": true,
	"DurationVar": true, "Float64Var": true,
}

func (m *Machine) builtin(f *frame, name string, x *ast.CallExpr) (Value, bool) {
	switch name {
	case "new":
		if t := f.resolve(x.Args[0]); t != nil {
			return Ptr{To: &Cell{V: m.ZeroOf(t), T: t}}, true
		}
		return Unknown{}, true
	case "make":
		return m.make(f, x), true
	case "len", "cap":
		return length(m.eval(f, x.Args[0])), true
	case "append":
		return m.appendTo(f, x), true
	case "delete":
		if dict, ok := m.eval(f, x.Args[0]).(*Dict); ok {
			if k, ok := key(m.eval(f, x.Args[1])); ok {
				remove(dict, k)
			}
		}
		return nil, true
	case "min", "max":
		return m.extreme(f, name, x), true
	case "copy":
		return m.copyInto(f, x), true
	case "close", "print", "println", "recover", "clear":
		return Unknown{}, true
	}
	return nil, false
}

// copyInto is the built-in `copy`; what it copies from an unknown list is unknown.
func (m *Machine) copyInto(f *frame, x *ast.CallExpr) Value {
	into, ok := m.eval(f, x.Args[0]).(*List)
	from := m.eval(f, x.Args[1])
	if !ok {
		return Unknown{}
	}
	list, known := from.(*List)
	for i, cell := range into.E {
		switch {
		case !known:
			cell.V = Unknown{}
		case i < len(list.E):
			cell.V = m.Convert(Copy(list.E[i].V), cell.T)
		}
	}
	if !known {
		return Unknown{}
	}
	return integer(int64(min(len(into.E), len(list.E))))
}

func remove(dict *Dict, name string) {
	delete(dict.M, name)
	var keys []Value
	for _, k := range dict.Keys {
		if n, _ := key(k); n != name {
			keys = append(keys, k)
		}
	}
	dict.Keys = keys
}

func (m *Machine) make(f *frame, x *ast.CallExpr) Value {
	t := f.resolve(x.Args[0])
	switch u := source.Underlying(orNil(t)).(type) {
	case *source.Map:
		return &Dict{T: t, M: map[string]*Cell{}}
	case *source.Slice:
		list := &List{T: t}
		if len(x.Args) > 1 {
			n, ok := Int(m.eval(f, x.Args[1]))
			if !ok || n > 4096 {
				return Unknown{}
			}
			for ; n > 0; n-- {
				list.E = append(list.E, &Cell{V: m.ZeroOf(u.Elem), T: u.Elem})
			}
		}
		return list
	}
	return Unknown{}
}

func length(v Value) Value {
	switch v := v.(type) {
	case *List:
		return integer(int64(len(v.E)))
	case *Dict:
		return integer(int64(len(v.Keys)))
	case Nil:
		return integer(0)
	case Scalar:
		if v.C.Kind() == constant.String {
			return integer(int64(len(constant.StringVal(v.C))))
		}
	}
	return Unknown{}
}

func (m *Machine) appendTo(f *frame, x *ast.CallExpr) Value {
	args := m.arguments(f, x)
	list := &List{}
	var elem source.Type
	switch base := args[0].(type) {
	case *List:
		list.T = base.T
		list.E = append(list.E, base.E...)
	case Nil:
		list.T = base.T
	case spread:
		return base.v
	default:
		return Unknown{}
	}
	if t, ok := source.Underlying(orNil(list.T)).(*source.Slice); ok {
		elem = t.Elem
	}
	for _, arg := range args[1:] {
		if s, ok := arg.(spread); ok {
			switch more := s.v.(type) {
			case *List:
				for _, cell := range more.E {
					list.E = append(list.E, &Cell{V: Copy(cell.V), T: elem})
				}
			case Nil:
			default:
				return Unknown{}
			}
			continue
		}
		list.E = append(list.E, &Cell{V: m.Convert(Copy(arg), elem), T: elem})
	}
	return list
}

func (m *Machine) extreme(f *frame, name string, x *ast.CallExpr) Value {
	var best Value
	for _, expr := range x.Args {
		v := m.eval(f, expr)
		if best == nil {
			best = v
			continue
		}
		op := tokenLess
		if name == "max" {
			op = tokenGreater
		}
		better, sure := truth(m.binary(f, op, v, best))
		if !sure {
			return Unknown{}
		}
		if better {
			best = v
		}
	}
	return best
}
