package extract

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
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

// Messages like "the `a` attribute inside the `b` block is deprecated", "b.a is deprecated" and "'a' field is deprecated".
var saysDeprecated = regexp.MustCompile(
	"(?:([a-z][a-z0-9_]*)\\.)?([a-z][a-z0-9_]*)['`]? (?:(?:argument|attribute|block|field) (?:inside the `([a-z0-9_]+)` block )?)?is deprecated")

// announced marks the fields of a component's arguments that the messages of its package call deprecated.
func (x *Extractor) announced(args *source.Named) {
	top := x.bodies[args.String()]
	if args.Decl == nil || top == nil {
		return
	}
	for _, file := range args.Decl.File.Package.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				return true
			}
			for _, match := range saysDeprecated.FindAllStringSubmatch(text, -1) {
				x.mark(top, match[1]+match[3], match[2])
			}
			return true
		})
	}
}

func (x *Extractor) mark(body *Body, block, name string) {
	for i := range body.Fields {
		f := &body.Fields[i]
		switch {
		case block == "" && f.Name == name:
			f.Deprecated = true
		case block != "" && f.Name == block && x.bodies[f.Body] != nil:
			x.mark(x.bodies[f.Body], "", name)
		}
	}
}
