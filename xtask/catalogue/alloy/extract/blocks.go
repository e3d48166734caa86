package extract

import (
	"bytes"
	"encoding/json"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// insideBlock compares what holds inside a block in three cases. Written: the engine allocates it if it is nil and calls
// `SetToDefault` of its own type, if there is one; else what the parent put there stays. Not written: what the parent put
// there holds. The body's own defaults are what the body's record says.
func (x *Extractor) insideBlock(f *Field, v interp.Value, t source.Type) {
	named, ok := source.Deref(t).(*source.Named)
	if !ok {
		return
	}
	_, pointer := t.(*source.Pointer)
	_, unset := v.(interp.Nil)
	if _, unknown := v.(interp.Unknown); unknown {
		return
	}
	f.Active = pointer && !unset
	own := x.defaultOf(named)
	written := own
	if named.Method("SetToDefault") == nil && named.Method("UnmarshalAlloy") == nil {
		written = pointee(v)
		if unset {
			written = x.machine.ZeroOf(named)
		}
	}
	f.Inherit = difference(x.flat(written, named), x.flat(own, named))
	if unset {
		return
	}
	if gone := difference(x.flat(pointee(v), named), x.flat(written, named)); gone != nil {
		f.WhenAbsent = interp.Encode(gone)
	}
}

// defaultBlocks lists the blocks that a repeatable block holds when none is written.
func (x *Extractor) defaultBlocks(f *Field, v interp.Value, t source.Type) {
	list, ok := v.(*interp.List)
	if !ok || len(list.E) == 0 {
		return
	}
	named, ok := source.Deref(elemOf(source.Deref(t))).(*source.Named)
	if !ok {
		return
	}
	var all []any
	for _, cell := range list.E {
		all = append(all, x.flat(pointee(cell.V), named))
	}
	f.WhenAbsent = interp.Encode(all)
}

// flat lists the printable values of a body by dotted path.
func (x *Extractor) flat(v interp.Value, named *source.Named) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	x.flatten(out, "", v, named, 0)
	return out
}

func (x *Extractor) flatten(out map[string]json.RawMessage, prefix string, v interp.Value, named *source.Named, depth int) {
	shape := source.AsStruct(named)
	if shape == nil || depth > 8 {
		return
	}
	for _, m := range members(shape) {
		inner := descend(v, m.path)
		switch m.Kind {
		case "attr":
			if raw := interp.Encode(x.plain(inner, m.Type, false)); raw != nil {
				out[prefix+m.Name] = raw
			}
		case "block":
			x.flattenBlock(out, prefix+m.Name, inner, m.Type, depth)
		}
	}
}

func (x *Extractor) flattenBlock(out map[string]json.RawMessage, path string, v interp.Value, t source.Type, depth int) {
	named, ok := source.Deref(t).(*source.Named)
	if !ok || elemOf(t) != nil {
		return
	}
	if _, pointer := t.(*source.Pointer); pointer {
		if _, set := v.(interp.Ptr); !set {
			return
		}
		out[path] = json.RawMessage(`"(block)"`)
	}
	x.flatten(out, path+".", pointee(v), named, depth+1)
}

// difference lists what `have` holds otherwise than `base`; null where only `base` has a value.
func difference(have, base map[string]json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	set := func(path string, raw json.RawMessage) {
		if out == nil {
			out = map[string]json.RawMessage{}
		}
		out[path] = raw
	}
	for path, raw := range have {
		if !bytes.Equal(raw, base[path]) {
			set(path, raw)
		}
	}
	for path := range base {
		if _, held := have[path]; !held {
			set(path, json.RawMessage("null"))
		}
	}
	return out
}
