package extract

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// Blocks that the controller knows by name, with the places where their structs have been in the course of time:
// internal/{alloy,runtime}/internal/controller/node_config*.go, internal/nodeconf.
var builtinBlocks = []struct {
	name   string
	places []string
}{
	{"logging", []string{"internal/runtime/logging.Options", "internal/alloy/logging.Options"}},
	{"tracing", []string{"internal/runtime/tracing.Options", "internal/alloy/tracing.Options"}},
	{"argument", []string{"internal/nodeconf/argument.Arguments", "internal/runtime/internal/controller.argumentBlock", "internal/alloy/internal/controller.argumentBlock"}},
	{"export", []string{"internal/nodeconf/export.Arguments", "internal/runtime/internal/controller.exportBlock", "internal/alloy/internal/controller.exportBlock"}},
	{"foreach", []string{"internal/nodeconf/foreach.Arguments", "internal/runtime/internal/controller.ForEachArguments", "internal/runtime/internal/controller.Arguments"}},
	{"import.file", importPlaces("FileArguments")},
	{"import.git", importPlaces("GitArguments")},
	{"import.http", importPlaces("HTTPArguments")},
	{"import.string", append(importPlaces("StringArguments"), importPlaces("importStringConfigBlock")...)},
}

func importPlaces(name string) []string {
	return []string{
		"internal/nodeconf/importsource." + name,
		"internal/runtime/internal/importsource." + name,
		"internal/alloy/internal/importsource." + name,
	}
}

// configBlocks lists the blocks that are no components: those of services that take a configuration and the built-in ones.
func (x *Extractor) configBlocks() ([]Root, error) {
	roots, err := x.services()
	if err != nil {
		return nil, err
	}
	unstable := x.unstableBlocks()
	for _, block := range builtinBlocks {
		named := x.firstType(block.places)
		if named == nil {
			if block.name == "foreach" && !x.knowsForeach() {
				continue // it came with 1.7
			}
			return nil, fmt.Errorf("no struct found for the block %s", block.name)
		}
		roots = append(roots, Root{Name: block.name, Kind: "block", Stability: stabilityOr(unstable[block.name]), Body: x.body(named)})
	}
	// A declare block holds a configuration of its own; no struct describes it.
	return append(roots, Root{Name: "declare", Kind: "block", Stability: stabilityOr("")}), nil
}

// knowsForeach tells whether the controller has the block, wherever its struct is.
func (x *Extractor) knowsForeach() bool {
	controller := x.tree.Package(source.Module + "/internal/runtime/internal/controller")
	return controller != nil && controller.Values["foreachID"] != nil || x.tree.Package(source.Module+"/internal/nodeconf/foreach") != nil
}

func stabilityOr(s string) string {
	if s == "" {
		return "generally-available"
	}
	return s
}

func (x *Extractor) firstType(places []string) *source.Named {
	for _, place := range places {
		dot := strings.LastIndex(place, ".")
		if named, ok := x.tree.Named(source.Module+"/"+place[:dot], place[dot+1:]).(*source.Named); ok {
			return named
		}
	}
	return nil
}

// unstableBlocks reads the controller's table of blocks that are not generally available.
func (x *Extractor) unstableBlocks() map[string]string {
	table := map[string]string{}
	for _, place := range []string{"internal/runtime/internal/controller", "internal/alloy/internal/controller"} {
		p := x.tree.Package(source.Module + "/" + place)
		if p == nil || p.Values["configBlocksUnstable"] == nil {
			continue
		}
		decl := p.Values["configBlocksUnstable"]
		literal, ok := decl.Value.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, elt := range literal.Elts {
			pair, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if name, ok := interp.Text(x.machine.Eval(decl.File, pair.Key)); ok {
				table[name] = x.stabilityOfValue(decl.File, pair.Value)
			}
		}
	}
	return table
}

// stabilityOfValue looks through one constant of the tree.
func (x *Extractor) stabilityOfValue(file *source.File, expr ast.Expr) string {
	if s := stabilityOf(expr); s != "" {
		return s
	}
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	p := x.tree.Package(file.Import(pkg.Name))
	if p == nil || p.Values[sel.Sel.Name] == nil {
		return ""
	}
	return stabilityOf(p.Values[sel.Sel.Name].Value)
}

// services reads the definitions below internal/service.
func (x *Extractor) services() ([]Root, error) {
	entries, err := os.ReadDir(filepath.Join(x.tree.Root, "internal", "service"))
	if err != nil {
		return nil, err
	}
	var roots []Root
	seen := map[string]bool{}
	for _, entry := range entries {
		p := x.tree.Package(source.Module + "/internal/service/" + entry.Name())
		if p == nil {
			continue
		}
		for _, file := range p.Files {
			for _, literal := range definitions(file) {
				root, ok := x.service(file, literal)
				if ok && !seen[root.Name] {
					seen[root.Name] = true
					roots = append(roots, root)
				}
			}
		}
	}
	return roots, nil
}

func definitions(file *source.File) []*ast.CompositeLit {
	var found []*ast.CompositeLit
	ast.Inspect(file.Syntax, func(n ast.Node) bool {
		if literal, ok := n.(*ast.CompositeLit); ok && literal.Type != nil {
			named, ok := file.Resolve(literal.Type).(*source.Named)
			if ok && named.Same(source.Module+"/internal/service", "Definition") {
				found = append(found, literal)
			}
		}
		return true
	})
	return found
}

func (x *Extractor) service(file *source.File, literal *ast.CompositeLit) (Root, bool) {
	parts := keyed(literal)
	config := x.literalType(file, parts["ConfigType"])
	name, ok := interp.Text(x.machine.Eval(file, parts["Name"]))
	if config == nil || !ok {
		return Root{}, false
	}
	return Root{Name: name, Kind: "block", Stability: stabilityOr(stabilityOf(parts["Stability"])), Body: x.body(config)}, true
}
