package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// decode reads JSON as Python writes it: numbers stay text, so that 2 and 2.0 differ, as they do to Keras;
// NaN, Infinity and -Infinity, which JSON does not have, become strings, which number takes for numbers.
func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(quoteSpecials(text)))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text behind the end")
	}
	return nil
}

// specials are the numbers of Python that JSON does not have.
var specials = [][]byte{[]byte("-Infinity"), []byte("Infinity"), []byte("NaN")}

// quoteSpecials puts quotes around the specials outside of strings.
func quoteSpecials(text []byte) []byte {
	var out []byte // stays nil where there are none
	from, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == '-' || c == 'I' || c == 'N'):
			for _, s := range specials {
				if bytes.HasPrefix(text[i:], s) {
					out = append(append(append(append(out, text[from:i]...), '"'), s...), '"')
					i += len(s) - 1
					from = i + 1
					break
				}
			}
		}
	}
	if out == nil {
		return text
	}
	return append(out, text[from:]...)
}
