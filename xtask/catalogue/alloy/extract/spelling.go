package extract

import (
	"strings"

	"vispyr/catalogue/alloy/source"
)

// spell writes a Go type as the catalogue does, and remembers the text types and capsules that it meets. It follows the
// order in which the engine decides: syntax/internal/value/type.go.
func (x *Extractor) spell(t source.Type) string {
	t = source.Deref(t)
	if t == nil {
		return "any"
	}
	named, _ := t.(*source.Named)
	if named != nil {
		if s, done := x.spellNamed(named); done {
			return s
		}
	}
	if foreign, ok := source.Underlying(t).(*source.Named); ok && x.overlay.Types[full(foreign)].Spelling != "" {
		return x.overlay.Types[full(foreign)].Spelling
	}
	switch kind := x.machine.KindOf(t); kind {
	case "string", "bool":
		return kind
	case "slice", "array":
		return "list(" + x.spell(elemOf(t)) + ")"
	case "map":
		m, ok := source.Underlying(t).(*source.Map)
		if !ok {
			return "any"
		}
		if x.machine.KindOf(m.Key) != "string" {
			return x.capsule(named, "map")
		}
		return "map(" + x.spell(m.Elem) + ")"
	case "struct":
		if source.Tagged(t) && named != nil {
			x.body(named)
			return "object(" + named.String() + ")"
		}
		return x.capsule(named, kind)
	case "interface", "func", "chan":
		return x.capsule(named, kind)
	case "":
		x.unknownTypes[typeText(t)] = true
		return "any"
	default:
		return "number:" + kind
	}
}

func elemOf(t source.Type) source.Type {
	switch u := source.Underlying(t).(type) {
	case *source.Slice:
		return u.Elem
	case *source.Array:
		return u.Elem
	}
	return nil
}

func typeText(t source.Type) string {
	if n, ok := source.Underlying(t).(*source.Named); ok {
		return n.Path + "." + n.Name
	}
	return "?"
}

func (x *Extractor) spellNamed(named *source.Named) (string, bool) {
	switch {
	case named.Method("AlloyCapsule") != nil:
		return x.capsule(named, x.machine.KindOf(named)), true
	case named.Method("UnmarshalText") != nil, named.Method("MarshalText") != nil, x.overlay.Types[full(named)].Text != nil:
		x.text(named)
		return "string<" + named.String() + ">", true
	case named.Same("time", "Duration"):
		return "duration", true
	}
	return "", false
}

func full(named *source.Named) string { return named.Path + "." + named.Name }

func (x *Extractor) capsule(named *source.Named, kind string) string {
	if named == nil {
		x.capsules["any"] = Capsule{Name: "any", Kind: "interface"}
		return "any"
	}
	name := named.String()
	x.capsules[name] = Capsule{
		Name: name, Kind: strings.TrimPrefix(kind, "number:"),
		From: named.Method("ConvertFrom") != nil, Into: named.Method("ConvertInto") != nil,
	}
	return "capsule(" + name + ")"
}
