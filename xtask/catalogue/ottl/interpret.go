package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"sort"
	"strconv"
	"strings"
)

// The parts of Go that registries of functions and parsers of paths are written in, run on values. A thing that is not understood is
// opaque; a decision that hangs on an opaque thing stops the run (unknown).

type opaque struct{ what string }

type unknown struct{ why string }

type failure struct{} // an error value

type closure struct {
	pkg    *pkg
	file   *ast.File
	params *ast.FieldList
	body   *ast.BlockStmt
	env    *scope
	name   string
}

type native func(args []any) []any

type packageRef struct{ path string }

type typeRef struct {
	pkg  *pkg
	file *ast.File
	expr ast.Expr
}

type object struct { // a composite literal of a struct type
	pkg    *pkg
	typ    string
	fields map[string]any
}

type factory struct {
	name   string
	args   any // *object or nil
	create any
}

type gate struct{ on bool }

type scope struct {
	vars map[string]any
	up   *scope
}

func (s *scope) find(name string) (*scope, bool) {
	for ; s != nil; s = s.up {
		if _, ok := s.vars[name]; ok {
			return s, true
		}
	}
	return nil, false
}

type machine struct {
	src   *sources
	hook  map[string]native // "import path.Name" → what stands in for it
	steps int
}

type frame struct {
	m    *machine
	pkg  *pkg
	file *ast.File
	env  *scope
}

type flow int

const (
	next flow = iota
	returned
	broke
	continued
)

func stop(format string, args ...any) { panic(unknown{fmt.Sprintf(format, args...)}) }

// global evaluates a package-level constant, variable or function once, after what the package does when it is loaded.
func (m *machine) global(p *pkg, name string) (any, bool) {
	inits := p.inits
	p.inits = nil
	for _, d := range inits {
		m.call(&closure{pkg: p, file: p.files[d], params: d.Type.Params, body: d.Body, name: p.path + ".init"}, nil)
	}
	if d, ok := p.funcs[name]; ok {
		return &closure{pkg: p, file: p.files[d], params: d.Type.Params, body: d.Body, name: p.path + "." + name}, true
	}
	if v, ok := p.globals[name]; ok {
		return v, true
	}
	if v, ok := p.values[name]; ok {
		if p.busy[name] {
			stop("%s depends on itself", name)
		}
		p.busy[name] = true
		f := &frame{m: m, pkg: p, file: v.file, env: &scope{vars: map[string]any{}}}
		out := f.eval(v.expr)
		p.globals[name] = out
		return out, true
	}
	if t, ok := p.types[name]; ok {
		return &typeRef{p, p.files[t], t.Name}, true
	}
	return nil, false
}

func (m *machine) call(fn any, args []any) []any {
	m.steps++
	if m.steps > 2_000_000 {
		stop("too long")
	}
	switch fn := fn.(type) {
	case native:
		return fn(args)
	case *closure:
		if h, ok := m.hook[fn.name]; ok {
			return h(args)
		}
		if fn.body == nil {
			return []any{opaque{fn.name}}
		}
		env := &scope{vars: map[string]any{}, up: fn.env}
		i := 0
		for _, field := range fn.params.List {
			for _, name := range field.Names {
				if _, variadic := field.Type.(*ast.Ellipsis); variadic {
					rest := []any{}
					if i < len(args) {
						rest = args[i:]
					}
					if len(rest) == 1 {
						if s, ok := rest[0].(spread); ok {
							rest = s.items
						}
					}
					env.vars[name.Name] = rest
					continue
				}
				if i < len(args) {
					env.vars[name.Name] = args[i]
				} else {
					env.vars[name.Name] = opaque{"argument"}
				}
				i++
			}
		}
		f := &frame{m: m, pkg: fn.pkg, file: fn.file, env: env}
		out, flow := f.block(fn.body.List)
		if flow == returned {
			return out
		}
		return nil
	case *typeRef: // a conversion
		if len(args) == 1 {
			return args
		}
	}
	return []any{opaque{"call"}}
}

type spread struct{ items []any }

func (f *frame) block(list []ast.Stmt) ([]any, flow) {
	for _, s := range list {
		if out, flow := f.stmt(s); flow != next {
			return out, flow
		}
	}
	return nil, next
}

func (f *frame) inner(list []ast.Stmt) ([]any, flow) {
	saved := f.env
	f.env = &scope{vars: map[string]any{}, up: saved}
	defer func() { f.env = saved }()
	return f.block(list)
}

func (f *frame) truth(e ast.Expr) bool {
	switch v := f.eval(e).(type) {
	case bool:
		return v
	default:
		stop("a condition is not known: %T", v)
		return false
	}
}

func (f *frame) assign(l ast.Expr, v any, define bool) {
	switch l := l.(type) {
	case *ast.Ident:
		if l.Name == "_" {
			return
		}
		if !define {
			if s, ok := f.env.find(l.Name); ok {
				s.vars[l.Name] = v
				return
			}
		}
		f.env.vars[l.Name] = v
	case *ast.IndexExpr:
		if m, ok := f.eval(l.X).(map[string]any); ok {
			m[f.key(l.Index)] = v
		}
	case *ast.SelectorExpr:
		if o, ok := f.eval(l.X).(*object); ok {
			o.fields[l.Sel.Name] = v
		}
	}
}

func (f *frame) key(e ast.Expr) string {
	k, ok := f.eval(e).(string)
	if !ok {
		stop("a key is not known")
	}
	return k
}

func (f *frame) values(list []ast.Expr) []any {
	if len(list) == 1 {
		if c, ok := list[0].(*ast.CallExpr); ok {
			return f.callExpr(c)
		}
	}
	out := []any{}
	for _, e := range list {
		out = append(out, f.eval(e))
	}
	return out
}

func (f *frame) stmt(s ast.Stmt) ([]any, flow) {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return f.values(s.Results), returned
	case *ast.ExprStmt:
		f.eval(s.X)
	case *ast.BlockStmt:
		return f.inner(s.List)
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for i, n := range v.Names {
						if i < len(v.Values) {
							f.env.vars[n.Name] = f.eval(v.Values[i])
						} else {
							f.env.vars[n.Name] = nil
						}
					}
				}
			}
		}
	case *ast.AssignStmt:
		f.assignment(s)
	case *ast.IfStmt:
		saved := f.env
		f.env = &scope{vars: map[string]any{}, up: saved}
		defer func() { f.env = saved }()
		if s.Init != nil {
			f.stmt(s.Init)
		}
		if f.truth(s.Cond) {
			return f.inner(s.Body.List)
		}
		if s.Else != nil {
			return f.stmt(s.Else)
		}
	case *ast.SwitchStmt:
		return f.choose(s)
	case *ast.RangeStmt:
		return f.loop(s)
	case *ast.BranchStmt:
		if s.Tok == token.BREAK {
			return nil, broke
		}
		if s.Tok == token.CONTINUE {
			return nil, continued
		}
		stop("%s", s.Tok)
	case *ast.EmptyStmt, *ast.DeferStmt:
	default:
		stop("statement %T", s)
	}
	return nil, next
}

func (f *frame) assignment(s *ast.AssignStmt) {
	define := s.Tok == token.DEFINE
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 {
		switch r := s.Rhs[0].(type) {
		case *ast.IndexExpr:
			if m, ok := f.eval(r.X).(map[string]any); ok {
				v, found := m[f.key(r.Index)]
				f.assign(s.Lhs[0], v, define)
				f.assign(s.Lhs[1], found, define)
				return
			}
		case *ast.TypeAssertExpr:
			f.assign(s.Lhs[0], f.eval(r.X), define)
			f.assign(s.Lhs[1], true, define)
			return
		}
	}
	vals := f.values(s.Rhs)
	for i, l := range s.Lhs {
		if i < len(vals) {
			f.assign(l, vals[i], define)
		} else {
			f.assign(l, opaque{"result"}, define)
		}
	}
}

func (f *frame) choose(s *ast.SwitchStmt) ([]any, flow) {
	if s.Init != nil {
		f.stmt(s.Init)
	}
	var tag any = true
	if s.Tag != nil {
		tag = f.eval(s.Tag)
	}
	var fallback *ast.CaseClause
	for _, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			fallback = clause
		}
		for _, e := range clause.List {
			if same(tag, f.eval(e)) {
				out, flow := f.inner(clause.Body)
				if flow == broke {
					flow = next
				}
				return out, flow
			}
		}
	}
	if fallback != nil {
		out, flow := f.inner(fallback.Body)
		if flow == broke {
			flow = next
		}
		return out, flow
	}
	return nil, next
}

func (f *frame) loop(s *ast.RangeStmt) ([]any, flow) {
	over := f.eval(s.X)
	each := func(k, v any) ([]any, flow) {
		if s.Key != nil {
			f.assign(s.Key, k, s.Tok == token.DEFINE)
		}
		if s.Value != nil {
			f.assign(s.Value, v, s.Tok == token.DEFINE)
		}
		return f.inner(s.Body.List)
	}
	saved := f.env
	f.env = &scope{vars: map[string]any{}, up: saved}
	defer func() { f.env = saved }()
	switch over := over.(type) {
	case map[string]any:
		keys := make([]string, 0, len(over))
		for k := range over {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			if out, flow := each(k, over[k]); flow == returned {
				return out, flow
			}
		}
	case []any:
		for i, v := range over {
			if out, flow := each(i, v); flow == returned {
				return out, flow
			} else if flow == broke {
				break
			}
		}
	case nil:
	default:
		stop("loop over %T", over)
	}
	return nil, next
}

// same compares what can be compared; nil is equal to nil alone.
func same(a, b any) bool {
	if _, ok := a.(opaque); ok {
		if b == nil {
			return false
		}
		stop("an opaque value is compared: %v", a)
	}
	if o, ok := b.(opaque); ok {
		if a == nil {
			return false
		}
		stop("an opaque value is compared: %v", o)
	}
	switch a := a.(type) {
	case nil:
		switch b := b.(type) {
		case *path:
			return b == nil
		case keys:
			return b.n == 0
		}
		return b == nil
	case string:
		b, ok := b.(string)
		return ok && a == b
	case int:
		b, ok := b.(int)
		return ok && a == b
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case *path:
		if b == nil {
			return a == nil
		}
	case keys:
		if b == nil {
			return a.n == 0
		}
	}
	if b == nil {
		return false
	}
	stop("%T is compared with %T", a, b)
	return false
}

func (f *frame) eval(e ast.Expr) any {
	switch e := e.(type) {
	case *ast.BasicLit:
		switch e.Kind {
		case token.STRING:
			s, _ := strconv.Unquote(e.Value)
			return s
		case token.INT:
			n, _ := strconv.Atoi(e.Value)
			return n
		}
		return opaque{e.Value}
	case *ast.Ident:
		return f.ident(e.Name)
	case *ast.ParenExpr:
		return f.eval(e.X)
	case *ast.FuncLit:
		return &closure{pkg: f.pkg, file: f.file, params: e.Type.Params, body: e.Body, env: f.env, name: "func"}
	case *ast.UnaryExpr:
		v := f.eval(e.X)
		if e.Op == token.NOT {
			b, ok := v.(bool)
			if !ok {
				stop("not of %T", v)
			}
			return !b
		}
		return v
	case *ast.StarExpr:
		return f.eval(e.X)
	case *ast.TypeAssertExpr:
		return f.eval(e.X)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.CompositeLit:
		return f.composite(e)
	case *ast.CallExpr:
		out := f.callExpr(e)
		if len(out) == 0 {
			return nil
		}
		return out[0]
	case *ast.IndexExpr:
		switch x := f.eval(e.X).(type) {
		case map[string]any:
			return x[f.key(e.Index)]
		case []any:
			if i, ok := f.eval(e.Index).(int); ok && i < len(x) {
				return x[i]
			}
			return opaque{"element"}
		case keys:
			return opaque{"key"}
		default:
			return x // a generic function with its type argument
		}
	case *ast.IndexListExpr:
		return f.eval(e.X)
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.SliceExpr:
		return opaque{"slice"}
	case *ast.MapType, *ast.ArrayType, *ast.FuncType, *ast.InterfaceType, *ast.StructType:
		return &typeRef{f.pkg, f.file, e}
	}
	stop("expression %T", e)
	return nil
}

func (f *frame) binary(e *ast.BinaryExpr) any {
	switch e.Op {
	case token.LAND:
		return f.truth(e.X) && f.truth(e.Y)
	case token.LOR:
		return f.truth(e.X) || f.truth(e.Y)
	case token.EQL:
		return same(f.eval(e.X), f.eval(e.Y))
	case token.NEQ:
		return !same(f.eval(e.X), f.eval(e.Y))
	}
	x, y := f.eval(e.X), f.eval(e.Y)
	if a, ok := x.(int); ok {
		if b, ok := y.(int); ok {
			switch e.Op {
			case token.LSS:
				return a < b
			case token.GTR:
				return a > b
			case token.LEQ:
				return a <= b
			case token.GEQ:
				return a >= b
			case token.ADD:
				return a + b
			}
		}
	}
	if a, ok := x.(string); ok && e.Op == token.ADD {
		if b, ok := y.(string); ok {
			return a + b
		}
	}
	return opaque{"operation"}
}

func (f *frame) ident(name string) any {
	if s, ok := f.env.find(name); ok {
		return s.vars[name]
	}
	switch name {
	case "nil":
		return nil
	case "true":
		return true
	case "false":
		return false
	case "append":
		return native(func(a []any) []any {
			list, _ := a[0].([]any)
			list = append([]any{}, list...)
			for _, v := range a[1:] {
				if s, ok := v.(spread); ok {
					list = append(list, s.items...)
				} else {
					list = append(list, v)
				}
			}
			return []any{list}
		})
	case "len":
		return native(func(a []any) []any {
			switch v := a[0].(type) {
			case keys:
				return []any{v.n}
			case []any:
				return []any{len(v)}
			case map[string]any:
				return []any{len(v)}
			case string:
				return []any{len(v)}
			}
			return []any{opaque{"len"}}
		})
	case "make":
		return native(func(a []any) []any {
			if t, ok := a[0].(*typeRef); ok {
				if _, ok := t.expr.(*ast.MapType); ok {
					return []any{map[string]any{}}
				}
			}
			return []any{[]any{}}
		})
	}
	if v, ok := f.m.global(f.pkg, name); ok {
		return v
	}
	if path, ok := f.pkg.imports[f.file][name]; ok {
		return packageRef{path}
	}
	return opaque{name}
}

func (f *frame) selector(e *ast.SelectorExpr) any {
	switch x := f.eval(e.X).(type) {
	case packageRef:
		full := x.path + "." + e.Sel.Name
		if h, ok := f.m.hook[full]; ok {
			return h
		}
		if p := f.m.src.load(x.path); p != nil {
			if v, ok := f.m.global(p, e.Sel.Name); ok {
				return v
			}
		}
		return opaque{full}
	case *path:
		return x.method(e.Sel.Name)
	case *factory:
		if e.Sel.Name == "Name" {
			return native(func([]any) []any { return []any{x.name} })
		}
	case gate:
		if e.Sel.Name == "IsEnabled" {
			return native(func([]any) []any { return []any{x.on} })
		}
	case *object:
		if v, ok := x.fields[e.Sel.Name]; ok {
			return v
		}
		if d, ok := x.pkg.funcs[x.typ+"."+e.Sel.Name]; ok {
			env := &scope{vars: map[string]any{}}
			if names := d.Recv.List[0].Names; len(names) > 0 {
				env.vars[names[0].Name] = x
			}
			return &closure{pkg: x.pkg, file: x.pkg.files[d], params: d.Type.Params, body: d.Body, env: env, name: x.pkg.path + "." + x.typ + "." + e.Sel.Name}
		}
	case opaque:
		if e.Sel.Name == "MustRegister" {
			return native(func(a []any) []any {
				stage, _ := a[1].(opaque)
				return []any{gate{strings.HasSuffix(stage.what, "StageBeta") || strings.HasSuffix(stage.what, "StageStable")}}
			})
		}
		return opaque{x.what + "." + e.Sel.Name}
	}
	return opaque{e.Sel.Name}
}

func (f *frame) callExpr(e *ast.CallExpr) []any {
	fn := f.eval(e.Fun)
	args := []any{}
	for i, a := range e.Args {
		if i == len(e.Args)-1 && e.Ellipsis.IsValid() {
			if list, ok := f.eval(a).([]any); ok {
				args = append(args, spread{list})
				continue
			}
		}
		if c, ok := a.(*ast.CallExpr); ok && len(e.Args) == 1 {
			args = append(args, f.callExpr(c)...)
			continue
		}
		args = append(args, f.eval(a))
	}
	return f.m.call(fn, args)
}

func (f *frame) composite(e *ast.CompositeLit) any {
	switch t := e.Type.(type) {
	case *ast.MapType:
		m := map[string]any{}
		for _, el := range e.Elts {
			kv := el.(*ast.KeyValueExpr)
			k, ok := f.eval(kv.Key).(string)
			if !ok {
				return opaque{"map"}
			}
			m[k] = f.lenient(kv.Value)
		}
		return m
	case *ast.ArrayType:
		list := []any{}
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				el = kv.Value
			}
			if c, ok := el.(*ast.CompositeLit); ok && c.Type == nil {
				list = append(list, opaque{"element"})
				continue
			}
			list = append(list, f.lenient(el))
		}
		return list
	default:
		name := receiver(base(t))
		p := f.pkg
		if s, ok := base(t).(*ast.SelectorExpr); ok {
			name = s.Sel.Name
			p = nil
			if ref, ok := f.eval(s.X).(packageRef); ok {
				p = f.m.src.load(ref.path)
			}
		}
		if p == nil {
			return opaque{name}
		}
		o := &object{pkg: p, typ: name, fields: map[string]any{}}
		for i, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					o.fields[id.Name] = f.lenient(kv.Value)
				}
				continue
			}
			o.fields[strconv.Itoa(i)] = f.lenient(el)
		}
		return o
	}
}

func base(t ast.Expr) ast.Expr {
	switch t := t.(type) {
	case *ast.IndexExpr:
		return base(t.X)
	case *ast.IndexListExpr:
		return base(t.X)
	case *ast.StarExpr:
		return base(t.X)
	}
	return t
}

// lenient evaluates a part of a larger value, which may stay opaque.
func (f *frame) lenient(e ast.Expr) (out any) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unknown); !ok {
				panic(r)
			}
			out = opaque{"part"}
		}
	}()
	return f.eval(e)
}
