package main

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// A path as OTTL hands it to a context, remembering what was looked at. What is never looked at is refused (basePath.isComplete,
// pkg/ottl/functions.go).
type path struct {
	context     string
	name        string
	keys        keys
	next        *path
	fetched     bool
	keysFetched bool
	askedNext   bool
}

type keys struct{ n int }

func (p *path) method(name string) any {
	switch name {
	case "Context":
		return native(func([]any) []any { return []any{p.context} })
	case "Name":
		return native(func([]any) []any { return []any{p.name} })
	case "String":
		return native(func([]any) []any { return []any{"text of the path"} })
	case "Next":
		return native(func([]any) []any {
			p.askedNext = true
			if p.next == nil {
				return []any{nil}
			}
			p.next.fetched = true
			return []any{p.next}
		})
	case "Keys":
		return native(func([]any) []any {
			if p.keys.n == 0 {
				return []any{nil}
			}
			p.keysFetched = true
			return []any{p.keys}
		})
	}
	return opaque{"path." + name}
}

type verdict int

const (
	refused verdict = iota
	accepted
	undecided
)

// tryPath asks a parser of paths about one path.
func (m *machine) tryPath(parser any, context string, names []string, counts []int) (out verdict, deeper bool) {
	var head *path
	all := make([]*path, len(names))
	for i := len(names) - 1; i >= 0; i-- {
		head = &path{context: context, name: names[i], keys: keys{counts[i]}, next: head}
		all[i] = head
	}
	head.fetched = true
	last := all[len(all)-1]
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unknown); !ok {
				panic(r)
			}
			out, deeper = undecided, false
		}
	}()
	m.steps = 0
	result := m.call(parser, []any{head})
	deeper = last.askedNext && last.fetched
	if len(result) == 2 {
		switch result[1].(type) {
		case nil:
		case failure:
			return refused, deeper
		default:
			return undecided, deeper
		}
	}
	for _, p := range all {
		if !p.fetched || (p.keys.n > 0 && !p.keysFetched) {
			return refused, deeper
		}
	}
	return accepted, deeper
}

// paths lists what a parser of paths accepts, each segment with a mark for its keys: nothing = none, [] = any number, [1] = none or
// one, [+] = at least one, [=1] = exactly one, [?] = not known; a segment that ends in ? stands for anything from there on.
func (m *machine) paths(parser any, context string, words []string) []string {
	var out []string
	var walk func(prefix []string)
	walk = func(prefix []string) {
		if len(prefix) > 4 {
			return
		}
		for _, w := range words {
			names := append(append([]string{}, prefix...), w)
			counts := make([]int, len(names))
			plain, deeper := m.tryPath(parser, context, names, counts)
			if plain == undecided {
				out = append(out, strings.Join(names, ".")+"?")
				continue
			}
			one := make([]verdict, len(names))
			two := make([]verdict, len(names))
			any := plain == accepted
			for i := range names {
				counts[i] = 1
				var more bool
				one[i], more = m.tryPath(parser, context, names, counts)
				deeper = deeper || more
				counts[i] = 2
				two[i], _ = m.tryPath(parser, context, names, counts)
				counts[i] = 0
				any = any || one[i] != refused || two[i] != refused
			}
			if any {
				text := ""
				for i, n := range names {
					if i > 0 {
						text += "."
					}
					text += n + mark(plain, one[i], two[i])
				}
				out = append(out, text)
			}
			if deeper {
				walk(names)
			}
		}
	}
	walk(nil)
	sort.Strings(out)
	return out
}

func mark(none, one, two verdict) string {
	switch {
	case one == undecided || two == undecided:
		return "[?]"
	case none == accepted && one == refused && two == refused:
		return ""
	case none == accepted && one == accepted && two == accepted:
		return "[]"
	case none == accepted && one == accepted:
		return "[1]"
	case one == accepted && two == accepted:
		return "[+]"
	case one == accepted:
		return "[=1]"
	case none == refused && one == refused && two == refused:
		return "" // another segment of this path needs the key
	}
	return "[?]"
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
var symbol = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// vocabulary collects every text in the contexts that could be a segment, and every one that could be an enum.
func (s *sources) vocabulary() (words, symbols []string) {
	seen := map[string]bool{}
	root := s.directory(contrib + "pkg/ottl/contexts")
	_ = filepath.Walk(root, func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		rel, _ := filepath.Rel(root, filepath.Dir(file))
		p := s.load(contrib + "pkg/ottl/contexts/" + filepath.ToSlash(rel))
		if p == nil {
			return nil
		}
		for f := range p.imports {
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if t, err := strconv.Unquote(lit.Value); err == nil {
						seen[t] = true
					}
				}
				return true
			})
		}
		return nil
	})
	for t := range seen {
		if word.MatchString(t) {
			words = append(words, t)
		}
		if symbol.MatchString(t) {
			symbols = append(symbols, t)
		}
	}
	sort.Strings(words)
	sort.Strings(symbols)
	return words, symbols
}
