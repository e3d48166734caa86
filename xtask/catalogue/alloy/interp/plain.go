package interp

import (
	"bytes"
	"encoding/json"
	"go/constant"
)

// Absent stands for a value that is zero, unknown or not printable: it has no default.
type Absent struct{}

// Encode spells a default as JSON; nil for one that is absent.
func Encode(v any) json.RawMessage {
	if _, none := v.(Absent); none {
		return nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSpace(out.Bytes())
}

// PlainScalar is a scalar as a configuration would write it; zero values count only with `zeros`.
func PlainScalar(v Scalar, zeros bool) any {
	switch v.C.Kind() {
	case constant.Bool:
		if b := constant.BoolVal(v.C); b || zeros {
			return b
		}
	case constant.String:
		if s := constant.StringVal(v.C); s != "" || zeros {
			return s
		}
	case constant.Int, constant.Float:
		if constant.Sign(v.C) == 0 && !zeros {
			return Absent{}
		}
		if whole := constant.ToInt(v.C); whole.Kind() == constant.Int {
			return json.RawMessage(whole.ExactString())
		}
		f, _ := constant.Float64Val(v.C)
		return f
	}
	return Absent{}
}
