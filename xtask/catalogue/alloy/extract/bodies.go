package extract

import (
	"sort"

	"vispyr/catalogue/alloy/interp"
	"vispyr/catalogue/alloy/source"
)

// Extractor collects the records of one release; what a record mentions is collected with it.
type Extractor struct {
	tree     *source.Tree
	machine  *interp.Machine
	overlay  *Overlay
	bodies   map[string]*Body
	texts    map[string]TextType
	capsules map[string]Capsule

	unknownTypes  map[string]bool
	unknownFields map[string]bool
}

// New prepares the extraction of a release.
func New(tree *source.Tree, overlay *Overlay) *Extractor {
	return &Extractor{
		tree: tree, machine: interp.New(tree, overlay), overlay: overlay,
		bodies: map[string]*Body{}, texts: map[string]TextType{}, capsules: map[string]Capsule{},
		unknownTypes: map[string]bool{}, unknownFields: map[string]bool{},
	}
}

// Run extracts everything.
func (x *Extractor) Run() (*Snapshot, error) {
	roots, err := x.components()
	if err != nil {
		return nil, err
	}
	blocks, err := x.configBlocks()
	if err != nil {
		return nil, err
	}
	functions, err := x.functions()
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Roots: append(roots, blocks...), Functions: functions}
	sort.Slice(s.Roots, func(i, j int) bool { return s.Roots[i].Name < s.Roots[j].Name })
	for _, name := range sortedKeys(x.bodies) {
		s.Bodies = append(s.Bodies, *x.bodies[name])
	}
	for _, name := range sortedKeys(x.texts) {
		s.Types = append(s.Types, x.texts[name])
	}
	for _, name := range sortedKeys(x.capsules) {
		s.Capsules = append(s.Capsules, x.capsules[name])
	}
	return s, nil
}

// Unknown lists the foreign types that the overlay does not hold, the fields whose default cannot be told for want of a
// foreign value, and all foreign values that were looked for: what a maintainer may add.
func (x *Extractor) Unknown() (types, fields, values []string) {
	return sortedKeys(x.unknownTypes), sortedKeys(x.unknownFields), sortedKeys(x.machine.Missed)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// body records the struct behind a name and everything below it; it gives the name.
func (x *Extractor) body(named *source.Named) string {
	name := named.String()
	if x.bodies[name] != nil {
		return name
	}
	b := &Body{Name: name, Fields: []Field{}, Validate: x.validateHash(named), Defaults: x.methodHash(named, "SetToDefault")}
	x.bodies[name] = b
	shape := source.AsStruct(named)
	if shape == nil {
		return name
	}
	for _, member := range members(shape) {
		b.Fields = append(b.Fields, x.field(member))
	}
	x.fillDefaults(b, named, members(shape))
	x.fillWords(b, named, members(shape))
	sort.SliceStable(b.Fields, func(i, j int) bool { return b.Fields[i].Name < b.Fields[j].Name })
	return name
}

// member is a field of a body with the way to it through squashed structs.
type member struct {
	source.Field
	path []string // Go names
}

// members lists the fields as the engine sees them: squashed structs are merged in, recursively.
func members(shape *source.Struct) []member {
	var all []member
	for _, f := range shape.Fields() {
		if f.Kind != "squash" {
			all = append(all, member{f, []string{f.GoName}})
			continue
		}
		if inner := source.AsStruct(f.Type); inner != nil {
			for _, m := range members(inner) {
				all = append(all, member{m.Field, append([]string{f.GoName}, m.path...)})
			}
		}
	}
	return all
}

func (x *Extractor) field(m member) Field {
	f := Field{Name: m.Name, Kind: m.Kind, Required: !m.Optional, Deprecated: deprecated(m.Field)}
	switch m.Kind {
	case "attr":
		f.Type = x.spell(m.Type)
	case "block", "enum":
		inner := source.Deref(m.Type)
		if elem := elemOf(inner); elem != nil {
			f.Many, inner = true, source.Deref(elem)
		}
		if named, ok := inner.(*source.Named); ok {
			f.Body = x.body(named)
		}
	}
	if m.Kind == "enum" || m.Kind == "label" {
		f.Required = false
	}
	return f
}
