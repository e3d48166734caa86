package interp

import (
	"go/ast"
	"go/constant"

	"vispyr/catalogue/alloy/source"
)

// composite evaluates `T{…}`; hint is the element type where the literal leaves its own out.
func (m *Machine) composite(f *frame, x *ast.CompositeLit, hint source.Type) Value {
	t := hint
	if x.Type != nil {
		t = m.literalType(f, x)
	}
	if p, ok := t.(*source.Pointer); ok && x.Type == nil {
		v := m.composite(f, x, p.Elem)
		return Ptr{To: &Cell{V: v, T: p.Elem}}
	}
	if t == nil {
		return Unknown{}
	}
	switch u := source.Underlying(t).(type) {
	case *source.Struct:
		return m.structLiteral(f, x, t, u)
	case *source.Slice:
		return m.listLiteral(f, x, t, u.Elem, false)
	case *source.Array:
		return m.listLiteral(f, x, t, u.Elem, true)
	case *source.Map:
		return m.mapLiteral(f, x, t, u)
	case *source.Named:
		return m.foreignLiteral(f, x, t)
	}
	return Unknown{}
}

func (m *Machine) literalType(f *frame, x *ast.CompositeLit) source.Type {
	if array, ok := x.Type.(*ast.ArrayType); ok && array.Len != nil {
		if elem := f.resolve(array.Elt); elem != nil {
			return &source.Array{Elem: elem, Len: array.Len, File: f.file}
		}
		return nil
	}
	return f.resolve(x.Type)
}

func (m *Machine) structLiteral(f *frame, x *ast.CompositeLit, t source.Type, shape *source.Struct) Value {
	s := m.ZeroOf(t).(*Struct)
	names, _ := shape.GoFields()
	for i, elt := range x.Elts {
		name, expr := "", elt
		if pair, ok := elt.(*ast.KeyValueExpr); ok {
			if ident, ok := pair.Key.(*ast.Ident); ok {
				name = ident.Name
			}
			expr = pair.Value
		} else if i < len(names) {
			name = names[i]
		}
		if cell := s.Fields[name]; cell != nil {
			cell.V = m.Convert(Copy(m.evalAs(f, expr, cell.T)), cell.T)
		}
	}
	return s
}

// foreignLiteral keeps the fields of a literal whose type is declared in another module. Without keys it may be a list.
func (m *Machine) foreignLiteral(f *frame, x *ast.CompositeLit, t source.Type) Value {
	switch m.KindOf(t) {
	case "slice":
		return m.listLiteral(f, x, t, nil, false)
	case "map":
		return m.mapLiteral(f, x, t, &source.Map{})
	}
	s := &Struct{T: t, Fields: map[string]*Cell{}, Foreign: true}
	for _, elt := range x.Elts {
		pair, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return m.listLiteral(f, x, t, nil, false)
		}
		ident, ok := pair.Key.(*ast.Ident)
		if !ok {
			return m.mapLiteral(f, x, t, &source.Map{})
		}
		s.Fields[ident.Name] = &Cell{V: Copy(m.eval(f, pair.Value))}
	}
	return s
}

func (m *Machine) listLiteral(f *frame, x *ast.CompositeLit, t, elem source.Type, array bool) Value {
	list := &List{T: t, Array: array}
	at := 0
	for _, elt := range x.Elts {
		expr := elt
		if pair, ok := elt.(*ast.KeyValueExpr); ok {
			if i, ok := position(m.eval(f, pair.Key), 4096); ok {
				at = i
			}
			expr = pair.Value
		}
		for len(list.E) <= at {
			var zero Value = Unknown{}
			if elem != nil {
				zero = m.ZeroOf(elem)
			}
			list.E = append(list.E, &Cell{V: zero, T: elem})
		}
		list.E[at].V = m.Convert(Copy(m.evalAs(f, expr, elem)), elem)
		at++
	}
	return list
}

func (m *Machine) mapLiteral(f *frame, x *ast.CompositeLit, t source.Type, shape *source.Map) Value {
	dict := &Dict{T: t, M: map[string]*Cell{}}
	for _, elt := range x.Elts {
		pair, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return Unknown{}
		}
		k := m.Convert(m.evalAs(f, pair.Key, shape.Key), shape.Key)
		name, ok := key(k)
		if !ok {
			return Unknown{}
		}
		if dict.M[name] == nil {
			dict.Keys = append(dict.Keys, k)
		}
		dict.M[name] = &Cell{V: m.Convert(Copy(m.evalAs(f, pair.Value, shape.Elem)), shape.Elem), T: shape.Elem}
	}
	return dict
}

// Bool gives the bool of a value.
func Bool(v Value) (yes, sure bool) { return truth(v) }

// Int gives the integer of a value.
func Int(v Value) (int64, bool) {
	s, ok := v.(Scalar)
	if !ok {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(s.C))
}
