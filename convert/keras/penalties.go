package keras

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/recipe"
)

// object reads what Keras serialises as a name or as a class with its arguments. It is "" for null.
func object(v any) (name string, config map[string]any) {
	switch v := v.(type) {
	case string:
		return snake(v), nil
	case map[string]any:
		class, _ := v["class_name"].(string)
		switch c := v["config"].(type) {
		case string: // a function by its name
			return snake(c), nil
		case map[string]any:
			return snake(class), c
		}
		return snake(class), nil
	}
	return "", nil
}

// numberOr returns an argument, or what Keras takes where it is not given.
func numberOr(config map[string]any, key string, def float64) float64 {
	if v, ok := number(config[key]); ok {
		return v
	}
	return def
}

// note records what the file says of training and the recipe cannot.
func (t *training) note(format string, args ...any) {
	t.recipe.Notes = append(t.recipe.Notes, fmt.Sprintf(format, args...))
}

// regularizer reads a regularizer; nil is none, or one that is not known, which is noted.
func (x *emit) regularizer(of string, v any) *recipe.Regularizer {
	name, c := object(v)
	var r recipe.Regularizer
	switch name {
	case "":
		return nil
	case "l1":
		r.L1 = numberOr(c, "l1", .01)
	case "l2":
		r.L2 = numberOr(c, "l2", .01)
	case "l1_l2", "l1l2":
		r.L1, r.L2 = numberOr(c, "l1", 0), numberOr(c, "l2", 0)
		if c == nil {
			r.L1, r.L2 = .01, .01
		}
	case "orthogonal_regularizer", "orthogonal":
		r.Orthogonal, r.Mode = numberOr(c, "factor", .01), "rows"
		if m, ok := c["mode"].(string); ok {
			r.Mode = m
		}
	default:
		x.converter.train.note("%s: regularizer %s is not known", of, name)
		return nil
	}
	if r == (recipe.Regularizer{}) || r.Orthogonal == 0 && r.Mode != "" {
		return nil // factors of 0
	}
	return &r
}

// constraint reads a constraint of a weight with the given number of axes.
func (x *emit) constraint(of string, v any, rank int) *recipe.Constraint {
	name, c := object(v)
	if name == "" {
		return nil
	}
	out := &recipe.Constraint{Name: name}
	switch name {
	case "non_neg", "non_negative":
		out.Name = "non_neg"
		return out
	case "max_norm":
		out.Max = numberOr(c, "max_value", 2)
	case "unit_norm":
	case "min_max_norm":
		out.Min, out.Max, out.Rate = numberOr(c, "min_value", 0), numberOr(c, "max_value", 1), numberOr(c, "rate", 1)
	default:
		x.converter.train.note("%s: constraint %s is not known", of, name)
		return nil
	}
	out.Axis = []int{int(numberOr(c, "axis", 0))}
	if list, ok := c["axis"].([]any); ok {
		out.Axis = nil
		for _, v := range list {
			k, _ := number(v)
			out.Axis = append(out.Axis, int(k))
		}
	}
	for _, a := range out.Axis {
		if a < -rank || a >= rank {
			x.converter.train.note("%s: constraint %s along axis %d of %d", of, name, a, rank)
			return nil
		}
	}
	return out
}
