package extract

import (
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// Values that no list of words would hold: a field that takes one of them is checked for its form, not for a word.
var probes = []string{
	"no such word, certainly", "x", "1", "10s", "1h", "100%", "/a/b", "a.b", "a_b", "localhost:80", "http://localhost:80",
	".*", "[a]", "*", "{{ . }}", "A=B", "2024-01-01",
}

// fillWords finds the attributes of plain strings whose words the body's Validate enforces. It runs Validate on the body as
// defaulted, with one field set: to every string that its code mentions, and to strings that no list would hold. Only what
// it refuses with one and the same complaint counts as refused, and only a field that refuses all of the latter has words.
func (x *Extractor) fillWords(b *Body, named *source.Named, all []member) {
	method := named.Method("Validate")
	if method == nil || b.Validate == "" {
		return
	}
	trial := &trial{x: x, named: named}
	for _, word := range unique(x.mentioned(method, 0, map[*source.FuncDecl]bool{})) {
		if word != "" && len(word) < 64 && !strings.ContainsAny(word, " %\n") {
			trial.words = append(trial.words, word)
		}
	}
	if len(trial.words) == 0 || len(trial.words) > 400 {
		return
	}
	// A body that lacks what is required may be refused before it comes to the field: try it both ways.
	for _, base := range []interp.Value{x.defaultOf(named), x.completed(named, all)} {
		trial.base = base
		for i, m := range all {
			if m.Kind == "attr" && b.Fields[i].Type == "string" && b.Fields[i].Values == nil {
				b.Fields[i].Values = trial.of(m, all)
			}
		}
	}
}

// completed is the default with every required attribute set to something.
func (x *Extractor) completed(named *source.Named, all []member) interp.Value {
	cell := &interp.Cell{V: x.defaultOf(named), T: named}
	for _, m := range all {
		if m.Kind != "attr" || m.Optional {
			continue
		}
		switch kind := x.machine.KindOf(m.Type); kind {
		case "string":
			interp.SetField(x.machine, cell, m.path, interp.Str("x"))
		case "int", "int64", "float64", "uint", "uint64", "int32":
			interp.SetField(x.machine, cell, m.path, interp.One())
		}
	}
	return cell.V
}

// trial runs a body's Validate on variations of its default.
type trial struct {
	x     *Extractor
	named *source.Named
	base  interp.Value
	words []string
}

// setting is one field with a value.
type setting struct {
	path  []string
	value interp.Value
}

// complaint is what Validate says: as it is, and with the word in question cut out.
type complaint struct{ whole, cut string }

// same tells whether two words met the same complaint.
func (c complaint) same(other complaint) bool {
	return c.whole == other.whole || strings.ReplaceAll(c.cut, "\x00", "") == strings.ReplaceAll(other.cut, "\x00", "")
}

// run gives the complaint, or none; sure is false when the outcome cannot be known.
func (t *trial) run(word string, settings ...setting) (said complaint, refused, sure bool) {
	cell := &interp.Cell{V: interp.DeepCopy(t.base), T: t.named}
	for _, s := range settings {
		if !interp.SetField(t.x.machine, cell, s.path, s.value) {
			return said, false, false
		}
	}
	result, _ := t.x.machine.CallMethod(cell, t.named, "Validate")
	switch e := result.(type) {
	case interp.Nil:
		return said, false, true
	case interp.Error:
		said = complaint{whole: e.Text, cut: e.Text}
		for _, quoted := range []string{strconv.Quote(word), word} {
			if word != "" || quoted != word {
				said.cut = strings.ReplaceAll(said.cut, quoted, "\x00")
			}
		}
		return said, true, true
	}
	return said, false, false
}

// of lists the words that a field takes, or nothing when it is not a matter of words.
func (t *trial) of(m member, all []member) []string {
	usual, ok := t.common(m)
	if !ok {
		return nil
	}
	var taken, others []string
	for _, word := range append([]string{""}, t.words...) {
		said, refused, sure := t.run(word, setting{m.path, interp.Str(word)})
		switch {
		case !sure:
			return nil
		case refused && said.same(usual):
			others = append(others, word)
		default:
			taken = append(taken, word)
		}
	}
	if words := len(taken); words < 2 || taken[0] == "" && words < 3 {
		return nil
	}
	if !t.exact(m, taken, usual) || t.depends(m, all, append(others, probes[0])) {
		return nil
	}
	return taken
}

// common gives the complaint that all probes get.
func (t *trial) common(m member) (usual complaint, same bool) {
	for i, probe := range probes {
		said, refused, sure := t.run(probe, setting{m.path, interp.Str(probe)})
		if !sure || !refused || i > 0 && !said.same(usual) {
			return usual, false
		}
		usual = said
	}
	return usual, true
}

// exact tells whether words are taken as they are: not as a prefix, a suffix or in another case.
func (t *trial) exact(m member, taken []string, usual complaint) bool {
	for _, word := range taken {
		if word == "" {
			continue
		}
		for _, other := range []string{word + "x", "x" + word, word + " ", word + "," + word, strings.ToUpper(word), strings.ToLower(word)} {
			if contains(taken, other) {
				continue
			}
			said, refused, sure := t.run(other, setting{m.path, interp.Str(other)})
			if !sure || !refused || !said.same(usual) {
				return false
			}
		}
	}
	return true
}

// depends tells whether another field, set otherwise, makes a refused word pass.
func (t *trial) depends(m member, all []member, refusedWords []string) bool {
	for _, other := range all {
		if other.Kind != "attr" || strings.Join(other.path, ".") == strings.Join(m.path, ".") {
			continue
		}
		for _, value := range t.variations(other) {
			for _, word := range refusedWords {
				_, refused, sure := t.run(word, setting{m.path, interp.Str(word)}, setting{other.path, value})
				if sure && !refused {
					return true
				}
			}
		}
	}
	return false
}

// variations are values that a field may be set to besides its default.
func (t *trial) variations(m member) []interp.Value {
	switch t.x.machine.KindOf(source.Deref(m.Type)) {
	case "bool":
		return []interp.Value{interp.Truth(true), interp.Truth(false)}
	case "string":
		values := []interp.Value{interp.Str("")}
		if len(t.words) <= 40 {
			for _, word := range t.words {
				values = append(values, interp.Str(word))
			}
		}
		return values
	}
	return nil
}

func contains(list []string, word string) bool {
	for _, have := range list {
		if have == word {
			return true
		}
	}
	return false
}
