package interp

import (
	"go/constant"
	"go/token"

	"vispyr/catalogue/alloy/source"
)

func (m *Machine) binary(f *frame, op token.Token, a, b Value) Value {
	if op == token.EQL || op == token.NEQ {
		same, sure := m.equal(a, b)
		if !sure {
			return Unknown{}
		}
		return boolean(same == (op == token.EQL))
	}
	if op == token.LAND || op == token.LOR {
		x, sureX := truth(a)
		y, sureY := truth(b)
		switch {
		case sureX && x == (op == token.LOR):
			return boolean(x)
		case sureY && y == (op == token.LOR):
			return boolean(y)
		case sureX && sureY:
			return boolean(y)
		}
		return Unknown{}
	}
	x, okX := m.scalar(a, b)
	y, okY := m.scalar(b, a)
	if !okX || !okY {
		return Unknown{}
	}
	return m.arithmetic(op, x, y)
}

// scalar gives the scalar of a value; the zero of a foreign type takes the kind of the other side.
func (m *Machine) scalar(v, other Value) (Scalar, bool) {
	if _, zero := v.(Zero); zero {
		if o, ok := other.(Scalar); ok {
			return zeroLike(o), true
		}
	}
	s, ok := v.(Scalar)
	return s, ok
}

func zeroLike(o Scalar) Scalar {
	switch o.C.Kind() {
	case constant.String:
		return Scalar{constant.MakeString(""), o.T}
	case constant.Bool:
		return Scalar{constant.MakeBool(false), o.T}
	}
	return Scalar{constant.MakeInt64(0), o.T}
}

func numericConst(c constant.Value) bool {
	return c.Kind() == constant.Int || c.Kind() == constant.Float
}

func (m *Machine) arithmetic(op token.Token, x, y Scalar) Value {
	t := x.T
	if t == nil {
		t = y.T
	}
	bothNumbers := numericConst(x.C) && numericConst(y.C)
	bothStrings := x.C.Kind() == constant.String && y.C.Kind() == constant.String
	switch op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		if bothNumbers || bothStrings {
			return boolean(constant.Compare(x.C, op, y.C))
		}
	case token.ADD:
		if bothNumbers || bothStrings {
			return Scalar{constant.BinaryOp(x.C, op, y.C), t}
		}
	case token.SUB, token.MUL:
		if bothNumbers {
			return Scalar{constant.BinaryOp(x.C, op, y.C), t}
		}
	case token.QUO:
		if bothNumbers && constant.Sign(y.C) != 0 {
			if m.wholeDivision(x, y, t) {
				return Scalar{constant.BinaryOp(constant.ToInt(x.C), token.QUO_ASSIGN, constant.ToInt(y.C)), t}
			}
			return Scalar{constant.BinaryOp(x.C, op, y.C), t}
		}
	case token.REM, token.AND, token.OR, token.XOR, token.AND_NOT:
		if x.C.Kind() == constant.Int && y.C.Kind() == constant.Int && (op != token.REM || constant.Sign(y.C) != 0) {
			return Scalar{constant.BinaryOp(x.C, op, y.C), t}
		}
	case token.SHL, token.SHR:
		if n, ok := constant.Uint64Val(y.C); ok && n < 512 && x.C.Kind() == constant.Int {
			return Scalar{constant.Shift(x.C, op, uint(n)), x.T}
		}
	}
	return Unknown{}
}

func (m *Machine) wholeDivision(x, y Scalar, t source.Type) bool {
	if t != nil {
		return integral(m.KindOf(t))
	}
	return x.C.Kind() == constant.Int && y.C.Kind() == constant.Int
}

// equal compares; sure is false when it cannot be known.
func (m *Machine) equal(a, b Value) (same, sure bool) {
	if sa, ok := m.scalar(a, b); ok {
		if sb, ok := m.scalar(b, a); ok {
			if sa.C.Kind() != sb.C.Kind() && !(numericConst(sa.C) && numericConst(sb.C)) {
				return false, true
			}
			return constant.Compare(sa.C, token.EQL, sb.C), true
		}
	}
	nilA, isNilA := a.(Nil)
	nilB, isNilB := b.(Nil)
	switch {
	case isNilA && isNilB:
		return nilA.T == nil || nilB.T == nil || true, true
	case isNilA:
		return false, Known(b) && !isZero(b)
	case isNilB:
		return false, Known(a) && !isZero(a)
	}
	if pa, ok := a.(Ptr); ok {
		if pb, ok := b.(Ptr); ok {
			return pa.To == pb.To, true
		}
	}
	if sa, ok := a.(*Struct); ok {
		if sb, ok := b.(*Struct); ok {
			return m.sameFields(sa, sb)
		}
	}
	return false, false
}

func (m *Machine) sameFields(a, b *Struct) (same, sure bool) {
	if a.Foreign || b.Foreign || len(a.Fields) != len(b.Fields) {
		return false, false
	}
	for name, cell := range a.Fields {
		other := b.Fields[name]
		if other == nil {
			return false, false
		}
		same, sure := m.equal(cell.V, other.V)
		if !sure || !same {
			return false, sure
		}
	}
	return true, true
}

func isZero(v Value) bool {
	_, zero := v.(Zero)
	return zero
}
