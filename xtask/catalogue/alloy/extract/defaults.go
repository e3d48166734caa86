package extract

import (
	"go/constant"
	"time"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// defaultOf gives a body as the engine makes it before it decodes: by `SetToDefault`, or by what a decoder of its own does
// before it decodes.
func (x *Extractor) defaultOf(named *source.Named) interp.Value {
	if named.Method("SetToDefault") == nil && named.Method("UnmarshalAlloy") != nil {
		cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
		x.machine.CallMethod(cell, named, "UnmarshalAlloy", interp.Noop())
		return cell.V
	}
	return x.machine.Default(named)
}

// fillDefaults writes the values that hold when a field is not written, and those that a parent leaves inside a block.
func (x *Extractor) fillDefaults(b *Body, named *source.Named, all []member) {
	whole := x.defaultOf(named)
	for i, m := range all {
		f := &b.Fields[i]
		v := descend(whole, m.path)
		if u, unknown := v.(interp.Unknown); unknown {
			x.unknownFields[b.Name+" "+f.Name+" "+u.Symbol] = true
		}
		switch {
		case m.Kind == "attr":
			f.Default = interp.Encode(x.plain(v, m.Type, false))
		case f.Kind == "block" && f.Many:
			x.defaultBlocks(f, v, m.Type)
		case f.Kind == "block":
			x.insideBlock(f, v, m.Type)
		}
		if fact, ok := x.overlay.Fields[b.Name+" "+f.Name]; ok {
			f.Dynamic = fact.Dynamic
			if fact.Default != nil {
				f.Default = fact.Default
			}
		}
	}
}

// descend follows Go fields; a nil pointer on the way ends it.
func descend(v interp.Value, path []string) interp.Value {
	for _, name := range path {
		v = pointee(v)
		s, ok := v.(*interp.Struct)
		if !ok {
			if _, isNil := v.(interp.Nil); isNil {
				return interp.Nil{}
			}
			return interp.Unknown{}
		}
		cell := s.Fields[name]
		if cell == nil {
			return interp.Unknown{}
		}
		v = cell.V
	}
	return v
}

func pointee(v interp.Value) interp.Value {
	for {
		p, ok := v.(interp.Ptr)
		if !ok {
			return v
		}
		v = p.To.V
	}
}

// plain turns a value of a Go type into what a configuration would write. Zero values count only when `zeros` is set,
// which holds behind a pointer and inside a list.
func (x *Extractor) plain(v interp.Value, t source.Type, zeros bool) any {
	if _, ok := t.(*source.Pointer); ok {
		p, set := v.(interp.Ptr)
		if !set {
			return interp.Absent{}
		}
		return x.plain(p.To.V, t.(*source.Pointer).Elem, true)
	}
	if named, ok := t.(*source.Named); ok {
		switch {
		case named.Method("AlloyCapsule") != nil:
			return interp.Absent{}
		case named.Method("UnmarshalText") != nil, named.Method("MarshalText") != nil, x.overlay.Types[full(named)].Text != nil:
			return x.plainText(v, named, zeros)
		case named.Same("time", "Duration"):
			ns, ok := interp.Int(v)
			if !ok || ns == 0 && !zeros {
				return interp.Absent{}
			}
			return time.Duration(ns).String()
		}
	}
	switch v := v.(type) {
	case interp.Scalar:
		return interp.PlainScalar(v, zeros)
	case *interp.List:
		list := []any{}
		for _, cell := range v.E {
			elem := x.plain(cell.V, elemOf(t), true)
			if _, none := elem.(interp.Absent); none {
				return interp.Absent{}
			}
			list = append(list, elem)
		}
		return list
	case *interp.Dict:
		m, ok := source.Underlying(t).(*source.Map)
		if !ok {
			return interp.Absent{}
		}
		object := map[string]any{}
		for _, k := range v.Keys {
			name, ok := interp.Text(k)
			if !ok {
				return interp.Absent{}
			}
			elem := x.plain(v.M[constant.MakeString(name).ExactString()].V, m.Elem, true)
			if _, none := elem.(interp.Absent); none {
				return interp.Absent{}
			}
			object[name] = elem
		}
		if len(object) == 0 {
			return interp.Absent{} // writing nothing and writing {} are the same
		}
		return object
	}
	return interp.Absent{}
}

// plainText spells a value of a text type as its own MarshalText does, or by its string.
func (x *Extractor) plainText(v interp.Value, named *source.Named, zeros bool) any {
	if s, ok := v.(interp.Scalar); ok {
		if s.C.Kind() == constant.String {
			return interp.PlainScalar(s, zeros)
		}
		if constant.Sign(s.C) == 0 && !zeros {
			return interp.Absent{}
		}
		if full(named) == "github.com/alecthomas/units.Base2Bytes" {
			n, _ := interp.Int(v)
			return interp.FormatBytes(n)
		}
	}
	result, ok := x.machine.CallMethod(&interp.Cell{V: v, T: named}, named, "MarshalText")
	if tuple, two := result.(interp.Tuple); ok && two {
		if text, known := interp.Text(tuple[0]); known && (text != "" || zeros) {
			return text
		}
	}
	return interp.Absent{}
}
