// Package interp runs the small part of Go that sets defaults: literals, package variables, constants, assignments, calls
// of functions in the tree. What it cannot know (a foreign function, the environment) becomes Unknown and spreads; it never
// guesses.
package interp

import (
	"go/ast"
	"go/constant"
	"sort"

	"vispyr/catalogue/alloy/source"
)

// Value is one of the types below.
type Value interface{}

// Unknown is a value that the source in the tree does not tell. Symbol names it (`path.Name().Field`) as long as it stems
// from another module, so that the overlay can tell it.
type Unknown struct{ Symbol string }

// Nil is a nil pointer, slice, map, interface or function.
type Nil struct{ T source.Type }

// Zero is the zero value of a foreign type whose shape is not known.
type Zero struct{ T source.Type }

// Scalar is a bool, number or string; byte slices count as strings.
type Scalar struct {
	C constant.Value
	T source.Type // nil: an untyped constant
}

// Struct is a struct value. One of a foreign type has the fields that were set; the others are zero.
type Struct struct {
	T       source.Type
	Fields  map[string]*Cell
	Foreign bool
}

// Ptr is a pointer; T is the pointer type that it is looked at through.
type Ptr struct {
	To *Cell
	T  source.Type
}

// List is a slice or an array.
type List struct {
	T     source.Type
	E     []*Cell
	Array bool
}

// Dict is a map; keys keep the order in which they came.
type Dict struct {
	T    source.Type
	Keys []Value
	M    map[string]*Cell
}

// Func is a function literal or a function of the tree, bound to a receiver if it is a method.
type Func struct {
	Type *ast.FuncType
	Body *ast.BlockStmt
	File *source.File
	env  *scope
	Decl *source.FuncDecl
	Recv Value
}

// Error is a non-nil error.
type Error struct{ Text string }

// Tuple is what a call with several results gives.
type Tuple []Value

// Cell is a variable.
type Cell struct {
	V Value
	T source.Type // declared type; nil when unknown
}

// Known tells whether a value holds no unknown part at its top.
func Known(v Value) bool {
	_, unknown := v.(Unknown)
	return !unknown && v != nil
}

func str(s string) Scalar { return Scalar{C: constant.MakeString(s), T: &source.Basic{Name: "string"}} }
func boolean(b bool) Scalar {
	return Scalar{C: constant.MakeBool(b), T: &source.Basic{Name: "bool"}}
}
func integer(i int64) Scalar { return Scalar{C: constant.MakeInt64(i), T: &source.Basic{Name: "int"}} }

// Str makes a string value for callers outside.
func Str(s string) Value { return str(s) }

// One is the number 1, untyped.
func One() Value { return untyped(1) }

// Truth makes a bool value for callers outside.
func Truth(b bool) Value { return boolean(b) }

// Text gives the string of a string value.
func Text(v Value) (string, bool) {
	s, ok := v.(Scalar)
	if !ok || s.C.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(s.C), true
}

// Copy gives a value of its own for structs and arrays; everything else is shared, as in Go.
func Copy(v Value) Value {
	switch v := v.(type) {
	case *Struct:
		fields := make(map[string]*Cell, len(v.Fields))
		for name, cell := range v.Fields {
			fields[name] = &Cell{V: Copy(cell.V), T: cell.T}
		}
		return &Struct{T: v.T, Fields: fields, Foreign: v.Foreign}
	case *List:
		if !v.Array {
			return v
		}
		list := &List{T: v.T, Array: true}
		for _, cell := range v.E {
			list.E = append(list.E, &Cell{V: Copy(cell.V), T: cell.T})
		}
		return list
	}
	return v
}

// DynamicType is the type that decides on methods.
func DynamicType(v Value) source.Type {
	switch v := v.(type) {
	case Scalar:
		return v.T
	case *Struct:
		return v.T
	case *List:
		return v.T
	case *Dict:
		return v.T
	case Zero:
		return v.T
	case Nil:
		return v.T
	case Ptr:
		if v.T != nil {
			return v.T
		}
		if t := DynamicType(v.To.V); t != nil {
			return &source.Pointer{Elem: t}
		}
		if v.To.T != nil {
			return &source.Pointer{Elem: v.To.T}
		}
	}
	return nil
}

func key(v Value) (string, bool) {
	switch v := v.(type) {
	case Scalar:
		return v.C.ExactString(), true
	case *Struct, Ptr:
		return "", false
	}
	return "", false
}

// asDict looks at an overlay object as a map, where the program indexes it or walks over it.
func asDict(v Value) Value {
	s, ok := v.(*Struct)
	if !ok || !s.Foreign || s.T != nil {
		return v
	}
	dict := &Dict{M: map[string]*Cell{}}
	var names []string
	for name := range s.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		k := str(name)
		id, _ := key(k)
		dict.Keys = append(dict.Keys, k)
		dict.M[id] = s.Fields[name]
	}
	return dict
}
