package interp

import (
	"fmt"
	"go/constant"
	"go/token"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vispyr/catalogue/alloy/source"
)

const (
	tokenLess    = token.LSS
	tokenGreater = token.GTR
)

var durationType = &source.Named{Path: "time", Name: "Duration"}

func duration(d time.Duration) Value { return Scalar{constant.MakeInt64(int64(d)), durationType} }

func untyped(i int64) Value { return Scalar{C: constant.MakeInt64(i)} }

// standardValues are constants of the standard library and of the helpers that Alloy uses like one.
var standardValues = map[string]Value{
	"time.Nanosecond": duration(time.Nanosecond), "time.Microsecond": duration(time.Microsecond),
	"time.Millisecond": duration(time.Millisecond), "time.Second": duration(time.Second),
	"time.Minute": duration(time.Minute), "time.Hour": duration(time.Hour),
	"math.MaxInt": untyped(math.MaxInt64), "math.MaxInt64": untyped(math.MaxInt64), "math.MaxInt32": untyped(math.MaxInt32),
	"math.MinInt64": untyped(math.MinInt64), "math.MaxUint16": untyped(math.MaxUint16), "math.MaxUint32": untyped(math.MaxUint32),
	"math.MaxInt16": untyped(math.MaxInt16), "math.MaxUint8": untyped(math.MaxUint8),
	"runtime.GOOS": str("linux"), "runtime.GOARCH": str("amd64"),
	"net/http.MethodGet": str("GET"), "net/http.MethodPost": str("POST"), "net/http.MethodPut": str("PUT"),
	"net/http.StatusNoContent": untyped(204), "net/http.StatusOK": untyped(200),
	"time.RFC3339": str(time.RFC3339), "time.RFC3339Nano": str(time.RFC3339Nano),
}

func argText(args []Value, at int) (string, bool) {
	if at >= len(args) {
		return "", false
	}
	return Text(args[at])
}

// texts lifts a function of strings.
func texts(n int, fn func(s []string) Value) func(*Machine, []Value) Value {
	return func(_ *Machine, args []Value) Value {
		var all []string
		for i := 0; i < n; i++ {
			text, ok := argText(args, i)
			if !ok {
				return Unknown{}
			}
			all = append(all, text)
		}
		return fn(all)
	}
}

var natives map[string]func(*Machine, []Value) Value

func init() {
	natives = map[string]func(*Machine, []Value) Value{
		"strings.ToLower":    texts(1, func(s []string) Value { return str(strings.ToLower(s[0])) }),
		"strings.ToUpper":    texts(1, func(s []string) Value { return str(strings.ToUpper(s[0])) }),
		"strings.TrimSpace":  texts(1, func(s []string) Value { return str(strings.TrimSpace(s[0])) }),
		"strings.TrimPrefix": texts(2, func(s []string) Value { return str(strings.TrimPrefix(s[0], s[1])) }),
		"strings.TrimSuffix": texts(2, func(s []string) Value { return str(strings.TrimSuffix(s[0], s[1])) }),
		"strings.TrimRight":  texts(2, func(s []string) Value { return str(strings.TrimRight(s[0], s[1])) }),
		"strings.TrimLeft":   texts(2, func(s []string) Value { return str(strings.TrimLeft(s[0], s[1])) }),
		"strings.Trim":       texts(2, func(s []string) Value { return str(strings.Trim(s[0], s[1])) }),
		"strings.HasPrefix":  texts(2, func(s []string) Value { return boolean(strings.HasPrefix(s[0], s[1])) }),
		"strings.HasSuffix":  texts(2, func(s []string) Value { return boolean(strings.HasSuffix(s[0], s[1])) }),
		"strings.Contains":   texts(2, func(s []string) Value { return boolean(strings.Contains(s[0], s[1])) }),
		"strings.EqualFold":  texts(2, func(s []string) Value { return boolean(strings.EqualFold(s[0], s[1])) }),
		"strings.ReplaceAll": texts(3, func(s []string) Value { return str(strings.ReplaceAll(s[0], s[1], s[2])) }),
		"strings.Split":      texts(2, func(s []string) Value { return stringList(strings.Split(s[0], s[1])) }),
		"strings.Fields":     texts(1, func(s []string) Value { return stringList(strings.Fields(s[0])) }),
		"strings.Join":       nativeJoin,
		"time.ParseDuration": texts(1, func(s []string) Value {
			d, err := time.ParseDuration(s[0])
			return Tuple{duration(d), errorOf(err)}
		}),
		"net/url.Parse": texts(1, func(s []string) Value {
			_, err := url.Parse(s[0])
			return Tuple{spelt("net/url", "URL", s[0]), errorOf(err)}
		}),
		"regexp.MustCompile": texts(1, func(s []string) Value { return spelt("regexp", "Regexp", s[0]) }),
		"regexp.Compile": texts(1, func(s []string) Value {
			_, err := regexp.Compile(s[0])
			return Tuple{spelt("regexp", "Regexp", s[0]), errorOf(err)}
		}),
		"strconv.Itoa": func(_ *Machine, args []Value) Value {
			if i, ok := Int(args[0]); ok {
				return str(strconv.FormatInt(i, 10))
			}
			return Unknown{}
		},
		"fmt.Sprintf":     nativeSprintf,
		"fmt.Errorf":      nativeErrorf,
		"errors.New":      func(m *Machine, args []Value) Value { return errorText(args[0]) },
		"errors.Join":     nativeErrorsJoin,
		"slices.Clone":    nativeClone,
		"maps.Clone":      nativeClone,
		"slices.Contains": nativeContains,
		"flag.NewFlagSet": func(*Machine, []Value) Value {
			v, _ := NewFlagSet()
			return v
		},
		"os.Getenv":        func(*Machine, []Value) Value { return str("") },
		"os.LookupEnv":     func(*Machine, []Value) Value { return Tuple{str(""), boolean(false)} },
		"net.JoinHostPort": texts(2, func(s []string) Value { return str(s[0] + ":" + s[1]) }),
	}
	// Modules that only wrap Go: a pointer to a copy.
	for _, symbol := range []string{
		"github.com/samber/lo.ToPtr", "k8s.io/utils/ptr.To", "github.com/aws/aws-sdk-go-v2/aws.String",
		"github.com/aws/aws-sdk-go-v2/aws.Bool", "k8s.io/utils/pointer.Bool",
	} {
		natives[symbol] = func(_ *Machine, args []Value) Value {
			v := defaultType(Copy(args[0]))
			return Ptr{To: &Cell{V: v, T: DynamicType(v)}}
		}
	}
	natives["github.com/grafana/regexp.MustCompile"] = natives["regexp.MustCompile"]
	natives["github.com/grafana/regexp.Compile"] = natives["regexp.Compile"]
	natives["golang.org/x/exp/slices.Clone"] = nativeClone
	natives["golang.org/x/exp/maps.Clone"] = nativeClone
	natives["golang.org/x/exp/slices.Contains"] = nativeContains
	for i, unit := range []string{"Kibibyte", "Mebibyte", "Gibibyte", "Tebibyte"} {
		bytes := Scalar{constant.MakeInt64(1 << (10 * (i + 1))), baseTwo}
		standardValues["github.com/alecthomas/units."+unit] = bytes
		standardValues["github.com/alecthomas/units."+unit[:1]+"iB"] = bytes
	}
}

var baseTwo = &source.Named{Path: "github.com/alecthomas/units", Name: "Base2Bytes"}

func stringList(all []string) Value {
	text := &source.Basic{Name: "string"}
	list := &List{T: &source.Slice{Elem: text}}
	for _, s := range all {
		list.E = append(list.E, &Cell{V: str(s), T: text})
	}
	return list
}

// spelt is a pointer to a foreign value that is known by its text: a URL, a regular expression.
func spelt(path, name, text string) Value {
	t := &source.Named{Path: path, Name: name}
	s := &Struct{T: t, Foreign: true, Fields: map[string]*Cell{"text": {V: str(text)}}}
	return Ptr{To: &Cell{V: s, T: t}}
}

// spelling finds the text of such a value, through wrappers of one embedded pointer.
func spelling(v Value) (Value, bool) {
	for depth := 0; depth < 4; depth++ {
		if p, ok := v.(Ptr); ok {
			v = p.To.V
		}
		s, ok := v.(*Struct)
		if !ok || !s.Foreign {
			return nil, false
		}
		if cell := s.Fields["text"]; cell != nil {
			return cell.V, true
		}
		if cell := s.Fields["URL"]; cell != nil {
			v = cell.V
			continue
		}
		return nil, false
	}
	return nil, false
}

func errorOf(err error) Value {
	if err != nil {
		return Error{err.Error()}
	}
	return Nil{}
}

func errorText(v Value) Value {
	text, _ := Text(v)
	return Error{text}
}

func nativeErrorsJoin(_ *Machine, args []Value) Value {
	for _, arg := range args {
		switch arg := arg.(type) {
		case Error:
			return arg
		case Nil:
		default:
			return Unknown{}
		}
	}
	return Nil{}
}

func nativeJoin(_ *Machine, args []Value) Value {
	list, ok := args[0].(*List)
	sep, ok2 := argText(args, 1)
	if !ok || !ok2 {
		return Unknown{}
	}
	var all []string
	for _, cell := range list.E {
		text, ok := Text(cell.V)
		if !ok {
			return Unknown{}
		}
		all = append(all, text)
	}
	return str(strings.Join(all, sep))
}

func nativeSprintf(m *Machine, args []Value) Value {
	format, ok := argText(args, 0)
	if !ok {
		return Unknown{}
	}
	var plain []any
	for _, arg := range args[1:] {
		s, ok := arg.(Scalar)
		if !ok {
			return Unknown{}
		}
		switch s.C.Kind() {
		case constant.String:
			plain = append(plain, constant.StringVal(s.C))
		case constant.Int:
			i, _ := constant.Int64Val(s.C)
			plain = append(plain, i)
		case constant.Bool:
			plain = append(plain, constant.BoolVal(s.C))
		default:
			return Unknown{}
		}
	}
	return str(fmt.Sprintf(format, plain...))
}

// nativeErrorf keeps the format where the arguments cannot be printed: an error is an error.
func nativeErrorf(m *Machine, args []Value) Value {
	text, ok := Text(nativeSprintf(m, args))
	if !ok {
		text, _ = argText(args, 0)
	}
	return Error{text}
}

func nativeClone(_ *Machine, args []Value) Value {
	switch v := args[0].(type) {
	case *List:
		list := &List{T: v.T}
		for _, cell := range v.E {
			list.E = append(list.E, &Cell{V: Copy(cell.V), T: cell.T})
		}
		return list
	case *Dict:
		dict := &Dict{T: v.T, M: map[string]*Cell{}}
		dict.Keys = append(dict.Keys, v.Keys...)
		for name, cell := range v.M {
			dict.M[name] = &Cell{V: Copy(cell.V), T: cell.T}
		}
		return dict
	case Nil:
		return v
	}
	return Unknown{}
}

func nativeContains(m *Machine, args []Value) Value {
	switch list := args[0].(type) {
	case Nil:
		return boolean(false)
	case *List:
		for _, cell := range list.E {
			same, sure := m.equal(cell.V, args[1])
			if !sure {
				return Unknown{}
			}
			if same {
				return boolean(true)
			}
		}
		return boolean(false)
	}
	return Unknown{}
}

// nativeMethod knows the few methods of standard types that defaults call.
func (m *Machine) nativeMethod(recv Value, name string, args []Value) (Value, bool) {
	named := source.AsNamed(orNil(DynamicType(recv)))
	if named == nil {
		if e, ok := recv.(Error); ok && name == "Error" {
			return str(e.Text), true
		}
		if p, ok := recv.(*Struct); ok {
			return m.promoted(p, name, args)
		}
		return nil, false
	}
	if p, ok := recv.(Ptr); ok {
		recv = p.To.V
	}
	switch {
	case named.Same("time", "Duration"):
		if ns, ok := Int(recv); ok {
			switch name {
			case "String":
				return str(time.Duration(ns).String()), true
			case "Seconds":
				return Scalar{constant.MakeFloat64(time.Duration(ns).Seconds()), &source.Basic{Name: "float64"}}, true
			case "Milliseconds":
				return Scalar{constant.MakeInt64(ns / int64(time.Millisecond)), &source.Basic{Name: "int64"}}, true
			}
		}
	case named.Same(baseTwo.Path, baseTwo.Name):
		if n, ok := Int(recv); ok && name == "String" {
			return str(FormatBytes(n)), true
		}
	case name == "String" || name == "Redacted":
		// A URL or a regular expression, whichever module wraps it.
		if text, ok := spelling(recv); ok {
			return text, true
		}
	}
	if s, ok := recv.(*Struct); ok {
		return m.promoted(s, name, args)
	}
	return nil, false
}

// promoted looks for the method in the embedded fields.
func (m *Machine) promoted(s *Struct, name string, args []Value) (Value, bool) {
	shape, ok := source.Underlying(orNil(s.T)).(*source.Struct)
	if !ok {
		return nil, false
	}
	for _, embedded := range embeddedNames(shape) {
		if cell := s.Fields[embedded]; cell != nil {
			if v, ok := m.nativeMethod(cell.V, name, args); ok {
				return v, true
			}
		}
	}
	return nil, false
}

// FormatBytes spells a size as github.com/alecthomas/units does: the largest units first, without zero parts.
func FormatBytes(n int64) string {
	if n == 0 {
		return "0B"
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	names := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	out := ""
	for i := len(names) - 1; i >= 0; i-- {
		unit := int64(1) << (10 * i)
		if part := n / unit; part > 0 {
			out += strconv.FormatInt(part, 10) + names[i]
			n %= unit
		}
	}
	return sign + out
}

// Noop is a function that does nothing and reports no error: the decoder that a custom `UnmarshalAlloy` is handed.
func Noop() Value {
	return native{"noop"}
}

func init() {
	natives["noop"] = func(*Machine, []Value) Value { return Nil{} }
}
