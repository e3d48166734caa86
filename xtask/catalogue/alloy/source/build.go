package source

import (
	"go/build/constraint"
	"strings"
)

// The release binaries are built for this platform with cgo and no further tags; `go1.N` holds for every N.
var tags = map[string]bool{"linux": true, "amd64": true, "unix": true, "cgo": true, "gc": true}

var systems = words(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1
	windows zos`)

var processors = words(`386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32
	mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

func satisfied(tag string) bool {
	return tags[tag] || strings.HasPrefix(tag, "go1.")
}

// built tells whether a file takes part in the build: by its name and by its `//go:build` line.
func built(name string, text []byte) bool {
	return nameFits(strings.TrimSuffix(name, ".go")) && lineFits(text)
}

func nameFits(name string) bool {
	parts := strings.Split(name, "_")
	if len(parts) < 2 {
		return true
	}
	last := parts[len(parts)-1]
	if processors[last] {
		if !tags[last] {
			return false
		}
		parts = parts[:len(parts)-1]
		if len(parts) < 2 {
			return true
		}
		last = parts[len(parts)-1]
	}
	return !systems[last] || tags[last]
}

func lineFits(text []byte) bool {
	for _, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			return true
		}
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(line)
		return err != nil || expr.Eval(satisfied)
	}
	return true
}
