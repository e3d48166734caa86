package main

import (
	"encoding/json"
	"go/ast"
	"sort"
	"strconv"
	"strings"
	"time"

	"vispyr/catalogue/alloy/extract"
	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

var setterTypes = map[string]string{
	"StringVar": "string", "BoolVar": "bool", "DurationVar": "duration", "IntVar": "number:int", "Int64Var": "number:int64",
	"UintVar": "number:uint", "Uint64Var": "number:uint64", "Float64Var": "number:float64",
}

// flagFields turns the flags of a run into the fields of the body `flags`.
func (x *extractor) flagFields(set *interp.FlagSet) []extract.Field {
	var fields []extract.Field
	for _, flag := range sortFlags(set.Flags) {
		f := extract.Field{Name: flag.Name, Kind: "attr", Type: setterTypes[flag.Setter]}
		lower := strings.ToLower(flag.Usage)
		f.Deprecated = strings.HasPrefix(lower, "deprecated") || strings.HasPrefix(lower, "[deprecated]")
		if f.Type == "" {
			f.Type = x.flagType(&f, flag)
		} else if s, ok := flag.Default.(interp.Scalar); ok {
			f.Default = flagDefault(f.Type, s)
		}
		fields = append(fields, f)
	}
	return fields
}

func flagDefault(typ string, s interp.Scalar) json.RawMessage {
	if typ == "duration" {
		if ns, ok := interp.Int(s); ok && ns != 0 {
			return interp.Encode(time.Duration(ns).String())
		}
		return nil
	}
	return interp.Encode(interp.PlainScalar(s, typ == "bool"))
}

// flagType is the type of a flag with a Value of its own. What is given to it is one word that its Set reads.
func (x *extractor) flagType(f *extract.Field, flag *interp.Flag) string {
	named := source.AsNamed(orAny(interp.DynamicType(flag.Value)))
	if named == nil {
		return "any"
	}
	name := full(named)
	if strings.HasSuffix(name, "flagext.deprecatedFlag") || strings.HasSuffix(name, "flagext.ignoredFlag") {
		f.Deprecated = true
		return "any"
	}
	if _, list := source.Underlying(named).(*source.Slice); list && named.Method("UnmarshalYAML") == nil {
		return "list(string)" // given several times
	}
	if named.Decl == nil || named.Method("Set") == nil {
		return "any"
	}
	x.text(named, "Set")
	if raw := interp.Encode(x.plainText(pointee(flag.Default), named, false)); raw != nil {
		f.Default = raw
	}
	return "string<" + named.String() + ">"
}

// written finds flags that a program registers one by one: `flag.StringVar(&x, "name", default, "usage")`, with constants.
func (x *extractor) written(packages ...string) []extract.Field {
	var fields []extract.Field
	for _, path := range packages {
		p := x.tree.Package(path)
		if p == nil {
			continue
		}
		for _, file := range p.Files {
			ast.Inspect(file.Syntax, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				setter, at := sel.Sel.Name, 1
				if setterTypes[setter] == "" {
					setter, at = setter+"Var", 0
				}
				if setterTypes[setter] == "" || len(call.Args) != at+3 {
					return true
				}
				name, ok := interp.Text(x.machine.Eval(file, call.Args[at]))
				if !ok {
					name = localWord(file, call.Args[at])
				}
				if name == "" {
					return true
				}
				f := extract.Field{Name: name, Kind: "attr", Type: setterTypes[setter]}
				if s, ok := x.machine.Eval(file, call.Args[at+1]).(interp.Scalar); ok {
					f.Default = flagDefault(f.Type, s)
				}
				fields = append(fields, f)
				return true
			})
		}
	}
	return fields
}

// localWord finds the string constant that a function declares for itself under a name.
func localWord(file *source.File, expr ast.Expr) string {
	ident, ok := expr.(*ast.Ident)
	if !ok {
		return ""
	}
	word := ""
	ast.Inspect(file.Syntax, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			if name.Name == ident.Name && i < len(spec.Values) {
				if lit, ok := spec.Values[i].(*ast.BasicLit); ok {
					word, _ = strconv.Unquote(lit.Value)
				}
			}
		}
		return true
	})
	return word
}

// flagsBody records the command line.
func (x *extractor) flagsBody(fields []extract.Field) extract.Root {
	sort.SliceStable(fields, func(i, j int) bool { return fields[i].Name < fields[j].Name })
	b := &extract.Body{Name: "flags"}
	for i, f := range fields {
		if i == 0 || f.Name != fields[i-1].Name {
			b.Fields = append(b.Fields, f)
		}
	}
	x.bodies["flags"] = b
	return extract.Root{Name: "flags", Kind: "flags", Body: "flags"}
}

// kingpin finds the flags that a function registers with kingpin: `a.Flag("name", "help").Default("x").StringVar(&v)`.
func (x *extractor) kingpin(path string) []extract.Field {
	p := x.tree.Package(path)
	if p == nil {
		return nil
	}
	var fields []extract.Field
	inner := map[*ast.CallExpr]bool{}
	for _, file := range p.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || inner[call] {
				return true
			}
			if f, ok := x.kingpinFlag(file, call, inner); ok {
				fields = append(fields, f)
			}
			return true
		})
	}
	return fields
}

// kingpinFlag reads one chain of calls, from its end to the `Flag` that it begins with.
func (x *extractor) kingpinFlag(file *source.File, call *ast.CallExpr, inner map[*ast.CallExpr]bool) (f extract.Field, ok bool) {
	f = extract.Field{Kind: "attr", Type: "string"}
	var defaults []ast.Expr
	for at := call; ; {
		inner[at] = true
		name := ""
		var next ast.Expr
		switch fun := at.Fun.(type) {
		case *ast.SelectorExpr:
			name, next = fun.Sel.Name, fun.X
		case *ast.Ident:
			name = fun.Name
		}
		first := 0
		if name == "serverOnlyFlag" || name == "agentOnlyFlag" {
			first = 1
		}
		if name == "Flag" || first == 1 {
			if len(at.Args) < first+2 {
				return f, false
			}
			f.Name, ok = interp.Text(x.machine.Eval(file, at.Args[first]))
			if help, known := interp.Text(x.machine.Eval(file, at.Args[first+1])); known {
				f.Deprecated = strings.HasPrefix(strings.ToLower(help), "[deprecated]") || strings.HasPrefix(strings.ToLower(help), "deprecated")
			}
			f.Default = x.kingpinDefault(file, f.Type, defaults)
			return f, ok
		}
		x.kingpinStep(file, &f, name, at.Args, &defaults)
		further, chained := next.(*ast.CallExpr)
		if !chained {
			return f, false
		}
		at = further
	}
}

var kingpinTypes = map[string]string{
	"Bool": "bool", "String": "string", "Int": "number:int", "Int64": "number:int64", "Uint": "number:uint", "Uint64": "number:uint64",
	"Uint32": "number:uint32", "Int32": "number:int32", "Float64": "number:float64", "Float": "number:float64", "Duration": "duration", "Strings": "list(string)",
	"URL": "string", "TCP": "string", "Bytes": "string<units.Base2Bytes>", "ExistingFile": "string", "File": "string",
}

func (x *extractor) kingpinStep(file *source.File, f *extract.Field, name string, args []ast.Expr, defaults *[]ast.Expr) {
	switch name {
	case "Default":
		*defaults = args
	case "Required":
		f.Required = true
	case "Enum", "EnumVar", "Enums", "EnumsVar":
		if strings.HasSuffix(name, "Var") && len(args) > 0 {
			args = args[1:]
		}
		for _, arg := range args {
			if word, ok := interp.Text(x.machine.Eval(file, arg)); ok {
				f.Values = append(f.Values, word)
			}
		}
		if len(f.Values) != len(args) {
			f.Values = nil
		}
	case "SetValue":
		if len(args) == 1 {
			f.Type = x.kingpinValue(file, args[0])
		}
	default:
		if typ := kingpinTypes[strings.TrimSuffix(name, "Var")]; typ != "" {
			f.Type = typ
		}
	}
	if f.Type == "string<units.Base2Bytes>" {
		x.texts["units.Base2Bytes"] = extract.TextType{Name: "units.Base2Bytes", Open: true}
	}
}

// kingpinValue spells the type of a Value that is handed to SetValue.
func (x *extractor) kingpinValue(file *source.File, arg ast.Expr) string {
	if call, ok := arg.(*ast.CallExpr); ok {
		if named := source.AsNamed(orAny(file.Resolve(call.Fun))); named != nil {
			x.texts[named.String()] = extract.TextType{Name: named.String(), Open: true}
			return "string<" + named.String() + ">"
		}
	}
	if unary, ok := arg.(*ast.UnaryExpr); ok {
		if sel, ok := unary.X.(*ast.SelectorExpr); ok {
			if t := localField(file, sel); t != nil {
				if named := source.AsNamed(t); named != nil {
					x.text(named, "Set")
					return "string<" + named.String() + ">"
				}
			}
		}
	}
	return "string"
}

// localField finds the type of `cfg.x` where the function declares `cfg := flagConfig{…}`.
func localField(file *source.File, sel *ast.SelectorExpr) source.Type {
	ident, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	var found source.Type
	ast.Inspect(file.Syntax, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			return true
		}
		if lhs, ok := assign.Lhs[0].(*ast.Ident); ok && lhs.Name == ident.Name {
			if spelt := typeOfValue(assign.Rhs[0]); spelt != nil {
				if shape := source.AsStruct(orAny(file.Resolve(spelt))); shape != nil {
					if t, ok := shape.GoField(sel.Sel.Name); ok && found == nil {
						found = t
					}
				}
			}
		}
		return true
	})
	return found
}

func (x *extractor) kingpinDefault(file *source.File, typ string, args []ast.Expr) json.RawMessage {
	var words []string
	for _, arg := range args {
		word, ok := interp.Text(x.machine.Eval(file, arg))
		if !ok {
			return nil
		}
		words = append(words, word)
	}
	switch {
	case typ == "bool":
		return interp.Encode(len(words) == 1 && words[0] == "true")
	case len(words) == 0 || len(words) == 1 && words[0] == "":
		return nil
	case typ == "list(string)":
		return interp.Encode(words)
	case strings.HasPrefix(typ, "number:"):
		if n, err := strconv.ParseFloat(words[0], 64); err == nil {
			return interp.Encode(json.RawMessage(strconv.FormatFloat(n, 'f', -1, 64)))
		}
	}
	return interp.Encode(words[0])
}

// cases lists the constant words of every `case` in a function.
func (x *extractor) cases(path, function string) []string {
	p := x.tree.Package(path)
	if p == nil {
		return nil
	}
	decl := p.Funcs[function]
	for _, methods := range p.Methods {
		if decl == nil {
			decl = methods[function]
		}
	}
	if decl == nil {
		return nil
	}
	var words []string
	ast.Inspect(decl.Decl.Body, func(n ast.Node) bool {
		if clause, ok := n.(*ast.CaseClause); ok {
			for _, expr := range clause.List {
				if word, ok := interp.Text(x.machine.Eval(decl.File, expr)); ok && word != "" {
					words = append(words, word)
				}
			}
		}
		return true
	})
	return unique(words)
}

func assignsReceiver(method *source.FuncDecl) bool {
	recv := method.Decl.Recv.List[0]
	if len(recv.Names) != 1 {
		return false
	}
	found := false
	ast.Inspect(method.Decl.Body, func(n ast.Node) bool {
		if assign, ok := n.(*ast.AssignStmt); ok && len(assign.Lhs) == 1 {
			if star, ok := assign.Lhs[0].(*ast.StarExpr); ok {
				if ident, ok := star.X.(*ast.Ident); ok && ident.Name == recv.Names[0].Name {
					found = true
				}
			}
		}
		return true
	})
	return found
}
