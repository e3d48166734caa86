package source

import (
	"bytes"
	"go/format"
	"strings"
)

// Canonical prints a function as gofmt would, without comments, blank lines and indentation.
func Canonical(f *FuncDecl) string {
	decl := *f.Decl
	decl.Doc = nil
	var out bytes.Buffer
	if format.Node(&out, f.File.Package.Tree.Fset, &decl) != nil {
		return ""
	}
	var lines []string
	for _, line := range strings.Split(out.String(), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
