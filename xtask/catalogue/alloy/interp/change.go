package interp

// DeepCopy copies a value with everything that it points to.
func DeepCopy(v Value) Value { return deepCopy(v, map[*Cell]*Cell{}) }

func deepCopy(v Value, done map[*Cell]*Cell) Value {
	cell := func(c *Cell) *Cell {
		if copied := done[c]; copied != nil {
			return copied
		}
		copied := &Cell{T: c.T}
		done[c] = copied
		copied.V = deepCopy(c.V, done)
		return copied
	}
	switch v := v.(type) {
	case *Struct:
		out := &Struct{T: v.T, Foreign: v.Foreign, Fields: map[string]*Cell{}}
		for name, c := range v.Fields {
			out.Fields[name] = cell(c)
		}
		return out
	case Ptr:
		return Ptr{To: cell(v.To), T: v.T}
	case *List:
		out := &List{T: v.T, Array: v.Array}
		for _, c := range v.E {
			out.E = append(out.E, cell(c))
		}
		return out
	case *Dict:
		out := &Dict{T: v.T, Keys: v.Keys, M: map[string]*Cell{}}
		for name, c := range v.M {
			out.M[name] = cell(c)
		}
		return out
	}
	return v
}

// SetField stores a value in a field, by its path of Go names; false when a nil pointer or an unknown value is in the way.
func SetField(m *Machine, cell *Cell, path []string, v Value) bool {
	for _, name := range path {
		cell = m.field(cell, name)
		if cell == nil {
			return false
		}
	}
	cell.V = m.Convert(v, cell.T)
	return true
}
