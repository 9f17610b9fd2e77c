package onnxio

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// textParser reads ONNX's text syntax. The first error sticks: from then on nothing matches, so that
// every loop ends.
type textParser struct {
	text   string
	pos    int
	depth  int // levels of nesting still allowed
	budget int // bytes of memory that the model may still take
	err    error
	source *source
}

func (p *textParser) fail(format string, args ...any) {
	if p.err != nil {
		return
	}
	before := p.text[:min(p.pos, len(p.text))]
	line := strings.Count(before, "\n") + 1
	column := p.pos - strings.LastIndexByte(before, '\n')
	p.err = fmt.Errorf("%w: line %d, column %d: %s", ErrMalformed, line, column, fmt.Sprintf(format, args...))
}

// spend accounts for memory that the model takes.
func (p *textParser) spend(n int) {
	if p.budget -= n; p.budget < 0 && p.err == nil {
		p.err = fmt.Errorf("%w: the model needs more memory than LoadOptions.MaxMemory", ErrLimit)
	}
}

// enter goes one level deeper, leave comes back.
func (p *textParser) enter() {
	if p.depth--; p.depth < 0 && p.err == nil {
		p.err = fmt.Errorf("%w: nested deeper than LoadOptions.MaxDepth", ErrLimit)
	}
}

func (p *textParser) leave() { p.depth++ }

// peek skips white space and comments and returns the next byte, 0 at the end or after an error.
func (p *textParser) peek() byte {
	if p.err != nil {
		return 0
	}
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
			p.pos++
		case '#':
			end := strings.IndexByte(p.text[p.pos:], '\n')
			if end < 0 {
				p.pos = len(p.text)
			} else {
				p.pos += end
			}
		default:
			return c
		}
	}
	return 0
}

// next describes what comes next, for messages.
func (p *textParser) next() string {
	if p.peek(); p.pos >= len(p.text) {
		return "the end"
	}
	rest := p.text[p.pos:]
	if id := identifier(rest); id != "" {
		return strconv.Quote(id)
	}
	return strconv.Quote(rest[:1])
}

// match consumes a byte if it comes next.
func (p *textParser) match(c byte) bool {
	if p.peek() != c || p.err != nil {
		return false
	}
	p.pos++
	return true
}

func (p *textParser) expect(c byte) {
	if !p.match(c) {
		p.fail("expected %q, found %s", string(c), p.next())
	}
}

// arrow consumes "=>".
func (p *textParser) arrow() {
	p.expect('=')
	if p.err == nil && (p.pos >= len(p.text) || p.text[p.pos] != '>') {
		p.fail("expected %q", "=>")
	}
	p.pos++
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// identifier returns the identifier that s begins with, if any.
func identifier(s string) string {
	n := 0
	for n < len(s) && (isLetter(s[n]) || n > 0 && isDigit(s[n])) {
		n++
	}
	return s[:n]
}

// peekID returns the identifier that comes next, empty if none does.
func (p *textParser) peekID() string {
	if p.peek(); p.err != nil {
		return ""
	}
	return identifier(p.text[p.pos:])
}

// id consumes an identifier.
func (p *textParser) id() string {
	s := p.peekID()
	if s == "" {
		p.fail("expected a name, found %s", p.next())
	}
	p.pos += len(s)
	return s
}

// startsName reports whether an identifier or a quoted one comes next.
func (p *textParser) startsName() bool {
	c := p.peek()
	return c == '"' || isLetter(c)
}

// name consumes an identifier or a quoted one.
func (p *textParser) name() string {
	if p.peek() == '"' {
		return p.quoted()
	}
	return p.id()
}

// quoted consumes a string in double quotes, in which a backslash makes the next byte itself.
func (p *textParser) quoted() string {
	if p.peek() != '"' || p.err != nil {
		p.fail("expected a string, found %s", p.next())
		return ""
	}
	from := p.pos + 1
	for i := from; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '"':
			s := p.text[from:i]
			p.pos = i + 1
			if strings.IndexByte(s, '\\') >= 0 {
				s = unescape(s)
			}
			p.spend(len(s))
			return strings.Clone(s)
		}
	}
	p.fail("a string without end")
	return ""
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// number consumes a number: digits, a point, an exponent, or inf, infinity, nan in any case; a minus
// may come first. It reports whether it is an integer.
func (p *textParser) number() (s string, integer bool) {
	p.peek()
	if p.err != nil {
		return "", false
	}
	rest := p.text[p.pos:]
	n := 0
	if strings.HasPrefix(rest, "-") {
		n++
	}
	if id := identifier(rest[n:]); id != "" {
		if !isFloatName(id) {
			p.fail("expected a number, found %s", p.next())
		}
		p.pos += n + len(id)
		return rest[:n+len(id)], false
	}
	from, point := n, false
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.' && !point && n > from) {
		point = point || rest[n] == '.'
		n++
	}
	if n == from {
		p.fail("expected a value, found %s", p.next())
		return "", false
	}
	integer = !point
	if n < len(rest) && rest[n]|0x20 == 'e' {
		integer = false
		n++
		if n < len(rest) && (rest[n] == '+' || rest[n] == '-') {
			n++
		}
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
	}
	p.pos += n
	return rest[:n], integer
}

func isFloatName(id string) bool {
	switch strings.ToLower(id) {
	case "inf", "infinity", "nan":
		return true
	}
	return false
}

// integer consumes an integer between two bounds.
func (p *textParser) integer(lo, hi int64) int64 {
	s, isInt := p.number()
	n, err := strconv.ParseInt(s, 10, 64)
	if p.err == nil && (!isInt || err != nil || n < lo || n > hi) {
		p.fail("expected an integer from %d to %d, found %s", lo, hi, s)
	}
	return n
}

func (p *textParser) unsigned(hi uint64) uint64 {
	s, isInt := p.number()
	n, err := strconv.ParseUint(s, 10, 64)
	if p.err == nil && (!isInt || err != nil || n > hi) {
		p.fail("expected an integer from 0 to %d, found %s", hi, s)
	}
	return n
}

// float consumes a number and rounds it to the given number of bits; one beyond the largest is infinite.
func (p *textParser) float(bits int) float64 {
	s, _ := p.number()
	return p.parseFloat(s, bits)
}

func (p *textParser) parseFloat(s string, bits int) float64 {
	if p.err != nil {
		return 0
	}
	if strings.EqualFold(s, "-nan") { // which strconv does not read
		return math.Copysign(math.NaN(), -1)
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		p.fail("%s is no number", s)
	}
	return f
}

// list consumes items between open and close, separated by commas; there may be none.
func (p *textParser) list(open, end byte, item func()) {
	p.expect(open)
	if p.match(end) {
		return
	}
	for p.err == nil {
		item()
		if !p.match(',') {
			break
		}
	}
	p.expect(end)
}
