package interp

// Strings lists every string in a value: itself, elements, keys and fields.
func Strings(v Value) []string {
	if text, ok := Text(v); ok {
		return []string{text}
	}
	var all []string
	switch v := asDict(v).(type) {
	case Ptr:
		return Strings(v.To.V)
	case *List:
		for _, cell := range v.E {
			all = append(all, Strings(cell.V)...)
		}
	case *Dict:
		for _, k := range v.Keys {
			all = append(all, Strings(k)...)
			name, _ := key(k)
			all = append(all, Strings(v.M[name].V)...)
		}
	case *Struct:
		for _, cell := range v.Fields {
			all = append(all, Strings(cell.V)...)
		}
	}
	return all
}
