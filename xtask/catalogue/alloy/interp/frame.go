package interp

import (
	"go/ast"

	"vispyr/catalogue/alloy/source"
)

// scope is one block's names.
type scope struct {
	vars   map[string]*Cell
	types  map[string]source.Type
	parent *scope
}

func (s *scope) find(name string) *Cell {
	for ; s != nil; s = s.parent {
		if cell, ok := s.vars[name]; ok {
			return cell
		}
	}
	return nil
}

func (s *scope) findType(name string) (source.Type, bool) {
	for ; s != nil; s = s.parent {
		if t, ok := s.types[name]; ok {
			return t, true
		}
	}
	return nil, false
}

// frame is one running function.
type frame struct {
	m       *Machine
	file    *source.File
	env     *scope
	iota    int
	results []*Cell // named results
	tainted bool    // it may have returned already: what it returns is not known
}

func (f *frame) push() { f.env = &scope{vars: map[string]*Cell{}, parent: f.env} }
func (f *frame) pop()  { f.env = f.env.parent }

func (f *frame) define(name string, v Value, t source.Type) *Cell {
	cell := &Cell{V: v, T: t}
	if name != "_" {
		f.env.vars[name] = cell
	}
	return cell
}

// resolve is File.Resolve with the types that the function itself declares or is generic over.
func (f *frame) resolve(expr ast.Expr) source.Type {
	if ident, ok := expr.(*ast.Ident); ok {
		if t, local := f.env.findType(ident.Name); local {
			return t
		}
	}
	if star, ok := expr.(*ast.StarExpr); ok {
		if inner := f.resolve(star.X); inner != nil {
			return &source.Pointer{Elem: inner}
		}
		return nil
	}
	return f.file.Resolve(expr)
}

// call runs a function; its result is nil, one value or a Tuple.
func (m *Machine) call(fn *Func, args []Value) Value {
	if fn.Body == nil || m.depth >= maxDepth || m.steps >= maxSteps {
		return unknownResults(fn.Type)
	}
	m.depth++
	defer func() { m.depth-- }()
	fr := &frame{m: m, file: fn.File, env: fn.env}
	fr.push()
	if fn.Decl != nil && fn.Decl.Decl.Recv != nil {
		for _, name := range fn.Decl.Decl.Recv.List[0].Names {
			fr.define(name.Name, fn.Recv, nil)
		}
	}
	fr.bindParams(fn.Type, args)
	fr.bindResults(fn.Type)
	out := fr.block(fn.Body.List)
	count := fn.Type.Results.NumFields()
	if count == 0 {
		return nil
	}
	if out.kind != returned || fr.tainted {
		return unknownResults(fn.Type)
	}
	values := out.values
	if len(values) == 0 {
		for _, cell := range fr.results {
			values = append(values, cell.V)
		}
	}
	if len(values) == 1 {
		if tuple, ok := values[0].(Tuple); ok && count > 1 {
			return tuple
		}
		if count == 1 {
			return m.Convert(values[0], fr.resultType(fn.Type, 0))
		}
	}
	if len(values) != count {
		return unknownResults(fn.Type)
	}
	for i := range values {
		values[i] = m.Convert(values[i], fr.resultType(fn.Type, i))
	}
	return Tuple(values)
}

func unknownResults(t *ast.FuncType) Value {
	switch n := t.Results.NumFields(); n {
	case 0:
		return nil
	case 1:
		return Unknown{}
	default:
		tuple := make(Tuple, n)
		for i := range tuple {
			tuple[i] = Unknown{}
		}
		return tuple
	}
}

func (f *frame) bindParams(t *ast.FuncType, args []Value) {
	i := 0
	for _, group := range t.Params.List {
		typ := f.resolve(group.Type)
		_, variadic := group.Type.(*ast.Ellipsis)
		names := group.Names
		if len(names) == 0 {
			names = []*ast.Ident{{Name: "_"}}
		}
		for _, name := range names {
			switch {
			case variadic:
				f.define(name.Name, f.rest(typ, args, i), typ)
				i = len(args)
			case i < len(args):
				f.define(name.Name, f.m.Convert(Copy(args[i]), typ), typ)
				i++
			default:
				f.define(name.Name, Unknown{}, typ)
			}
		}
	}
}

// spread marks an argument that was passed with `...`.
type spread struct{ v Value }

func (f *frame) rest(typ source.Type, args []Value, from int) Value {
	if from < len(args) {
		if s, ok := args[from].(spread); ok {
			return s.v
		}
	}
	list := &List{T: typ}
	var elem source.Type
	if s, ok := typ.(*source.Slice); ok {
		elem = s.Elem
	}
	for ; from < len(args); from++ {
		list.E = append(list.E, &Cell{V: f.m.Convert(Copy(args[from]), elem), T: elem})
	}
	return list
}

func (f *frame) bindResults(t *ast.FuncType) {
	if t.Results == nil {
		return
	}
	for _, group := range t.Results.List {
		typ := f.resolve(group.Type)
		for _, name := range group.Names {
			var zero Value = Unknown{}
			if typ != nil {
				zero = f.m.ZeroOf(typ)
			}
			f.results = append(f.results, f.define(name.Name, zero, typ))
		}
	}
}

func (f *frame) resultType(t *ast.FuncType, at int) source.Type {
	i := 0
	for _, group := range t.Results.List {
		n := len(group.Names)
		if n == 0 {
			n = 1
		}
		if at < i+n {
			return f.resolve(group.Type)
		}
		i += n
	}
	return nil
}
