package spec

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// Format writes a name with the exported fields of a struct, or of what a pointer points to, that are not zero, as
// Parse reads them. An argument has the field's name in lower case with underscores, or what keys has for
// "Type.Field" or "Field": another name, the whole argument where it has a "=", or "-" for a field that is left out.
// Pointers are followed, fields of embedded structs are the struct's own, a value whose type has a method String is
// written by it, and the least float above 0, which optimizers have for a 0 that is meant, is written as 0. ok is false where a field is of a type that no argument has.
func Format(name string, v any, keys map[string]string) (text string, ok bool) {
	r := reflect.Indirect(reflect.ValueOf(v))
	if r.Kind() != reflect.Struct {
		return "", false
	}
	args, ok := fields(r, r.Type().Name(), keys)
	if len(args) == 0 || !ok {
		return name, ok
	}
	return name + ":" + strings.Join(args, ","), true
}

func fields(r reflect.Value, owner string, keys map[string]string) (args []string, ok bool) {
	for i := range r.NumField() {
		f, x := r.Type().Field(i), r.Field(i)
		key, given := keys[owner+"."+f.Name]
		if !given {
			key, given = keys[f.Name]
		}
		switch {
		case !f.IsExported() || x.IsZero() || key == "-":
		case strings.Contains(key, "="):
			args = append(args, key)
		case f.Anonymous && x.Kind() == reflect.Struct:
			more, ok := fields(x, owner, keys)
			if !ok {
				return nil, false
			}
			args = append(args, more...)
		default:
			text, ok := value(reflect.Indirect(x))
			if !ok {
				return nil, false
			}
			if !given {
				key = snake(f.Name)
			}
			args = append(args, key+"="+text)
		}
	}
	return args, true
}

// value writes a number, a truth value, a word or a list of them.
func value(x reflect.Value) (text string, ok bool) {
	if s, ok := x.Interface().(fmt.Stringer); ok {
		return s.String(), true
	}
	switch {
	case x.CanFloat() && x.Float() == math.SmallestNonzeroFloat64:
		return "0", true
	case x.CanFloat():
		return strconv.FormatFloat(x.Float(), 'g', -1, 64), true
	case x.CanInt() || x.CanUint() || x.Kind() == reflect.Bool:
		return fmt.Sprint(x.Interface()), true
	case x.Kind() == reflect.String:
		return x.String(), !strings.ContainsAny(x.String(), ",=[] ")
	case x.Kind() != reflect.Slice:
		return "", false
	}
	parts := make([]string, x.Len())
	for i := range parts {
		if parts[i], ok = value(x.Index(i)); !ok {
			return "", false
		}
	}
	return "[" + strings.Join(parts, ",") + "]", true
}

// snake turns LabelSmoothing into label_smoothing, UseEMA into use_ema and Beta1 into beta_1.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && !unicode.IsLower(r) {
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(runes[i-1]) || unicode.IsUpper(runes[i-1]) && (next || unicode.IsDigit(r)) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
