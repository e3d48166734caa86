package main

import (
	"go/constant"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vispyr/catalogue/alloy/interp"
)

var parts = regexp.MustCompile(`([0-9]+)(y|w|d|h|ms|m|s)`)

var units = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour,
}

// parseDuration reads a duration as prometheus/common does: model/time.go, ParseDuration.
func parseDuration(text string) (time.Duration, bool) {
	if text == "0" {
		return 0, true
	}
	found := parts.FindAllStringSubmatch(text, -1)
	var whole strings.Builder
	var total time.Duration
	for _, part := range found {
		whole.WriteString(part[0])
		n, _ := strconv.Atoi(part[1])
		total += time.Duration(n) * units[part[2]]
	}
	return total, whole.String() == text && text != ""
}

func setDuration(m *interp.Machine, cell *interp.Cell, args []interp.Value) interp.Value {
	text, ok := interp.Text(args[0])
	if !ok {
		cell.V = interp.Unknown{}
		return interp.Unknown{}
	}
	d, ok := parseDuration(text)
	if !ok {
		return interp.ErrorText("no duration")
	}
	cell.V = m.Convert(interp.Scalar{C: constant.MakeInt64(int64(d))}, cell.T)
	return interp.Nil{}
}

var size = regexp.MustCompile(`^([0-9.]+)\s*([kKmMgGtT]?)(i?[bB])?$`)

// setBytes reads a size; the defaults of the engines are whole numbers of binary units.
func setBytes(m *interp.Machine, cell *interp.Cell, args []interp.Value) interp.Value {
	text, ok := interp.Text(args[0])
	match := size.FindStringSubmatch(text)
	if !ok || match == nil {
		if ok {
			return interp.ErrorText("no size")
		}
		cell.V = interp.Unknown{}
		return interp.Unknown{}
	}
	n, _ := strconv.ParseFloat(match[1], 64)
	shift := map[string]uint{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[strings.ToUpper(match[2])]
	cell.V = m.Convert(interp.Scalar{C: constant.MakeInt64(int64(n * float64(int64(1)<<shift)))}, cell.T)
	return interp.Nil{}
}
