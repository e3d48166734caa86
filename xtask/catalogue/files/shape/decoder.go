package shape

import (
	"go/ast"

	"vispyr/catalogue/files/source"
)

// decoded tells what an UnmarshalYAML decodes the text into before it goes on by itself: the one value that it hands to the
// reader. Nil = there is none, or there are several to choose from.
func decoded(decoder *source.Func) ast.Expr {
	params := decoder.Decl.Type.Params.List
	if decoder.Decl.Body == nil || len(params) != 1 || len(params[0].Names) != 1 {
		return nil
	}
	reader := params[0].Names[0].Name
	var handed []ast.Expr
	ast.Inspect(decoder.Decl.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is || len(call.Args) == 0 {
			return true
		}
		switch fun := call.Fun.(type) {
		case *ast.Ident:
			if fun.Name == reader {
				handed = append(handed, call.Args[0])
			}
		case *ast.SelectorExpr:
			on, is := fun.X.(*ast.Ident)
			if is && on.Name == reader && (fun.Sel.Name == "Decode" || fun.Sel.Name == "DecodeWithOptions") {
				handed = append(handed, call.Args[0])
			}
		}
		return true
	})
	if len(handed) != 1 {
		return nil
	}
	switch x := handed[0].(type) {
	case *ast.UnaryExpr:
		if id, is := x.X.(*ast.Ident); is {
			return declared(decoder.Decl.Body, id.Name)
		}
	case *ast.Ident:
		return declared(decoder.Decl.Body, x.Name)
	case *ast.CallExpr:
		// (*T)(receiver)
		if paren, is := x.Fun.(*ast.ParenExpr); is {
			if star, is := paren.X.(*ast.StarExpr); is {
				return star.X
			}
		}
	}
	return nil
}

// declared is the type of a local variable: `var v T`, `v := T{}`, `v := &T{}`, `v := make(T)`.
func declared(body *ast.BlockStmt, name string) ast.Expr {
	var found ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, id := range n.Names {
				if id.Name == name && n.Type != nil {
					found = n.Type
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				id, is := left.(*ast.Ident)
				if !is || id.Name != name || i >= len(n.Rhs) || found != nil {
					continue
				}
				found = made(n.Rhs[i])
			}
		}
		return true
	})
	return found
}

func made(expr ast.Expr) ast.Expr {
	switch x := expr.(type) {
	case *ast.CompositeLit:
		return x.Type
	case *ast.UnaryExpr:
		return made(x.X)
	case *ast.CallExpr:
		if id, is := x.Fun.(*ast.Ident); is && id.Name == "make" && len(x.Args) > 0 {
			return x.Args[0]
		}
	}
	return nil
}
