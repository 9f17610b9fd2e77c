package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train/data"
)

type convertFlags struct {
	output                      string
	opset                       int
	batch                       int
	verify                      string
	library                     string
	layers                      bool
	replace                     []string
	inputsAsNCHW, outputsAsNCHW []string
}

func newConvert(e env) *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert SRC -o MODEL",
		Short: "Convert Keras files, ONNX's text form, and ONNX to Keras",
		Long: `Convert a model. SRC is a .keras file, a .h5 or .hdf5 file with a whole model (Keras 2 or 3), a folder or
a .json file of a model in several files (config.json with model.weights.h5, TensorFlow.js's model.json),
ONNX's text form (.onnxtxt, .txt) or an ONNX model; MODEL is an ONNX model, its text form where the name
ends in .onnxtxt or .txt, or a Keras 3 file where it ends in .keras: what Keras has layers for, such as what
train exports; other nodes are an error that names all of them. No Python is needed and nothing in the file
is run: a Lambda layer is an error.

--verify compares with arrays that were saved from Keras: in_0, in_1 ... and out_0, out_1 ..., or arrays
with the names of inputs and outputs; arrays with the names of layers say which layer is the first that
differs. The model is written in any case; where it differs, the exit code is 1.`,
		Example: `  onnxtool convert model.keras -o model.onnx
  onnxtool convert model.h5 -o model.onnx --opset 17 --verify io.npz
  onnxtool convert vae.keras -o vae.onnx --replace "z=x0 + 0*x1"
  onnxtool convert model.onnx -o model.onnxtxt
  onnxtool convert model.onnx -o model.keras
  onnxtool convert --layers`,
		Args: func(_ *cobra.Command, args []string) error {
			if f.layers && len(args) == 0 || len(args) == 1 {
				return nil
			}
			return usagef("convert takes the path of one file")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.layers {
				_, err := fmt.Fprintln(e.out, strings.Join(keras.Layers(), "\n"))
				return err
			}
			return runConvert(cmd.Context(), e, args[0], &f)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.output, "output", "o", "", "`file` to write")
	fl.IntVar(&f.opset, "opset", 0, "version of ai.onnx (default 18, or what the model needs at least)")
	fl.IntVar(&f.batch, "batch", 0, "fix the batch's size (default: open, named batch)")
	fl.StringVar(&f.verify, "verify", "", "`file` (.npz) with inputs and outputs of the original")
	fl.StringVar(&f.library, "library", "", "onnxruntime's `file`, or the folder that holds it, to search a difference with")
	fl.StringArrayVar(&f.replace, "replace", nil, "what a Lambda or custom layer computes: LAYER=`EXPR`, of x or x0, x1, ... with the functions of keras.ops; may be repeated")
	fl.StringSliceVar(&f.inputsAsNCHW, "inputs-as-nchw", nil, "`inputs` of a Keras model whose channels are to be in front (NCHW) where Keras has them last, by name")
	fl.StringSliceVar(&f.outputsAsNCHW, "outputs-as-nchw", nil, "the same of `outputs`")
	fl.BoolVar(&f.layers, "layers", false, "list the Keras layers that are supported")
	return cmd
}

// textEndings are those of ONNX's text form.
var textEndings = []string{".onnxtxt", ".txt"}

// otherEndings are those of other kinds of models: what is written is none of them.
var otherEndings = []string{".h5", ".hdf5", ".json", ".npz", ".pt", ".pth", ".tflite", ".zip"}

func runConvert(ctx context.Context, e env, src string, f *convertFlags) error {
	switch {
	case f.output == "":
		return usagef("-o says where the model goes")
	case f.opset < 0 || f.batch < 0:
		return usagef("--opset and --batch cannot be negative")
	}
	ending := strings.ToLower(filepath.Ext(f.output))
	toText := slices.Contains(textEndings, ending)
	if (toText || ending == ".keras") && f.verify != "" {
		return usagef("--verify runs a model: it needs an ONNX model as output")
	}
	if f.verify != "" && len(f.inputsAsNCHW)+len(f.outputsAsNCHW) > 0 {
		return usagef("--verify compares with Keras's arrays, whose channels are last: verify without --inputs-as-nchw and --outputs-as-nchw, which change no number")
	}
	if slices.Contains(otherEndings, ending) {
		return usagef("-o %s: no %s is written, but an ONNX model (.onnx), its text form (.onnxtxt, .txt) or a Keras 3 file (.keras)", f.output, ending)
	}
	if same(src, f.output) {
		return usagef("%s would overwrite what it is made of", f.output)
	}
	m, err := readSource(e, src, f)
	if err != nil {
		return err
	}
	defer m.Close()
	switch {
	case ending == ".keras":
		err = tokeras.Write(f.output, m)
	case toText:
		err = atomicfile.Write(f.output, func(w io.Writer) error {
			_, err := io.WriteString(w, onnxio.Text(m))
			return err
		})
	default:
		err = onnxio.Save(f.output, m, onnxio.SaveOptions{Embed: true})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.err, "wrote %s\n", f.output)
	if f.verify == "" {
		return nil
	}
	return verifyConverted(ctx, e, f)
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// readSource reads what is converted: ONNX and its text form by their ending, everything else as a model of Keras.
func readSource(e env, src string, f *convertFlags) (*onnxio.Model, error) {
	isKeras, err := kerasSource(src)
	if err != nil {
		return nil, err
	}
	ending := strings.ToLower(filepath.Ext(src))
	if isKeras {
		o := keras.Options{Opset: f.opset, Batch: f.batch, Replace: map[string]string{}, InputsAsNCHW: f.inputsAsNCHW, OutputsAsNCHW: f.outputsAsNCHW}
		o.Warn = func(text string) { fmt.Fprintln(e.err, "note:", text) }
		for _, r := range f.replace {
			layer, expr, ok := strings.Cut(r, "=")
			if !ok || layer == "" || expr == "" {
				return nil, usagef("--replace %s is not LAYER=EXPR", r)
			}
			o.Replace[layer] = expr
		}
		return keras.Convert(src, o)
	}
	if f.opset != 0 || f.batch != 0 || len(f.replace)+len(f.inputsAsNCHW)+len(f.outputsAsNCHW) > 0 {
		return nil, usagef("--opset, --batch, --replace, --inputs-as-nchw and --outputs-as-nchw are for Keras files")
	}
	if slices.Contains(textEndings, ending) {
		return parseTextFile(src)
	}
	return onnxio.Load(src)
}

// kerasSource reports whether a path is for package keras: a folder, or a file that has not the ending of ONNX or its
// text form or begins as Keras's do. A SavedModel of TensorFlow is a .pb file that is not ONNX.
func kerasSource(src string) (bool, error) {
	file, err := os.Open(src)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return true, err
	}
	head := make([]byte, 8)
	n, _ := io.ReadFull(file, head)
	ending := strings.ToLower(filepath.Ext(src))
	return bytes.HasPrefix(head[:n], []byte("PK")) || bytes.HasPrefix(head[:n], []byte("\x89HDF")) || filepath.Base(src) == "saved_model.pb" ||
		ending != ".onnx" && ending != ".pb" && !slices.Contains(textEndings, ending), nil
}

// maxText bounds the size of a text form.
const maxText = 1 << 30

func parseTextFile(src string) (*onnxio.Model, error) {
	info, err := os.Stat(src)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxText {
		return nil, fmt.Errorf("%s: a text form is a file of at most %d bytes", src, maxText)
	}
	b, err := os.ReadFile(src)
	if err != nil {
		return nil, err
	}
	m, err := onnxio.ParseText(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src, err)
	}
	return m, nil
}

// verifyConverted holds the model that was written against arrays of the original.
func verifyConverted(ctx context.Context, e env, f *convertFlags) error {
	arrays, err := data.LoadNPZ(f.verify, data.ArrayOptions{})
	if err != nil {
		return err
	}
	s, err := infer.Open(f.output, infer.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer s.Close()
	for i, v := range s.Inputs() { // NumPy's types are wider than the model's: int64, float64
		for _, name := range []string{v.Name, fmt.Sprintf("in_%d", i)} {
			if arrays[name] == nil {
				continue
			}
			if arrays[name], err = data.As(arrays[name], v.DType); err != nil {
				return fmt.Errorf("%s: array %s: %w", f.verify, name, err)
			}
		}
	}
	o := verify.Options{Reference: verify.Reference{Kind: "npz", Arrays: arrays}, Bisector: verify.ORT(ort.Options{Library: f.library, Threads: 1})}
	found, err := verify.FindCases(f.output)
	if err != nil {
		return err
	}
	r := o.Run(ctx, found)
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, c := range r.Cases {
		if _, err := fmt.Fprintln(e.out, c.Line()); err != nil {
			return err
		}
		if err := c.WriteDetails(e.out); err != nil {
			return err
		}
	}
	if !r.OK() {
		return errCheck
	}
	return nil
}
