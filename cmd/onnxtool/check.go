package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
)

func newCheck(e env) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check MODEL",
		Short: "Report everything that is wrong with a model",
		Long: `Report everything that is wrong with a model: its structure, the types and shapes of its values, its
operator sets. Every finding is listed, not only the first; with findings the exit code is 1. Warnings are
about what ONNX allows and is likely a mistake, and about what could not be checked.

--support lists what the backends cannot run; that is no fault of the model.`,
		Example: "  onnxtool check model.onnx\n  onnxtool check model.onnx --support --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("check takes the path of one model")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runCheck(e, args[0], &f) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.support, "support", false, "list what each backend cannot run")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.StringVar(&f.library, "library", "", "onnxruntime's `file`, or the folder that holds it")
	return cmd
}

type checkFlags struct {
	support, json bool
	library       string
}

// checkReport is check's JSON document.
type checkReport struct {
	Model    string         `json:"model"`
	Valid    bool           `json:"valid"`
	Findings []checkFinding `json:"findings"`
	// Support lists, for each backend, what it cannot run; an empty list is all that one could wish.
	Support map[string][]string `json:"support,omitempty"`
}

type checkFinding struct {
	Severity string `json:"severity"` // error or warning
	Path     string `json:"path"`
	Text     string `json:"text"`
}

func (f checkFinding) String() string {
	if f.Path != "" {
		return f.Severity + ": " + f.Path + ": " + f.Text
	}
	return f.Severity + ": " + f.Text
}

func runCheck(e env, path string, f *checkFlags) error {
	r := &checkReport{Model: path, Findings: []checkFinding{}}
	m, err := onnxio.Load(path)
	if err != nil {
		if !errors.Is(err, onnxio.ErrMalformed) && !errors.Is(err, onnxio.ErrLimit) && !errors.Is(err, onnxio.ErrUnsupported) {
			return err // there is no such file
		}
		r.Findings = append(r.Findings, checkFinding{"error", "", err.Error()})
	} else {
		defer m.Close()
		r.check(m)
		if f.support {
			r.Support = map[string][]string{"go": unsupportedByGo(m), "ort": unsupportedByORT(m, f.library)}
		}
	}
	r.Valid = true
	for _, x := range r.Findings {
		r.Valid = r.Valid && x.Severity != "error"
	}
	if f.json {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.write(e.out)
	}
	if err == nil && !r.Valid {
		return errCheck
	}
	return err
}

// check looks at the document first, and at operators, types and shapes only if that is sound.
func (r *checkReport) check(m *onnxio.Model) {
	findings := onnxio.Check(m)
	for _, x := range findings {
		severity := "error"
		if x.Warning {
			severity = "warning"
		}
		r.Findings = append(r.Findings, checkFinding{severity, x.Path, x.Text})
	}
	if findings.Err() != nil {
		return
	}
	s, err := infer.New(m, infer.Options{Threads: 1, Plain: true})
	if err == nil {
		s.Close()
		return
	}
	for _, one := range flatten(err) {
		if errors.Is(one, infer.ErrUnsupported) {
			r.Findings = append(r.Findings, checkFinding{"warning", "", "not checked: " + one.Error()})
			continue
		}
		r.Findings = append(r.Findings, checkFinding{"error", "", one.Error()})
	}
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		var list []error
		for _, one := range joined.Unwrap() {
			list = append(list, flatten(one)...)
		}
		return list
	}
	return []error{err}
}

func unsupportedByGo(m *onnxio.Model) []string {
	list := []string{}
	s, err := infer.New(m, infer.Options{Threads: 1})
	if err == nil {
		s.Close()
		return list
	}
	for _, one := range flatten(err) {
		list = append(list, one.Error())
	}
	return list
}

func unsupportedByORT(m *onnxio.Model, library string) []string {
	s, err := ort.New(m, ort.Options{Threads: 1, Library: library})
	if err == nil {
		s.Close()
		return []string{}
	}
	return []string{err.Error()}
}

func (r *checkReport) write(w io.Writer) error {
	var b strings.Builder
	count := map[string]int{}
	for _, x := range r.Findings {
		count[x.Severity]++
		fmt.Fprintf(&b, "%s\n", x)
	}
	for _, backend := range []string{"go", "ort"} {
		list, ok := r.Support[backend]
		if !ok {
			continue
		}
		if len(list) == 0 {
			fmt.Fprintf(&b, "%s: runs it\n", backend)
		}
		for _, text := range list {
			fmt.Fprintf(&b, "%s: cannot run it: %s\n", backend, text)
		}
	}
	if r.Valid {
		fmt.Fprintf(&b, "%s is valid", r.Model)
	} else {
		fmt.Fprintf(&b, "%s is not valid: %s", r.Model, plural(count["error"], "finding"))
	}
	if n := count["warning"]; n > 0 {
		fmt.Fprintf(&b, " (%s)", plural(n, "warning"))
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// plural returns a number with its noun: 1 finding, 2 findings.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
