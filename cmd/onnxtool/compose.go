package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/convert/edit"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
)

type composeFlags struct {
	output   string
	connect  []string
	columns  []string
	oneHot   []string
	maps     []string
	unknown  []string
	scalers  []string
	imputers []string
	average  bool
}

func newCompose(e env) *cobra.Command {
	var f composeFlags
	cmd := &cobra.Command{
		Use:   "compose MODEL [MODEL...] -o MODEL",
		Short: "Put preprocessing before a model, one model before another, or several side by side",
		Long: `Put preprocessing before a model, so that it takes raw columns, or feed a model's outputs to a second one.

--columns says which columns make an input, side by side in that order. A column is a number unless --one-hot
lists its values or --map names a dictionary for it, a JSON object such as {"17": 0, "23": 1}; what an unknown key
becomes is the dictionary's entry [UNK] or --unknown. --imputer and --scaler are files of JSON with what vars()
gives of scikit-learn's SimpleImputer, and of its MinMaxScaler, StandardScaler, RobustScaler or MaxAbsScaler; they
act on the whole row, the scaler on its plain numbers alone where it has as many. Inputs that are not named stay.

With two models, outputs of the first feed inputs of the second: those of the same name, or as --connect says.

With --average all models take the same inputs, and the result gives the mean of their outputs: an ensemble.`,
		Example: `  onnxtool compose wine.onnx -o service.onnx \
      --columns "features=type,fixed acidity,volatile acidity,..." --one-hot type=red,white --scaler scaler.json \
      --columns vendor_idx=vendor_id --map vendor_id=vendors.json --unknown vendor_id=0
  onnxtool compose encoder.onnx decoder.onnx -o both.onnx --connect z=mu
  onnxtool compose --average a.onnx b.onnx c.onnx -o ensemble.onnx`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case f.average && len(args) < 2:
				return usagef("compose --average takes two models or more")
			case !f.average && len(args) != 1 && len(args) != 2:
				return usagef("compose takes one or two models, and more with --average")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runCompose(e, args, &f) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.output, "output", "o", "", "`file` to write")
	fl.StringArrayVar(&f.connect, "connect", nil, "with two models: `INPUT=OUTPUT`, an input of the second and what feeds it; may be repeated")
	fl.BoolVar(&f.average, "average", false, "run all models on the same inputs and give the mean of their outputs")
	fl.StringArrayVar(&f.columns, "columns", nil, "`INPUT=COLUMN,...`: what an input is made of; may be repeated")
	fl.StringArrayVar(&f.oneHot, "one-hot", nil, "`COLUMN=VALUE,...`: the values that get a place each; may be repeated")
	fl.StringArrayVar(&f.maps, "map", nil, "`COLUMN=FILE`: a dictionary; may be repeated")
	fl.StringArrayVar(&f.unknown, "unknown", nil, "`COLUMN=NUMBER`: what a key becomes that the dictionary does not have; may be repeated")
	fl.StringArrayVar(&f.scalers, "scaler", nil, "`[INPUT=]FILE`: a scaler; may be repeated")
	fl.StringArrayVar(&f.imputers, "imputer", nil, "`[INPUT=]FILE`: what missing numbers become; may be repeated")
	return cmd
}

func runCompose(e env, paths []string, f *composeFlags) error {
	if f.output == "" {
		return usagef("-o says where the model goes")
	}
	var models []*onnxio.Model
	for _, p := range paths {
		if same(p, f.output) {
			return usagef("%s would overwrite what it is made of", f.output)
		}
		m, err := onnxio.Load(p)
		if err != nil {
			return err
		}
		defer m.Close()
		models = append(models, m)
	}
	out, err := f.compose(models)
	if err != nil {
		return err
	}
	s, err := infer.New(out, infer.Options{Threads: 1})
	if err != nil {
		return fmt.Errorf("the composed model: %w", err)
	}
	defer s.Close()
	if err := onnxio.Save(f.output, out, onnxio.SaveOptions{Embed: true}); err != nil {
		return err
	}
	for _, v := range s.Inputs() {
		fmt.Fprintf(e.err, "input   %s  %v\n", v.Name, v)
	}
	fmt.Fprintf(e.err, "wrote %s\n", f.output)
	return nil
}

func (f *composeFlags) compose(models []*onnxio.Model) (*onnxio.Model, error) {
	preprocess := slices.Concat(f.columns, f.oneHot, f.maps, f.unknown, f.scalers, f.imputers)
	if f.average {
		if len(preprocess) > 0 || len(f.connect) > 0 {
			return nil, usagef("--average goes alone: compose its result with something else")
		}
		return edit.Average(models...)
	}
	if len(models) == 1 {
		if len(f.connect) > 0 {
			return nil, usagef("--connect is for two models")
		}
		inputs, err := f.inputs()
		if err != nil {
			return nil, err
		}
		return edit.Preprocess(models[0], inputs)
	}
	if len(preprocess) > 0 {
		return nil, usagef("--columns and what belongs to it are for one model: compose the result with the second")
	}
	connect := map[string]string{}
	for _, c := range f.connect {
		in, out, ok := strings.Cut(c, "=")
		if !ok || in == "" || out == "" {
			return nil, usagef("--connect %s is not INPUT=OUTPUT", c)
		}
		connect[in] = out
	}
	return edit.Merge(models[0], models[1], edit.MergeOptions{Connect: connect})
}

// inputs puts the flags together that say how inputs are made.
func (f *composeFlags) inputs() ([]edit.Input, error) {
	var inputs []edit.Input
	for _, c := range f.columns {
		name, columns, ok := strings.Cut(c, "=")
		if !ok || name == "" || columns == "" {
			return nil, usagef("--columns %s is not INPUT=COLUMN,...", c)
		}
		in := edit.Input{Name: name}
		for _, column := range strings.Split(columns, ",") {
			in.Columns = append(in.Columns, edit.Column{Name: column})
		}
		inputs = append(inputs, in)
	}
	if len(inputs) == 0 {
		return nil, usagef("--columns says which columns make an input")
	}
	if err := f.columnFlags(inputs); err != nil {
		return nil, err
	}
	err := forInputs(inputs, "--imputer", f.imputers, func(in *edit.Input, b []byte) (err error) {
		in.Impute, err = edit.ParseImputer(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = forInputs(inputs, "--scaler", f.scalers, func(in *edit.Input, b []byte) (err error) {
		in.Scale, err = edit.ParseScaler(b)
		return err
	})
	return inputs, err
}

// columnFlags takes in what the flags say of single columns.
func (f *composeFlags) columnFlags(inputs []edit.Input) error {
	err := forColumns(inputs, "--one-hot", f.oneHot, func(c *edit.Column, arg string) (err error) {
		c.OneHot, err = edit.NewCategories(strings.Split(arg, ","))
		return err
	})
	if err != nil {
		return err
	}
	err = forColumns(inputs, "--map", f.maps, func(c *edit.Column, arg string) error {
		b, err := readSmall(arg)
		if err != nil {
			return err
		}
		if c.Map, err = edit.ParseDictionary(b); err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = forColumns(inputs, "--unknown", f.unknown, func(c *edit.Column, arg string) error {
		v, err := strconv.ParseFloat(arg, 64)
		if err != nil || c.Map == nil {
			return usagef("--unknown %s=%s: a number, for a column with --map", c.Name, arg)
		}
		c.Map.Unknown = &v
		return nil
	})
	if err != nil {
		return err
	}
	for _, in := range inputs {
		for _, c := range in.Columns {
			if c.Map != nil && c.Map.Unknown == nil {
				return usagef("--map %s: the dictionary has no entry [UNK]; --unknown %s=NUMBER says what an unknown key becomes", c.Name, c.Name)
			}
		}
	}
	return nil
}

// forColumns hands each flag's value to every column of its name.
func forColumns(inputs []edit.Input, flag string, values []string, set func(c *edit.Column, arg string) error) error {
	for _, v := range values {
		name, arg, ok := strings.Cut(v, "=")
		if !ok {
			return usagef("%s %s: COLUMN=... is missing", flag, v)
		}
		found := false
		for i := range inputs {
			for k := range inputs[i].Columns {
				if c := &inputs[i].Columns[k]; c.Name == name {
					found = true
					if err := set(c, arg); err != nil {
						return err
					}
				}
			}
		}
		if !found {
			return usagef("%s %s: --columns names no column %s", flag, v, name)
		}
	}
	return nil
}

// forInputs hands each flag's file to the input that it names; without a name there must be one input of several columns.
func forInputs(inputs []edit.Input, flag string, values []string, set func(in *edit.Input, b []byte) error) error {
	for _, v := range values {
		at := -1
		path := v
		for i, in := range inputs {
			if rest, ok := strings.CutPrefix(v, in.Name+"="); ok {
				at, path = i, rest
			}
		}
		if at < 0 {
			rows := 0
			for i, in := range inputs {
				if len(in.Columns) > 1 || len(inputs) == 1 {
					at = i
					rows++
				}
			}
			if rows != 1 {
				return usagef("%s %s: INPUT=FILE says which input it is for", flag, v)
			}
		}
		b, err := readSmall(path)
		if err != nil {
			return err
		}
		if err := set(&inputs[at], b); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// maxSmall bounds the size of a scaler's or a dictionary's file.
const maxSmall = 64 << 20

func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxSmall+1))
	if err == nil && len(b) > maxSmall {
		err = fmt.Errorf("%s: more than %d bytes", path, maxSmall)
	}
	return b, err
}
