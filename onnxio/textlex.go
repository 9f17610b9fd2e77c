package onnxio

import (
	"fmt"
	"strconv"
	"strings"
)

// The syntax is that of ONNX's own parser and printer (docs/Syntax.md of the onnx project).

// tokenKind is the kind of a token of the text form.
type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	stringToken
	numberToken
	punctToken // one character, or =>
)

type token struct {
	kind tokenKind
	text string // of a string what it stands for
	at   int    // offset in the text
}

// describe names a token in messages.
func (t token) describe() string {
	switch t.kind {
	case endToken:
		return "the end of the text"
	case stringToken:
		return strconv.Quote(t.text)
	}
	return "'" + t.text + "'"
}

// scanner cuts text into tokens.
type scanner struct {
	src string
	pos int
}

// textError is a failure at a place of the text.
func (s *scanner) errorf(at int, format string, args ...any) error {
	line := 1 + strings.Count(s.src[:at], "\n")
	column := at - strings.LastIndexByte(s.src[:at], '\n')
	return fmt.Errorf("%w: line %d, column %d: %s", ErrMalformed, line, column, fmt.Sprintf(format, args...))
}

// next returns the next token.
func (s *scanner) next() (token, error) {
	s.skip()
	at := s.pos
	if at == len(s.src) {
		return token{endToken, "", at}, nil
	}
	c := s.src[at]
	switch {
	case c == '"':
		return s.quoted()
	case isLetter(c):
		for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
			s.pos++
		}
		return token{nameToken, s.src[at:s.pos], at}, nil
	case isDigit(c), (c == '-' || c == '+' || c == '.') && s.numberFollows():
		return s.number(), nil
	case strings.HasPrefix(s.src[at:], "=>"):
		s.pos += 2
		return token{punctToken, "=>", at}, nil
	}
	s.pos++
	return token{punctToken, s.src[at:s.pos], at}, nil
}

// skip passes white space and comments, which begin with #.
func (s *scanner) skip() {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			s.pos++
		case c == '#':
			for s.pos < len(s.src) && s.src[s.pos] != '\n' {
				s.pos++
			}
		default:
			return
		}
	}
}

// quoted reads a string; a backslash takes the next character as it is.
func (s *scanner) quoted() (token, error) {
	at := s.pos
	var b strings.Builder
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; c {
		case '"':
			s.pos++
			return token{stringToken, b.String(), at}, nil
		case '\\':
			if s.pos++; s.pos < len(s.src) {
				b.WriteByte(s.src[s.pos])
			}
		default:
			b.WriteByte(c)
		}
	}
	return token{}, s.errorf(at, "the string has no end")
}

// numberFollows reports whether a sign or point begins a number.
func (s *scanner) numberFollows() bool {
	rest := s.src[s.pos+1:]
	if rest == "" {
		return false
	}
	return isDigit(rest[0]) || rest[0] == '.' || s.src[s.pos] != '.' && isWordOf(rest, "inf", "nan")
}

// isWordOf reports whether text begins with one of the words and the word ends there.
func isWordOf(text string, words ...string) bool {
	for _, w := range words {
		if len(text) >= len(w) && strings.EqualFold(text[:len(w)], w) && (len(text) == len(w) || !isLetter(text[len(w)]) && !isDigit(text[len(w)])) {
			return true
		}
	}
	return false
}

// number reads an integer or a floating-point number with an optional sign and exponent.
func (s *scanner) number() token {
	at := s.pos
	if c := s.src[s.pos]; c == '-' || c == '+' {
		s.pos++
		if isWordOf(s.src[s.pos:], "inf", "nan") {
			s.pos += 3
			return token{numberToken, s.src[at:s.pos], at}
		}
	}
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		sign := (c == '-' || c == '+') && (s.src[s.pos-1] == 'e' || s.src[s.pos-1] == 'E')
		if !isDigit(c) && c != '.' && c != 'e' && c != 'E' && !sign {
			break
		}
		s.pos++
	}
	return token{numberToken, s.src[at:s.pos], at}
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
