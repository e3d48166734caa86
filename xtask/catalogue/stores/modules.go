package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/source"
)

// repository reads the files of one tag out of a clone or bare mirror, without unpacking it.
type repository struct {
	checkout, tag string
	folders       map[string][]string // folder to the names of its Go files
	other         map[string]bool     // every path
	in            io.Writer
	out           *bufio.Reader
}

func openRepository(checkout, tag string) (*repository, error) {
	listing, err := exec.Command("git", "-C", checkout, "ls-tree", "-r", "-z", "--name-only", tag).Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-tree %s: %w", tag, err)
	}
	r := &repository{checkout: checkout, tag: tag, folders: map[string][]string{}, other: map[string]bool{}}
	for _, name := range strings.Split(string(listing), "\x00") {
		r.other[name] = true
		if source.GoFile(name) {
			r.folders[path.Dir(name)] = append(r.folders[path.Dir(name)], path.Base(name))
		}
	}
	batch := exec.Command("git", "-C", checkout, "cat-file", "--batch")
	if r.in, err = batch.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := batch.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReader(out)
	return r, batch.Start()
}

// read gives a file; nil when there is none.
func (r *repository) read(name string) []byte {
	if !r.other[name] {
		return nil
	}
	fmt.Fprintf(r.in, "%s:%s\n", r.tag, name)
	header, err := r.out.ReadString('\n')
	if err != nil {
		return nil
	}
	words := strings.Fields(header)
	if len(words) != 3 {
		return nil
	}
	size, err := strconv.Atoi(words[2])
	if err != nil {
		return nil
	}
	text := make([]byte, size+1)
	if _, err := io.ReadFull(r.out, text); err != nil {
		return nil
	}
	return text[:size]
}

func (r *repository) files(folder string) map[string][]byte {
	names := r.folders[folder]
	if names == nil {
		return nil
	}
	files := map[string][]byte{}
	for _, name := range names {
		files[name] = r.read(path.Join(folder, name))
	}
	return files
}

// module is a row of go.mod: where the sources of an import path lie.
type module struct {
	path, version string
	local         string // a folder of the repository, for a module of its own there
}

// modules finds the sources of import paths: in the repository, in its vendor folder, or in the module cache.
type modules struct {
	repo     *repository
	main     string
	list     []module // longest path first
	vendored bool
	wanted   func(path string) bool // modules worth fetching
	cache    string
	fetched  map[string]string // path@version to folder
	mirrors  map[string]string // module to checkout
	clones   map[string]*repository
	failed   []string // modules that could not be had
}

// openModules reads the module file. Releases from before there were any have what they need in the vendor folder; `main` is
// the import path of theirs, where it is told.
func openModules(repo *repository, wanted func(string) bool, main string) (*modules, error) {
	text := repo.read("go.mod")
	if text == nil && main == "" {
		return nil, fmt.Errorf("%s has no go.mod", repo.tag)
	}
	m := &modules{repo: repo, vendored: repo.other["vendor/modules.txt"], wanted: wanted, fetched: map[string]string{}, mirrors: map[string]string{}, clones: map[string]*repository{}}
	m.main = main
	m.parse(string(text))
	m.vendored = m.vendored || text == nil
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	m.cache = strings.TrimSpace(string(cache))
	return m, err
}

// parse reads the module's path, what it requires and what it replaces.
func (m *modules) parse(text string) {
	required, replaced := map[string]string{}, map[string]module{}
	block := ""
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] == ")":
			block = ""
			continue
		case len(words) == 2 && words[1] == "(":
			block = words[0]
			continue
		case block == "":
			block, words = words[0], words[1:]
			m.row(block, words, required, replaced)
			block = ""
			continue
		}
		m.row(block, words, required, replaced)
	}
	for name, version := range required {
		if _, done := replaced[name]; !done {
			replaced[name] = module{path: name, version: version}
		}
	}
	for name, target := range replaced {
		target := target
		m.list = append(m.list, module{path: name, version: target.path + "@" + target.version, local: target.local})
	}
	sort.Slice(m.list, func(i, j int) bool { return len(m.list[i].path) > len(m.list[j].path) })
}

func (m *modules) row(block string, words []string, required map[string]string, replaced map[string]module) {
	switch {
	case block == "module":
		m.main = words[0]
	case block == "require" && len(words) >= 2:
		required[words[0]] = words[1]
	case block == "replace":
		arrow := 0
		for i, word := range words {
			if word == "=>" {
				arrow = i
			}
		}
		target := words[arrow+1:]
		if strings.HasPrefix(target[0], ".") {
			replaced[words[0]] = module{local: path.Clean(target[0])}
		} else if len(target) > 1 {
			replaced[words[0]] = module{path: target[0], version: target[1]}
		}
	}
}

func below(name, module string) bool { return name == module || strings.HasPrefix(name, module+"/") }

func (m *modules) find(name string) (module, bool) {
	for _, row := range m.list {
		if below(name, row.path) {
			return row, true
		}
	}
	return module{}, false
}

// Has tells whether an import path can be read.
func (m *modules) Has(name string) bool {
	if below(name, m.main) {
		return true
	}
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") {
		return false
	}
	if m.vendored {
		return m.repo.folders["vendor/"+name] != nil
	}
	row, known := m.find(name)
	return known && (row.local != "" || m.wanted(row.path))
}

// Files gives the Go files of a package.
func (m *modules) Files(name string) map[string][]byte {
	if m.vendored && !below(name, m.main) {
		return m.repo.files("vendor/" + name)
	}
	if row, known := m.find(name); known && (row.local != "" || !below(name, m.main)) {
		rest := strings.TrimPrefix(strings.TrimPrefix(name, row.path), "/")
		if row.local != "" {
			return m.repo.files(path.Join(row.local, rest))
		}
		if clone := m.clone(row.version); clone != nil {
			return clone.files(path.Clean("./" + rest))
		}
		dir := m.fetch(row.version)
		if dir == "" {
			return nil
		}
		return source.ReadFolder(filepath.Join(dir, filepath.FromSlash(rest)))
	}
	return m.repo.files(path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(name, m.main), "/")))
}

// clone gives a module's commit in a mirror of its repository, if there is one.
func (m *modules) clone(id string) *repository {
	name, version, _ := strings.Cut(id, "@")
	checkout := m.mirrors[name]
	if checkout == "" {
		return nil
	}
	if repo, done := m.clones[id]; done {
		return repo
	}
	at := version
	if parts := strings.Split(version, "-"); len(parts) >= 3 { // v0.0.0-DATE-COMMIT
		at = parts[len(parts)-1]
	}
	repo, err := openRepository(checkout, at)
	if err != nil {
		repo = nil
	}
	m.clones[id] = repo
	return repo
}

// fetch gives the folder of a module in the module cache; Go's own client brings what is not there.
func (m *modules) fetch(id string) string {
	if dir, done := m.fetched[id]; done {
		return dir
	}
	name, version, _ := strings.Cut(id, "@")
	dir := filepath.Join(m.cache, escape(name)+"@"+escape(version))
	if _, err := os.Stat(dir); err != nil {
		command := exec.Command("go", "mod", "download", id)
		command.Dir = os.TempDir()
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "GOWORK=off")
		if out, err := command.CombinedOutput(); err != nil {
			m.failed = append(m.failed, fmt.Sprintf("%s: %s", id, bytes.TrimSpace(out)))
			dir = ""
		}
	}
	m.fetched[id] = dir
	return dir
}

// escape spells a path as the module cache does: an upper-case letter is `!` and the small one.
func escape(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= 'A' && r <= 'Z' {
			out.WriteByte('!')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}
