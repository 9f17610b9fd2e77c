package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// finetuneFlags are the flags of finetune.
type finetuneFlags struct {
	data, target, inputs      string
	validationData, weights   string
	out, history, report      string
	exportStep                string
	loss, optimizer, at       string
	metrics, freeze, unfreeze []string
	dropoutAt                 []string
	lora, dropout, freezeBN   string
	bnVariance, embeddings    string
	loraKeep, batchGiven      bool
	windowGiven               bool
	headUnits                 int
	headActivation, headName  string
	lossWeights               map[string]string
	classWeight               classWeights
	lr, split                 float64
	epochs, batch, threads    int
	shuffle, stream           bool
	window                    int // examples that --stream shuffles within
	seed                      uint64
	momentum, decay, clipnorm float64
	clipvalue, globalClipnorm float64
	nesterov, amsgrad         bool
	checkpoint                string
	fitting                   fitFlags
	again                     refitFlags
	ignoreMetadata            bool
	pixelRange                string
	labelMode                 string // of images: what the loss takes
}

func newFinetune(e env) *cobra.Command {
	var f finetuneFlags
	cmd := &cobra.Command{
		Use:   "finetune MODEL",
		Short: "Train an ONNX model further on data of yours",
		Long: `Train the weights of any ONNX model further, and write it with the new weights: nothing else in the
file changes. The names, arguments and defaults of losses, optimizers and metrics are Keras's; the
validation split is the last part of the data, taken before shuffling; of a folder of images, which are resized to
what the model takes and read batch by batch, it is the last part in the order that Keras shuffles them to. Data
may be larger than memory: --stream. Patterns of weights are held against the names of initializers, constants and the nodes that read them ('onnxtool inspect --weights').`,
		Example: `  onnxtool finetune model.onnx --data train.npz --inputs x=features --target labels --loss bce -o tuned.onnx
  onnxtool finetune model.onnx --data train.csv --target quality --loss mse --freeze 'conv*' --epochs 5 -o tuned.onnx
  onnxtool finetune model.onnx --data train.npz --target y --loss sparse_cce --replace-head 5 --at pooled -o five.onnx
  onnxtool finetune mobilenet.onnx --data photos/ --replace-head 5 --at pooled --loss sparse_cce --validation-split 0.2 -o five.onnx
  onnxtool finetune model.onnx --data train.npz --target y --loss sparse_cce:from_logits=true --lora rank=8,alpha=16 -o tuned.onnx`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("finetune takes one model, got %d%s", len(args), joined(cmd))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.batchGiven, f.windowGiven = cmd.Flags().Changed("batch"), cmd.Flags().Changed("shuffle-window")
			return runFinetune(cmd.Context(), e, args[0], &f)
		},
	}
	f.register(cmd)
	return cmd
}

func (f *finetuneFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "the data: `FILE`.npz or .csv, or a folder of images with a folder for each class")
	fl.StringVar(&f.inputs, "inputs", "", "arrays that feed the inputs of an .npz, `INPUT=ARRAY,...`; by default those of the same names")
	fl.StringVar(&f.target, "target", "", "the array or column to predict; OUTPUT=`ARRAY`,... for several outputs")
	fl.StringVar(&f.weights, "sample-weight", "", "the array or column of sample weights")
	fl.StringVar(&f.validationData, "validation-data", "", "data to validate with: `FILE`.npz or .csv, or a folder")
	fl.StringVar(&f.pixelRange, "pixel-range", "0,1", pixelRangeUsage)
	fl.StringVarP(&f.out, "output", "o", "", "the `file` to write")
	fl.StringVar(&f.at, "at", "", "the `value` to train, or that a new head takes; by default the first output of floats")
	fl.StringVar(&f.at, "at-output", "", "as --at")
	_ = fl.MarkHidden("at-output")
	fl.IntVar(&f.headUnits, "replace-head", 0, "put a new layer of `N` units on the value of --at, in the place of what is behind it")
	fl.StringVar(&f.headActivation, "head-activation", "", "its activation; by default what the loss takes: softmax, sigmoid or linear")
	fl.StringVar(&f.headName, "head-name", "", "its output's `name`; by default that of the output that it replaces")
	fl.StringVar(&f.lora, "lora", "", "train low-rank updates of products alone: `rank=8,alpha=16,targets=PATTERN`")
	fl.BoolVar(&f.loraKeep, "lora-keep", false, "leave the updates as nodes of their own instead of adding them to the weights")
	fl.StringVar(&f.dropout, "dropout", "", "let the file's Dropout nodes act while training, with another `ratio` where one is given (--dropout=0.2)")
	fl.Lookup("dropout").NoOptDefVal = inFile
	fl.StringSliceVar(&f.dropoutAt, "dropout-at", nil, "nodes or values behind which there is dropout while training, by `patterns`")
	fl.StringVar(&f.freezeBN, "freeze-bn", "", "BatchNormalization nodes that keep to the file's statistics while training, by a `pattern` (--freeze-bn='layer1*'); without one all")
	fl.Lookup("freeze-bn").NoOptDefVal = "*"
	fl.StringVar(&f.embeddings, "embedding-gradients", "dense", "how optimizers see the gradients of embeddings: dense, or sparse as in Keras on TensorFlow")
	fl.StringVar(&f.bnVariance, "bn-variance", "population", "running variance of BatchNormalization: population as in ONNX and Keras, or unbiased as in PyTorch")
	fl.StringVar(&f.loss, "loss", "", "loss, as in bce, mse, huber:delta=0.7, sparse_categorical_crossentropy; by default that of the model's metadata; OUTPUT=LOSS,... for several outputs")
	fl.StringToStringVar(&f.lossWeights, "loss-weights", nil, "what the losses of several outputs are multiplied by, `OUTPUT=WEIGHT,...`")
	fl.StringVar(&f.optimizer, "optimizer", "", "optimizer, as in sgd, adam:beta_1=0.8; by default that of the model's metadata, else adam")
	fl.Float64Var(&f.lr, "lr", 0, "learning rate; by default the optimizer's, with its schedule where the metadata has one")
	fl.Float64Var(&f.momentum, "momentum", 0, "momentum of sgd or rmsprop")
	fl.BoolVar(&f.nesterov, "nesterov", false, "Nesterov momentum")
	fl.BoolVar(&f.amsgrad, "amsgrad", false, "AMSGrad")
	fl.Float64Var(&f.decay, "weight-decay", 0, "weight decay")
	fl.Float64Var(&f.clipnorm, "clipnorm", 0, "limit for the norm of each gradient")
	fl.Float64Var(&f.clipvalue, "clipvalue", 0, "limit for each element of a gradient")
	fl.Float64Var(&f.globalClipnorm, "global-clipnorm", 0, "limit for the norm of all gradients together")
	fl.BoolVar(&f.ignoreMetadata, "ignore-metadata", false, "leave what the model's metadata says of its training aside")
	fl.IntVar(&f.epochs, "epochs", 1, "epochs to train")
	fl.IntVar(&f.batch, "batch", 32, "examples in a step")
	fl.Float64Var(&f.split, "validation-split", 0, "the last part of the data to validate with, as a fraction")
	fl.BoolVar(&f.shuffle, "shuffle", true, "each epoch in another order")
	fl.BoolVar(&f.stream, "stream", false, "read a file piece by piece, anew in each epoch, instead of holding it: for what is larger than memory")
	fl.IntVar(&f.window, "shuffle-window", 10_000, "`examples` that --stream holds to shuffle tables and compressed arrays within, tf.data's buffer size")
	fl.Var(&f.classWeight, "class-weight", "weights of classes, `CLASS=WEIGHT,...`; a class that is not named weighs 1")
	fl.StringSliceVar(&f.metrics, "metrics", nil, "metrics beside the loss, as in accuracy,auc; OUTPUT=METRIC,... for several outputs")
	fl.StringSliceVar(&f.freeze, "freeze", nil, "weights to leave as they are, by `patterns`")
	fl.StringSliceVar(&f.unfreeze, "unfreeze", nil, "weights to train after all, by `patterns`")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the order and of dropout")
	fl.IntVar(&f.threads, "threads", 0, "goroutines of a step, 0 for all CPUs")
	fl.StringVar(&f.history, "history", "", "write loss and metrics by epoch to a CSV `file`")
	fl.StringVar(&f.exportStep, "export-step", "", "write one training step as plain ONNX to a `file`")
	fl.StringVar(&f.report, "report", "", "`folder` for report.html and pictures, as train makes them: loss and metrics by epoch, ROC, threshold, histograms of weights and gradients, ...")
	fl.StringVar(&f.checkpoint, "checkpoint", "", "`file`.npz to go on from with --resume")
	f.fitting.register(fl)
	f.again.register(fl)
}

func runFinetune(ctx context.Context, e env, path string, f *finetuneFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := f.writable(); err != nil {
		return err
	}
	m, err := onnxio.Load(path)
	if err != nil {
		return err
	}
	defer m.Close()
	plan, err := f.plan(m)
	if err != nil {
		return err
	}
	o, err := f.importOptions(plan.outputs)
	if err != nil {
		return err
	}
	cfg, err := plan.config(f)
	if err != nil {
		return err
	}
	plan.explain(e.err)
	f.labelMode = labelMode(cfg.Loss)
	changed := m
	if f.headUnits > 0 {
		if changed, err = train.ReplaceHead(m, f.head(cfg.Loss)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	im, err := train.Import(changed, o)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f.warnOfLogits(e, im, plan.outputs[0].loss, cfg)
	sets, err := f.load(e, im, plan.outputs)
	if err != nil {
		return err
	}
	if f.again.asked() {
		if _, err := inMemory(sets); err != nil {
			return err
		}
	}
	if err := f.checkData(sets, im, cfg); err != nil {
		return err
	}
	t, err := train.New(im.Net, cfg)
	if err != nil {
		return err
	}
	defer t.Close()
	h, err := f.fit(ctx, e, im, t, sets)
	if err != nil || h == nil {
		return err
	}
	tuned, err := im.Model(t)
	if err != nil {
		return err
	}
	if err := onnxio.Save(f.out, tuned, saveOptions(m, f.out)); err != nil {
		return err
	}
	return f.rest(ctx, e, im, t, tuned, h, sets, plan)
}

// rest writes what is asked for beside the model, and says what was done.
func (f *finetuneFlags) rest(ctx context.Context, e env, im *train.Imported, t *train.Trainer, tuned *onnxio.Model, h *train.History, sets *tuningSets, p *finetunePlan) error {
	if f.history != "" {
		if err := atomicfile.Write(f.history, h.WriteCSV); err != nil {
			return err
		}
	}
	if f.exportStep != "" || f.fitting.trainingInfo != "" {
		if err := f.writeStep(e, t, sets); err != nil {
			return err
		}
	}
	if f.report != "" {
		if err := f.writeReport(ctx, e, im, t, tuned, h, sets, p); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "trained %d numbers for %d epochs:%s; wrote %s\n", t.NumParams(), t.Epoch(), figures(h), f.out)
	return nil
}

// writeStep writes the training step that fits the data as they were trained on, weights of classes included, alone
// or beside the model.
func (f *finetuneFlags) writeStep(e env, t *train.Trainer, sets *tuningSets) error {
	weighted, err := f.classWeight.apply(io.Discard, sets.train)
	if err != nil {
		return err
	}
	src, err := weighted.Batches(data.BatchOptions{Size: sets.batch})
	if err != nil {
		return err
	}
	return exports(e, t, src, f.exportStep, f.fitting.trainingInfo)
}

// saveOptions keeps the elements of weights in a file of their own where the model has them in one.
func saveOptions(m *onnxio.Model, out string) onnxio.SaveOptions {
	smallest := int64(-1)
	for t := range m.Tensors() {
		if t.DataLocation == onnxio.DataLocationExternal {
			if _, n := tensorSize(t); smallest < 0 || n < smallest {
				smallest = n
			}
		}
	}
	if smallest < 0 {
		return onnxio.SaveOptions{}
	}
	return onnxio.SaveOptions{ExternalData: filepath.Base(out) + ".data", Threshold: int(min(max(smallest, 1), 1024))}
}

// fit trains on the data and validates where there is something to validate with.
func (f *finetuneFlags) fit(ctx context.Context, e env, im *train.Imported, t *train.Trainer, sets *tuningSets) (*train.History, error) {
	o := train.FitOptions{Epochs: f.epochs, Callbacks: []train.Callback{newProgress(e.err)}}
	if sets.validation != nil {
		var err error
		if o.Validation, err = sets.validation.Batches(data.BatchOptions{Size: sets.batch, DropLast: sets.dropLast}); err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
	}
	ds, err := f.classWeight.apply(e.err, sets.train)
	if err != nil {
		return nil, err
	}
	src, err := ds.Batches(data.BatchOptions{Size: sets.batch, Shuffle: f.shuffle, Seed: f.seed, DropLast: sets.dropLast})
	if err != nil {
		return nil, err
	}
	if err := f.fitting.steps(e, &o, src.Len(), sets.batch); err != nil {
		return nil, err
	}
	return f.run(ctx, e, im, t, src, o)
}
