package report

import (
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/metric"
)

// Assessed is how a model does on a part of the data that has a name: training, validation, test.
type Assessed struct {
	Name string
	*Assessment
}

// bootstrapTrials is how many trials the bands of thresholds are made of.
const bootstrapTrials = 50

// Pictures draws what there is to see in assessments of one model: for a binary task ROC, precision and recall,
// the choice of a threshold and the confusion matrix; for several classes the
// confusion matrix and, of up to ten, ROC and precision and recall of each against the others; for a regression
// predictions over true values. Curves are of every part, the others of the last one. What cannot be drawn of
// the data, such as a ROC without positives, is left out.
func Pictures(parts []Assessed, seed uint64) ([]Picture, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	last := parts[len(parts)-1]
	on := ""
	if last.Name != "" {
		on = ", " + last.Name + " data"
	}
	switch last.Task {
	case Regression:
		if last.truth == nil {
			return nil, nil
		}
		return []Picture{{"predictions", "Predictions over true values" + on + ".",
			Agreement{True: last.truth, Predicted: last.predicted, Title: "Predictions and true values" + on}}}, nil
	case Multiclass:
		return append(last.classCurves(on), last.confusion(on)), nil
	case Binary:
		return binaryPictures(parts, on, seed)
	}
	return nil, nil
}

func (a Assessed) confusion(on string) Picture {
	text := "Confusion matrix" + on + ": how often each class is taken for each."
	if a.Task == Binary {
		word := "above"
		if a.Threshold == a.BestThreshold {
			word = "from"
		}
		text += fmt.Sprintf(" A score %s %s is a positive decision.", word, short(a.Threshold))
	}
	return Picture{"confusion", text, Confusion{Counts: a.Counts, Labels: a.Labels, Title: "Confusion matrix" + on}}
}

// classCurves draws the curves of each class against the others.
func (a Assessed) classCurves(on string) []Picture {
	if len(a.Curves) == 0 {
		return nil
	}
	return []Picture{
		{"roc", "Receiver operating characteristic of each class against the others" + on + ".",
			ROC{Curves: a.Curves, Title: "Receiver operating characteristic, each class" + on, NoThreshold: true}},
		{"precision_recall", "Precision over recall of each class against the others" + on + "; dashed is what guessing reaches, the share of the class.",
			PrecisionRecall{Curves: a.Curves, Title: "Precision and recall, each class" + on, NoThreshold: true}},
	}
}

func binaryPictures(parts []Assessed, on string, seed uint64) ([]Picture, error) {
	last := parts[len(parts)-1]
	roc, pr := ROC{Threshold: last.Threshold}, PrecisionRecall{Threshold: last.Threshold}
	for i, p := range parts {
		c := Curve{orText(p.Name, "model"), p.Points}
		positives, negatives, err := c.check()
		if err != nil {
			return nil, err
		}
		if len(parts) > 1 && i == 0 && p.Name == partTrain {
			continue // what a model was trained on flatters it
		}
		if positives > 0 && negatives > 0 {
			roc.Curves = append(roc.Curves, c)
			pr.Curves = append(pr.Curves, c)
		}
	}
	var out []Picture
	if len(roc.Curves) > 0 {
		out = append(out,
			Picture{"roc", "Receiver operating characteristic: the share of positives found over the share of negatives mistaken for one, at every threshold.", roc},
			Picture{"precision_recall", "Precision over recall at every threshold; dashed is what guessing reaches, the share of positives.", pr})
	}
	if t, ok, err := thresholds(last.Points, on, seed); err != nil {
		return nil, err
	} else if ok {
		out = append(out, t)
	}
	return append(out, last.confusion(on)), nil
}

// thresholds draws the choice of a threshold, where scores are probabilities and there are positives.
func thresholds(points []metric.Point, on string, seed uint64) (Picture, bool, error) {
	if (Threshold{}).check(points) != nil {
		return Picture{}, false, nil
	}
	trials, err := Bootstrap(points, bootstrapTrials, seed)
	if err != nil {
		return Picture{}, false, err
	}
	f := Threshold{Trials: trials, Title: "Discrimination threshold" + on, Note: "Trials draw as many examples from the data, with replacement."}
	return thresholdPicture(f, on), true, nil
}

// HistoryPictures draws loss and metrics by epoch, a picture each, named after the figure.
func HistoryPictures(h *train.History) []Picture {
	var out []Picture
	for _, name := range h.Names {
		if strings.HasPrefix(name, "val_") || len(h.Epochs) == 0 {
			continue
		}
		out = append(out, Picture{name, capital(spoken(name)) + " after each epoch.", Epochs{History: h, Figure: name}})
	}
	return out
}

// LearningPictures draws loss and metrics over the number of training examples, a picture each.
func LearningPictures(c *train.LearningCurve) []Picture {
	var out []Picture
	for _, name := range c.Names {
		training, validation := c.Column(name)
		out = append(out, Picture{"learning_" + name, capital(spoken(name)) + " after training on parts of the data, over their size.",
			LearningCurve{Sizes: c.Sizes, Training: training, Validation: validation, Figure: spoken(name), Title: capital(spoken(name)) + " by training-set size"}})
	}
	return out
}

// SplitPicture draws the choice of a binary task's threshold from trainings on several splits of the data, as
// scikit-yb's DiscriminationThreshold does.
func SplitPicture(trials []train.Holdout) (Picture, error) {
	f := Threshold{Title: "Discrimination threshold, held-out data", Note: "Each trial is a training on another split, judged on the part that was held out."}
	for i, h := range trials {
		a, err := Assess(Binary, h.Target, h.Predicted, AssessOptions{})
		if err != nil {
			return Picture{}, fmt.Errorf("split %d: %w", i, err)
		}
		f.Trials = append(f.Trials, a.Points)
	}
	if _, err := f.sheet(); err != nil {
		return Picture{}, err
	}
	return thresholdPicture(f, ", held-out data"), nil
}

// thresholdPicture says what a choice of thresholds shows.
func thresholdPicture(f Threshold, on string) Picture {
	at, f1 := f.Best()
	text := fmt.Sprintf("Precision, recall, F1 and queue rate (the share of positive decisions) over the threshold%s. The median F1 is best, %.3f, at %.3f.", on, f1, at)
	return Picture{"threshold", text, f}
}
