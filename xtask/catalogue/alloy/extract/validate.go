package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"sort"
	"strings"

	"vispyr/catalogue/alloy/source"
)

// validateHash fingerprints what the engine runs to validate a body. A type with a decoder of its own decodes into a copy
// that has no methods, so its Validate is never called: syntax/vm/vm.go.
func (x *Extractor) validateHash(named *source.Named) string {
	if named.Method("UnmarshalAlloy") != nil {
		return ""
	}
	return x.methodHash(named, "Validate")
}

// methodHash is the first 8 hex digits of SHA-256 over a method and every function of the tree that it can reach.
func (x *Extractor) methodHash(named *source.Named, name string) string {
	method := named.Method(name)
	if method == nil {
		return ""
	}
	reached := map[*source.FuncDecl]bool{}
	queue := []*source.FuncDecl{method}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		if reached[f] || f.Decl.Body == nil {
			continue
		}
		reached[f] = true
		queue = append(queue, x.callees(f)...)
	}
	delete(reached, method)
	var rest []string
	for f := range reached {
		rest = append(rest, source.Canonical(f))
	}
	sort.Strings(rest)
	sum := sha256.Sum256([]byte(source.Canonical(method) + strings.Join(rest, "")))
	return hex.EncodeToString(sum[:4])
}

// callees lists the functions of the tree that a function calls, as far as types can be told.
func (x *Extractor) callees(f *source.FuncDecl) []*source.FuncDecl {
	t := newTyper(f)
	var found []*source.FuncDecl
	add := func(callee *source.FuncDecl) {
		if callee != nil {
			found = append(found, callee)
		}
	}
	ast.Inspect(f.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				t.define(n)
			}
		case *ast.RangeStmt:
			t.defineRange(n)
		case *ast.DeclStmt:
			t.defineVars(n)
		case *ast.CallExpr:
			add(t.callee(n))
		}
		return true
	})
	return found
}
