package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
)

// inFile is what --dropout is without a ratio.
const inFile = "file"

// importOptions says which parts of the model are trained, and how.
func (f *finetuneFlags) importOptions(outputs []tunedOutput) (train.ImportOptions, error) {
	o := train.ImportOptions{Freeze: f.freeze, Unfreeze: f.unfreeze, UnbiasedVariance: f.bnVariance == "unbiased", IgnoreRecipe: f.ignoreMetadata}
	if f.headUnits < 0 {
		return o, usagef("--replace-head %d: a head needs a unit at least", f.headUnits)
	}
	if f.headUnits == 0 {
		if f.headActivation != "" || f.headName != "" {
			return o, usagef("--head-activation and --head-name go with --replace-head")
		}
		o.Output, o.More = outputs[0].name, names(outputs[1:])
	}
	if f.freezeBN != "" {
		o.FreezeBatchNorm = strings.Split(f.freezeBN, ",")
	}
	if f.dropout != "" || len(f.dropoutAt) > 0 {
		o.Dropout = &train.Dropout{At: f.dropoutAt}
		if f.dropout != "" && f.dropout != inFile {
			r, err := strconv.ParseFloat(f.dropout, 64)
			if err != nil || !(r > 0 && r < 1) {
				return o, usagef("--dropout=%s: a ratio is a number above 0 and below 1", f.dropout)
			}
			o.Dropout.Ratio = r
		}
	}
	if f.lora == "" {
		if f.loraKeep {
			return o, usagef("--lora-keep goes with --lora")
		}
		return o, nil
	}
	var err error
	if o.LoRA, err = f.loraOptions(); err != nil {
		return o, err
	}
	if f.headUnits > 0 {
		o.Unfreeze = append(o.Unfreeze, "head/kernel", "head/bias")
	}
	return o, nil
}

// loraOptions parses --lora; a key without a value before it, as in targets=a,b, continues the targets.
func (f *finetuneFlags) loraOptions() (*train.LoRA, error) {
	l := &train.LoRA{Keep: f.loraKeep, Seed: f.seed}
	last := ""
	for _, part := range strings.Split(f.lora, ",") {
		key, value, ok := strings.Cut(part, "=")
		if !ok && last == "targets" {
			key, value = last, part
		}
		last = key
		var err error
		switch key {
		case "rank":
			l.Rank, err = strconv.Atoi(value)
			if err == nil && l.Rank < 1 {
				err = strconv.ErrRange
			}
		case "alpha":
			l.Alpha, err = strconv.ParseFloat(value, 64)
			if err == nil && !(l.Alpha > 0) {
				err = strconv.ErrRange
			}
		case "targets":
			l.Targets = append(l.Targets, value)
		default:
			return nil, usagef("--lora: %q is not one of rank=N, alpha=X, targets=PATTERN", part)
		}
		if err != nil {
			return nil, usagef("--lora: %s is %q, expected a number above 0", key, value)
		}
	}
	return l, nil
}

// head describes the new head; without --head-activation it is what the loss takes.
func (f *finetuneFlags) head(l loss.Loss) train.Head {
	h := train.Head{Units: f.headUnits, At: f.at, Activation: f.headActivation, Name: f.headName, Seed: f.seed}
	if h.Activation == "" {
		h.Activation = activationFor(l)
		if _, ok := l.(loss.Crossentropy); ok && h.Units == 1 { // which is then that of two classes
			h.Activation = "sigmoid"
		}
	}
	return h
}

// activationFor returns the activation whose results a loss takes.
func activationFor(l loss.Loss) string {
	switch l := l.(type) {
	case loss.BinaryCrossentropy:
		return unless(l.FromLogits, "sigmoid")
	case loss.BinaryFocalCrossentropy:
		return unless(l.FromLogits, "sigmoid")
	case loss.CategoricalCrossentropy:
		return unless(l.FromLogits, "softmax")
	case loss.CategoricalFocalCrossentropy:
		return unless(l.FromLogits, "softmax")
	case loss.SparseCategoricalCrossentropy:
		return unless(l.FromLogits, "softmax")
	case loss.CategoricalGeneralizedCrossEntropy, loss.KLDivergence, loss.Crossentropy:
		return "softmax"
	case loss.Dice, loss.Tversky:
		return "sigmoid"
	}
	return "linear"
}

func unless(logits bool, activation string) string {
	if logits {
		return "linear"
	}
	return activation
}

// warnOfLogits says so where the first loss takes probabilities and its output is a product's or a sum's.
func (f *finetuneFlags) warnOfLogits(e env, im *train.Imported, text string, cfg train.Config) {
	if activationFor(cfg.Loss) == "linear" {
		return
	}
	out := im.Net.Graph.Outputs[0]
	if op := madeBy(out); op == "Gemm" || op == "MatMul" || op == "Conv" || op == "Add" {
		fmt.Fprintf(e.err, "warning: output %s is made by %s, so it looks like logits, and --loss %s takes probabilities; for logits say %s\n",
			out.Name, op, text, withLogits(text))
	}
}

func withLogits(spec string) string {
	if strings.Contains(spec, ":") {
		return spec + ",from_logits=true"
	}
	return spec + ":from_logits=true"
}

// madeBy returns the operator that makes a value, seen through those that only move its elements.
func madeBy(v *nn.Value) string {
	for v.Node != nil {
		switch v.Node.Op {
		case "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose":
			v = v.Node.In[0]
		default:
			return v.Node.Op
		}
	}
	return ""
}
