package main

import (
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/train/data/images"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
)

// labelMode is the form of the classes that a loss takes; other losses than those of classes take 0 and 1.
func labelMode(l loss.Loss) string {
	switch name := l.Name(); {
	case strings.HasPrefix(name, "sparse_"):
		return "int"
	case strings.HasPrefix(name, "categorical_"):
		return "categorical"
	}
	return "binary"
}

// imageSets lists the images of the folders, in the form that the model takes.
func (f *finetuneFlags) imageSets(ins []*nn.Value, out *nn.Value) (*tuningSets, error) {
	if len(ins) != 1 {
		return nil, fmt.Errorf("%s is a folder of images, and what is trained reads %d inputs", f.data, len(ins))
	}
	form, err := imageForm(infoOf(ins[0]), f.pixelRange)
	if err != nil {
		return nil, err
	}
	form.LabelMode, form.Seed, form.KeepOrder = f.labelMode, f.seed, !f.shuffle
	open := func(dir, subset string) (*images.Set, error) {
		form.Dir, form.Subset = dir, subset
		form.ValidationSplit = 0
		if subset != "" {
			form.ValidationSplit = f.split
		}
		s, err := form.Open()
		if err != nil {
			return nil, err
		}
		return s, fitsClasses(s, out)
	}
	sets := &tuningSets{}
	switch {
	case f.validationData != "":
		train, err := open(f.data, "")
		if err != nil {
			return nil, err
		}
		form.ClassNames = train.Classes() // the same numbers in both
		validation, err := open(f.validationData, "")
		sets.train, sets.validation = train, validation
		return sets, err
	case f.split > 0:
		train, err := open(f.data, "training")
		if err != nil {
			return nil, err
		}
		validation, err := open(f.data, "validation")
		sets.train, sets.validation = train, validation
		return sets, err
	}
	sets.train, err = open(f.data, "")
	return sets, err
}

// infoOf describes an input of a network as a session does.
func infoOf(in *nn.Value) infer.ValueInfo {
	info := infer.ValueInfo{Name: in.Name, DType: in.Fact.DType, Ranked: in.Fact.Ranked}
	for _, d := range in.Fact.Shape {
		n, known := d.Int()
		if !known {
			n = -1
		}
		info.Shape = append(info.Shape, infer.Dim{Size: n, Name: d.String()})
	}
	return info
}

// fitsClasses holds the classes against the model's output.
func fitsClasses(s *images.Set, out *nn.Value) error {
	shape := out.Fact.Shape
	if len(shape) != 2 {
		return nil
	}
	if n, known := shape[1].Int(); known && n > 1 && n != len(s.Classes()) {
		return fmt.Errorf("the folder has %d classes (%s), output %s is %v", len(s.Classes()), strings.Join(s.Classes(), ", "), out.Name, out.Fact)
	}
	return nil
}
