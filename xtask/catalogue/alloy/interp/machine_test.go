package interp_test

import (
	"os"
	"path/filepath"
	"testing"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

const program = `package p

import (
	"time"

	"example.com/foreign"
)

const half = time.Minute / 2

var base = Inner{Wait: 2 * half, Words: []string{"a", "b"}}

type Inner struct {
	Wait  time.Duration
	Words []string
}

type Outer struct {
	Inner   Inner
	Known   int
	Unknown string
	After   string
}

func (o *Outer) SetToDefault() {
	*o = Outer{Inner: base, Known: twice(21), Unknown: foreign.Name()}
	o.Inner.Words = append(o.Inner.Words, "c")
	if foreign.Enabled {
		o.After = "maybe"
	}
}

func twice(n int) int {
	for i := 0; i < n; {
		return n * 2
	}
	return 0
}
`

type facts struct{}

func (facts) Kind(string) string                { return "" }
func (facts) Value(string) (interp.Value, bool) { return nil, false }

func TestDefaultsAreComputedAndTheUnknownIsNotGuessed(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "internal", "p")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	tree := source.Open(root)
	outer := tree.Named(source.Module+"/internal/p", "Outer")
	fields := interp.New(tree, facts{}).Default(outer).(*interp.Struct).Fields
	if n, ok := interp.Int(fields["Known"].V); !ok || n != 42 {
		t.Errorf("Known = %v", fields["Known"].V)
	}
	inner := fields["Inner"].V.(*interp.Struct).Fields
	if ns, ok := interp.Int(inner["Wait"].V); !ok || ns != 60_000_000_000 {
		t.Errorf("Wait = %v", inner["Wait"].V)
	}
	if words := interp.Strings(inner["Words"].V); len(words) != 3 || words[2] != "c" {
		t.Errorf("Words = %v", words)
	}
	for _, name := range []string{"Unknown", "After"} {
		if interp.Known(fields[name].V) {
			t.Errorf("%s = %v, which nothing in the tree tells", name, fields[name].V)
		}
	}
}
