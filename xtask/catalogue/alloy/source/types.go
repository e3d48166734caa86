package source

import (
	"go/ast"
)

// Type is a Go type as far as the syntax tells.
type Type interface{ isType() }

// Basic is a predeclared type: `string`, `int64`, `error`, `any` …
type Basic struct{ Name string }

// Named is a declared type. Decl is nil when it is declared outside of the tree.
type Named struct {
	Path string
	Name string
	Decl *TypeDecl
}

// Pointer, Slice, Array, Map, Struct, Interface, Func and Chan are the composite types.
type (
	Pointer struct{ Elem Type }
	Slice   struct{ Elem Type }
	Array   struct {
		Elem Type
		Len  ast.Expr
		File *File
	}
	Map    struct{ Key, Elem Type }
	Struct struct {
		Syntax *ast.StructType
		File   *File
	}
	Interface struct{ Syntax *ast.InterfaceType }
	Func      struct {
		Syntax *ast.FuncType
		File   *File
	}
	Chan struct{}
)

func (*Basic) isType()     {}
func (*Named) isType()     {}
func (*Pointer) isType()   {}
func (*Slice) isType()     {}
func (*Array) isType()     {}
func (*Map) isType()       {}
func (*Struct) isType()    {}
func (*Interface) isType() {}
func (*Func) isType()      {}
func (*Chan) isType()      {}

var basics = words(`bool string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr byte rune float32 float64
	complex64 complex128 error any`)

// IsBasic tells whether a name is predeclared.
func IsBasic(name string) bool { return basics[name] }

// Resolve finds the type that an expression of the file spells; nil when it spells none.
func (f *File) Resolve(expr ast.Expr) Type {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return f.Resolve(x.X)
	case *ast.Ident:
		return f.resolveName(x.Name)
	case *ast.SelectorExpr:
		pkg, ok := x.X.(*ast.Ident)
		if !ok {
			return nil
		}
		path := f.Import(pkg.Name)
		if path == "" {
			return nil
		}
		return f.Package.Tree.Named(path, x.Sel.Name)
	case *ast.StarExpr:
		return wrap(f.Resolve(x.X), func(t Type) Type { return &Pointer{t} })
	case *ast.ArrayType:
		if x.Len != nil {
			return wrap(f.Resolve(x.Elt), func(t Type) Type { return &Array{t, x.Len, f} })
		}
		return wrap(f.Resolve(x.Elt), func(t Type) Type { return &Slice{t} })
	case *ast.Ellipsis:
		return wrap(f.Resolve(x.Elt), func(t Type) Type { return &Slice{t} })
	case *ast.MapType:
		key, elem := f.Resolve(x.Key), f.Resolve(x.Value)
		if key == nil || elem == nil {
			return nil
		}
		return &Map{key, elem}
	case *ast.StructType:
		return &Struct{x, f}
	case *ast.InterfaceType:
		return &Interface{x}
	case *ast.FuncType:
		return &Func{x, f}
	case *ast.ChanType:
		return &Chan{}
	case *ast.IndexExpr:
		return f.Resolve(x.X)
	case *ast.IndexListExpr:
		return f.Resolve(x.X)
	}
	return nil
}

func wrap(inner Type, outer func(Type) Type) Type {
	if inner == nil {
		return nil
	}
	return outer(inner)
}

func (f *File) resolveName(name string) Type {
	if _, declared := f.Package.Types[name]; declared {
		return f.Package.Tree.Named(f.Package.Path, name)
	}
	if basics[name] {
		return &Basic{name}
	}
	if path, dot := f.Imports["."]; dot && f.Package.Tree.Has(path) {
		return f.Package.Tree.Named(path, name)
	}
	return nil
}

// Named finds a declared type by path; aliases are followed. For a path inside of the tree it is nil when the type does
// not exist; a path outside of it is taken at its word.
func (t *Tree) Named(path, name string) Type {
	if !t.Has(path) {
		return &Named{Path: path, Name: name}
	}
	p := t.Package(path)
	if p == nil {
		return nil
	}
	decl := p.Types[name]
	if decl == nil {
		return nil
	}
	if decl.Spec.Assign.IsValid() {
		return decl.File.Resolve(decl.Spec.Type)
	}
	return &Named{Path: path, Name: name, Decl: decl}
}

// Underlying strips names; a foreign name stays as it is.
func Underlying(t Type) Type {
	for depth := 0; depth < 50; depth++ {
		named, ok := t.(*Named)
		if !ok || named.Decl == nil {
			return t
		}
		t = named.Decl.File.Resolve(named.Decl.Spec.Type)
	}
	return t
}

// Deref strips pointers.
func Deref(t Type) Type {
	for {
		p, ok := t.(*Pointer)
		if !ok {
			return t
		}
		t = p.Elem
	}
}

// Method finds a method that is declared on the type itself. A defined type does not inherit those of the type that it is
// made of; an alias is that type.
func (n *Named) Method(name string) *FuncDecl {
	if n.Decl == nil {
		return nil
	}
	return n.Decl.File.Package.Methods[n.Name][name]
}

// String is the catalogue's spelling.
func (n *Named) String() string {
	if n.Path == "" {
		return n.Name
	}
	return Short(n.Path) + "." + n.Name
}

// Same tells whether two names are one type.
func (n *Named) Same(path, name string) bool { return n.Path == path && n.Name == name }

// AsNamed strips pointers and gives the name, if there is one.
func AsNamed(t Type) *Named {
	n, _ := Deref(t).(*Named)
	return n
}

// AsStruct gives the struct behind a type, through pointers and names.
func AsStruct(t Type) *Struct {
	s, _ := Underlying(Deref(Underlying(t))).(*Struct)
	return s
}
