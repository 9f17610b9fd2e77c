package verify

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Verdict is what came of a case or an output.
type Verdict string

// The verdicts. Only Passed is good.
const (
	Passed      Verdict = "passed"
	Failed      Verdict = "failed"      // the values differ
	Unsupported Verdict = "unsupported" // one side cannot run the model
	Error       Verdict = "error"       // the case could not be run
)

// Figure is a number that JSON gets as "NaN", "Inf" or "-Inf" where it is not finite.
type Figure float64

// MarshalJSON encodes the figure.
func (f Figure) MarshalJSON() ([]byte, error) {
	switch x := float64(f); {
	case math.IsNaN(x):
		return []byte(`"NaN"`), nil
	case math.IsInf(x, 1):
		return []byte(`"Inf"`), nil
	case math.IsInf(x, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(x)
	}
}

// OutputReport is how one output compares; over several samples, the worst of each figure.
type OutputReport struct {
	Name     string  `json:"name"`
	DType    string  `json:"dtype"`
	Shape    []int   `json:"shape"`
	Verdict  Verdict `json:"verdict"`
	Reason   string  `json:"reason,omitempty"`
	MaxAbs   Figure  `json:"max_abs"`
	MaxRel   Figure  `json:"max_rel"`
	MeanAbs  Figure  `json:"mean_abs"`
	ULPp99   Figure  `json:"ulp_p99"`
	Cosine   Figure  `json:"cosine"`
	Outside  int     `json:"outside"`
	Elements int     `json:"elements"`
	First    []int   `json:"first_outside,omitempty"`
	Got      string  `json:"got,omitempty"`
	Want     string  `json:"want,omitempty"`
}

func newOutputReport(d *Difference) *OutputReport {
	o := &OutputReport{
		Name: d.Name, DType: d.DType.String(), Shape: append([]int{}, d.Shape...), Verdict: Passed, Reason: d.Reason,
		MaxAbs: Figure(d.MaxAbs), MaxRel: Figure(d.MaxRel), MeanAbs: Figure(d.MeanAbs), ULPp99: Figure(d.ULPp99), Cosine: Figure(d.Cosine),
		Outside: d.Outside, Elements: d.Elements, First: d.First, Got: d.Got, Want: d.Want,
	}
	if !d.Agrees() {
		o.Verdict = Failed
	}
	return o
}

// line says what differs.
func (o *OutputReport) line() string {
	if o.Reason != "" {
		return fmt.Sprintf("output %s: %s", o.Name, o.Reason)
	}
	return fmt.Sprintf("output %s: %d of %d elements outside, first %v: %s, reference %s; max abs %.3g, max rel %.3g",
		o.Name, o.Outside, o.Elements, o.First, o.Got, o.Want, float64(o.MaxAbs), float64(o.MaxRel))
}

// CaseReport is what came of one model.
type CaseReport struct {
	Path            string          `json:"path"`
	Verdict         Verdict         `json:"verdict"`
	Reason          string          `json:"reason"`
	Reference       string          `json:"reference"`
	Seed            uint64          `json:"seed"`
	Samples         int             `json:"samples"` // sets of inputs that were compared
	Seconds         float64         `json:"seconds"`
	Outputs         []*OutputReport `json:"outputs"`
	FirstDivergence *Divergence     `json:"first_divergence"`
}

// merge adds another sample's outputs: those that failed take over, of the others the worst figures count.
func (r *CaseReport) merge(outputs []*OutputReport) {
	if len(r.Outputs) == 0 {
		r.Outputs = append(r.Outputs, outputs...)
		return
	}
	for _, o := range outputs {
		i := slices.IndexFunc(r.Outputs, func(old *OutputReport) bool { return old.Name == o.Name })
		if i < 0 { // not recorded before
			r.Outputs = append(r.Outputs, o)
			continue
		}
		if old := r.Outputs[i]; o.Verdict == Passed {
			o.MaxAbs, o.MaxRel = worse(old.MaxAbs, o.MaxAbs), worse(old.MaxRel, o.MaxRel)
			o.MeanAbs, o.ULPp99 = worse(old.MeanAbs, o.MeanAbs), worse(old.ULPp99, o.ULPp99)
			o.Cosine = -worse(-old.Cosine, -o.Cosine)
		}
		r.Outputs[i] = o
	}
}

func worse(a, b Figure) Figure { return Figure(larger(float64(a), float64(b))) }

// Report is what came of all models.
type Report struct {
	Cases       []*CaseReport `json:"cases"`
	Passed      int           `json:"passed"`
	Failed      int           `json:"failed"`
	Unsupported int           `json:"unsupported"`
	Errors      int           `json:"errors"`
}

func (r *Report) add(c *CaseReport) {
	r.Cases = append(r.Cases, c)
	switch c.Verdict {
	case Passed:
		r.Passed++
	case Failed:
		r.Failed++
	case Unsupported:
		r.Unsupported++
	default:
		r.Errors++
	}
}

// OK reports whether every case passed.
func (r *Report) OK() bool { return r.Passed == len(r.Cases) }

// Summary returns the last line of a report.
func (r *Report) Summary() string {
	return fmt.Sprintf("%d passed, %d failed, %d unsupported, %d errors", r.Passed, r.Failed, r.Unsupported, r.Errors)
}

// Line returns the case in a line.
func (r *CaseReport) Line() string {
	text := fmt.Sprintf("%-11s %s", r.Verdict, r.Path)
	if r.Verdict == Passed {
		abs, rel := Figure(0), Figure(0)
		for _, o := range r.Outputs {
			abs, rel = worse(abs, o.MaxAbs), worse(rel, o.MaxRel)
		}
		return fmt.Sprintf("%s  (%s; max abs %.3g, max rel %.3g)", text, r.Reference, float64(abs), float64(rel))
	}
	return text + "  " + r.Reason
}

// WriteDetails writes a table of the outputs, and where they first diverge.
func (r *CaseReport) WriteDetails(w io.Writer) error {
	var b strings.Builder
	for _, o := range r.Outputs {
		if o.Reason != "" {
			fmt.Fprintf(&b, "  %-6s %s: %s\n", o.Verdict, printable(o.Name), o.Reason)
			continue
		}
		fmt.Fprintf(&b, "  %-6s %s %s%v: max abs %.3g, max rel %.3g, mean abs %.3g, ulp p99 %.3g, cosine %.9g, outside %d of %d",
			o.Verdict, printable(o.Name), o.DType, o.Shape, float64(o.MaxAbs), float64(o.MaxRel), float64(o.MeanAbs), float64(o.ULPp99), float64(o.Cosine), o.Outside, o.Elements)
		if o.Outside > 0 {
			fmt.Fprintf(&b, ", first %v: %s, reference %s", o.First, o.Got, o.Want)
		}
		b.WriteByte('\n')
	}
	if r.FirstDivergence != nil {
		fmt.Fprintf(&b, "  %s\n", printable(r.FirstDivergence.String()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the report as one JSON document.
func (r *Report) WriteJSON(w io.Writer) error {
	if r.Cases == nil {
		r.Cases = []*CaseReport{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string      `xml:"classname,attr"`
	Name    string      `xml:"name,attr"`
	Time    string      `xml:"time,attr"`
	Failure *junitFault `xml:"failure"`
	Error   *junitFault `xml:"error"`
}

type junitFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML: what differs is a failure, what could not be run an error.
func (r *Report) WriteJUnit(w io.Writer) error {
	s := junitSuite{Name: "onnxtool verify", Tests: len(r.Cases), Failures: r.Failed, Errors: r.Unsupported + r.Errors}
	seconds := 0.0
	for _, c := range r.Cases {
		j := junitCase{Class: "verify." + c.Reference, Name: c.Path, Time: fmt.Sprintf("%.3f", c.Seconds)}
		seconds += c.Seconds
		var details strings.Builder
		if err := c.WriteDetails(&details); err != nil {
			return err
		}
		fault := &junitFault{Message: c.Reason, Type: string(c.Verdict), Text: details.String()}
		switch c.Verdict {
		case Passed:
		case Failed:
			j.Failure = fault
		default:
			j.Error = fault
		}
		s.Cases = append(s.Cases, j)
	}
	s.Time = fmt.Sprintf("%.3f", seconds)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
