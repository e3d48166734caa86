package interp

import (
	"go/ast"
	"go/constant"
	"go/token"

	"vispyr/catalogue/alloy/source"
)

// outcome tells how a statement ended.
type outcome struct {
	kind   int
	values []Value
}

const (
	fell = iota
	returned
	broke
	continued
	stopped // a panic, or out of steps
)

func (f *frame) block(list []ast.Stmt) outcome {
	for _, stmt := range list {
		if out := f.exec(stmt); out.kind != fell {
			return out
		}
	}
	return outcome{}
}

func (f *frame) scoped(list []ast.Stmt) outcome {
	f.push()
	defer f.pop()
	return f.block(list)
}

func (f *frame) exec(stmt ast.Stmt) outcome {
	f.m.steps++
	if f.m.steps >= maxSteps {
		return outcome{kind: stopped}
	}
	switch s := stmt.(type) {
	case *ast.ExprStmt:
		if call, ok := s.X.(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" {
				return outcome{kind: stopped}
			}
		}
		f.m.eval(f, s.X)
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.IncDecStmt:
		f.incDec(s)
	case *ast.DeclStmt:
		f.declare(s)
	case *ast.BlockStmt:
		return f.scoped(s.List)
	case *ast.LabeledStmt:
		return f.exec(s.Stmt)
	case *ast.ReturnStmt:
		var values []Value
		for _, expr := range s.Results {
			values = append(values, f.m.eval(f, expr))
		}
		return outcome{returned, values}
	case *ast.IfStmt:
		return f.ifStmt(s)
	case *ast.SwitchStmt:
		return f.switchStmt(s)
	case *ast.ForStmt:
		return f.forStmt(s)
	case *ast.RangeStmt:
		return f.rangeStmt(s)
	case *ast.BranchStmt:
		switch s.Tok {
		case token.BREAK:
			return outcome{kind: broke}
		case token.CONTINUE:
			return outcome{kind: continued}
		}
		f.tainted = true
	case *ast.TypeSwitchStmt:
		return f.typeSwitch(s)
	case *ast.SelectStmt:
		f.poison(s)
	}
	return outcome{}
}

// poison forgets whatever a statement, run or not, could change.
func (f *frame) poison(node ast.Node) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			f.tainted = true
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, lhs := range n.Lhs {
					f.forget(lhs)
				}
			}
		case *ast.IncDecStmt:
			f.forget(n.X)
		case *ast.CallExpr:
			// A method may change its receiver.
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				if cell := f.m.address(f, sel.X); cell != nil && f.mutates(cell, sel.Sel.Name) {
					cell.V = Unknown{}
				}
			}
		}
		return true
	})
}

func (f *frame) mutates(cell *Cell, method string) bool {
	named := source.AsNamed(orNil(DynamicType(cell.V)))
	if named == nil {
		return false
	}
	decl := named.Method(method)
	if decl == nil {
		return false
	}
	_, pointer := decl.Decl.Recv.List[0].Type.(*ast.StarExpr)
	return pointer
}

func orNil(t source.Type) source.Type {
	if t == nil {
		return &source.Basic{Name: "any"}
	}
	return t
}

func (f *frame) forget(lhs ast.Expr) {
	if cell := f.m.address(f, lhs); cell != nil {
		cell.V = Unknown{}
		return
	}
	if index, ok := lhs.(*ast.IndexExpr); ok {
		if cell := f.m.address(f, index.X); cell != nil {
			cell.V = Unknown{}
		}
	}
}

func (f *frame) assign(s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		op := assignOps[s.Tok]
		f.store(s.Lhs[0], f.m.binary(f, op, f.m.eval(f, s.Lhs[0]), f.m.eval(f, s.Rhs[0])), false)
		return
	}
	values := f.rightSides(s)
	for i, lhs := range s.Lhs {
		var v Value = Unknown{}
		if i < len(values) {
			v = values[i]
		}
		f.store(lhs, v, s.Tok == token.DEFINE)
	}
}

var assignOps = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO,
	token.REM_ASSIGN: token.REM, token.OR_ASSIGN: token.OR, token.AND_ASSIGN: token.AND,
}

func (f *frame) rightSides(s *ast.AssignStmt) []Value {
	if len(s.Rhs) == 1 && len(s.Lhs) > 1 {
		if tuple, ok := f.m.evalMulti(f, s.Rhs[0]).(Tuple); ok {
			return tuple
		}
		return nil
	}
	var values []Value
	for i, rhs := range s.Rhs {
		var hint source.Type
		if s.Tok == token.ASSIGN && i < len(s.Lhs) {
			if cell := f.m.address(f, s.Lhs[i]); cell != nil {
				hint = cell.T
			}
		}
		values = append(values, Copy(f.m.evalAs(f, rhs, hint)))
	}
	return values
}

func (f *frame) store(lhs ast.Expr, v Value, define bool) {
	if ident, ok := lhs.(*ast.Ident); ok {
		if ident.Name == "_" {
			return
		}
		if define {
			if _, here := f.env.vars[ident.Name]; !here {
				v = defaultType(Copy(v))
				f.define(ident.Name, v, DynamicType(v))
				return
			}
		}
	}
	if index, ok := lhs.(*ast.IndexExpr); ok {
		if f.storeIndex(index, v) {
			return
		}
	}
	if cell := f.m.address(f, lhs); cell != nil {
		cell.V = f.m.Convert(Copy(v), cell.T)
	}
}

func (f *frame) storeIndex(index *ast.IndexExpr, v Value) bool {
	dict, ok := f.m.eval(f, index.X).(*Dict)
	if !ok {
		return false
	}
	k := f.m.eval(f, index.Index)
	name, ok := key(k)
	if !ok {
		return true
	}
	if dict.M[name] == nil {
		dict.Keys = append(dict.Keys, k)
	}
	var elem source.Type
	if t, ok := source.Underlying(orNil(dict.T)).(*source.Map); ok {
		elem = t.Elem
	}
	dict.M[name] = &Cell{V: f.m.Convert(Copy(v), elem), T: elem}
	return true
}

// defaultType turns an untyped constant into what a variable would hold.
func defaultType(v Value) Value {
	s, ok := v.(Scalar)
	if !ok || s.T != nil {
		return v
	}
	name := map[constant.Kind]string{
		constant.Bool: "bool", constant.String: "string", constant.Int: "int", constant.Float: "float64",
	}[s.C.Kind()]
	if name == "" {
		return v
	}
	return Scalar{s.C, &source.Basic{Name: name}}
}

func (f *frame) incDec(s *ast.IncDecStmt) {
	op := token.ADD
	if s.Tok == token.DEC {
		op = token.SUB
	}
	f.store(s.X, f.m.binary(f, op, f.m.eval(f, s.X), Scalar{C: constant.MakeInt64(1)}), false)
}

func (f *frame) declare(s *ast.DeclStmt) {
	group, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range group.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			f.declareValues(spec)
		case *ast.TypeSpec:
			if f.env.types == nil {
				f.env.types = map[string]source.Type{}
			}
			f.env.types[spec.Name.Name] = f.resolve(spec.Type)
		}
	}
}

func (f *frame) declareValues(spec *ast.ValueSpec) {
	var typ source.Type
	if spec.Type != nil {
		typ = f.resolve(spec.Type)
	}
	var tuple Tuple
	if len(spec.Values) == 1 && len(spec.Names) > 1 {
		tuple, _ = f.m.evalMulti(f, spec.Values[0]).(Tuple)
	}
	for i, name := range spec.Names {
		var v Value = Unknown{}
		switch {
		case i < len(tuple):
			v = tuple[i]
		case i < len(spec.Values):
			v = Copy(f.m.evalAs(f, spec.Values[i], typ))
		case len(spec.Values) == 0 && typ != nil:
			v = f.m.ZeroOf(typ)
		}
		v = f.m.Convert(v, typ)
		if typ == nil {
			v = defaultType(v)
		}
		f.define(name.Name, v, typ)
	}
}

// truth gives a condition's value; sure is false when it is not known.
func truth(v Value) (yes, sure bool) {
	s, ok := v.(Scalar)
	if !ok || s.C.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(s.C), true
}

func (f *frame) ifStmt(s *ast.IfStmt) outcome {
	f.push()
	defer f.pop()
	if s.Init != nil {
		f.exec(s.Init)
	}
	yes, sure := truth(f.m.eval(f, s.Cond))
	if !sure {
		f.poison(s.Body)
		if s.Else != nil {
			f.poison(s.Else)
		}
		return outcome{}
	}
	if yes {
		return f.scoped(s.Body.List)
	}
	if s.Else != nil {
		return f.exec(s.Else)
	}
	return outcome{}
}

func (f *frame) switchStmt(s *ast.SwitchStmt) outcome {
	f.push()
	defer f.pop()
	if s.Init != nil {
		f.exec(s.Init)
	}
	var tag Value = boolean(true)
	if s.Tag != nil {
		tag = f.m.eval(f, s.Tag)
	}
	chosen := -1
	for i, stmt := range s.Body.List {
		clause, ok := stmt.(*ast.CaseClause)
		if !ok {
			continue
		}
		if clause.List == nil {
			if chosen < 0 {
				chosen = -2 - i // the default, unless a later case fits
			}
			continue
		}
		for _, expr := range clause.List {
			yes, sure := truth(f.m.binary(f, token.EQL, tag, f.m.eval(f, expr)))
			if !sure {
				f.poison(s.Body)
				return outcome{}
			}
			if yes && chosen < 0 {
				chosen = i
			}
		}
		if chosen >= 0 {
			break
		}
	}
	if chosen < -1 {
		chosen = -2 - chosen
	}
	if chosen < 0 {
		return outcome{}
	}
	out := f.runClauses(s.Body.List, chosen)
	if out.kind == broke {
		return outcome{}
	}
	return out
}

func (f *frame) runClauses(clauses []ast.Stmt, at int) outcome {
	for ; at < len(clauses); at++ {
		clause, ok := clauses[at].(*ast.CaseClause)
		if !ok {
			return outcome{}
		}
		body := clause.Body
		through := false
		if n := len(body); n > 0 {
			if branch, ok := body[n-1].(*ast.BranchStmt); ok && branch.Tok == token.FALLTHROUGH {
				body, through = body[:n-1], true
			}
		}
		if out := f.scoped(body); out.kind != fell || !through {
			return out
		}
	}
	return outcome{}
}

func (f *frame) forStmt(s *ast.ForStmt) outcome {
	f.push()
	defer f.pop()
	if s.Init != nil {
		f.exec(s.Init)
	}
	for f.m.steps < maxSteps {
		if s.Cond != nil {
			yes, sure := truth(f.m.eval(f, s.Cond))
			if !sure {
				f.poison(s.Body)
				return outcome{}
			}
			if !yes {
				return outcome{}
			}
		}
		out := f.scoped(s.Body.List)
		if out.kind == broke {
			return outcome{}
		}
		if out.kind == returned || out.kind == stopped {
			return out
		}
		if s.Post != nil {
			f.exec(s.Post)
		}
		f.m.steps++
	}
	return outcome{kind: stopped}
}

func (f *frame) rangeStmt(s *ast.RangeStmt) outcome {
	pairs, ok := rangePairs(asDict(f.m.eval(f, s.X)))
	if !ok {
		f.poison(s.Body)
		return outcome{}
	}
	for _, pair := range pairs {
		f.push()
		for i, lhs := range []ast.Expr{s.Key, s.Value} {
			if lhs != nil {
				f.store(lhs, pair[i], s.Tok == token.DEFINE)
			}
		}
		out := f.block(s.Body.List)
		f.pop()
		if out.kind == broke {
			break
		}
		if out.kind == returned || out.kind == stopped {
			return out
		}
	}
	return outcome{}
}

func rangePairs(v Value) (pairs [][2]Value, ok bool) {
	switch v := v.(type) {
	case *List:
		for i, cell := range v.E {
			pairs = append(pairs, [2]Value{integer(int64(i)), cell.V})
		}
		return pairs, true
	case *Dict:
		for _, k := range v.Keys {
			name, _ := key(k)
			pairs = append(pairs, [2]Value{k, v.M[name].V})
		}
		return pairs, true
	case Nil:
		return nil, true
	case Scalar:
		if v.C.Kind() == constant.String {
			for i, r := range constant.StringVal(v.C) {
				pairs = append(pairs, [2]Value{integer(int64(i)), Scalar{constant.MakeInt64(int64(r)), &source.Basic{Name: "rune"}}})
			}
			return pairs, true
		}
		if n, exact := constant.Int64Val(v.C); exact && n < 10_000 {
			for i := int64(0); i < n; i++ {
				pairs = append(pairs, [2]Value{integer(i), nil})
			}
			return pairs, true
		}
	}
	return nil, false
}
