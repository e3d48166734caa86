package interp

import (
	"go/constant"
	"time"

	"vispyr/catalogue/alloy/source"
)

// KindOf names what a type is made of: `string`, `int64`, `bool` …, `struct`, `interface`, `slice`, `map`, `pointer`,
// `func`, or nothing when it is foreign and the overlay does not tell.
func (m *Machine) KindOf(t source.Type) string {
	switch u := source.Underlying(t).(type) {
	case *source.Basic:
		switch u.Name {
		case "byte":
			return "uint8"
		case "rune":
			return "int32"
		case "any", "error":
			return "interface"
		}
		return u.Name
	case *source.Named:
		if u.Same("time", "Duration") {
			return "int64"
		}
		return m.Facts.Kind(u.Path + "." + u.Name)
	case *source.Pointer:
		return "pointer"
	case *source.Slice:
		return "slice"
	case *source.Array:
		return "array"
	case *source.Map:
		return "map"
	case *source.Struct:
		return "struct"
	case *source.Interface:
		return "interface"
	case *source.Func:
		return "func"
	case *source.Chan:
		return "chan"
	}
	return ""
}

func numeric(kind string) bool { return integral(kind) || fractional(kind) }

func integral(kind string) bool {
	switch kind {
	case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr":
		return true
	}
	return false
}

func fractional(kind string) bool { return kind == "float32" || kind == "float64" }

// ZeroOf gives the zero value of a type.
func (m *Machine) ZeroOf(t source.Type) Value {
	kind := m.KindOf(t)
	switch {
	case kind == "string":
		return Scalar{constant.MakeString(""), t}
	case kind == "bool":
		return Scalar{constant.MakeBool(false), t}
	case integral(kind):
		return Scalar{constant.MakeInt64(0), t}
	case fractional(kind):
		return Scalar{constant.ToFloat(constant.MakeInt64(0)), t}
	case kind == "pointer", kind == "slice", kind == "map", kind == "interface", kind == "func", kind == "chan":
		return Nil{t}
	}
	switch u := source.Underlying(t).(type) {
	case *source.Struct:
		s := &Struct{T: t, Fields: map[string]*Cell{}}
		names, types := u.GoFields()
		for i, name := range names {
			s.Fields[name] = &Cell{V: m.ZeroOf(types[i]), T: types[i]}
		}
		return s
	case *source.Array:
		list := &List{T: t, Array: true}
		if n, ok := m.eval(&frame{m: m, file: u.File}, u.Len).(Scalar); ok {
			if length, exact := constant.Int64Val(constant.ToInt(n.C)); exact && length >= 0 && length < 1024 {
				for i := int64(0); i < length; i++ {
					list.E = append(list.E, &Cell{V: m.ZeroOf(u.Elem), T: u.Elem})
				}
			}
		}
		return list
	}
	return Zero{t}
}

// Convert gives a value the type that it is stored or converted as.
func (m *Machine) Convert(v Value, t source.Type) Value {
	if t == nil {
		return v
	}
	kind := m.KindOf(t)
	if p, ok := source.Underlying(t).(*source.Pointer); ok && fromOverlay(v) {
		return Ptr{To: &Cell{V: m.Convert(v, p.Elem), T: p.Elem}}
	}
	switch v := v.(type) {
	case Scalar:
		return m.convertScalar(v, t, kind)
	case Zero:
		if kind == "interface" {
			return v
		}
		return m.ZeroOf(t)
	case Nil:
		return Nil{t}
	case *Struct:
		if kind == "interface" {
			return v
		}
		copied := Copy(v).(*Struct)
		copied.T = t
		return m.fitFields(copied)
	case *List:
		if kind != "slice" && kind != "array" && kind != "" {
			return v
		}
		return &List{T: t, E: v.E, Array: v.Array}
	case *Dict:
		if kind != "map" && kind != "" {
			return v
		}
		return &Dict{T: t, Keys: v.Keys, M: v.M}
	case Ptr:
		if _, pointer := source.Underlying(t).(*source.Pointer); pointer {
			return Ptr{To: v.To, T: t}
		}
	}
	return v
}

// fromOverlay tells a plain value, which no Go program could store in a pointer: the overlay spells pointees.
func fromOverlay(v Value) bool {
	switch v := v.(type) {
	case Scalar:
		return v.T == nil
	case *Struct:
		return v.Foreign && v.T == nil
	}
	return false
}

// fitFields gives the fields of a struct that came from the overlay or another type the types of the target.
func (m *Machine) fitFields(s *Struct) Value {
	shape, ok := source.Underlying(s.T).(*source.Struct)
	if !ok {
		return s
	}
	names, types := shape.GoFields()
	for i, name := range names {
		cell := s.Fields[name]
		if cell == nil {
			s.Fields[name] = &Cell{V: m.ZeroOf(types[i]), T: types[i]}
			continue
		}
		if cell.T == nil || s.Foreign {
			cell.V = m.Convert(cell.V, types[i])
		}
		cell.T = types[i]
	}
	s.Foreign = false
	return s
}

func (m *Machine) convertScalar(v Scalar, t source.Type, kind string) Value {
	if kind == "interface" {
		return v
	}
	if named, ok := t.(*source.Named); ok && named.Same("time", "Duration") && v.C.Kind() == constant.String {
		d, err := time.ParseDuration(constant.StringVal(v.C))
		if err != nil {
			return Unknown{}
		}
		return Scalar{constant.MakeInt64(int64(d)), t}
	}
	c := v.C
	switch {
	case integral(kind):
		if c.Kind() == constant.Float {
			if f := constant.ToInt(c); f.Kind() == constant.Int {
				c = f
			} else {
				whole, _ := constant.Float64Val(c)
				c = constant.MakeInt64(int64(whole))
			}
		}
		if c.Kind() != constant.Int {
			return Unknown{}
		}
	case fractional(kind):
		c = constant.ToFloat(c)
		if c.Kind() != constant.Float {
			return Unknown{}
		}
	case kind == "string" || kind == "slice":
		if c.Kind() == constant.Int && kind == "string" {
			if r, ok := constant.Int64Val(c); ok {
				c = constant.MakeString(string(rune(r)))
			}
		}
	case kind == "pointer", kind == "struct", kind == "map":
		return Unknown{}
	}
	return Scalar{c, t}
}
