package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// judgement is what evaluate found.
type judgement struct {
	*report.Assessment
	seed  uint64
	truth []int // the rows' classes, nil for a regression
}

// judge compares predictions with the target.
func (f *evaluateFlags) judge(predicted tensor.Any, target *data.Column, o report.AssessOptions) (*judgement, error) {
	if d := predicted.DType(); d == tensor.String || d.IsInt() && f.task != "regression" {
		return f.judgeLabels(target, predicted)
	}
	if row := notANumber(predicted); row > 0 {
		return nil, fmt.Errorf("%s: the model's answer to row %d is NaN: is a value missing there that the model does not fill?", f.table.csv, row)
	}
	width := 1
	if s := predicted.Shape(); s.Rank() == 2 {
		width = s[1]
	}
	truth, err := f.truth(target, width)
	if err != nil {
		return nil, err
	}
	if f.logits {
		if predicted, err = report.Probabilities(predicted); err != nil {
			return nil, err
		}
	}
	task := tasks[f.task]
	if task == report.Unknown {
		task = report.TaskOf(truth, predicted)
		if (f.positive != "" || f.classes != nil || zeroOne(truth)) && width == 1 && task != report.Binary {
			return nil, fmt.Errorf("the target has two classes, but predictions are outside [0,1]: --logits applies the sigmoid that is missing, --task regression takes them as numbers")
		}
		if task == report.Unknown {
			return nil, fmt.Errorf("predictions %v%v and target %s do not fit: --classes names the target's values in the order of the %d columns",
				predicted.DType(), predicted.Shape(), f.target, width)
		}
	}
	if f.task == "auto" && task == report.Regression && zeroToOne(predicted) && !zeroToOne(truth) {
		f.warnings = append(f.warnings, fmt.Sprintf("every prediction is between 0 and 1 and column %s is not: where they are probabilities, --positive says of what", f.target))
	}
	o.Labels = f.labels(task)
	a, err := report.Assess(task, truth, predicted, o)
	if err != nil {
		return nil, fmt.Errorf("%s: target %s: %w", f.table.csv, f.target, err)
	}
	return &judgement{a, f.seed, classNumbers(task, truth)}, nil
}

// notANumber returns the first row, from 1, that has a NaN, 0 where none has.
func notANumber(t tensor.Any) int {
	at := slices.IndexFunc(tensor.Data[float32](t), func(v float32) bool { return v != v })
	if t.DType() == tensor.Float64 {
		at = slices.IndexFunc(tensor.Data[float64](t), math.IsNaN)
	}
	if at < 0 || t.Shape().Rank() == 0 {
		return 0
	}
	return at/(t.Len()/t.Shape()[0]) + 1
}

// classNumbers returns the classes of a target that has some.
func classNumbers(task report.Task, truth tensor.Any) []int {
	if task == report.Regression {
		return nil
	}
	var out []int
	for _, v := range tensor.Data[float32](truth) {
		out = append(out, int(v))
	}
	for _, v := range tensor.Data[float64](truth) {
		out = append(out, int(v))
	}
	for _, v := range tensor.Data[int64](truth) {
		out = append(out, int(v))
	}
	return out
}

// zeroOne tells whether a target consists of zeros and ones.
func zeroOne(t tensor.Any) bool {
	for _, v := range tensor.Data[float32](t) {
		if v != 0 && v != 1 {
			return false
		}
	}
	return t.DType() == tensor.Float32
}

// zeroToOne tells whether all numbers are from 0 to 1.
func zeroToOne(t tensor.Any) bool {
	for _, v := range tensor.Data[float32](t) {
		if !(v >= 0 && v <= 1) {
			return false
		}
	}
	for _, v := range tensor.Data[float64](t) {
		if !(v >= 0 && v <= 1) {
			return false
		}
	}
	return true
}

// labels names the classes.
func (f *evaluateFlags) labels(task report.Task) []string {
	switch {
	case f.classes != nil:
		return f.classes
	case f.positive != "" && task == report.Binary:
		return []string{"other", f.positive}
	}
	return nil
}

// truth returns the target as numbers: 0 and 1, numbers of classes, or what stands there.
func (f *evaluateFlags) truth(target *data.Column, width int) (tensor.Any, error) {
	if f.positive != "" {
		hits, err := target.Match(f.positive)
		if err != nil {
			return nil, err
		}
		out := tensor.Zeros[float32](len(hits))
		for i, h := range hits {
			if h {
				out.Data()[i] = 1
			}
		}
		return out, nil
	}
	if f.classes != nil {
		if want := max(2, width); len(f.classes) != want {
			return nil, usagef("--classes names %d classes, the model tells %d apart", len(f.classes), want)
		}
		classes, err := target.ClassNumbers(f.classes)
		if err != nil {
			return nil, err
		}
		out := tensor.Zeros[float32](len(classes))
		for i, k := range classes {
			out.Data()[i] = float32(k)
		}
		return out, nil
	}
	if target.CountMissing() == 0 {
		if t, err := target.Tensor(tensor.Bool); err == nil { // 0, 1, true and false
			out := tensor.Zeros[float32](t.Len())
			for i, v := range tensor.Data[bool](t) {
				if v {
					out.Data()[i] = 1
				}
			}
			return out, nil
		}
	}
	numbers, err := target.As(data.Float)
	if err != nil {
		values, more := target.Distinct(6)
		list := strings.Join(values, ", ")
		if more {
			list += ", ..."
		}
		return nil, fmt.Errorf("%w; its values are %s: --positive VALUE or --classes A,B,... says what they mean", err, list)
	}
	if _, err := numbers.Match(">=0"); numbers.CountMissing() > 0 && err != nil { // names the row
		return nil, err
	}
	return numbers.Tensor(tensor.Float64)
}

// judgeLabels compares predicted classes with the target's.
func (f *evaluateFlags) judgeLabels(target *data.Column, predicted tensor.Any) (*judgement, error) {
	if f.positive != "" || f.logits {
		return nil, usagef("the model's output is classes, not scores: --positive and --logits do not apply")
	}
	said, err := labelColumn(predicted)
	if err != nil {
		return nil, err
	}
	classes := f.classes
	if classes == nil {
		for _, c := range []*data.Column{target, said} {
			values, more := c.Distinct(1000)
			if more {
				return nil, fmt.Errorf("column %s has more than 1000 classes", c.Name())
			}
			classes = append(classes, values...)
		}
		slices.Sort(classes)
		classes = sameNumbers(slices.Compact(classes))
	}
	truth, err := target.ClassNumbers(classes)
	if err != nil {
		return nil, err
	}
	found, err := said.ClassNumbers(classes)
	if err != nil {
		return nil, err
	}
	if len(classes) < 2 {
		return nil, fmt.Errorf("target and predictions have one class only, %s", classes[0])
	}
	hot := tensor.Zeros[float32](len(found), len(classes))
	for i, k := range found {
		hot.Data()[i*len(classes)+int(k)] = 1
	}
	a, err := report.Assess(report.Multiclass, tensor.Vector(truth...), hot, report.AssessOptions{Labels: classes})
	if err != nil {
		return nil, err
	}
	// What only scores have.
	a.Curves = nil
	a.Scores = slices.DeleteFunc(a.Scores, func(s report.Score) bool { return s.Name == "macro_auc" || s.Name == "log_loss" })
	return &judgement{a, f.seed, classNumbers(report.Multiclass, tensor.Vector(truth...))}, nil
}

// sameNumbers drops classes that are another one's number, as 1.0 is 1's.
func sameNumbers(classes []string) []string {
	seen := map[float64]bool{}
	return slices.DeleteFunc(classes, func(c string) bool {
		v, err := strconv.ParseFloat(c, 64)
		twice := err == nil && seen[v]
		if err == nil {
			seen[v] = true
		}
		return twice
	})
}

// labelColumn returns predicted classes as a column.
func labelColumn(t tensor.Any) (*data.Column, error) {
	if s := t.Shape(); s.Rank() == 2 && s[1] != 1 {
		return nil, fmt.Errorf("predictions %v%v are neither scores nor one class a row", t.DType(), s)
	}
	switch t := t.(type) {
	case *tensor.Tensor[string]:
		return data.Strings("predictions", t.Data(), nil), nil
	case *tensor.Tensor[int64]:
		return data.Ints("predictions", t.Data(), nil), nil
	case *tensor.Tensor[int32]:
		wide := make([]int64, t.Len())
		for i, v := range t.Data() {
			wide[i] = int64(v)
		}
		return data.Ints("predictions", wide, nil), nil
	}
	return nil, fmt.Errorf("predictions of type %v are no classes", t.DType())
}

// write prints the judgement for people.
func (j *judgement) write(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d rows", j.Task, j.Rows)
	if j.Task == report.Binary {
		fmt.Fprintf(w, ", positive %s %.6g (F1 is best from %.6g on)", j.word(), j.Threshold, j.BestThreshold)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, s := range j.Scores {
		fmt.Fprintf(t, "  %s\t%s\n", s.Name, scoreText(s.Value))
	}
	if err := t.Flush(); err != nil || j.Counts == nil {
		return err
	}
	const most = 30
	if len(j.Counts) > most {
		_, err := fmt.Fprintf(w, "\n%d classes: their confusion matrix is in --json and in -o\n", len(j.Counts))
		return err
	}
	t = tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\ntrue \\ predicted\t")
	for _, c := range j.Classes {
		fmt.Fprintf(t, "%s\t", c.Label)
	}
	fmt.Fprint(t, "precision\trecall\tf1\t\n")
	for i, c := range j.Classes {
		fmt.Fprintf(t, "%s\t", c.Label)
		for _, v := range j.Counts[i] {
			fmt.Fprintf(t, "%.0f\t", v)
		}
		fmt.Fprintf(t, "%.4f\t%.4f\t%.4f\t\n", c.Precision, c.Recall, c.F1)
	}
	return t.Flush()
}

// word tells whether a score at the threshold is positive: at 0.5 it is not, as in Keras; at the best one it is.
func (j *judgement) word() string {
	if j.Threshold == j.BestThreshold {
		return "from"
	}
	return "above"
}

func scoreText(v float64) string {
	if math.IsNaN(v) {
		return "not defined"
	}
	return figureText(v, 6)
}

// figure is a number in JSON, which has no word for one that is not finite.
type figure float64

// MarshalJSON writes NaN, Inf and -Inf as strings.
func (f figure) MarshalJSON() ([]byte, error) {
	switch v := float64(f); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(v)
	}
}

// evaluation is the JSON form of a judgement.
type evaluation struct {
	Task          string            `json:"task"`
	Rows          int               `json:"rows"`
	Threshold     *figure           `json:"threshold,omitempty"`
	BestThreshold *figure           `json:"best_threshold,omitempty"`
	Metrics       map[string]figure `json:"metrics"`
	Confusion     *confusion        `json:"confusion,omitempty"`
}

type confusion struct {
	Labels  []string    `json:"labels"`
	Matrix  [][]float64 `json:"matrix"` // rows are true classes
	Classes []class     `json:"classes"`
}

type class struct {
	Label     string `json:"label"`
	Precision figure `json:"precision"`
	Recall    figure `json:"recall"`
	F1        figure `json:"f1"`
	Support   figure `json:"support"`
}

func (j *judgement) writeJSON(w io.Writer) error {
	v := evaluation{Task: j.Task.String(), Rows: j.Rows, Metrics: map[string]figure{}}
	for _, s := range j.Scores {
		v.Metrics[s.Name] = figure(s.Value)
	}
	if j.Task == report.Binary {
		at, best := figure(j.Threshold), figure(j.BestThreshold)
		v.Threshold, v.BestThreshold = &at, &best
	}
	if j.Counts != nil {
		v.Confusion = &confusion{Matrix: j.Counts}
		for _, c := range j.Classes {
			v.Confusion.Labels = append(v.Confusion.Labels, c.Label)
			v.Confusion.Classes = append(v.Confusion.Classes, class{c.Label, figure(c.Precision), figure(c.Recall), figure(c.F1), figure(c.Support)})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
