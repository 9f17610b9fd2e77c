package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/spec"
	"github.com/onnxtool/onnxtool/train/optim"
)

// callbackMakers make the callbacks that Parse knows, by the names of their types in lower case.
var callbackMakers = map[string]func(p *spec.Spec) Callback{
	"earlystopping": func(p *spec.Spec) Callback {
		c := &EarlyStopping{}
		p.String("monitor", &c.Monitor)
		p.Float("min_delta", &c.MinDelta)
		p.Int("patience", &c.Patience)
		p.String("mode", &c.Mode)
		if p.Given("baseline") {
			c.Baseline = new(float64)
		}
		p.Float("baseline", c.Baseline)
		p.Bool("restore_best_weights", &c.RestoreBestWeights)
		p.Int("start_from_epoch", &c.StartFromEpoch)
		return c
	},
	"reducelronplateau": func(p *spec.Spec) Callback {
		c := &ReduceLROnPlateau{}
		p.String("monitor", &c.Monitor)
		p.Float("factor", &c.Factor)
		p.Int("patience", &c.Patience)
		p.String("mode", &c.Mode)
		p.Float("min_delta", &c.MinDelta)
		p.Int("cooldown", &c.Cooldown)
		p.Float("min_lr", &c.MinLR)
		if p.Given("patience") && c.Patience == 0 {
			c.Patience = 1 // which lowers at the same moment
		}
		if p.Given("min_delta") && c.MinDelta == 0 {
			c.MinDelta = optim.Zero
		}
		if p.Given("factor") && c.Factor == 0 {
			p.Fail(fmt.Errorf("factor=0 would end the training"))
		}
		return c
	},
	"modelcheckpoint": func(p *spec.Spec) Callback {
		c := &ModelCheckpoint{}
		p.String("filepath", &c.Filepath)
		p.String("monitor", &c.Monitor)
		p.Bool("save_best_only", &c.SaveBestOnly)
		p.String("mode", &c.Mode)
		freq := ""
		if p.String("save_freq", &freq); freq != "" && freq != "epoch" {
			if _, err := fmt.Sscanf(freq+"\n", "%d\n", &c.SaveFreq); err != nil || c.SaveFreq < 1 {
				p.Fail(fmt.Errorf("save_freq=%s is neither epoch nor a number of steps", freq))
			}
		}
		if p.Given("initial_value_threshold") {
			c.InitialValueThreshold = new(float64)
		}
		p.Float("initial_value_threshold", c.InitialValueThreshold)
		return c
	},
	"csvlogger": func(p *spec.Spec) Callback {
		c := &CSVLogger{}
		p.String("filename", &c.Filename)
		sep := ""
		if p.String("separator", &sep); len(sep) > 0 {
			c.Separator = []rune(sep)[0]
		}
		p.Bool("append", &c.Append)
		return c
	},
	"terminateonnan": func(*spec.Spec) Callback { return &TerminateOnNaN{} },
	"tensorboard": func(p *spec.Spec) Callback {
		c := &TensorBoard{}
		p.String("log_dir", &c.LogDir)
		p.Int("histogram_freq", &c.HistogramFreq)
		return c
	},
	"timer": func(p *spec.Spec) Callback {
		c := &Timer{}
		d := ""
		if p.String("duration", &d); d != "" {
			var err error
			if c.Duration, err = time.ParseDuration(d); err != nil {
				p.Fail(fmt.Errorf("duration=%s is no time, as in 10m or 1h30m", d))
			}
		}
		return c
	},
}

// ParseCallback returns the callback of a name, letter case and underscores aside. Arguments follow a colon, by
// Keras's names: "EarlyStopping:monitor=val_auc,patience=3,restore_best_weights".
func ParseCallback(s string) (Callback, error) {
	p, err := spec.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("callback %w", err)
	}
	f := callbackMakers[strings.ReplaceAll(p.Name, "_", "")]
	if f == nil {
		known := slices.Sorted(maps.Keys(callbackMakers))
		return nil, fmt.Errorf("there is no callback %q%s; there are %s", p.Name, nearest.Hint(p.Name, known), strings.Join(known, ", "))
	}
	c := f(p)
	if err := p.Done(); err != nil {
		return nil, fmt.Errorf("callback %w", err)
	}
	return c, nil
}
