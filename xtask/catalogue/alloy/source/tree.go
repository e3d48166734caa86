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

// Locator tells where the files of import paths are.
type Locator interface {
	// Has tells whether an import path can be read.
	Has(path string) bool
	// Files gives the Go files of a package by name, without tests.
	Files(path string) map[string][]byte
}

// Tree is the source of one release, and of the modules that it is built from as far as the locator knows them.
type Tree struct {
	Root     string
	Fset     *token.FileSet
	locator  Locator
	packages map[string]*Package
}

// folder is the locator of a tree that is one folder.
type folder struct{ root string }

func (f folder) Has(path string) bool { return InTree(path) }

func (f folder) Files(path string) map[string][]byte {
	dir := filepath.Join(f.root, filepath.FromSlash(strings.TrimPrefix(path, Module)))
	return ReadFolder(dir)
}

// ReadFolder gives the Go files of a folder, without tests; nil when there is none.
func ReadFolder(dir string) map[string][]byte {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !GoFile(name) {
			continue
		}
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			files[name] = text
		}
	}
	return files
}

// GoFile tells whether a name is that of a Go file that is no test.
func GoFile(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
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
	return &Tree{Root: root, Fset: token.NewFileSet(), locator: folder{root}, packages: map[string]*Package{}}
}

// OpenModules prepares a tree whose files a locator finds.
func OpenModules(locator Locator) *Tree {
	return &Tree{Fset: token.NewFileSet(), locator: locator, packages: map[string]*Package{}}
}

// Has tells whether an import path is part of the tree.
func (t *Tree) Has(path string) bool { return t.locator.Has(path) }

// InTree tells whether an import path is part of the release.
func InTree(path string) bool {
	return path == Module || strings.HasPrefix(path, Module+"/")
}

// Short is the spelling of an import path in the catalogue; the reader of another engine puts its own in place.
var Short = short

// short leaves out the module and `internal/`.
func short(path string) string {
	path = strings.TrimPrefix(path, Module+"/")
	return strings.TrimPrefix(path, "internal/")
}

// Package parses the folder of an import path; nil when it is not part of the release.
func (t *Tree) Package(path string) *Package {
	if p, done := t.packages[path]; done {
		return p
	}
	t.packages[path] = nil
	if !t.Has(path) {
		return nil
	}
	files := t.locator.Files(path)
	p := &Package{
		Tree: t, Path: path,
		Types: map[string]*TypeDecl{}, Funcs: map[string]*FuncDecl{},
		Methods: map[string]map[string]*FuncDecl{}, Values: map[string]*ValueDecl{},
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if syntax := t.parse(path+"/"+name, files[name]); syntax != nil {
			p.add(syntax)
		}
	}
	if len(p.Files) == 0 {
		return nil
	}
	p.followAliases()
	t.packages[path] = p
	return p
}

func (t *Tree) parse(path string, text []byte) *ast.File {
	if !built(filepath.Base(path), text) {
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
	if f.declared(name) {
		return ""
	}
	// The package clause may differ from the folder; only in-tree ones can be looked at.
	for _, path := range f.Imports {
		if f.Package.Tree.Has(path) {
			if p := f.Package.Tree.Package(path); p != nil && p.Name == name {
				return path
			}
		}
	}
	return ""
}

// declared tells whether the package itself declares a name, which no import of the file can then have.
func (f *File) declared(name string) bool {
	p := f.Package
	return p.Types[name] != nil || p.Funcs[name] != nil || p.Values[name] != nil
}

// followAliases gives a type the methods that are declared on another name of it.
func (p *Package) followAliases() {
	for name, decl := range p.Types {
		target, ok := decl.Spec.Type.(*ast.Ident)
		if !ok || !decl.Spec.Assign.IsValid() || p.Types[target.Name] == nil {
			continue
		}
		for method, f := range p.Methods[name] {
			if p.Methods[target.Name] == nil {
				p.Methods[target.Name] = map[string]*FuncDecl{}
			}
			p.Methods[target.Name][method] = f
		}
	}
}
