// Package extract turns the source of one Alloy release into the records of the catalogue.
package extract

import "encoding/json"

// Snapshot is what one release holds.
type Snapshot struct {
	Roots     []Root     `json:"roots"`
	Bodies    []Body     `json:"bodies"`
	Types     []TextType `json:"types"`
	Capsules  []Capsule  `json:"capsules"`
	Functions []Function `json:"functions"`
}

// Root is what may stand at the top of a file: a component or a configuration block.
type Root struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Stability string `json:"stability,omitempty"`
	Community bool   `json:"community,omitempty"`
	Body      string `json:"body,omitempty"`
	Exports   string `json:"exports,omitempty"`
}

// Body is one struct that a block or an object fills, with squashed structs merged in.
type Body struct {
	Name     string  `json:"name"`
	Validate string  `json:"validate,omitempty"` // hash of the method, absent when the engine calls none
	Defaults string  `json:"defaults,omitempty"` // the same of SetToDefault
	Fields   []Field `json:"fields"`
}

// Field is one attribute, block, enum or label of a body.
type Field struct {
	Name       string                     `json:"name"`
	Kind       string                     `json:"kind"`
	Required   bool                       `json:"required,omitempty"`
	Many       bool                       `json:"many,omitempty"`
	Type       string                     `json:"type,omitempty"`
	Body       string                     `json:"body,omitempty"`
	Default    json.RawMessage            `json:"default,omitempty"`
	Values     []string                   `json:"values,omitempty"`
	Inherit    map[string]json.RawMessage `json:"inherit,omitempty"`
	WhenAbsent json.RawMessage            `json:"when_absent,omitempty"`
	Active     bool                       `json:"active,omitempty"`
	Dynamic    any                        `json:"dynamic,omitempty"`
	Deprecated bool                       `json:"deprecated,omitempty"`
}

// TextType is a string with a decoder of its own.
type TextType struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitempty"`
	Fold   bool     `json:"fold,omitempty"` // upper and lower case are the same
	Empty  bool     `json:"empty,omitempty"`
	Open   bool     `json:"open,omitempty"`
}

// Capsule is a Go value that a configuration can only pass on.
type Capsule struct {
	Name string `json:"name"`
	From bool   `json:"from,omitempty"`
	Into bool   `json:"into,omitempty"`
	Kind string `json:"kind"`
}

// Function is an identifier of the standard library.
type Function struct {
	Name         string `json:"name"`
	Go           string `json:"go"`
	Kind         string `json:"kind"`
	Experimental bool   `json:"experimental,omitempty"`
	Deprecated   bool   `json:"deprecated,omitempty"`
}
