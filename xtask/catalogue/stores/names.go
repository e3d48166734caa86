package main

import (
	"go/ast"
	"go/token"
	"slices"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/source"
)

const (
	anything = "*" // stands for text that is not known
	most     = 200 // alternatives, beyond which nothing is known
	depth    = 40  // steps from one name to the next
)

// longest is how many steps a release may take: what comes after them is not known, which is an error where it matters.
const longest = 30_000_000

// place is where an expression stands: its file, and the functions around it, the innermost last.
type place struct {
	file  *source.File
	funcs []ast.Node
}

// use is an expression at its place.
type use struct {
	at   place
	expr ast.Expr
}

// call is a call at its place.
type call struct {
	at   place
	node *ast.CallExpr
}

// evaluator tells which texts an expression may stand for. It follows constants, variables, fields and parameters to all that is
// ever put into them: what comes out holds all that can be, or `*`.
type evaluator struct {
	tree     *source.Tree
	calls    map[string][]call     // by the name of what is called
	fields   map[string][]use      // what literals put into fields, by `Type.Field` and by `Field`
	set      map[string][]use      // what is assigned to fields of that name
	read     map[string]bool       // fields that a decoder may fill
	built    map[string]bool       // types of which there are literals
	mentions map[string]bool       // functions that are given on as values, with their package, and methods
	busy     map[ast.Node]int      // what is being told, with its level
	known    map[ast.Node][]string // what was told before
	mixed    map[string]bool       // texts of parts that have several alternatives each, which need not go together
	level    int
	steps    int
	lowest   int // the lowest level that what is being told hangs on
}

func newEvaluator(tree *source.Tree) *evaluator {
	return &evaluator{
		tree: tree, calls: map[string][]call{}, fields: map[string][]use{}, set: map[string][]use{}, read: map[string]bool{},
		built: map[string]bool{}, mentions: map[string]bool{},
		mixed: map[string]bool{}, busy: map[ast.Node]int{}, known: map[ast.Node][]string{},
	}
}

// note walks a file: what it calls and assigns is remembered, every node is shown.
func (e *evaluator) note(file *source.File, show func(place, ast.Node)) {
	var funcs []ast.Node
	var open []ast.Node
	ast.Inspect(file.Syntax, func(node ast.Node) bool {
		if node == nil {
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if len(funcs) > 0 && funcs[len(funcs)-1] == last {
				funcs = funcs[: len(funcs)-1 : len(funcs)-1]
			}
			return true
		}
		open = append(open, node)
		at := place{file, funcs}
		switch node := node.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			funcs = append(funcs[:len(funcs):len(funcs)], node)
		case *ast.CallExpr:
			if name := calleeName(node.Fun); name != "" {
				e.calls[name] = append(e.calls[name], call{at, node})
			}
			// Package flag: a default, which a user may change.
			if name := selected(node.Fun); strings.HasPrefix(name, "StringVar") && len(node.Args) >= 3 {
				if field := addressed(node.Args[0]); field != "" {
					e.set[field] = append(e.set[field], use{at, node.Args[2]})
				}
			}
		case *ast.CompositeLit:
			e.noteLiteral(at, node, nil, typeName(node.Type))
		case *ast.StructType:
			for _, field := range node.Fields.List {
				if field.Tag != nil && isKey(field.Tag.Value) {
					for _, name := range field.Names {
						e.read[name.Name] = true
					}
				}
			}
		case *ast.AssignStmt:
			for i, left := range node.Lhs {
				if name := selected(left); name != "" {
					value := ast.Expr(nil)
					if len(node.Lhs) == len(node.Rhs) && node.Tok == token.ASSIGN {
						value = node.Rhs[i]
					}
					e.set[name] = append(e.set[name], use{at, value})
				}
			}
		}
		e.mention(file, node)
		show(at, node)
		return true
	})
}

// mention remembers names that stand for a function without calling it: those that are given on.
func (e *evaluator) mention(file *source.File, node ast.Node) {
	give := func(values []ast.Expr) {
		for _, value := range values {
			if pair, ok := value.(*ast.KeyValueExpr); ok {
				value = pair.Value
			}
			switch value := value.(type) {
			case *ast.Ident:
				e.mentions[file.Package.Path+"."+value.Name] = true
			case *ast.SelectorExpr:
				owner := ""
				if x, ok := value.X.(*ast.Ident); ok {
					owner = file.Import(x.Name)
				}
				e.mentions[owner+"."+value.Sel.Name] = true
			}
		}
	}
	switch node := node.(type) {
	case *ast.CallExpr:
		give(node.Args)
	case *ast.CompositeLit:
		give(node.Elts)
	case *ast.AssignStmt:
		give(node.Rhs)
	case *ast.ValueSpec:
		give(node.Values)
	case *ast.ReturnStmt:
		give(node.Results)
	}
}

// isKey tells whether a field's tag names a key of a configuration.
func isKey(tag string) bool {
	for _, format := range []string{"yaml:", "json:", "alloy:", "mapstructure:"} {
		if _, key, found := strings.Cut(tag, format); found && !strings.HasPrefix(key, `"-"`) {
			return true
		}
	}
	return false
}

// noteLiteral remembers what a literal puts into fields, by their names or by their order in a struct that is written there.
func (e *evaluator) noteLiteral(at place, literal *ast.CompositeLit, shape *ast.StructType, named string) {
	if typ, ok := literal.Type.(*ast.StructType); ok {
		shape = typ
	}
	if name, ok := literal.Type.(*ast.Ident); ok {
		if decl := at.file.Package.Types[name.Name]; decl != nil {
			shape, _ = decl.Spec.Type.(*ast.StructType)
		}
	}
	var names []string
	if shape != nil {
		for _, field := range shape.Fields.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
	}
	if named != "" && len(literal.Elts) > 0 {
		e.built[named] = true
	}
	put := func(field string, value ast.Expr) {
		e.fields[field] = append(e.fields[field], use{at, value})
		if named != "" {
			field = named + "." + field
			e.fields[field] = append(e.fields[field], use{at, value})
		}
	}
	inner, element := elementStruct(at.file, literal.Type), elementName(literal.Type)
	for i, part := range literal.Elts {
		value := part
		if pair, ok := part.(*ast.KeyValueExpr); ok {
			value = pair.Value
			if key, ok := pair.Key.(*ast.Ident); ok {
				put(key.Name, pair.Value)
			}
		} else if i < len(names) {
			put(names[i], part)
		}
		if child, ok := value.(*ast.CompositeLit); ok && child.Type == nil && (inner != nil || element != "") {
			e.noteLiteral(at, child, inner, element)
		}
	}
}

// typeName is the last word of a type's name; empty for one without a name.
func typeName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.Ident:
		return expr.Name
	case *ast.SelectorExpr:
		return expr.Sel.Name
	case *ast.StarExpr:
		return typeName(expr.X)
	}
	return ""
}

func elementName(expr ast.Expr) string {
	switch typ := expr.(type) {
	case *ast.ArrayType:
		return typeName(typ.Elt)
	case *ast.MapType:
		return typeName(typ.Value)
	}
	return ""
}

// elementStruct is the struct that the elements of a list or map are.
func elementStruct(file *source.File, expr ast.Expr) *ast.StructType {
	switch typ := expr.(type) {
	case *ast.ArrayType:
		expr = typ.Elt
	case *ast.MapType:
		expr = typ.Value
	default:
		return nil
	}
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		if decl := file.Package.Types[name.Name]; decl != nil {
			expr = decl.Spec.Type
		}
	}
	shape, _ := expr.(*ast.StructType)
	return shape
}

func calleeName(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.IndexExpr:
		return calleeName(fun.X)
	case *ast.IndexListExpr:
		return calleeName(fun.X)
	case *ast.ParenExpr:
		return calleeName(fun.X)
	}
	return ""
}

func addressed(expr ast.Expr) string {
	if unary, ok := expr.(*ast.UnaryExpr); ok && unary.Op == token.AND {
		return selected(unary.X)
	}
	return ""
}

// limited sorts alternatives and drops those that are twice; too many are anything.
func limited(all []string) []string {
	if len(all) == 0 {
		return nil
	}
	sort.Strings(all)
	kept := all[:1]
	for _, text := range all[1:] {
		if text != kept[len(kept)-1] {
			kept = append(kept, text)
		}
	}
	if len(kept) > most {
		return []string{anything}
	}
	return kept
}

// eval gives the texts that an expression may stand for.
func (e *evaluator) eval(at place, expr ast.Expr) []string {
	e.steps++
	if expr == nil || e.level > depth || e.steps > longest {
		return []string{anything}
	}
	if texts, known := e.known[expr]; known {
		return texts
	}
	if level, busy := e.busy[expr]; busy {
		// What leads back to itself adds nothing to what else is put there.
		e.lowest = min(e.lowest, level)
		return nil
	}
	e.level++
	level, before := e.level, e.lowest
	e.busy[expr], e.lowest = level, level
	texts := e.told(at, expr)
	// What hangs on something that is not told yet is no answer for the next one who asks.
	if e.lowest >= level {
		e.known[expr] = texts
	}
	e.lowest = min(before, e.lowest)
	delete(e.busy, expr)
	e.level--
	return texts
}

func (e *evaluator) told(at place, expr ast.Expr) []string {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(expr.Value); err == nil && expr.Kind == token.STRING {
			return []string{text}
		}
	case *ast.ParenExpr:
		return e.eval(at, expr.X)
	case *ast.StarExpr:
		return e.eval(at, expr.X)
	case *ast.BinaryExpr:
		if expr.Op == token.ADD {
			left, right := e.eval(at, expr.X), e.eval(at, expr.Y)
			if (len(left) == 0 || len(right) == 0) && e.lowest < e.level {
				return []string{anything} // a text that grows
			}
			return e.product(left, right)
		}
	case *ast.Ident:
		return e.ident(at, expr)
	case *ast.SelectorExpr:
		return e.selector(at, expr)
	case *ast.CallExpr:
		return e.called(at, expr)
	case *ast.IndexExpr:
		return e.elements(at, expr.X)
	}
	return []string{anything}
}

func (e *evaluator) product(left, right []string) []string {
	var all []string
	mixed := len(left) > 1 && len(right) > 1
	for _, l := range left {
		for _, r := range right {
			all = append(all, l+r)
			if mixed || e.mixed[l] || e.mixed[r] {
				e.mixed[l+r] = true
			}
		}
		if len(all) > most*most {
			return []string{anything}
		}
	}
	return limited(all)
}

func (e *evaluator) union(uses []use) []string {
	if len(uses) == 0 {
		return []string{anything}
	}
	var all []string
	for _, u := range uses {
		texts := e.eval(u.at, u.expr)
		all = append(all, texts...)
		if len(texts) == 1 && texts[0] == anything || len(all) > most*most {
			return []string{anything}
		}
	}
	return limited(all)
}

// ident follows a name: to what its function puts into it, to the arguments of calls, to the package's values.
func (e *evaluator) ident(at place, name *ast.Ident) []string {
	for i := len(at.funcs) - 1; i >= 0; i-- {
		inner := place{at.file, at.funcs[:i+1]}
		if uses, found := e.local(inner, name.Name); found {
			return e.union(uses)
		}
		if number, typ := parameter(at.funcs[i], name.Name); number >= 0 {
			return e.arguments(at, i, number, typ)
		}
	}
	return e.value(at.file.Package, name.Name)
}

func (e *evaluator) value(p *source.Package, name string) []string {
	value := p.Values[name]
	if value == nil || value.Value == nil || value.Multi {
		return []string{anything}
	}
	found := e.eval(place{file: value.File}, value.Value)
	return found
}

// local lists what a function puts into a variable of its own.
func (e *evaluator) local(at place, name string) (uses []use, found bool) {
	body := bodyOf(at.funcs[len(at.funcs)-1])
	if body == nil {
		return nil, false
	}
	is := func(expr ast.Expr) bool {
		id, ok := expr.(*ast.Ident)
		return ok && id.Name == name
	}
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			for i, left := range node.Lhs {
				if !is(left) {
					continue
				}
				found = true
				if len(node.Lhs) == len(node.Rhs) && node.Tok != token.ADD_ASSIGN {
					uses = append(uses, use{at, node.Rhs[i]})
				} else {
					uses = append(uses, use{at, nil})
				}
			}
		case *ast.ValueSpec:
			for i, left := range node.Names {
				if left.Name == name {
					found = true
					if i < len(node.Values) {
						uses = append(uses, use{at, node.Values[i]})
					} else if len(node.Values) > 0 {
						uses = append(uses, use{at, nil})
					}
				}
			}
		case *ast.RangeStmt:
			if is(node.Key) {
				found = true
				uses = append(uses, use{at, &ast.IndexExpr{X: &ast.CallExpr{Fun: ast.NewIdent("keys of"), Args: []ast.Expr{node.X}}}})
			}
			if is(node.Value) {
				found = true
				uses = append(uses, use{at, &ast.IndexExpr{X: node.X}})
			}
		}
		return true
	})
	return uses, found
}

func bodyOf(fun ast.Node) *ast.BlockStmt {
	switch fun := fun.(type) {
	case *ast.FuncDecl:
		return fun.Body
	case *ast.FuncLit:
		return fun.Body
	}
	return nil
}

func typeOf(fun ast.Node) *ast.FuncType {
	switch fun := fun.(type) {
	case *ast.FuncDecl:
		return fun.Type
	case *ast.FuncLit:
		return fun.Type
	}
	return nil
}

// parameter gives the number of a parameter; -1 when there is none of that name.
func parameter(fun ast.Node, name string) (int, ast.Expr) {
	number := 0
	for _, field := range typeOf(fun).Params.List {
		for _, id := range field.Names {
			if id.Name == name {
				return number, field.Type
			}
			number++
		}
		if len(field.Names) == 0 {
			number++
		}
	}
	return -1, nil
}

// arguments is what all calls of a function give for a parameter.
func (e *evaluator) arguments(at place, function, number int, typ ast.Expr) []string {
	name := ""
	method := false
	switch fun := at.funcs[function].(type) {
	case *ast.FuncDecl:
		name, method = fun.Name.Name, fun.Recv != nil
	case *ast.FuncLit:
		if function > 0 {
			name = assignedTo(bodyOf(at.funcs[function-1]), fun)
		}
	}
	if _, variadic := typ.(*ast.Ellipsis); variadic || name == "" {
		return []string{anything}
	}
	owner := at.file.Package.Path
	if method {
		owner = ""
	}
	if e.mentions[owner+"."+name] {
		return []string{anything} // handed on as a value
	}
	var uses []use
	for _, c := range e.calls[name] {
		if number < len(c.node.Args) && e.mayCall(c, at.file.Package.Path, method) {
			uses = append(uses, use{c.at, c.node.Args[number]})
		}
	}
	if len(uses) == 0 {
		return nil // nobody calls it
	}
	return e.union(uses)
}

// mayCall tells whether a call by the right name can be one of a function of that package.
func (e *evaluator) mayCall(c call, pkg string, method bool) bool {
	fun := c.node.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		if c.at.file.Package.Path == pkg {
			return !method
		}
		return false
	case *ast.SelectorExpr:
		if x, ok := fun.X.(*ast.Ident); ok {
			if imported := c.at.file.Import(x.Name); imported != "" {
				return !method && imported == pkg
			}
		}
		return method
	}
	return true
}

// assignedTo gives the name of the variable that holds a function.
func assignedTo(body *ast.BlockStmt, fun *ast.FuncLit) string {
	name := ""
	ast.Inspect(body, func(node ast.Node) bool {
		if assign, ok := node.(*ast.AssignStmt); ok && len(assign.Lhs) == len(assign.Rhs) {
			for i, right := range assign.Rhs {
				if id, ok := assign.Lhs[i].(*ast.Ident); ok && right == ast.Expr(fun) {
					name = id.Name
				}
			}
		}
		return name == ""
	})
	return name
}

// selector is a value of another package, or what is ever put into a field of that name.
func (e *evaluator) selector(at place, expr *ast.SelectorExpr) []string {
	if x, ok := expr.X.(*ast.Ident); ok {
		if imported := at.file.Import(x.Name); imported != "" {
			if p := e.tree.Package(imported); p != nil {
				return e.value(p, expr.Sel.Name)
			}
			return []string{anything}
		}
	}
	field := expr.Sel.Name
	uses, set := e.fields[field], e.set[field]
	named := e.declared(at, expr.X)
	if named != "" && e.built[named] {
		uses = e.fields[named+"."+field]
	}
	if len(uses)+len(set) == 0 && e.read[field] {
		return []string{anything}
	}
	// Whoever leaves a field out leaves it empty.
	zero := use{at, empty}
	texts := e.union(slices.Concat(uses, set, []use{zero}))
	if !e.built[named] && len(texts) > 2 {
		for _, text := range texts {
			e.mixed[text] = true // of whichever type
		}
	}
	if slices.Contains(texts, anything) && at.file.Package.Types[named] != nil {
		// Fields of that name are many: this one is set by those who import its type.
		owner := at.file.Package.Path
		elsewhere := func(u use) bool {
			p := u.at.file.Package
			return p.Path != owner && !slices.Contains(p.ImportedPaths(), owner)
		}
		near := slices.DeleteFunc(slices.Concat(uses, set), elsewhere)
		texts = e.union(append(near, zero))
	}
	return texts
}

// empty is the zero value of a text.
var empty = &ast.BasicLit{Kind: token.STRING, Value: `""`}

// declared is the name of the type of a parameter or receiver.
func (e *evaluator) declared(at place, expr ast.Expr) string {
	id, ok := expr.(*ast.Ident)
	if !ok {
		return ""
	}
	for i := len(at.funcs) - 1; i >= 0; i-- {
		if _, typ := parameter(at.funcs[i], id.Name); typ != nil {
			return typeName(typ)
		}
		if decl, ok := at.funcs[i].(*ast.FuncDecl); ok && decl.Recv != nil {
			for _, field := range decl.Recv.List {
				if len(field.Names) == 1 && field.Names[0].Name == id.Name {
					return typeName(field.Type)
				}
			}
		}
	}
	return ""
}

// elements are the texts in a list or map that is written out.
func (e *evaluator) elements(at place, expr ast.Expr) []string {
	byKey := false
	if c, ok := expr.(*ast.CallExpr); ok {
		id, ok := c.Fun.(*ast.Ident)
		if !ok || id.Name != "keys of" {
			return []string{anything}
		}
		byKey, expr = true, c.Args[0]
	}
	literal, at := e.literal(at, expr)
	if literal == nil {
		return []string{anything}
	}
	var uses []use
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if byKey {
				element = pair.Key
			} else {
				element = pair.Value
			}
		}
		uses = append(uses, use{at, element})
	}
	return e.union(uses)
}

// literal is the list or map that an expression names.
func (e *evaluator) literal(at place, expr ast.Expr) (*ast.CompositeLit, place) {
	switch expr := expr.(type) {
	case *ast.CompositeLit:
		return expr, at
	case *ast.Ident:
		for i := len(at.funcs) - 1; i >= 0; i-- {
			inner := place{at.file, at.funcs[:i+1]}
			if uses, found := e.local(inner, expr.Name); found {
				if len(uses) == 1 && uses[0].expr != expr {
					literal, ok := uses[0].expr.(*ast.CompositeLit)
					if ok {
						return literal, inner
					}
				}
				return nil, at
			}
		}
		if value := at.file.Package.Values[expr.Name]; value != nil {
			literal, _ := value.Value.(*ast.CompositeLit)
			return literal, place{file: value.File}
		}
	}
	return nil, at
}

// called is what a call gives: of functions of the tree what they return, of Go's own what they do to texts.
func (e *evaluator) called(at place, expr *ast.CallExpr) []string {
	arg := func(i int) []string {
		if i < len(expr.Args) {
			return e.eval(at, expr.Args[i])
		}
		return []string{anything}
	}
	switch fun := expr.Fun.(type) {
	case *ast.Ident:
		if fun.Name == "string" && len(expr.Args) == 1 {
			return arg(0)
		}
		if decl := at.file.Package.Funcs[fun.Name]; decl != nil {
			return e.returned(decl)
		}
		if typ := at.file.Package.Types[fun.Name]; typ != nil && len(expr.Args) == 1 {
			return arg(0)
		}
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			break
		}
		switch imported := at.file.Import(x.Name); {
		case imported == clientGolang && fun.Sel.Name == "BuildFQName" && len(expr.Args) == 3:
			return e.joined(arg(0), arg(1), arg(2))
		case imported == "fmt" && fun.Sel.Name == "Sprintf":
			return e.formatted(at, expr.Args)
		case imported == "strings":
			return changed(fun.Sel.Name, arg(0), arg(1), arg(2))
		case imported != "":
			if p := e.tree.Package(imported); p != nil && p.Funcs[fun.Sel.Name] != nil {
				return e.returned(p.Funcs[fun.Sel.Name])
			}
		}
	}
	return []string{anything}
}

// returned is all that a function of one result may give.
func (e *evaluator) returned(decl *source.FuncDecl) []string {
	results := decl.Decl.Type.Results
	if results == nil || len(results.List) != 1 || decl.Decl.Body == nil {
		return []string{anything}
	}
	at := place{decl.File, []ast.Node{decl.Decl}}
	var uses []use
	ast.Inspect(decl.Decl.Body, func(node ast.Node) bool {
		if _, inner := node.(*ast.FuncLit); inner {
			return false
		}
		if statement, ok := node.(*ast.ReturnStmt); ok {
			value := ast.Expr(nil)
			if len(statement.Results) == 1 {
				value = statement.Results[0]
			}
			uses = append(uses, use{at, value})
		}
		return true
	})
	return e.union(uses)
}

// formatted is what Sprintf makes.
func (e *evaluator) formatted(at place, args []ast.Expr) []string {
	if len(args) == 0 {
		return []string{anything}
	}
	var all []string
	for _, format := range e.eval(at, args[0]) {
		made := []string{""}
		next := 1
		for len(format) > 0 {
			before, after, found := strings.Cut(format, "%")
			made = e.product(made, []string{before})
			if !found {
				break
			}
			if after == "" {
				return []string{anything}
			}
			verb := after[0]
			format = after[1:]
			switch {
			case verb == '%':
				made = e.product(made, []string{"%"})
				continue
			case (verb == 's' || verb == 'v') && next < len(args):
				made = e.product(made, e.eval(at, args[next]))
			case verb >= 'a' && verb <= 'z':
				made = e.product(made, []string{anything})
			default:
				return []string{anything}
			}
			next++
		}
		all = append(all, made...)
	}
	return limited(all)
}

// changed is what a function of package strings makes.
func changed(name string, text, second, third []string) []string {
	var all []string
	for _, t := range text {
		if strings.Contains(t, anything) || len(second) != 1 && name != "ToLower" {
			return []string{anything}
		}
		switch name {
		case "ReplaceAll":
			if len(third) != 1 {
				return []string{anything}
			}
			all = append(all, strings.ReplaceAll(t, second[0], third[0]))
		case "TrimSuffix":
			all = append(all, strings.TrimSuffix(t, second[0]))
		case "TrimPrefix":
			all = append(all, strings.TrimPrefix(t, second[0]))
		case "ToLower":
			all = append(all, strings.ToLower(t))
		default:
			return []string{anything}
		}
	}
	return limited(all)
}
