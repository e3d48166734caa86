package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/constant"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"vispyr/catalogue/alloy/interp"
)

// Overlay is what is known of other modules; every row says where it was read.
type Overlay struct {
	Types  map[string]ForeignType
	values map[string]json.RawMessage
	Fields map[string]FieldFact // by body and field
}

// ForeignType is a row of types.json.
type ForeignType struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Text     *TextType `json:"text"`
	Spelling string    `json:"spelling"` // how the catalogue writes a slice or map of it
	Since    string    `json:"since"`
	Until    string    `json:"until"`
	Evidence string    `json:"evidence"`
}

// foreignValue is a row of values.json.
type foreignValue struct {
	Symbol   string          `json:"symbol"`
	Value    json.RawMessage `json:"value"`
	Since    string          `json:"since"`
	Until    string          `json:"until"`
	Evidence string          `json:"evidence"`
}

// FieldFact is a row of fields.json: what no reader of the source can see of a field.
type FieldFact struct {
	Body     string          `json:"body"`
	Field    string          `json:"field"`
	Dynamic  any             `json:"dynamic"`
	Default  json.RawMessage `json:"default"`
	Since    string          `json:"since"`
	Until    string          `json:"until"`
	Evidence string          `json:"evidence"`
}

// LoadOverlay reads the rows that hold for a version.
func LoadOverlay(dir, version string) (*Overlay, error) {
	o := &Overlay{Types: map[string]ForeignType{}, values: map[string]json.RawMessage{}, Fields: map[string]FieldFact{}}
	var types []ForeignType
	var values []foreignValue
	var fields []FieldFact
	for name, rows := range map[string]any{"types.json": &types, "values.json": &values, "fields.json": &fields} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(rows); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, row := range types {
		if within(version, row.Since, row.Until) {
			o.Types[row.Name] = row
		}
	}
	for _, row := range values {
		if row.Evidence == "" {
			return nil, fmt.Errorf("values.json: %s has no evidence", row.Symbol)
		}
		if within(version, row.Since, row.Until) {
			o.values[row.Symbol] = row.Value
		}
	}
	for _, row := range fields {
		if within(version, row.Since, row.Until) {
			o.Fields[row.Body+" "+row.Field] = row
		}
	}
	return o, nil
}

// within tells whether a version lies in `since <= version < until`; an empty bound is none.
func within(version, since, until string) bool {
	return (since == "" || !less(version, since)) && (until == "" || less(version, until))
}

func less(a, b string) bool {
	pa, pb := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(pa) && i < len(pb); i++ {
		na, _ := strconv.Atoi(pa[i])
		nb, _ := strconv.Atoi(pb[i])
		if na != nb {
			return na < nb
		}
	}
	return len(pa) < len(pb)
}

// Kind is what a foreign type is made of.
func (o *Overlay) Kind(name string) string { return o.Types[name].Kind }

// Value is what a foreign symbol holds.
func (o *Overlay) Value(symbol string) (interp.Value, bool) {
	raw, ok := o.values[symbol]
	if !ok {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return nil, false
	}
	return fromJSON(v), true
}

func fromJSON(v any) interp.Value {
	switch v := v.(type) {
	case bool:
		return interp.Scalar{C: constant.MakeBool(v)}
	case string:
		return interp.Scalar{C: constant.MakeString(v)}
	case json.Number:
		kind := token.INT
		if strings.ContainsAny(v.String(), ".eE") {
			kind = token.FLOAT
		}
		text, negative := strings.CutPrefix(v.String(), "-")
		c := constant.MakeFromLiteral(text, kind, 0)
		if negative {
			c = constant.UnaryOp(token.SUB, c, 0)
		}
		return interp.Scalar{C: c}
	case []any:
		list := &interp.List{}
		for _, elem := range v {
			list.E = append(list.E, &interp.Cell{V: fromJSON(elem)})
		}
		return list
	case map[string]any:
		s := &interp.Struct{Fields: map[string]*interp.Cell{}, Foreign: true}
		for name, field := range v {
			s.Fields[name] = &interp.Cell{V: fromJSON(field)}
		}
		return s
	}
	return interp.Nil{}
}
