package extract

import (
	"go/ast"
	"go/token"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// text records a text type with the words that its decoder takes. The words are found by running the decoder on every
// string that its code mentions; a word that no code mentions tells whether it takes others as well.
func (x *Extractor) text(named *source.Named) {
	name := named.String()
	if _, done := x.texts[name]; done {
		return
	}
	record := TextType{Name: name, Open: true, Empty: true}
	if fact := x.overlay.Types[full(named)].Text; fact != nil {
		fact.Name = name
		x.texts[name] = *fact
		return
	}
	x.texts[name] = record
	decoder := named.Method("UnmarshalText")
	if decoder == nil {
		return
	}
	other, sure := x.decodes(named, "no such word, certainly")
	record.Open = other || !sure
	if empty, sure := x.decodes(named, ""); sure {
		record.Empty = empty
	}
	if !record.Open {
		for _, word := range x.mentioned(decoder, 0, map[*source.FuncDecl]bool{}) {
			if accepted, sure := x.decodes(named, word); sure && accepted && word != "" {
				record.Values = append(record.Values, word)
			}
		}
		record.Values = unique(record.Values)
		record.Fold = x.folds(named, record.Values)
	}
	x.texts[name] = record
}

// folds tells whether the decoder takes every word in the other case as well.
func (x *Extractor) folds(named *source.Named, words []string) bool {
	for _, word := range words {
		other := strings.ToUpper(word)
		if other == word {
			other = strings.ToLower(word)
		}
		if accepted, sure := x.decodes(named, other); !sure || !accepted {
			return false
		}
	}
	return len(words) > 0
}

// decodes runs the decoder; sure is false when the outcome cannot be known.
func (x *Extractor) decodes(named *source.Named, word string) (accepted, sure bool) {
	cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
	result, _ := x.machine.CallMethod(cell, named, "UnmarshalText", interp.Str(word))
	return noError(result)
}

func noError(result interp.Value) (none, sure bool) {
	switch result.(type) {
	case interp.Nil:
		return true, true
	case interp.Error:
		return false, true
	}
	return false, false
}

// mentioned lists the strings in a function, in the package values that it names and in the functions that it calls.
func (x *Extractor) mentioned(f *source.FuncDecl, depth int, seen map[*source.FuncDecl]bool) []string {
	if f == nil || f.Decl.Body == nil || depth > 3 || seen[f] {
		return nil
	}
	seen[f] = true
	return x.stringsIn(f.File, f.Decl.Body, depth, seen)
}

func (x *Extractor) stringsIn(file *source.File, node ast.Node, depth int, seen map[*source.FuncDecl]bool) []string {
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
			if decl := file.Package.Values[n.Name]; decl != nil && depth < 4 {
				words = append(words, x.stringsOf(decl, depth+1, seen)...)
			}
			words = append(words, x.mentioned(file.Package.Funcs[n.Name], depth+1, seen)...)
		case *ast.SelectorExpr:
			words = append(words, x.selected(file, n, depth, seen)...)
		}
		return true
	})
	return words
}

func (x *Extractor) selected(file *source.File, n *ast.SelectorExpr, depth int, seen map[*source.FuncDecl]bool) []string {
	pkg, ok := n.X.(*ast.Ident)
	if !ok {
		return nil
	}
	path := file.Import(pkg.Name)
	if path == "" {
		return nil
	}
	for _, symbol := range []string{path + "." + n.Sel.Name, path + "." + n.Sel.Name + "()"} {
		if v, ok := x.overlay.Value(symbol); ok {
			return interp.Strings(v)
		}
	}
	p := x.tree.Package(path)
	if p == nil {
		return nil
	}
	if decl := p.Values[n.Sel.Name]; decl != nil && depth < 4 {
		return x.stringsOf(decl, depth+1, seen)
	}
	return x.mentioned(p.Funcs[n.Sel.Name], depth+1, seen)
}

func (x *Extractor) stringsOf(decl *source.ValueDecl, depth int, seen map[*source.FuncDecl]bool) []string {
	if decl.Value == nil {
		return nil
	}
	if word, ok := interp.Text(x.machine.Eval(decl.File, decl.Value)); ok {
		return []string{word}
	}
	return x.stringsIn(decl.File, decl.Value, depth, seen)
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
