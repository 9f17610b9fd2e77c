package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

var errUnsupported = infer.ErrUnsupported

// Options say how models are verified. The zero value compares pure Go with onnxruntime, recorded cases
// with their recording.
type Options struct {
	// Candidate is what is verified; without a name it is Go.
	Candidate Backend
	// Reference is where the answers come from; without a kind it is Recorded for cases that have
	// recorded sets, else onnxruntime.
	Reference Reference
	// Bisector answers for intermediate values where the reference has none; without a name it is onnxruntime.
	Bisector Backend
	// Tolerances replace the types' defaults.
	Tolerances Tolerances
	// Inputs are used instead of random or recorded ones.
	Inputs map[string]tensor.Any
	// Seed and Runs are for random inputs: run i has seed Seed+i. 0 runs are as many as DefaultDims where
	// a dimension is not fixed, else one.
	Seed uint64
	Runs int
	// Dims are sizes of symbolic dimensions, for random inputs.
	Dims map[string]int
	// Dump is a folder to write the first diverging node to, as a case of its own; empty is none.
	Dump string
	// NoBisect leaves the search for the first diverging node out.
	NoBisect bool
	// Parallel is how many cases run at once; 0 is one for each core.
	Parallel int
	// Timeout bounds the time of one case, its bisection included; 0 is no bound.
	Timeout time.Duration
	// Progress, which may be nil, is told of each case in the order of the list, as soon as it and all
	// before it are done.
	Progress func(*CaseReport)
}

// Reference is where answers come from. One of the fields after Kind is set, by kind.
type Reference struct {
	Kind    string        // ort, go, model, npz, recorded; empty is the default
	Backend Backend       // ort, go, model
	Model   *onnxio.Model // model: the one to run instead
	// Arrays are inputs and outputs by name, or in_0, out_0 and so on in the order of the graph; and
	// intermediate values named by value, node or layer.
	Arrays map[string]tensor.Any
}

// Run verifies all of the found models and reports on each.
func (o Options) Run(ctx context.Context, found []Found) *Report {
	o = o.withDefaults(len(found))
	reports := make([]*CaseReport, len(found))
	done := make([]chan struct{}, len(found))
	for i := range done {
		done[i] = make(chan struct{})
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(o.Parallel, len(found)) {
		wg.Go(func() {
			for i := range next {
				reports[i] = o.one(ctx, found[i], len(found) > 1)
				close(done[i])
			}
		})
	}
	go func() {
		for i := range found {
			next <- i
		}
		close(next)
	}()
	total := &Report{}
	for i := range found {
		<-done[i]
		total.add(reports[i])
		if o.Progress != nil {
			o.Progress(reports[i])
		}
	}
	wg.Wait()
	return total
}

func (o Options) withDefaults(cases int) Options {
	threads := 0
	if cases > 1 {
		threads = 1
	}
	if o.Candidate.Open == nil {
		o.Candidate = Go(threads)
	}
	if o.Bisector.Open == nil {
		o.Bisector = ORT(ort.Options{Threads: 1})
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	if o.Reference.Backend.Open == nil {
		switch o.Reference.Kind {
		case "", "ort":
			o.Reference.Backend = ORT(ort.Options{Threads: 1})
		case "go", "model":
			o.Reference.Backend = Go(threads)
		}
	}
	return o
}

// one verifies one model. Whatever goes wrong, including a panic, becomes its verdict.
func (o Options) one(ctx context.Context, f Found, many bool) (r *CaseReport) {
	start := time.Now()
	r = &CaseReport{Path: f.Path(), Seed: o.Seed, Outputs: []*OutputReport{}}
	defer func() {
		if p := recover(); p != nil {
			r.Verdict, r.Reason = Error, fmt.Sprintf("panic: %v", p)
		}
		r.Seconds = time.Since(start).Seconds()
	}()
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("the case took more than %v", o.Timeout))
		defer cancel()
	}
	c := &check{o: o, found: f, many: many, report: r}
	if err := c.run(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		r.Verdict, r.Reason = Error, oneLine(err)
		if errors.Is(err, errUnsupported) || errors.Is(err, onnxio.ErrUnsupported) {
			r.Verdict = Unsupported
		}
	}
	return r
}

func oneLine(err error) string { return printable(strings.Join(strings.Fields(err.Error()), " ")) }

// printable takes out what could steer a terminal: names in a model can be anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// check is one model being verified.
type check struct {
	o      Options
	found  Found
	many   bool // it is one of several
	report *CaseReport
	model  *onnxio.Model
	kind   string // of the reference
	cand   infer.Runner
	ref    infer.Runner // nil where answers are recorded
}

func (c *check) run(ctx context.Context) error {
	m, err := onnxio.Load(c.found.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	if m.Graph == nil {
		return fmt.Errorf("%s: the model has no graph", c.found.Model)
	}
	c.model = m
	c.kind = c.o.Reference.Kind
	if c.kind == "" {
		c.kind = "ort"
		if len(c.found.Sets) > 0 {
			c.kind = "recorded"
		}
	}
	c.report.Reference = c.kind
	if err := c.open(); err != nil {
		return err
	}
	defer c.close()
	samples, err := c.samples()
	if err != nil {
		return err
	}
	c.report.Verdict = Passed
	for _, s := range samples {
		if err := c.compare(ctx, s); err != nil {
			if s.name != "" {
				err = fmt.Errorf("%s: %w", s.name, err)
			}
			return err
		}
		if c.report.Verdict != Passed {
			return nil
		}
	}
	if c.kind == "model" {
		c.planted()
	}
	return nil
}

func (c *check) open() (err error) {
	if c.cand, err = c.o.Candidate.Open(c.model, nil); err != nil {
		return fmt.Errorf("candidate (%s): %w", c.o.Candidate.Name, err)
	}
	b := c.o.Reference.Backend
	switch c.kind {
	case "recorded", "npz":
		return nil
	case "model":
		c.ref, err = b.Open(c.o.Reference.Model, nil)
	default:
		c.ref, err = b.Open(c.model, nil)
	}
	if err != nil {
		return fmt.Errorf("reference (%s): %w", b.Name, err)
	}
	return nil
}

func (c *check) close() {
	c.cand.Close()
	if c.ref != nil {
		c.ref.Close()
	}
}

// compare runs one sample on both sides.
func (c *check) compare(ctx context.Context, s sample) error {
	got, err := c.cand.Run(ctx, s.inputs)
	if err != nil {
		err = fmt.Errorf("candidate (%s): %w", c.o.Candidate.Name, err)
		if s.random && errors.Is(err, infer.ErrShape) && c.symbolic() {
			err = fmt.Errorf("%w; the sizes of open dimensions are guesses, and can be given: %s", err, c.openDims())
		}
		return err
	}
	want := s.want
	if want == nil {
		if want, err = c.answers(ctx, s.inputs); err != nil {
			return fmt.Errorf("reference (%s): %w", c.kind, err)
		}
	}
	var outputs []*OutputReport
	var bad []string
	for _, v := range c.cand.Outputs() {
		if c.kind == "recorded" && want[v.Name] == nil {
			continue // an output that nobody recorded
		}
		d := Compare(v.Name, got[v.Name], want[v.Name], c.o.Tolerances)
		outputs = append(outputs, newOutputReport(d))
		if !d.Agrees() {
			bad = append(bad, v.Name)
		}
	}
	c.report.merge(outputs)
	c.report.Samples++
	if len(bad) == 0 {
		return c.rescaled(ctx, s, want)
	}
	c.report.Verdict = Failed
	c.report.Reason = failure(outputs, s.name)
	if n := c.random(bad); n != nil {
		c.report.Reason += fmt.Sprintf("; node %s (%s) draws random numbers: no two runs agree", nodeName(n), opName(c.model, n))
	} else if !c.o.NoBisect {
		c.bisect(ctx, s, bad)
	}
	return nil
}

// failure says in a line what differs.
func failure(outputs []*OutputReport, where string) string {
	i := slices.IndexFunc(outputs, func(o *OutputReport) bool { return o.Verdict != Passed })
	text := outputs[i].line()
	if where != "" {
		text += " (" + where + ")"
	}
	return printable(text)
}

// answers runs the reference; another model's inputs and outputs belong to the candidate's by name, or by
// position where the names differ.
func (c *check) answers(ctx context.Context, inputs map[string]tensor.Any) (map[string]tensor.Any, error) {
	if c.kind != "model" {
		return c.ref.Run(ctx, inputs)
	}
	theirs, err := rename(inputs, names(c.cand.Inputs()), names(c.ref.Inputs()))
	if err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	out, err := c.ref.Run(ctx, theirs)
	if err != nil {
		return nil, err
	}
	if out, err = rename(out, names(c.ref.Outputs()), names(c.cand.Outputs())); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
	}
	return out, nil
}

func names(infos []infer.ValueInfo) []string {
	list := make([]string, len(infos))
	for i, v := range infos {
		list[i] = v.Name
	}
	return list
}

// rename gives values the names that another model has for them.
func rename(values map[string]tensor.Any, from, to []string) (map[string]tensor.Any, error) {
	if len(from) != len(to) {
		return nil, fmt.Errorf("%d (%s) against %d (%s)", len(from), strings.Join(from, ", "), len(to), strings.Join(to, ", "))
	}
	sortedFrom, sortedTo := slices.Sorted(slices.Values(from)), slices.Sorted(slices.Values(to))
	if slices.Equal(sortedFrom, sortedTo) {
		return values, nil
	}
	out := make(map[string]tensor.Any, len(values))
	for i, name := range from {
		if v := values[name]; v != nil {
			out[to[i]] = v
		}
	}
	return out, nil
}
