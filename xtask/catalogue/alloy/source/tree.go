// Package source reads the Go files of one Alloy release as syntax trees.
//
// Nothing is compiled and no module is downloaded: what lies outside of the tree is a name with an import path.
package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Module is the import path of the tree; its `syntax` folder is a module of its own below the same path.
const Module = "github.com/grafana/alloy"

// Tree is the source of one release.
type Tree struct {
	Root     string
	Fset     *token.FileSet
	packages map[string]*Package
}

// Package is one folder, reduced to the files that a linux/amd64 build with cgo takes.
type Package struct {
	Tree    *Tree
	Path    string // import path
	Name    string // package clause
	Files   []*File
	Types   map[string]*TypeDecl
	Funcs   map[string]*FuncDecl
	Methods map[string]map[string]*FuncDecl // by receiver type, then by name
	Values  map[string]*ValueDecl           // package variables and constants
	Inits   []*FuncDecl
}

// File is one file with its imports resolved to paths.
type File struct {
	Package *Package
	Syntax  *ast.File
	Imports map[string]string // local name to path
}

// TypeDecl is a package-level type.
type TypeDecl struct {
	File *File
	Spec *ast.TypeSpec
}

// FuncDecl is a function or a method.
type FuncDecl struct {
	File *File
	Decl *ast.FuncDecl
}

// ValueDecl is one name of a `var` or `const` group.
type ValueDecl struct {
	File  *File
	Name  string
	Const bool
	Type  ast.Expr
	Value ast.Expr // nil: the zero value
	Index int      // which of several results, when one call initialises several names; else 0
	Multi bool     // one call, several names
	Iota  int
}

// Open prepares a tree; packages are parsed when they are first asked for.
func Open(root string) *Tree {
	return &Tree{Root: root, Fset: token.NewFileSet(), packages: map[string]*Package{}}
}

// InTree tells whether an import path is part of the release.
func InTree(path string) bool {
	return path == Module || strings.HasPrefix(path, Module+"/")
}

// Short is the spelling of an import path in the catalogue: without the module and without `internal/`.
func Short(path string) string {
	path = strings.TrimPrefix(path, Module+"/")
	return strings.TrimPrefix(path, "internal/")
}

// Package parses the folder of an import path; nil when it is not part of the release.
func (t *Tree) Package(path string) *Package {
	if p, done := t.packages[path]; done {
		return p
	}
	t.packages[path] = nil
	if !InTree(path) {
		return nil
	}
	dir := filepath.Join(t.Root, filepath.FromSlash(strings.TrimPrefix(path, Module)))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	p := &Package{
		Tree: t, Path: path,
		Types: map[string]*TypeDecl{}, Funcs: map[string]*FuncDecl{},
		Methods: map[string]map[string]*FuncDecl{}, Values: map[string]*ValueDecl{},
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if syntax := t.parse(filepath.Join(dir, name)); syntax != nil {
			p.add(syntax)
		}
	}
	if len(p.Files) == 0 {
		return nil
	}
	t.packages[path] = p
	return p
}

func (t *Tree) parse(path string) *ast.File {
	text, err := os.ReadFile(path)
	if err != nil || !built(filepath.Base(path), text) {
		return nil
	}
	syntax, err := parser.ParseFile(t.Fset, path, text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil
	}
	return syntax
}

func (p *Package) add(syntax *ast.File) {
	p.Name = syntax.Name.Name
	file := &File{Package: p, Syntax: syntax, Imports: imports(syntax)}
	p.Files = append(p.Files, file)
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			p.addFunc(file, decl)
		case *ast.GenDecl:
			p.addGroup(file, decl)
		}
	}
}

func (p *Package) addFunc(file *File, decl *ast.FuncDecl) {
	f := &FuncDecl{File: file, Decl: decl}
	switch {
	case decl.Recv != nil:
		receiver := receiverName(decl.Recv.List[0].Type)
		if p.Methods[receiver] == nil {
			p.Methods[receiver] = map[string]*FuncDecl{}
		}
		p.Methods[receiver][decl.Name.Name] = f
	case decl.Name.Name == "init":
		p.Inits = append(p.Inits, f)
	default:
		p.Funcs[decl.Name.Name] = f
	}
}

func (p *Package) addGroup(file *File, decl *ast.GenDecl) {
	var lastType ast.Expr
	var lastValues []ast.Expr
	for row, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			p.Types[spec.Name.Name] = &TypeDecl{File: file, Spec: spec}
		case *ast.ValueSpec:
			typ, values := spec.Type, spec.Values
			if decl.Tok == token.CONST {
				// A constant without a value repeats the line above.
				if typ == nil && len(values) == 0 {
					typ, values = lastType, lastValues
				}
				lastType, lastValues = typ, values
			}
			for i, name := range spec.Names {
				v := &ValueDecl{File: file, Name: name.Name, Const: decl.Tok == token.CONST, Type: typ, Iota: row}
				switch {
				case i < len(values):
					v.Value = values[i]
				case len(values) == 1:
					v.Value = values[0]
				}
				if len(values) == 1 && len(spec.Names) > 1 {
					v.Index, v.Multi = i, true
				}
				p.Values[name.Name] = v
			}
		}
	}
}

// ImportedPaths lists what the package's files import, sorted.
func (p *Package) ImportedPaths() []string {
	seen := map[string]bool{}
	var paths []string
	for _, file := range p.Files {
		for _, spec := range file.Syntax.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if !seen[path] {
				seen[path] = true
				paths = append(paths, path)
			}
		}
	}
	sort.Strings(paths)
	return paths
}

func receiverName(expr ast.Expr) string {
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.ParenExpr:
			expr = x.X
		case *ast.IndexExpr:
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// imports maps the names that a file uses to paths. A path without a name of its own is known by its last element,
// whatever the package clause says; in-tree packages all keep that rule but few, which Resolve finds by their clause.
func imports(syntax *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range syntax.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		if spec.Name != nil {
			names[spec.Name.Name] = path
			continue
		}
		names[lastElement(path)] = path
	}
	return names
}

// lastElement guesses a package name: `…/v2` and `.v3` are versions, `go-` and `-go` are decoration.
func lastElement(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = parts[len(parts)-2]
	}
	if dot := strings.Index(last, ".v"); dot > 0 {
		last = last[:dot]
	}
	last = strings.TrimPrefix(last, "go-")
	last = strings.TrimSuffix(last, "-go")
	return strings.ReplaceAll(last, "-", "_")
}

// Import finds the path behind a package name of the file; empty when the name is no import.
func (f *File) Import(name string) string {
	if path, known := f.Imports[name]; known {
		return path
	}
	// The package clause may differ from the folder; only in-tree ones can be looked at.
	for _, path := range f.Imports {
		if InTree(path) {
			if p := f.Package.Tree.Package(path); p != nil && p.Name == name {
				return path
			}
		}
	}
	return ""
}
