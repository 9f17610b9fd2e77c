package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// formats are those that run writes.
var formats = []string{"npy", "pb", "json", "csv"}

func parseFormats(text string) ([]string, error) {
	list := strings.Split(text, ",")
	for _, f := range list {
		if !slices.Contains(formats, f) {
			return nil, usagef("--format %s: there are %s", f, strings.Join(formats, ", "))
		}
	}
	return list, nil
}

// writeOutputs writes outputs to a folder: NAME.npy, NAME.json and NAME.csv, and output_N.pb in the order
// of the model.
func writeOutputs(dir string, formats []string, infos []infer.ValueInfo, out map[string]tensor.Any) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	used := map[string]string{}
	for i, v := range infos {
		t := out[v.Name]
		base := fileBase(v.Name)
		if other, twice := used[base]; twice {
			return fmt.Errorf("outputs %s and %s would both be written to %s", other, v.Name, base)
		}
		used[base] = v.Name
		for _, format := range formats {
			name := base + "." + format
			if format == "pb" {
				name = fmt.Sprintf("output_%d.pb", i)
			}
			err := atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error { return writeTensor(w, format, v.Name, t) })
			if err != nil {
				return fmt.Errorf("output %s: %w", v.Name, err)
			}
		}
	}
	return nil
}

// fileBase makes a file's name of a value's: whatever may mean something to a file system becomes _.
func fileBase(name string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r > 127 {
			return r
		}
		return '_'
	}, name)
	if s = strings.TrimLeft(s, "."); s == "" {
		return "_"
	}
	return s
}

func writeTensor(w io.Writer, format, name string, t tensor.Any) error {
	switch format {
	case "npy":
		if err := data.WriteNPY(w, t); err != nil {
			return fmt.Errorf("%w: --format pb holds every type", err)
		}
		return nil
	case "pb":
		b, err := onnxio.EncodeTensor(onnxio.FromTensor(name, t))
		if err != nil {
			return err
		}
		_, err = w.Write(b)
		return err
	case "json":
		return json.NewEncoder(w).Encode(nested(t))
	}
	return writeMatrix(w, t)
}

// writeMatrix writes a tensor as CSV without a header: a line for each index but the last.
func writeMatrix(w io.Writer, t tensor.Any) error {
	b := bufio.NewWriter(w)
	width := 1
	if s := t.Shape(); len(s) > 1 {
		width = s[len(s)-1]
	}
	for i := range t.Len() {
		b.WriteString(csvField(t, i))
		if (i+1)%width == 0 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(',')
		}
	}
	return b.Flush()
}

// csvField returns element i as a field of RFC 4180.
func csvField(t tensor.Any, i int) string {
	if t.DType() != tensor.String {
		return elementText(t, i)
	}
	return quoteField(tensor.Data[string](t)[i])
}

func quoteField(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") || strings.TrimSpace(s) != s {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// maxShown is how many elements of an output are shown to people.
const maxShown = 32

// showOutputs prints outputs for people.
func showOutputs(w io.Writer, infos []infer.ValueInfo, out map[string]tensor.Any) error {
	b := bufio.NewWriter(w)
	for _, v := range infos {
		t := out[v.Name]
		fmt.Fprintf(b, "%s %v%v", v.Name, t.DType(), t.Shape())
		row := 1
		if s := t.Shape(); len(s) > 0 {
			row = max(1, s[len(s)-1])
		}
		for i := range min(t.Len(), maxShown) {
			sep := " "
			if i%row == 0 && len(t.Shape()) > 1 {
				sep = "\n  "
			}
			fmt.Fprint(b, sep, elementText(t, i))
		}
		if t.Len() > maxShown {
			fmt.Fprintf(b, " ... (%d elements; -o writes all)", t.Len())
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}

// jsonOutput is an output in run's JSON document.
type jsonOutput struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Data  any    `json:"data"`
}

func writeOutputsJSON(w io.Writer, infos []infer.ValueInfo, out map[string]tensor.Any) error {
	doc := struct {
		Outputs []jsonOutput `json:"outputs"`
	}{[]jsonOutput{}}
	for _, v := range infos {
		t := out[v.Name]
		doc.Outputs = append(doc.Outputs, jsonOutput{v.Name, t.DType().String(), append([]int{}, t.Shape()...), nested(t)})
	}
	return json.NewEncoder(w).Encode(doc)
}
