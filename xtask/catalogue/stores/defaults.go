package main

import (
	"bytes"
	"encoding/json"
	"go/constant"
	"sort"
	"strings"
	"time"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// occurrence is what one struct holds where it stands, before the file is read.
type occurrence struct {
	values map[string]json.RawMessage
	inner  map[string]*occurrence
}

// objectOf gives the body of `object(…)`.
func objectOf(spelt string) string {
	if inner, ok := strings.CutPrefix(spelt, "object("); ok {
		return strings.TrimSuffix(inner, ")")
	}
	return ""
}

// observe remembers what a struct holds, and all structs in it.
func (x *extractor) observe(body string, v interp.Value, depth int) *occurrence {
	o := &occurrence{values: map[string]json.RawMessage{}, inner: map[string]*occurrence{}}
	record := x.bodies[body]
	if depth > 12 {
		return o
	}
	for i, m := range x.members[body] {
		if m.typ == nil || m.name == "*" || len(m.path) == 0 {
			continue
		}
		field := descend(v, m.path)
		if inner := objectOf(record.Fields[i].Type); inner != "" {
			if _, structure := pointee(field).(*interp.Struct); structure && !x.resets(inner) {
				o.inner[m.name] = x.observe(inner, pointee(field), depth+1)
			}
			continue
		}
		if raw := interp.Encode(x.plain(field, m.typ, false, 0)); raw != nil {
			o.values[m.name] = raw
		}
	}
	x.seen[body] = append(x.seen[body], o)
	return o
}

// resets tells whether the decoder of a body sets its own defaults, whatever its parent put there.
func (x *extractor) resets(body string) bool {
	named := x.named[body]
	if named == nil {
		return false
	}
	method := named.Method("UnmarshalYAML")
	return method != nil && assignsReceiver(method)
}

// own gives what a body holds by itself: what its decoder sets before it decodes, else zero.
func (x *extractor) own(named *source.Named) interp.Value {
	cell := &interp.Cell{V: x.machine.ZeroOf(named), T: named}
	if named.Method("UnmarshalYAML") != nil {
		x.machine.CallMethod(cell, named, "UnmarshalYAML", interp.Noop())
	}
	return cell.V
}

// fillDefaults writes what holds when a field is not written: what most occurrences of a body agree on; where a parent has
// it otherwise, the parent's field says so.
func (x *extractor) fillDefaults() {
	for _, name := range keys(x.bodies) {
		if named := x.named[name]; named != nil && (len(x.seen[name]) == 0 || x.resets(name)) {
			x.seen[name] = nil
			x.observe(name, x.own(named), 0)
		}
	}
	done := map[string]map[string]json.RawMessage{}
	for _, name := range keys(x.bodies) {
		x.effective(name, done, 0)
	}
}

// effective gives everything that holds in a body by dotted path, and writes its fields' defaults on the way.
func (x *extractor) effective(name string, done map[string]map[string]json.RawMessage, depth int) map[string]json.RawMessage {
	if all, ready := done[name]; ready {
		return all
	}
	all := map[string]json.RawMessage{}
	done[name] = all
	body := x.bodies[name]
	for i := range body.Fields {
		f := &body.Fields[i]
		inner := objectOf(f.Type)
		if inner == "" {
			if raw := x.usual(name, func(o *occurrence) string { return string(o.values[f.Name]) }); raw != "" {
				f.Default = json.RawMessage(raw)
				all[f.Name] = f.Default
			}
			continue
		}
		base := x.effective(inner, done, depth+1)
		diff := x.usual(name, func(o *occurrence) string {
			sub := o.inner[f.Name]
			if sub == nil {
				return ""
			}
			difference := difference(flat(sub), base)
			if len(difference) == 0 {
				return ""
			}
			text, _ := json.Marshal(difference)
			return string(text)
		})
		patch := map[string]json.RawMessage{}
		if diff != "" && json.Unmarshal([]byte(diff), &patch) == nil {
			f.Inherit = patch
		}
		if !x.holds(name, f.Name) {
			continue
		}
		for path, raw := range base {
			all[f.Name+"."+path] = raw
		}
		for path, raw := range patch {
			if string(raw) == "null" {
				delete(all, f.Name+"."+path)
			} else {
				all[f.Name+"."+path] = raw
			}
		}
	}
	return all
}

// holds tells whether a body's field holds a struct before anything is read.
func (x *extractor) holds(body, field string) bool {
	for _, o := range x.seen[body] {
		if o.inner[field] != nil {
			return true
		}
	}
	return false
}

// usual gives what most occurrences hold; of equals, the first in the alphabet.
func (x *extractor) usual(body string, of func(*occurrence) string) string {
	count := map[string]int{}
	for _, o := range x.seen[body] {
		count[of(o)]++
	}
	best := ""
	most := 0
	for _, text := range keys(count) {
		if count[text] > most {
			best, most = text, count[text]
		}
	}
	return best
}

func flat(o *occurrence) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for name, raw := range o.values {
		all[name] = raw
	}
	for name, inner := range o.inner {
		for path, raw := range flat(inner) {
			all[name+"."+path] = raw
		}
	}
	return all
}

func difference(have, base map[string]json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for path, raw := range have {
		if !bytes.Equal(raw, base[path]) {
			out[path] = raw
		}
	}
	for path := range base {
		if _, held := have[path]; !held {
			out[path] = json.RawMessage("null")
		}
	}
	return out
}

func descend(v interp.Value, path []string) interp.Value {
	for _, name := range path {
		s, ok := pointee(v).(*interp.Struct)
		if !ok || s.Fields[name] == nil {
			return interp.Unknown{}
		}
		v = s.Fields[name].V
	}
	return v
}

func pointee(v interp.Value) interp.Value {
	for {
		p, ok := v.(interp.Ptr)
		if !ok {
			return v
		}
		v = p.To.V
	}
}

// plain turns a value into what a file would write. Zeros count only behind a pointer and inside a list.
func (x *extractor) plain(v interp.Value, t source.Type, zeros bool, depth int) any {
	if depth > 10 || t == nil {
		return interp.Absent{}
	}
	if p, ok := t.(*source.Pointer); ok {
		to, set := v.(interp.Ptr)
		if !set {
			return interp.Absent{}
		}
		return x.plain(to.To.V, p.Elem, true, depth+1)
	}
	if named, ok := t.(*source.Named); ok {
		if named.Same("time", "Duration") {
			ns, ok := interp.Int(v)
			if !ok || ns == 0 && !zeros {
				return interp.Absent{}
			}
			return time.Duration(ns).String()
		}
		if _, text := x.texts[named.String()]; text {
			return x.plainText(v, named, zeros)
		}
	}
	switch v := v.(type) {
	case interp.Scalar:
		return interp.PlainScalar(v, zeros)
	case *interp.List:
		list := []any{}
		for _, cell := range v.E {
			elem := x.plain(cell.V, elemOf(t), true, depth+1)
			if _, none := elem.(interp.Absent); none {
				return interp.Absent{}
			}
			list = append(list, elem)
		}
		if len(list) == 0 {
			return interp.Absent{}
		}
		return list
	case *interp.Dict:
		m, ok := source.Underlying(t).(*source.Map)
		if !ok || len(v.Keys) == 0 {
			return interp.Absent{}
		}
		object := map[string]any{}
		for _, k := range v.Keys {
			name, ok := interp.Text(k)
			if !ok {
				return interp.Absent{}
			}
			elem := x.plain(v.M[constant.MakeString(name).ExactString()].V, m.Elem, true, depth+1)
			if _, none := elem.(interp.Absent); none {
				return interp.Absent{}
			}
			object[name] = elem
		}
		return object
	case *interp.Struct:
		return x.plainStruct(v, t, depth)
	}
	return interp.Absent{}
}

// plainStruct spells a struct inside of a list.
func (x *extractor) plainStruct(v *interp.Struct, t source.Type, depth int) any {
	named := source.AsNamed(t)
	if named == nil || x.bodies[named.String()] == nil {
		return interp.Absent{}
	}
	object := map[string]any{}
	for _, m := range x.members[named.String()] {
		if m.typ == nil {
			continue
		}
		elem := x.plain(descend(v, m.path), m.typ, false, depth+1)
		if _, none := elem.(interp.Absent); !none {
			object[m.name] = elem
		}
	}
	if len(object) == 0 {
		return interp.Absent{}
	}
	return object
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

// plainText spells a value of a text type: a string as it is, others by their String method.
func (x *extractor) plainText(v interp.Value, named *source.Named, zeros bool) any {
	if s, ok := v.(interp.Scalar); ok {
		if s.C.Kind() == constant.String {
			return interp.PlainScalar(s, zeros)
		}
		if constant.Sign(s.C) == 0 && !zeros {
			return interp.Absent{}
		}
		if strings.HasSuffix(full(named), "flagext.Bytes") {
			if n, ok := interp.Int(v); ok {
				return interp.FormatBytes(n)
			}
		}
	}
	for _, method := range []string{"String", "MarshalText"} {
		result, ok := x.machine.CallMethod(&interp.Cell{V: v, T: named}, named, method)
		if tuple, two := result.(interp.Tuple); ok && two {
			result = tuple[0]
		}
		if text, known := interp.Text(result); ok && known && (text != "" || zeros) {
			return text
		}
	}
	if s, ok := v.(interp.Scalar); ok {
		return interp.PlainScalar(s, zeros)
	}
	return interp.Absent{}
}

// sorted keeps the order of flags by name, one of each.
func sortFlags(flags []*interp.Flag) []*interp.Flag {
	sort.SliceStable(flags, func(i, j int) bool { return flags[i].Name < flags[j].Name })
	var out []*interp.Flag
	for i, f := range flags {
		if f.Name != "" && (i == 0 || f.Name != flags[i-1].Name) {
			out = append(out, f)
		}
	}
	return out
}
