package keras

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// An expression stands for a layer whose code a file does not hold, or that is Python: Lambda, custom
// classes. It computes on the layer's inputs x (or x0), x1, x2, ... by
//
//   - - * / // % ** @  < <= > >= == !=  ( )  [index]  numbers, strings, True, False, None
//     the functions of keras.ops by name, with arguments as in Python: mean(x, axis=-1, keepdims=True)
//
// Precedence is Python's. Several outputs are separated by commas.
type expression struct {
	tokens []string
	at     int
	depth  int
	x      *emit
}

// maxExpression bounds an expression's text.
const maxExpression = 1 << 16

// evaluate emits an expression as the outputs of a layer.
func (x *emit) evaluate(text string) []*ir.Value {
	e := &expression{x: x}
	if err := e.scan(text); err != nil {
		x.Fail(err)
		return one(x.in[0])
	}
	var out []*ir.Value
	for {
		v, err := e.comparison()
		if err == nil && e.at < len(e.tokens) && e.tokens[e.at] != "," {
			err = e.unexpected()
		}
		if err == nil {
			out = append(out, e.outputs(v)...)
			err = x.Err()
		}
		if err != nil {
			x.Fail(err)
			return one(x.in[0])
		}
		if !e.accept(",") {
			return out
		}
	}
}

// outputs makes values of what an expression gave; a list is several.
func (e *expression) outputs(v any) []*ir.Value {
	a := &arguments{x: e.x, values: map[string]any{"expression": v}, read: map[string]bool{}}
	if list, ok := v.([]any); ok {
		return a.list("expression")[:len(list):len(list)]
	}
	return one(a.value("expression"))
}

func badExpression(format string, args ...any) error {
	return op.Malformedf("expression: "+format, args...)
}

// symbols are the operators, the longest first.
var symbols = []string{"**", "//", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "@", "<", ">", "(", ")", "[", "]", ",", "=", ":"}

func (e *expression) scan(text string) error {
	if len(text) > maxExpression {
		return badExpression("of %d bytes", len(text))
	}
	word := func(c byte) bool {
		return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for i := 0; i < len(text); {
		c := text[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			i++
			continue
		case strings.HasPrefix(text[i:], "..."):
			i += 3
		case word(c):
			number := c >= '0' && c <= '9' || c == '.'
			for i < len(text) && (word(text[i]) || number && (text[i] == '-' || text[i] == '+') && (text[i-1] == 'e' || text[i-1] == 'E')) {
				i++
			}
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return badExpression("a string without an end: %s", text[i:])
			}
			i += end + 2
		default:
			for _, s := range symbols {
				if strings.HasPrefix(text[i:], s) {
					i += len(s)
					break
				}
			}
			if i == start {
				return badExpression("unexpected %q", c)
			}
		}
		e.tokens = append(e.tokens, text[start:i])
	}
	return nil
}

func (e *expression) peek() string {
	if e.at < len(e.tokens) {
		return e.tokens[e.at]
	}
	return ""
}

func (e *expression) accept(s string) bool {
	if e.peek() == s {
		e.at++
		return true
	}
	return false
}

func (e *expression) unexpected() error {
	if e.at >= len(e.tokens) {
		return badExpression("it ends too early")
	}
	return badExpression("unexpected %s", e.tokens[e.at])
}

// levels are the operators that stand between values, the weakest first, and their functions.
var levels = []map[string]string{
	{"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal"},
	{"+": "add", "-": "subtract"},
	{"*": "multiply", "/": "true_divide", "//": "floor_divide", "%": "mod", "@": "matmul"},
}

func (e *expression) comparison() (any, error) { return e.level(0) }

func (e *expression) level(n int) (any, error) {
	if n == len(levels) {
		return e.unary()
	}
	left, err := e.level(n + 1)
	for err == nil {
		f, ok := levels[n][e.peek()]
		if !ok {
			break
		}
		e.at++
		var right any
		if right, err = e.level(n + 1); err == nil {
			left, err = e.apply(f, left, right)
		}
	}
	return left, err
}

func (e *expression) unary() (any, error) {
	if e.depth++; e.depth > 200 {
		return nil, badExpression("nested too deeply")
	}
	defer func() { e.depth-- }()
	if e.accept("+") {
		return e.unary()
	}
	if e.accept("-") {
		v, err := e.unary()
		if err != nil {
			return nil, err
		}
		if n, ok := v.(json.Number); ok {
			return json.Number(strings.TrimPrefix("-"+n.String(), "--")), nil
		}
		return e.apply("negative", v)
	}
	v, err := e.postfix()
	if err == nil && e.accept("**") {
		var right any
		if right, err = e.unary(); err == nil {
			return e.apply("power", v, right)
		}
	}
	return v, err
}

func (e *expression) postfix() (any, error) {
	v, err := e.atom()
	for err == nil && e.accept("[") {
		var key any
		if key, err = e.key(); err == nil {
			v, err = e.apply("get_item", v, key)
		}
	}
	return v, err
}

// key reads what stands in brackets: integers, slices, None and an ellipsis.
func (e *expression) key() (any, error) {
	var list []any
	for {
		var parts [3]any
		k, colons := 0, false
		for {
			if p := e.peek(); p != ":" && p != "," && p != "]" {
				v, err := e.comparison()
				if err != nil {
					return nil, err
				}
				parts[k] = v
			}
			if k == 2 || !e.accept(":") {
				break
			}
			colons = true
			k++
		}
		if colons {
			list = append(list, span{parts[0], parts[1], parts[2]})
		} else {
			list = append(list, parts[0])
		}
		if e.accept("]") {
			return list, nil
		}
		if !e.accept(",") {
			return nil, e.unexpected()
		}
	}
}

func (e *expression) atom() (any, error) {
	t := e.peek()
	if t == "" {
		return nil, e.unexpected()
	}
	e.at++
	switch {
	case t == "(" || t == "[":
		return e.sequence(t)
	case t == "...":
		return ellipsis{}, nil
	case t == "True" || t == "False":
		return t == "True", nil
	case t == "None":
		return nil, nil
	case t[0] == '"' || t[0] == '\'':
		return t[1 : len(t)-1], nil
	case t[0] >= '0' && t[0] <= '9' || t[0] == '.':
		if _, err := strconv.ParseFloat(t, 64); err != nil {
			return nil, badExpression("%s is no number", t)
		}
		return json.Number(t), nil
	case t == "pi":
		return json.Number("3.141592653589793"), nil
	}
	if e.accept("(") {
		return e.function(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(t, "keras."), "ops."), "tf."))
	}
	if t == "x" {
		t = "x0"
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(t, "x")); err == nil && t[0] == 'x' {
		if n < 0 || n >= len(e.x.in) {
			return nil, badExpression("%s: the layer has %d inputs", t, len(e.x.in))
		}
		return e.x.in[n], nil
	}
	e.at--
	return nil, badExpression("%s is not known: inputs are x or x0, x1, ...", t)
}

// sequence reads a value in parentheses, or a list.
func (e *expression) sequence(open string) (any, error) {
	end, list, comma := map[string]string{"(": ")", "[": "]"}[open], []any{}, false
	for !e.accept(end) {
		v, err := e.comparison()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if e.accept(",") {
			comma = true
		} else if e.peek() != end {
			return nil, e.unexpected()
		}
	}
	if open == "(" && !comma && len(list) == 1 {
		return list[0], nil
	}
	return list, nil
}

// function reads arguments and calls a function of keras.ops.
func (e *expression) function(name string) (any, error) {
	var args []any
	words := map[string]any{}
	for !e.accept(")") {
		key := ""
		if e.at+1 < len(e.tokens) && e.tokens[e.at+1] == "=" {
			key = e.tokens[e.at]
			e.at += 2
		}
		v, err := e.comparison()
		if err != nil {
			return nil, err
		}
		if key != "" {
			words[key] = v
		} else if len(words) > 0 {
			return nil, badExpression("an argument without a name behind one with it")
		} else {
			args = append(args, v)
		}
		if !e.accept(",") && e.peek() != ")" {
			return nil, e.unexpected()
		}
	}
	return e.call(name, args, words)
}

func (e *expression) apply(name string, args ...any) (any, error) { return e.call(name, args, nil) }

func (e *expression) call(name string, args []any, words map[string]any) (any, error) {
	out := e.x.callOperation(name, args, words)
	if err := e.x.Err(); err != nil {
		return nil, err
	}
	if len(out) == 1 {
		return out[0], nil
	}
	list := make([]any, len(out))
	for i, v := range out {
		list[i] = v
	}
	return list, nil
}
