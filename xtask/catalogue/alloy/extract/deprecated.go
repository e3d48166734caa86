package extract

import (
	"strings"

	"vispyr/catalogue/alloy/source"
)

// deprecated tells whether the comment of a field calls that field deprecated: a line that starts with the word (Go's own
// convention, and what the authors write beside it), or that says so of the field by its Go name.
func deprecated(f source.Field) bool {
	for _, line := range strings.Split(f.Syntax.Doc.Text()+"\n"+f.Syntax.Comment.Text(), "\n") {
		line = strings.TrimSpace(line)
		word, _, _ := strings.Cut(line, " ")
		if strings.EqualFold(strings.TrimRight(word, ":,.-"), "deprecated") || strings.HasPrefix(line, f.GoName+" is deprecated") {
			return true
		}
	}
	return false
}
