package interp

import (
	"go/ast"
	"go/constant"
	"strconv"
	"time"

	"vispyr/catalogue/alloy/source"
)

// Flag is one flag that the program registered, with the variable that it sets.
type Flag struct {
	Name    string
	Setter  string // the method of flag.FlagSet that registered it
	Value   Value  // a pointer to the variable, or the value that was handed to `Var`
	Usage   string
	Default Value // what it held when it was registered
}

// FlagSet is a flag.FlagSet that remembers.
type FlagSet struct{ Flags []*Flag }

// Hook stands in for a method that this package cannot run: the receiver's variable and the arguments.
type Hook func(m *Machine, recv *Cell, args []Value) Value

// flagSetType marks the values that stand for a FlagSet.
var flagSetType = &source.Named{Path: "flag", Name: "FlagSet"}

// NewFlagSet makes a value of type *flag.FlagSet, and the list that it fills.
func NewFlagSet() (Value, *FlagSet) {
	set := &FlagSet{}
	s := &Struct{T: flagSetType, Foreign: true, Fields: map[string]*Cell{"set": {V: set}}}
	return Ptr{To: &Cell{V: s, T: flagSetType}, T: &source.Pointer{Elem: flagSetType}}, set
}

func flagSet(v Value) *FlagSet {
	if p, ok := v.(Ptr); ok {
		v = p.To.V
	}
	s, ok := v.(*Struct)
	if !ok || s.Fields["set"] == nil {
		return nil
	}
	set, _ := s.Fields["set"].V.(*FlagSet)
	return set
}

// flagValue is the `Value` of a flag that `VisitAll` hands out, where the flag is a plain variable.
func flagValue(v Value) *Flag {
	flag, _ := v.(*Flag)
	return flag
}

// set does what the flag package does with a word: it parses it for the variable.
func (f *Flag) set(m *Machine, args []Value) Value {
	text, ok := argText(args, 0)
	p, pointer := f.Value.(Ptr)
	if !ok || !pointer {
		return Unknown{}
	}
	if f.Setter == "Var" {
		if named := source.AsNamed(orNil(DynamicType(p))); named != nil {
			if method := named.Method("Set"); method != nil {
				if hook := m.Hooks[named.Path+"."+named.Name+".Set"]; hook != nil {
					return hook(m, p.To, args)
				}
				return m.call(m.bind(method, p.To, named), args)
			}
		}
		p.To.V = Unknown{}
		return Unknown{}
	}
	p.To.V = m.Convert(plainWord(f.Setter, text), p.To.T)
	return Nil{}
}

func plainWord(setter, text string) Value {
	switch setter {
	case "StringVar":
		return str(text)
	case "BoolVar":
		return boolean(text == "true")
	case "DurationVar":
		if d, err := time.ParseDuration(text); err == nil {
			return duration(d)
		}
	case "Float64Var":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return Scalar{C: constant.MakeFloat64(n)}
		}
	default:
		if n, err := strconv.ParseInt(text, 0, 64); err == nil {
			return Scalar{C: constant.MakeInt64(n)}
		}
	}
	return Unknown{}
}

// flagCall runs a method of a flag.FlagSet.
func (m *Machine) flagCall(set *FlagSet, name string, args []Value) Value {
	switch {
	case flagSetters[name] && len(args) == 4:
		flag := set.add(args, 1, name)
		if p, ok := args[0].(Ptr); ok {
			p.To.V = m.Convert(args[2], p.To.T)
			flag.Default = p.To.V
		} else {
			flag.Default = args[2]
		}
		return nil
	case name == "Var" && len(args) == 3:
		v := args[0]
		if inner := flagValue(v); inner != nil { // a flag of another set, passed on
			flag := *inner
			flag.Name, _ = argText(args, 1)
			if p, ok := flag.Value.(Ptr); ok {
				flag.Default = Copy(p.To.V)
			}
			set.Flags = append(set.Flags, &flag)
			return nil
		}
		flag := set.add(args, 1, name)
		if p, ok := v.(Ptr); ok {
			flag.Default = Copy(p.To.V)
		} else {
			flag.Default = v
		}
		return nil
	case name == "Func" || name == "BoolFunc":
		set.add(append([]Value{Unknown{}}, args...), 1, name)
		return nil
	case name == "TextVar" && len(args) == 4:
		set.add(args, 1, name)
		return nil
	case plainFlags[name] && len(args) == 3:
		cell := &Cell{V: defaultType(Copy(args[1]))}
		cell.T = DynamicType(cell.V)
		flag := set.add(append([]Value{Ptr{To: cell}}, args...), 1, name+"Var")
		flag.Default = cell.V
		return flag.Value
	case name == "VisitAll" && len(args) == 1:
		for _, flag := range set.Flags {
			fields := map[string]*Cell{
				"Name": {V: str(flag.Name)}, "Usage": {V: str(flag.Usage)}, "Value": {V: flag}, "DefValue": {V: Unknown{}},
			}
			t := &source.Named{Path: "flag", Name: "Flag"}
			m.apply(nil, args[0], []Value{Ptr{To: &Cell{V: &Struct{T: t, Foreign: true, Fields: fields}, T: t}}})
		}
		return nil
	case name == "Lookup":
		return Nil{}
	case name == "Set" && len(args) == 2:
		if name, ok := argText(args, 0); ok {
			for _, flag := range set.Flags {
				if flag.Name == name {
					return flag.set(m, args[1:])
				}
			}
		}
		return Nil{}
	}
	return Nil{}
}

var plainFlags = map[string]bool{
	"String": true, "Int": true, "Int64": true, "Uint": true, "Uint64": true, "Bool": true, "Duration": true, "Float64": true,
}

func (s *FlagSet) add(args []Value, at int, setter string) *Flag {
	name, _ := argText(args, at)
	usage := ""
	if len(args) > 0 {
		usage, _ = argText(args, len(args)-1)
	}
	flag := &Flag{Name: name, Setter: setter, Value: args[0], Usage: usage, Default: Unknown{}}
	s.Flags = append(s.Flags, flag)
	return flag
}

// hooked runs the stand-in of a method, if there is one.
func (m *Machine) hooked(fn *Func, name string, f *frame, x *ast.CallExpr) (Value, bool) {
	if len(m.Hooks) == 0 {
		return nil, false
	}
	named := source.AsNamed(orNil(DynamicType(fn.Recv)))
	if named == nil {
		return nil, false
	}
	hook := m.Hooks[named.Path+"."+named.Name+"."+name]
	if hook == nil {
		return nil, false
	}
	cell := &Cell{V: fn.Recv, T: named}
	if p, ok := fn.Recv.(Ptr); ok {
		cell = p.To
	}
	return hook(m, cell, m.arguments(f, x)), true
}

// Native makes a function value of Go code.
func Native(name string, run func(m *Machine, args []Value) Value) Value {
	natives[name] = run
	return native{name}
}

// ErrorText makes an error value.
func ErrorText(text string) Value { return Error{text} }
