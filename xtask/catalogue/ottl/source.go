package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const contrib = "github.com/open-telemetry/opentelemetry-collector-contrib/"

// A module of contrib at one version, or at the versions that stand in for it.
type sources struct {
	root     string            // the module cache
	versions map[string]string // module path below contrib → version to read
	packages map[string]*pkg
	fset     *token.FileSet
}

type pkg struct {
	path    string // import path
	name    string
	funcs   map[string]*ast.FuncDecl // functions, and methods as Type.Method
	values  map[string]value_        // constants and variables not evaluated yet
	types   map[string]*ast.TypeSpec
	files   map[ast.Node]*ast.File
	imports map[*ast.File]map[string]string
	globals map[string]any // evaluated constants and variables
	busy    map[string]bool
	inits   []*ast.FuncDecl
}

type value_ struct {
	expr ast.Expr
	file *ast.File
}

func newSources(root string, versions map[string]string) *sources {
	return &sources{root: root, versions: versions, packages: map[string]*pkg{}, fset: token.NewFileSet()}
}

// directory finds the folder that holds an import path, or "" when it is none of ours.
func (s *sources) directory(path string) string {
	rest, ok := strings.CutPrefix(path, contrib)
	if !ok {
		return ""
	}
	best := ""
	for module := range s.versions {
		if (rest == module || strings.HasPrefix(rest, module+"/")) && len(module) > len(best) {
			best = module
		}
	}
	if best == "" {
		return ""
	}
	return filepath.Join(s.root, contrib+best+"@v"+s.versions[best], strings.TrimPrefix(rest, best))
}

// load reads a package; nil when there is no source for it.
func (s *sources) load(path string) *pkg {
	if p, ok := s.packages[path]; ok {
		return p
	}
	s.packages[path] = nil
	dir := s.directory(path)
	if dir == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil
	}
	sort.Strings(names)
	p := &pkg{path: path, funcs: map[string]*ast.FuncDecl{}, values: map[string]value_{}, types: map[string]*ast.TypeSpec{},
		files: map[ast.Node]*ast.File{}, imports: map[*ast.File]map[string]string{}, globals: map[string]any{}, busy: map[string]bool{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			fail("%v", err)
		}
		file, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			fail("%v", err)
		}
		p.name = file.Name.Name
		p.add(file)
	}
	s.packages[path] = p
	return p
}

func (p *pkg) add(file *ast.File) {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
			rest := strings.TrimSuffix(path, "/"+name)
			name = rest[strings.LastIndex(rest, "/")+1:]
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = path
	}
	p.imports[file] = imports
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv == nil && name == "init" {
				p.inits = append(p.inits, d)
				p.files[d] = file
				continue
			}
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			p.funcs[name] = d
			p.files[d] = file
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for i, name := range spec.Names {
						if i < len(spec.Values) {
							p.values[name.Name] = value_{spec.Values[i], file}
						}
					}
				case *ast.TypeSpec:
					p.types[spec.Name.Name] = spec
					p.files[spec] = file
				}
			}
		}
	}
}

// receiver names the type of a method's receiver without stars and parameters.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}
