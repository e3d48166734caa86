package source

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// Field is a tagged field of a struct: what a configuration may set.
type Field struct {
	GoName   string
	Name     string // as written in a configuration, dots included
	Kind     string // attr, block, enum, label or squash
	Optional bool
	Type     Type
	Syntax   *ast.Field
}

// Fields lists the tagged fields in their order. Squashed structs are one field of kind `squash`.
func (s *Struct) Fields() []Field {
	var fields []Field
	for _, group := range s.Syntax.Fields.List {
		if group.Tag == nil {
			continue
		}
		text, err := strconv.Unquote(group.Tag.Value)
		if err != nil {
			continue
		}
		tag, tagged := reflect.StructTag(text).Lookup("alloy")
		if !tagged {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		kind, optional := parseOptions(options)
		for _, ident := range group.Names {
			fields = append(fields, Field{
				GoName: ident.Name, Name: name, Kind: kind, Optional: optional,
				Type: s.File.Resolve(group.Type), Syntax: group,
			})
		}
	}
	return fields
}

func parseOptions(options string) (kind string, optional bool) {
	for _, word := range strings.Split(options, ",") {
		if word == "optional" {
			optional = true
		} else {
			kind = word
		}
	}
	return kind, optional
}

// Tagged tells whether the type is a struct that a configuration can fill.
func Tagged(t Type) bool {
	s, ok := Underlying(t).(*Struct)
	return ok && len(s.Fields()) > 0
}

// GoField finds any field of a struct, tagged or not, by its Go name.
func (s *Struct) GoField(name string) (Type, bool) {
	for _, group := range s.Syntax.Fields.List {
		for _, ident := range group.Names {
			if ident.Name == name {
				return s.File.Resolve(group.Type), true
			}
		}
		if len(group.Names) == 0 {
			t := s.File.Resolve(group.Type)
			if n := AsNamed(t); n != nil && n.Name == name {
				return t, true
			}
		}
	}
	return nil, false
}

// GoFields lists all fields with their Go names, embedded ones by the name of their type.
func (s *Struct) GoFields() (names []string, types []Type) {
	for _, group := range s.Syntax.Fields.List {
		t := s.File.Resolve(group.Type)
		for _, ident := range group.Names {
			names, types = append(names, ident.Name), append(types, t)
		}
		if len(group.Names) == 0 {
			if n := AsNamed(t); n != nil {
				names, types = append(names, n.Name), append(types, t)
			}
		}
	}
	return names, types
}
