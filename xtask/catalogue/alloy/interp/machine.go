package interp

import (
	"go/ast"

	"vispyr/catalogue/alloy/source"
)

// Facts is what the overlay knows of other modules.
type Facts interface {
	// Kind is what a foreign type (`path.Name`) is made of, or empty.
	Kind(name string) string
	// Value is what a foreign expression (`path.Name().Field`) holds.
	Value(symbol string) (Value, bool)
}

// Machine holds the package variables of one release.
type Machine struct {
	Tree    *source.Tree
	Facts   Facts
	globals map[*source.ValueDecl]*Cell
	started map[*source.Package]bool
	steps   int
	depth   int
	Hooks   map[string]Hook
	Missed  map[string]int // foreign symbols that were asked for and are not in the overlay
}

// Bounds on what one run may do: a loop in the source must end here, and so must a recursion.
var (
	maxSteps = 400_000
	maxDepth = 60
)

// Allow raises the bounds, for programs that register thousands of flags in one go.
func Allow(steps, depth int) { maxSteps, maxDepth = steps, depth }

// New makes a machine for a release.
func New(tree *source.Tree, facts Facts) *Machine {
	return &Machine{
		Tree: tree, Facts: facts,
		globals: map[*source.ValueDecl]*Cell{}, started: map[*source.Package]bool{}, Missed: map[string]int{},
	}
}

// Default makes a value of the type as the engine does: allocated, then `SetToDefault` of that very type.
func (m *Machine) Default(t source.Type) Value {
	cell := &Cell{V: m.ZeroOf(t), T: t}
	m.CallMethod(cell, t, "SetToDefault")
	return cell.V
}

// CallMethod runs a method that the type declares on a variable; ok is false when there is none.
func (m *Machine) CallMethod(cell *Cell, t source.Type, name string, args ...Value) (result Value, ok bool) {
	named, isNamed := t.(*source.Named)
	if !isNamed {
		return nil, false
	}
	method := named.Method(name)
	if method == nil {
		return nil, false
	}
	m.steps, m.depth = 0, 0
	return m.call(m.bind(method, cell, t), args), true
}

// bind ties a method to its receiver, by pointer or by value as it is declared.
func (m *Machine) bind(method *source.FuncDecl, cell *Cell, t source.Type) *Func {
	f := function(method)
	if _, pointer := method.Decl.Recv.List[0].Type.(*ast.StarExpr); pointer {
		f.Recv = Ptr{To: cell, T: &source.Pointer{Elem: t}}
	} else {
		f.Recv = m.Convert(Copy(cell.V), t)
	}
	return f
}

func function(decl *source.FuncDecl) *Func {
	return &Func{Type: decl.Decl.Type, Body: decl.Decl.Body, File: decl.File, Decl: decl}
}

// Global gives the variable behind a package-level name.
func (m *Machine) Global(p *source.Package, name string) *Cell {
	decl := p.Values[name]
	if decl == nil {
		return nil
	}
	if cell, done := m.globals[decl]; done {
		return cell
	}
	cell := &Cell{V: Unknown{}}
	m.globals[decl] = cell
	if decl.Type != nil {
		cell.T = decl.File.Resolve(decl.Type)
	}
	fr := &frame{m: m, file: decl.File, iota: decl.Iota}
	switch {
	case decl.Value == nil:
		if cell.T != nil {
			cell.V = m.ZeroOf(cell.T)
		}
	case decl.Multi:
		if tuple, ok := m.eval(fr, decl.Value).(Tuple); ok && decl.Index < len(tuple) {
			cell.V = tuple[decl.Index]
		}
	default:
		cell.V = m.Convert(Copy(m.evalAs(fr, decl.Value, cell.T)), cell.T)
	}
	if cell.T == nil && !decl.Const {
		cell.V = defaultType(cell.V)
		cell.T = DynamicType(cell.V)
	}
	if !decl.Const {
		m.start(p)
	}
	return cell
}

// start runs the `init` functions of a package once, when the first of its variables is looked at.
func (m *Machine) start(p *source.Package) {
	if m.started[p] {
		return
	}
	m.started[p] = true
	for _, init := range p.Inits {
		m.call(function(init), nil)
	}
}

// Eval evaluates an expression of a file outside of any function.
func (m *Machine) Eval(file *source.File, expr ast.Expr) Value {
	m.steps, m.depth = 0, 0
	return m.eval(&frame{m: m, file: file}, expr)
}

// Call runs a function value.
func (m *Machine) Call(f *Func, args ...Value) Value {
	m.steps, m.depth = 0, 0
	return m.call(f, args)
}
