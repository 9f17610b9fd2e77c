package train

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/onnxtool/onnxtool/train/nn"
)

func (s settings) object(key string) (o kerasObject) {
	raw, _ := json.Marshal(s[key])
	_ = json.Unmarshal(raw, &o)
	return o
}

func (s settings) ints(key string) (out []int) {
	for _, v := range s.nums(key) {
		out = append(out, int(v))
	}
	return out
}

func (s settings) int(key string) int { return int(s.num(key)) }

// span reads [a, b] or one number for both.
func (s settings) span(key string) nn.Span {
	v := s.ints(key)
	return nn.Span{v[0], v[len(v)-1]}
}

// spans reads [[a, b], ...].
func (s settings) spans(key string) (out []nn.Span) {
	list, _ := s[key].([]any)
	for _, e := range list {
		out = append(out, settings{"v": e}.span("v"))
	}
	return out
}

// regularizer reads a regularizer; a class that is not known panics, and the test fails.
func (s settings) regularizer(key string) nn.Regularizer {
	switch o := s.object(key); o.Class {
	case "":
		return nil
	case "L1", "L2", "L1L2":
		return nn.L1L2{L1: o.Config.num("l1"), L2: o.Config.num("l2")}
	case "OrthogonalRegularizer":
		return nn.OrthogonalRegularizer{Factor: o.Config.num("factor"), Mode: o.Config.text("mode")}
	default:
		panic("regularizer " + o.Class)
	}
}

func (s settings) constraint(key string) nn.Constraint {
	switch o := s.object(key); o.Class {
	case "":
		return nil
	case "MaxNorm":
		return nn.MaxNorm{MaxValue: o.Config.num("max_value"), Axis: o.Config.ints("axis")}
	case "UnitNorm":
		return nn.UnitNorm{Axis: o.Config.ints("axis")}
	case "MinMaxNorm":
		return nn.MinMaxNorm{MinValue: o.Config.num("min_value"), MaxValue: o.Config.num("max_value"), Rate: o.Config.num("rate"), Axis: o.Config.ints("axis")}
	case "NonNeg":
		return nn.NonNeg{}
	default:
		panic("constraint " + o.Class)
	}
}

// layers makes each of Keras's layers of its configuration.
var layers = map[string]func(name string, c settings) nn.Layer{
	"Dense": func(name string, c settings) nn.Layer {
		return &nn.Dense{
			Name: name, Units: c.int("units"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
			KernelRegularizer: c.regularizer("kernel_regularizer"), BiasRegularizer: c.regularizer("bias_regularizer"),
			KernelConstraint: c.constraint("kernel_constraint"), BiasConstraint: c.constraint("bias_constraint"),
			ActivityRegularizer: c.regularizer("activity_regularizer"),
		}
	},
	"Embedding": func(name string, c settings) nn.Layer {
		return &nn.Embedding{Name: name, InputDim: c.int("input_dim"), OutputDim: c.int("output_dim"), MaskZero: c.flag("mask_zero")}
	},
	"Activation": func(name string, c settings) nn.Layer {
		return &nn.Activation{Name: name, Function: c.text("activation")}
	},
	"Dropout":     func(name string, c settings) nn.Layer { return &nn.Dropout{Name: name, Rate: c.num("rate")} },
	"Flatten":     func(name string, c settings) nn.Layer { return &nn.Flatten{Name: name} },
	"Concatenate": func(name string, c settings) nn.Layer { return &nn.Concatenate{Name: name, Axis: c.int("axis")} },
	"Add":         func(name string, c settings) nn.Layer { return &nn.Add{Name: name} },
	"Subtract":    func(name string, c settings) nn.Layer { return &nn.Subtract{Name: name} },
	"Multiply":    func(name string, c settings) nn.Layer { return &nn.Multiply{Name: name} },
	"Average":     func(name string, c settings) nn.Layer { return &nn.Average{Name: name} },
	"Maximum":     func(name string, c settings) nn.Layer { return &nn.Maximum{Name: name} },
	"Minimum":     func(name string, c settings) nn.Layer { return &nn.Minimum{Name: name} },
	"Dot": func(name string, c settings) nn.Layer {
		return &nn.Dot{Name: name, Axes: c.ints("axes"), Normalize: c.flag("normalize")}
	},
	"ReLU": func(name string, c settings) nn.Layer {
		return &nn.ReLU{Name: name, MaxValue: c.num("max_value"), NegativeSlope: c.num("negative_slope"), Threshold: c.num("threshold")}
	},
	"LeakyReLU": func(name string, c settings) nn.Layer {
		return &nn.LeakyReLU{Name: name, NegativeSlope: c.num("negative_slope")}
	},
	"ELU": func(name string, c settings) nn.Layer { return &nn.ELU{Name: name, Alpha: c.num("alpha")} },
	"PReLU": func(name string, c settings) nn.Layer {
		return &nn.PReLU{Name: name, SharedAxes: c.ints("shared_axes")}
	},
	"Softmax": func(name string, c settings) nn.Layer { return &nn.Softmax{Name: name, Axis: c.int("axis")} },
	"Reshape": func(name string, c settings) nn.Layer {
		return &nn.Reshape{Name: name, TargetShape: c.ints("target_shape")}
	},
	"Permute":      func(name string, c settings) nn.Layer { return &nn.Permute{Name: name, Dims: c.ints("dims")} },
	"RepeatVector": func(name string, c settings) nn.Layer { return &nn.RepeatVector{Name: name, N: c.int("n")} },
	"Rescaling": func(name string, c settings) nn.Layer {
		return &nn.Rescaling{Name: name, Scale: c.num("scale"), Offset: c.num("offset")}
	},
	"ZeroPadding1D": func(name string, c settings) nn.Layer {
		return &nn.ZeroPadding1D{Name: name, Padding: c.span("padding")}
	},
	"ZeroPadding2D": func(name string, c settings) nn.Layer {
		return &nn.ZeroPadding2D{Name: name, Padding: [2]nn.Span(c.spans("padding"))}
	},
	"Cropping1D": func(name string, c settings) nn.Layer {
		return &nn.Cropping1D{Name: name, Cropping: c.span("cropping")}
	},
	"Cropping2D": func(name string, c settings) nn.Layer {
		return &nn.Cropping2D{Name: name, Cropping: [2]nn.Span(c.spans("cropping"))}
	},
	"UpSampling1D": func(name string, c settings) nn.Layer { return &nn.UpSampling1D{Name: name, Size: c.int("size")} },
	"UpSampling2D": func(name string, c settings) nn.Layer {
		return &nn.UpSampling2D{Name: name, Size: [2]int(c.ints("size")), Interpolation: c.text("interpolation")}
	},
	"SimpleRNN": func(name string, c settings) nn.Layer {
		return &nn.SimpleRNN{
			Name: name, Units: c.int("units"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
			ReturnSequences: c.flag("return_sequences"), GoBackwards: c.flag("go_backwards"),
		}
	},
	"LSTM": func(name string, c settings) nn.Layer {
		return &nn.LSTM{
			Name: name, Units: c.int("units"), Activation: c.text("activation"), RecurrentActivation: c.text("recurrent_activation"),
			NoBias: !c.flag("use_bias"), ReturnSequences: c.flag("return_sequences"), GoBackwards: c.flag("go_backwards"),
		}
	},
	"GRU": func(name string, c settings) nn.Layer {
		return &nn.GRU{
			Name: name, Units: c.int("units"), Activation: c.text("activation"), RecurrentActivation: c.text("recurrent_activation"),
			NoBias: !c.flag("use_bias"), ReturnSequences: c.flag("return_sequences"), GoBackwards: c.flag("go_backwards"),
			ResetBefore: !c.flag("reset_after"),
		}
	},
	"LayerNormalization": func(name string, c settings) nn.Layer {
		return &nn.LayerNormalization{Name: name, Axis: c.ints("axis"), Epsilon: c.num("epsilon"), NoCenter: !c.flag("center"), NoScale: !c.flag("scale")}
	},
	"RMSNormalization": func(name string, c settings) nn.Layer {
		return &nn.RMSNormalization{Name: name, Axis: c.ints("axis"), Epsilon: c.num("epsilon")}
	},
	"UnitNormalization": func(name string, c settings) nn.Layer { return &nn.UnitNormalization{Name: name, Axis: c.ints("axis")} },
	"GroupNormalization": func(name string, c settings) nn.Layer {
		return &nn.GroupNormalization{Name: name, Groups: c.int("groups"), Axis: c.int("axis"), Epsilon: c.num("epsilon"), NoCenter: !c.flag("center"), NoScale: !c.flag("scale")}
	},
	"BatchNormalization": func(name string, c settings) nn.Layer {
		return &nn.BatchNormalization{
			Name: name, Axis: c.int("axis"), Momentum: c.num("momentum"), Epsilon: c.num("epsilon"), NoCenter: !c.flag("center"), NoScale: !c.flag("scale"),
		}
	},
	"MultiHeadAttention": func(name string, c settings) nn.Layer {
		l := &nn.MultiHeadAttention{Name: name, NumHeads: c.int("num_heads"), KeyDim: c.int("key_dim"), ValueDim: c.int("value_dim"), NoBias: !c.flag("use_bias")}
		if c.has("output_shape") {
			l.OutputShape = c.ints("output_shape")
		}
		l.AttentionAxes, l.UseGate, l.KernelRegularizer = c.ints("attention_axes"), c.flag("use_gate"), c.regularizer("kernel_regularizer")
		l.UseCausalMask = c.sub("call").flag("use_causal_mask")
		return l
	},
	"GroupQueryAttention": func(name string, c settings) nn.Layer {
		return &nn.MultiHeadAttention{
			Name: name, NumHeads: c.int("num_query_heads"), NumKeyValueHeads: c.int("num_key_value_heads"), KeyDim: c.int("head_dim"), NoBias: !c.flag("use_bias"),
		}
	},
	"Attention": func(name string, c settings) nn.Layer {
		return &nn.Attention{Name: name, UseScale: c.flag("use_scale"), ScoreMode: c.text("score_mode")}
	},
	"AdditiveAttention": func(name string, c settings) nn.Layer {
		return &nn.AdditiveAttention{Name: name, NoScale: !c.flag("use_scale")}
	},
	"GlobalAveragePooling1D": averagePooling, "GlobalAveragePooling2D": averagePooling,
	"GlobalMaxPooling1D": maxPooling, "GlobalMaxPooling2D": maxPooling,
	"Masking": func(name string, c settings) nn.Layer { return &nn.Masking{Name: name, MaskValue: c.num("mask_value")} },
}

func pair(c settings, key string) (out [2]int)   { copy(out[:], c.ints(key)); return }
func triple(c settings, key string) (out [3]int) { copy(out[:], c.ints(key)); return }
func single(c settings, key string) int          { return c.ints(key)[0] }

// convolutions holds the layers with windows.
var convolutions = map[string]func(name string, c settings) nn.Layer{
	"Conv1D": func(name string, c settings) nn.Layer {
		return &nn.Conv1D{
			Name: name, Filters: c.int("filters"), KernelSize: single(c, "kernel_size"), Strides: single(c, "strides"), Padding: c.text("padding"),
			DilationRate: single(c, "dilation_rate"), Groups: c.int("groups"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"Conv2D": func(name string, c settings) nn.Layer {
		return &nn.Conv2D{
			Name: name, Filters: c.int("filters"), KernelSize: pair(c, "kernel_size"), Strides: pair(c, "strides"), Padding: c.text("padding"),
			DilationRate: pair(c, "dilation_rate"), Groups: c.int("groups"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"Conv3D": func(name string, c settings) nn.Layer {
		return &nn.Conv3D{
			Name: name, Filters: c.int("filters"), KernelSize: triple(c, "kernel_size"), Strides: triple(c, "strides"), Padding: c.text("padding"),
			DilationRate: triple(c, "dilation_rate"), Groups: c.int("groups"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"DepthwiseConv1D": func(name string, c settings) nn.Layer {
		return &nn.DepthwiseConv1D{
			Name: name, KernelSize: single(c, "kernel_size"), Strides: single(c, "strides"), Padding: c.text("padding"),
			DilationRate: single(c, "dilation_rate"), DepthMultiplier: c.int("depth_multiplier"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"DepthwiseConv2D": func(name string, c settings) nn.Layer {
		return &nn.DepthwiseConv2D{
			Name: name, KernelSize: pair(c, "kernel_size"), Strides: pair(c, "strides"), Padding: c.text("padding"),
			DilationRate: pair(c, "dilation_rate"), DepthMultiplier: c.int("depth_multiplier"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"SeparableConv1D": func(name string, c settings) nn.Layer {
		return &nn.SeparableConv1D{
			Name: name, Filters: c.int("filters"), KernelSize: single(c, "kernel_size"), Strides: single(c, "strides"), Padding: c.text("padding"),
			DilationRate: single(c, "dilation_rate"), DepthMultiplier: c.int("depth_multiplier"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"SeparableConv2D": func(name string, c settings) nn.Layer {
		return &nn.SeparableConv2D{
			Name: name, Filters: c.int("filters"), KernelSize: pair(c, "kernel_size"), Strides: pair(c, "strides"), Padding: c.text("padding"),
			DilationRate: pair(c, "dilation_rate"), DepthMultiplier: c.int("depth_multiplier"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
	},
	"Conv1DTranspose": func(name string, c settings) nn.Layer {
		l := &nn.Conv1DTranspose{
			Name: name, Filters: c.int("filters"), KernelSize: single(c, "kernel_size"), Strides: single(c, "strides"), Padding: c.text("padding"),
			DilationRate: single(c, "dilation_rate"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
		if c.has("output_padding") {
			p := single(c, "output_padding")
			l.OutputPadding = &p
		}
		return l
	},
	"Conv2DTranspose": func(name string, c settings) nn.Layer {
		l := &nn.Conv2DTranspose{
			Name: name, Filters: c.int("filters"), KernelSize: pair(c, "kernel_size"), Strides: pair(c, "strides"), Padding: c.text("padding"),
			DilationRate: pair(c, "dilation_rate"), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
		}
		if c.has("output_padding") {
			p := c.ints("output_padding")
			l.OutputPadding = &[2]int{p[0], p[len(p)-1]}
		}
		return l
	},
	"MaxPooling1D": func(name string, c settings) nn.Layer {
		return &nn.MaxPooling1D{Name: name, PoolSize: single(c, "pool_size"), Strides: single(c, "strides"), Padding: c.text("padding")}
	},
	"MaxPooling2D": func(name string, c settings) nn.Layer {
		return &nn.MaxPooling2D{Name: name, PoolSize: pair(c, "pool_size"), Strides: pair(c, "strides"), Padding: c.text("padding")}
	},
	"MaxPooling3D": func(name string, c settings) nn.Layer {
		return &nn.MaxPooling3D{Name: name, PoolSize: triple(c, "pool_size"), Strides: triple(c, "strides"), Padding: c.text("padding")}
	},
	"AveragePooling1D": func(name string, c settings) nn.Layer {
		return &nn.AveragePooling1D{Name: name, PoolSize: single(c, "pool_size"), Strides: single(c, "strides"), Padding: c.text("padding")}
	},
	"AveragePooling2D": func(name string, c settings) nn.Layer {
		return &nn.AveragePooling2D{Name: name, PoolSize: pair(c, "pool_size"), Strides: pair(c, "strides"), Padding: c.text("padding")}
	},
	"AveragePooling3D": func(name string, c settings) nn.Layer {
		return &nn.AveragePooling3D{Name: name, PoolSize: triple(c, "pool_size"), Strides: triple(c, "strides"), Padding: c.text("padding")}
	},
}

func averagePooling(name string, c settings) nn.Layer {
	return &nn.GlobalAveragePooling{Name: name, KeepDims: c.flag("keepdims")}
}

func maxPooling(name string, c settings) nn.Layer {
	return &nn.GlobalMaxPooling{Name: name, KeepDims: c.flag("keepdims")}
}

// wrapped makes the layer inside another.
func wrapped(c settings, key string) nn.Layer {
	o := c.object(key)
	return layers[o.Class](o.Config.text("name"), o.Config)
}

func init() { // the wrappers refer to the table
	maps.Copy(layers, convolutions)
	layers["Bidirectional"] = func(name string, c settings) nn.Layer {
		return &nn.Bidirectional{Name: name, Layer: wrapped(c, "layer").(nn.Recurrent), MergeMode: c.text("merge_mode")}
	}
	layers["TimeDistributed"] = func(name string, c settings) nn.Layer {
		return &nn.TimeDistributed{Name: name, Layer: wrapped(c, "layer")}
	}
}

// buildLayer maps a Keras layer to ours. A Dropout of images or series whose recorded draws are one a
// channel is a SpatialDropout.
func buildLayer(l kerasLayer, in []*nn.Value) (nn.Layer, error) {
	make := layers[l.Class]
	if make == nil {
		return nil, fmt.Errorf("there is no layer %s", l.Class)
	}
	if l.Class == "Dropout" && in[0].Fact.Rank() > 2 {
		return &nn.SpatialDropout{Name: l.Name, Rate: l.Config.num("rate")}, nil
	}
	l.Config["call"] = map[string]any(l.Call)
	return make(l.Name, l.Config), nil
}
