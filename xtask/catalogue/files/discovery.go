package main

import (
	"go/ast"
	"go/token"
	"strconv"

	"vispyr/catalogue/files/shape"
	"vispyr/catalogue/files/source"
)

// discoveries finds the service discoveries that Prometheus registers: each is a list of its own under
// `<name>_sd_configs` of every struct that decodes them inline (discovery/registry.go).
func discoveries(s *shape.Shaper) func(*source.File, string) []*shape.Field {
	root := s.Tree.Module + "/discovery"
	var found []*shape.Field
	done := false
	collect := func() {
		done = true
		for _, path := range s.Tree.Below(root) {
			p := s.Tree.Package(path)
			if p == nil {
				continue
			}
			for _, init := range p.Inits {
				ast.Inspect(init.Decl.Body, func(n ast.Node) bool {
					call, is := n.(*ast.CallExpr)
					if !is || len(call.Args) != 1 {
						return true
					}
					if sel, is := call.Fun.(*ast.SelectorExpr); !is || sel.Sel.Name != "RegisterConfig" {
						return true
					}
					if typ := registered(call.Args[0]); typ != "" && p.Methods[typ] != nil && p.Methods[typ]["Name"] != nil {
						if name := returned(p.Methods[typ]["Name"]); name != "" {
							found = append(found, &shape.Field{Name: name + "_sd_configs", Kind: "attr", Type: "list(" + s.Named(path, typ) + ")"})
						}
					}
					return true
				})
			}
		}
		group := "list(" + s.Named(root+"/targetgroup", "Group") + ")"
		found = append(found, &shape.Field{Name: "static_configs", Kind: "attr", Type: group})
	}
	return func(file *source.File, name string) []*shape.Field {
		p := file.Package
		dot := len(s.Short(p.Path, "")) // `config.`
		if len(name) <= dot || p.Methods[name[dot:]] == nil {
			return nil
		}
		decoder := p.Methods[name[dot:]]["UnmarshalYAML"]
		if decoder == nil || !calls(decoder, "UnmarshalYAMLWithInlineConfigs") {
			return nil
		}
		if !done {
			collect()
		}
		return found
	}
}

// registered is T of `&T{}`.
func registered(expr ast.Expr) string {
	if unary, is := expr.(*ast.UnaryExpr); is && unary.Op == token.AND {
		if literal, is := unary.X.(*ast.CompositeLit); is {
			if id, is := literal.Type.(*ast.Ident); is {
				return id.Name
			}
		}
	}
	return ""
}

// returned is the string that a method returns.
func returned(method *source.Func) string {
	for _, statement := range method.Decl.Body.List {
		if ret, is := statement.(*ast.ReturnStmt); is && len(ret.Results) == 1 {
			if literal, is := ret.Results[0].(*ast.BasicLit); is {
				text, _ := strconv.Unquote(literal.Value)
				return text
			}
		}
	}
	return ""
}

func calls(f *source.Func, name string) bool {
	found := false
	ast.Inspect(f.Decl.Body, func(n ast.Node) bool {
		if sel, is := n.(*ast.SelectorExpr); is && sel.Sel.Name == name {
			found = true
		}
		return true
	})
	return found
}
