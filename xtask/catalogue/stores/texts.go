package main

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/extract"
	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// text records a text type with the words that its decoder takes: found by running it on every string that it mentions.
func (x *extractor) text(named *source.Named, method string) {
	name := named.String()
	if _, done := x.texts[name]; done {
		return
	}
	x.texts[name] = extract.TextType{Name: name, Open: true, Empty: true}
	decoder, _ := methodOf(named, method)
	if decoder == nil {
		return
	}
	record := extract.TextType{Name: name}
	other, sure := x.accepts(named, method, "no such word, certainly")
	record.Open = other || !sure
	empty, sureEmpty := x.accepts(named, method, "")
	record.Empty = empty || !sureEmpty
	if !record.Open {
		for _, word := range mentioned(x, decoder, 0) {
			if accepted, sure := x.accepts(named, method, word); sure && accepted && word != "" {
				record.Values = append(record.Values, word)
			} else if !sure {
				record.Open = true
			}
		}
		record.Values = unique(record.Values)
		record.Open = record.Open || len(record.Values) == 0
		record.Fold = x.folds(named, method, record.Values)
	}
	if record.Open {
		record.Values, record.Fold = nil, false
	}
	x.texts[name] = record
}

func (x *extractor) folds(named *source.Named, method string, words []string) bool {
	for _, word := range words {
		other := strings.ToUpper(word)
		if other == word {
			other = strings.ToLower(word)
		}
		if accepted, sure := x.accepts(named, method, other); !sure || !accepted {
			return false
		}
	}
	return len(words) > 0
}

// accepts runs a decoder on a word; sure is false when the outcome cannot be known.
func (x *extractor) accepts(named *source.Named, method, word string) (accepted, sure bool) {
	cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
	arg := interp.Str(word)
	if method == "UnmarshalYAML" {
		arg = interp.Native("vispyr.assign", func(m *interp.Machine, args []interp.Value) interp.Value {
			if p, ok := args[0].(interp.Ptr); ok {
				p.To.V = m.Convert(interp.Str(word), p.To.T)
			}
			return interp.Nil{}
		})
	}
	result, _ := x.machine.CallMethod(cell, named, method, arg)
	switch result.(type) {
	case interp.Nil:
		return true, true
	case interp.Error:
		return false, true
	}
	return false, false
}

// mentioned lists the strings in a function, in the package values that it names and in the functions that it calls.
func mentioned(x *extractor, f *source.FuncDecl, depth int) []string {
	if f == nil || f.Decl.Body == nil || depth > 2 {
		return nil
	}
	return stringsIn(x, f.File, f.Decl.Body, depth)
}

func stringsIn(x *extractor, file *source.File, node ast.Node, depth int) []string {
	var words []string
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if word, err := strconv.Unquote(n.Value); err == nil {
					words = append(words, word)
				}
			}
		case *ast.Ident:
			words = append(words, named(x, file.Package, n.Name, depth)...)
		case *ast.SelectorExpr:
			if ident, ok := n.X.(*ast.Ident); ok {
				if path := file.Imports[ident.Name]; path != "" {
					if p := x.tree.Package(path); p != nil {
						words = append(words, named(x, p, n.Sel.Name, depth)...)
					}
				}
			}
		}
		return true
	})
	return words
}

func named(x *extractor, p *source.Package, name string, depth int) []string {
	if decl := p.Values[name]; decl != nil && decl.Value != nil && depth < 3 {
		if word, ok := interp.Text(x.machine.Eval(decl.File, decl.Value)); ok {
			return []string{word}
		}
		return stringsIn(x, decl.File, decl.Value, depth+1)
	}
	return mentioned(x, p.Funcs[name], depth+1)
}

func unique(words []string) []string {
	sort.Strings(words)
	var out []string
	for i, word := range words {
		if i == 0 || word != words[i-1] {
			out = append(out, word)
		}
	}
	return out
}

// fingerprint is the first 8 hex digits of SHA-256 over the methods of a type that read and refuse its values, and the
// functions of the same package that they call by name.
func fingerprint(named *source.Named, methods ...string) string {
	reached := map[*source.FuncDecl]bool{}
	var queue []*source.FuncDecl
	for _, name := range methods {
		if method := named.Method(name); method != nil {
			queue = append(queue, method)
		}
	}
	if len(queue) == 0 {
		return ""
	}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		if reached[f] || f.Decl.Body == nil {
			continue
		}
		reached[f] = true
		ast.Inspect(f.Decl.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if ident, ok := call.Fun.(*ast.Ident); ok {
					if callee := f.File.Package.Funcs[ident.Name]; callee != nil {
						queue = append(queue, callee)
					}
				}
			}
			return true
		})
	}
	var all []string
	for f := range reached {
		all = append(all, source.Canonical(f))
	}
	sort.Strings(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "")))
	return hex.EncodeToString(sum[:4])
}
