package data

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var nan = math.NaN()

// parseFloat reads a decimal number, infinities included. Hexadecimal numbers and underscores, which Go's
// syntax has, are not numbers in a table.
func parseFloat(s string, decimal rune) (float64, error) {
	text := s
	if decimal == ',' {
		if strings.Contains(s, ".") {
			return 0, fmt.Errorf("%s is not a number with a decimal comma", quote(s))
		}
		text = strings.Replace(s, ",", ".", 1)
	}
	if strings.ContainsAny(text, "xXpP_") {
		return 0, notNumber(s)
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is out of the range of 64-bit numbers", quote(s))
	}
	return 0, notNumber(s)
}

func notNumber(s string) error {
	if strings.Count(s, ",") == 1 {
		if _, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil {
			return fmt.Errorf("%s is not a number; is the comma a decimal sign?", quote(s))
		}
	}
	return fmt.Errorf("%s is not a number", quote(s))
}

func parseInt(s string) (int64, error) {
	v, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err == nil:
		return v, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is out of the range of 64-bit integers", quote(s))
	}
	return 0, fmt.Errorf("%s is not an integer", quote(s))
}
