// Package source reads the Go files of one release and of the modules that it is built with, as syntax trees.
//
// Nothing is compiled. Modules are looked for in the release's vendor folder, then in the module cache, where `go mod
// download` puts them.
package source

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"unicode"
)

// Tree is the source of one release.
type Tree struct {
	Root     string
	Module   string
	Fset     *token.FileSet
	cache    string
	modules  []module
	packages map[string]*Package
	asked    map[string]bool
	Missing  map[string]bool
	// Checkouts of modules, by path.
	Checkouts map[string]string
}

// module is one line of go.mod: where the packages below a path come from.
type module struct{ path, from, version string }

// Package is one folder.
type Package struct {
	Tree    *Tree
	Path    string
	Name    string
	Types   map[string]*Type
	Methods map[string]map[string]*Func
	Funcs   map[string]*Func
	Inits   []*Func
	Values  map[string]*Value
}

// File is one file with its imports resolved to paths.
type File struct {
	Package *Package
	Imports map[string]string
	dots    []string
}

// Type is a package-level type.
type Type struct {
	File *File
	Spec *ast.TypeSpec
}

// Func is a function or a method.
type Func struct {
	File *File
	Decl *ast.FuncDecl
}

// Value is one name of a `var` or `const` group.
type Value struct {
	File  *File
	Type  ast.Expr
	Value ast.Expr
	Iota  int
}

// Open reads go.mod; packages are parsed when they are first asked for.
func Open(root string) (*Tree, error) {
	t := &Tree{Root: root, Fset: token.NewFileSet(), packages: map[string]*Package{}, asked: map[string]bool{}, Missing: map[string]bool{}}
	t.cache = os.Getenv("GOMODCACHE")
	if t.cache == "" {
		t.cache = filepath.Join(build.Default.GOPATH, "pkg", "mod")
	}
	return t, t.readModules()
}

func (t *Tree) readModules() error {
	file, err := os.Open(filepath.Join(t.Root, "go.mod"))
	if err != nil {
		return err
	}
	defer file.Close()
	required, replaced := map[string]string{}, map[string]module{}
	block := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == ")":
			block = ""
		case len(words) == 2 && words[1] == "(":
			block = words[0]
		case words[0] == "module":
			t.Module = words[1]
		case block == "require" && len(words) >= 2:
			required[words[0]] = words[1]
		case words[0] == "require" && len(words) >= 3:
			required[words[1]] = words[2]
		case block == "replace" || words[0] == "replace":
			if block == "" {
				words = words[1:]
			}
			for i, word := range words {
				if word == "=>" && i+1 < len(words) {
					r := module{path: words[0], from: words[i+1]}
					if i+2 < len(words) {
						r.version = words[i+2]
					}
					replaced[words[0]] = r
				}
			}
		}
	}
	for path, version := range required {
		m := module{path: path, from: path, version: version}
		if r, is := replaced[path]; is {
			m.from, m.version = r.from, r.version
		}
		t.modules = append(t.modules, m)
	}
	// The longest path wins: modules nest.
	sort.Slice(t.modules, func(i, j int) bool { return len(t.modules[i].path) > len(t.modules[j].path) })
	return nil
}

// escaped is how the module cache spells upper case.
func escaped(path string) string {
	var out strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			out.WriteByte('!')
			r = unicode.ToLower(r)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// unpack takes a module from a clone of its repository: for commits that the module proxy does not hand out.
func (t *Tree) unpack(checkout string, m module) string {
	// A pseudo-version ends in twelve digits of the commit, a version is a tag.
	commit := m.version
	if parts := strings.Split(m.version, "-"); len(parts) > 2 {
		commit = parts[len(parts)-1]
	}
	dir := filepath.Join(os.TempDir(), "vispyr-modules", filepath.Base(m.from)+"@"+commit)
	if _, err := os.Stat(dir); err == nil || t.asked[dir] {
		return dir
	}
	t.asked[dir] = true
	fresh, err := os.MkdirTemp("", "vispyr-module-")
	if err == nil {
		archive := exec.Command("git", "-C", checkout, "archive", "--format=tar", commit, ":(glob)**/*.go", "go.mod")
		tar := exec.Command("tar", "-x", "-C", fresh)
		tar.Stdin, _ = archive.StdoutPipe()
		if err = archive.Start(); err == nil {
			err = tar.Run()
			archive.Wait()
		}
	}
	if err == nil {
		os.MkdirAll(filepath.Dir(dir), 0o755)
		// Another process may have been faster: its copy is as good.
		if os.Rename(fresh, dir) != nil {
			os.RemoveAll(fresh)
		}
	} else {
		fmt.Fprintf(os.Stderr, "%s: %v\n", m.from, err)
	}
	return dir
}

// download asks the module proxy for what the cache lacks, once.
func (t *Tree) download(dir string, m module) {
	if _, err := os.Stat(dir); err == nil || t.asked[dir] {
		return
	}
	t.asked[dir] = true
	command := exec.Command("go", "mod", "download", m.from+"@"+m.version)
	command.Dir = os.TempDir()
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "GOWORK=off")
	if text, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s@%s: %s\n", m.from, m.version, text)
	}
}

func below(path, root string) (string, bool) {
	if path == root {
		return "", true
	}
	return strings.CutPrefix(path, root+"/")
}

// folder is where the files of an import path lie.
func (t *Tree) folder(path string) string {
	if rest, in := below(path, t.Module); in {
		return filepath.Join(t.Root, filepath.FromSlash(rest))
	}
	vendored := filepath.Join(t.Root, "vendor", filepath.FromSlash(path))
	if _, err := os.Stat(vendored); err == nil {
		return vendored
	}
	for _, m := range t.modules {
		if rest, in := below(path, m.path); in {
			if strings.HasPrefix(m.from, ".") {
				return filepath.Join(t.Root, filepath.FromSlash(m.from), filepath.FromSlash(rest))
			}
			dir := filepath.Join(t.cache, escaped(m.from)+"@"+escaped(m.version))
			if checkout := t.Checkouts[m.from]; checkout != "" {
				dir = t.unpack(checkout, m)
			} else {
				t.download(dir, m)
			}
			return filepath.Join(dir, filepath.FromSlash(rest))
		}
	}
	return ""
}

// Package parses the folder of an import path; nil when there is none.
func (t *Tree) Package(path string) *Package {
	if p, done := t.packages[path]; done {
		return p
	}
	t.packages[path] = nil
	dir := t.folder(path)
	entries, err := os.ReadDir(dir)
	if err != nil || dir == "" {
		t.Missing[path] = true
		return nil
	}
	p := &Package{Tree: t, Path: path, Types: map[string]*Type{}, Methods: map[string]map[string]*Func{}, Funcs: map[string]*Func{}, Values: map[string]*Value{}}
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = "linux", "amd64", true
	files := 0
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if fits, err := context.MatchFile(dir, name); err != nil || !fits {
			continue
		}
		syntax, err := parser.ParseFile(t.Fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution|parser.ParseComments)
		if err == nil {
			p.add(syntax)
			files++
		}
	}
	if files == 0 {
		t.Missing[path] = true
		return nil
	}
	t.packages[path] = p
	return p
}

// Below lists the import paths of the folders below an in-tree one, sorted.
func (t *Tree) Below(path string) []string {
	rest, _ := below(path, t.Module)
	root := filepath.Join(t.Root, filepath.FromSlash(rest))
	var found []string
	filepath.WalkDir(root, func(at string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			inner, _ := filepath.Rel(root, at)
			if inner == "." {
				found = append(found, path)
			} else {
				found = append(found, path+"/"+filepath.ToSlash(inner))
			}
		}
		return nil
	})
	sort.Strings(found)
	return found
}

func (p *Package) add(syntax *ast.File) {
	p.Name = syntax.Name.Name
	file := &File{Package: p, Imports: map[string]string{}}
	for _, spec := range syntax.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		switch {
		case spec.Name == nil:
			file.dots = append(file.dots, path)
			file.Imports[guess(path)] = path
		case spec.Name.Name != "_" && spec.Name.Name != ".":
			file.Imports[spec.Name.Name] = path
		}
	}
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			f := &Func{File: file, Decl: decl}
			switch {
			case decl.Recv != nil:
				receiver := receiver(decl.Recv.List[0].Type)
				if p.Methods[receiver] == nil {
					p.Methods[receiver] = map[string]*Func{}
				}
				p.Methods[receiver][decl.Name.Name] = f
			case decl.Name.Name == "init":
				p.Inits = append(p.Inits, f)
			default:
				p.Funcs[decl.Name.Name] = f
			}
		case *ast.GenDecl:
			p.group(file, decl)
		}
	}
}

func (p *Package) group(file *File, decl *ast.GenDecl) {
	var typ ast.Expr
	var values []ast.Expr
	for row, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			p.Types[spec.Name.Name] = &Type{File: file, Spec: spec}
		case *ast.ValueSpec:
			if decl.Tok != token.CONST || spec.Type != nil || len(spec.Values) > 0 {
				// A constant without a value repeats the line above.
				typ, values = spec.Type, spec.Values
			}
			for i, name := range spec.Names {
				v := &Value{File: file, Type: typ, Iota: row}
				if i < len(values) {
					v.Value = values[i]
				}
				p.Values[name.Name] = v
			}
		}
	}
}

func receiver(expr ast.Expr) string {
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
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

// guess is the name of most packages: the last element of the path, without a version and without decoration.
func guess(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = parts[len(parts)-2]
	}
	last, _, _ = strings.Cut(last, ".v")
	return strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(last, "go-"), "-go"), "-", "_")
}

// Import finds the path behind a package name of the file; empty when the name is no import.
func (f *File) Import(name string) string {
	if path, known := f.Imports[name]; known {
		return path
	}
	for _, path := range f.dots {
		if p := f.Package.Tree.Package(path); p != nil && p.Name == name {
			return path
		}
	}
	return ""
}
