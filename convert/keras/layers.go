package keras

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// convertFunc emits one call of a layer and returns its outputs. Errors go to x.Fail.
type convertFunc func(x *emit) []*ir.Value

// layerConverters maps Keras's classes to what converts them, one file for each group.
func layerConverters() map[string]convertFunc {
	m := map[string]convertFunc{
		"Activation":               activation,
		"ActivityRegularization":   activityRegularization,
		"AdaptiveAveragePooling1D": adaptivePool("AveragePool", "ReduceMean", 1),
		"AdaptiveAveragePooling2D": adaptivePool("AveragePool", "ReduceMean", 2),
		"AdaptiveAveragePooling3D": adaptivePool("AveragePool", "ReduceMean", 3),
		"AdaptiveMaxPooling1D":     adaptivePool("MaxPool", "ReduceMax", 1),
		"AdaptiveMaxPooling2D":     adaptivePool("MaxPool", "ReduceMax", 2),
		"AdaptiveMaxPooling3D":     adaptivePool("MaxPool", "ReduceMax", 3),
		"Add":                      add,
		"AdditiveAttention":        attention,
		"AlphaDropout":             dropout,
		"Attention":                attention,
		"Average":                  average,
		"AveragePooling1D":         pool("AveragePool", 1),
		"AveragePooling2D":         pool("AveragePool", 2),
		"AveragePooling3D":         pool("AveragePool", 3),
		"AvgPool1D":                pool("AveragePool", 1),
		"AvgPool2D":                pool("AveragePool", 2),
		"AvgPool3D":                pool("AveragePool", 3),
		"BatchNormalization":       batchNormalization,
		"BatchNormalizationV1":     batchNormalization,
		"BatchNormalizationV2":     batchNormalization,
		"Bidirectional":            bidirectional,
		"CenterCrop":               centerCrop,
		"Concatenate":              concatenate,
		"Conv1D":                   conv(1),
		"Conv1DTranspose":          convTranspose(1),
		"Conv2D":                   conv(2),
		"Conv2DTranspose":          convTranspose(2),
		"Conv3D":                   conv(3),
		"Conv3DTranspose":          convTranspose(3),
		"Convolution1D":            conv(1),
		"Convolution1DTranspose":   convTranspose(1),
		"Convolution2D":            conv(2),
		"Convolution2DTranspose":   convTranspose(2),
		"Convolution3D":            conv(3),
		"Convolution3DTranspose":   convTranspose(3),
		"ConvLSTM1D":               recurrent,
		"ConvLSTM2D":               recurrent,
		"ConvLSTM3D":               recurrent,
		"CustomScaleLayer":         customScale,
		"Cropping1D":               cropping(1),
		"Cropping2D":               cropping(2),
		"Cropping3D":               cropping(3),
		"CuDNNGRU":                 recurrent,
		"CuDNNLSTM":                recurrent,
		"Dense":                    dense,
		"DepthwiseConv1D":          depthwiseConv(1),
		"DepthwiseConv2D":          depthwiseConv(2),
		"Dot":                      dot,
		"Dropout":                  dropout,
		"ELU":                      elu,
		"EinsumDense":              einsumDense,
		"Embedding":                embedding,
		"Flatten":                  flatten,
		"GRU":                      recurrent,
		"GRUCell":                  cellCall,
		"GaussianDropout":          dropout,
		"GaussianNoise":            dropout,
		"GlobalAveragePooling1D":   averageMasked(globalPool("ReduceMean", 1)),
		"GlobalAveragePooling2D":   globalPool("ReduceMean", 2),
		"GlobalAveragePooling3D":   globalPool("ReduceMean", 3),
		"GlobalAvgPool1D":          averageMasked(globalPool("ReduceMean", 1)),
		"GlobalAvgPool2D":          globalPool("ReduceMean", 2),
		"GlobalAvgPool3D":          globalPool("ReduceMean", 3),
		"GlobalMaxPool1D":          globalPool("ReduceMax", 1),
		"GlobalMaxPool2D":          globalPool("ReduceMax", 2),
		"GlobalMaxPool3D":          globalPool("ReduceMax", 3),
		"GlobalMaxPooling1D":       globalPool("ReduceMax", 1),
		"GlobalMaxPooling2D":       globalPool("ReduceMax", 2),
		"GlobalMaxPooling3D":       globalPool("ReduceMax", 3),
		"GroupNormalization":       groupNormalization,
		"GroupQueryAttention":      groupedQueryAttention,
		"GroupedQueryAttention":    groupedQueryAttention,
		"Identity":                 identity,
		"InputLayer":               identity,
		"LSTM":                     recurrent,
		"LSTMCell":                 cellCall,
		"LayerNormalization":       layerNormalization,
		"LayerScale":               layerScale,
		"LeakyReLU":                leakyReLU,
		"Masking":                  masking,
		"TensorFlowOpLayer":        tfNode,
		"LocallyConnected1D":       locallyConnected(1),
		"LocallyConnected2D":       locallyConnected(2),
		"MaxPool1D":                pool("MaxPool", 1),
		"MaxPool2D":                pool("MaxPool", 2),
		"MaxPool3D":                pool("MaxPool", 3),
		"MaxPooling1D":             pool("MaxPool", 1),
		"MaxPooling2D":             pool("MaxPool", 2),
		"MaxPooling3D":             pool("MaxPool", 3),
		"Maximum":                  extremum("Max"),
		"MelSpectrogram":           melSpectrogram,
		"Minimum":                  extremum("Min"),
		"MultiHeadAttention":       multiHeadAttention,
		"Multiply":                 multiply,
		"PReLU":                    prelu,
		"Permute":                  permute,
		"RMSNormalization":         rmsNormalization,
		"RandomFourierFeatures":    randomFourierFeatures,
		"RNN":                      recurrent,
		"ReLU":                     relu,
		"RepeatVector":             repeatVector,
		"Rescaling":                rescaling,
		"Reshape":                  reshape,
		"Resizing":                 resizing,
		"SeparableConv1D":          separableConv(1),
		"SeparableConv2D":          separableConv(2),
		"SeparableConvolution1D":   separableConv(1),
		"SeparableConvolution2D":   separableConv(2),
		"StackedRNNCells":          cellCall,
		"SpectralNormalization":    spectralNormalization,
		"STFTSpectrogram":          stftSpectrogram,
		"ReversibleEmbedding":      reversibleEmbedding,
		"Pipeline":                 pipeline,
		"SimpleRNN":                recurrent,
		"SimpleRNNCell":            cellCall,
		"Softmax":                  softmaxLayer,
		"SpatialDropout1D":         dropout,
		"SpatialDropout2D":         dropout,
		"SpatialDropout3D":         dropout,
		"Subtract":                 subtract,
		"SyncBatchNormalization":   batchNormalization,
		"TFDConcat":                concatenate, // of FeatureSpace
		"TFDIdentity":              identity,
		"ThresholdedReLU":          thresholdedReLU,
		"TimeDistributed":          timeDistributed,
		"UnitNormalization":        unitNormalization,
		"UpSampling1D":             upSampling(1),
		"UpSampling2D":             upSampling(2),
		"UpSampling3D":             upSampling(3),
		"ZeroPadding1D":            zeroPadding(1),
		"ZeroPadding2D":            zeroPadding(2),
		"ZeroPadding3D":            zeroPadding(3),
	}
	maps.Copy(m, preprocessing())
	return m
}

// emit is one call of a layer: its arguments, inputs and weights, and the builder of nodes.
type emit struct {
	*op.Builder
	converter *converter
	layer     *layer
	in        []*ir.Value            // the positional arguments
	words     map[string][]*ir.Value // those that keywords name
	call      call
	weights   []*tensor.Tensor[float32] // those that have not been taken yet
	path      []position                // of the models around
	at        position
	prefix    string            // of the names of its variables, where it is an argument of another layer
	taken     map[string]string // the variables of the weights that have been taken
	frozen    bool              // it is not trained
	masked    bool              // the layer has asked for its inputs' masks, or set those of its outputs
}

// weight takes the next weight as a constant of the given name. A size of shape that is negative is
// whatever the file has.
func (x *emit) weight(name string, shape ...int) *ir.Value {
	t := x.take(name, shape...)
	if t == nil {
		return &ir.Value{Name: name}
	}
	return x.constant(name, t)
}

func (x *emit) constant(name string, t tensor.Any) *ir.Value {
	full := x.Scope + "/" + name
	v := x.converter.train.known(full, t)
	if v == nil {
		v = x.G.AddConst(full, t)
		x.converter.train.constants[full] = v
	}
	x.hold(v, name)
	return v
}

// take takes the next weight and checks its shape.
func (x *emit) take(name string, shape ...int) *tensor.Tensor[float32] {
	if len(x.weights) == 0 {
		x.Fail(op.Malformedf("the file has no weight %s", name))
		return nil
	}
	t := x.weights[0]
	ok := len(shape) == len(t.Shape())
	for i := range shape {
		ok = ok && (shape[i] < 0 || shape[i] == t.Shape()[i])
	}
	if !ok {
		x.Fail(op.Malformedf("weight %s has shape %v, expected %v", name, t.Shape(), tensor.Shape(shape)))
		return nil
	}
	x.weights = x.weights[1:]
	x.record(name, t)
	return t
}

// dim returns a size of an input that has to be known; axis counts from the end where it is negative.
func (x *emit) dim(v *ir.Value, axis int) int {
	s := v.Fact.Shape
	if axis < 0 {
		axis += len(s)
	}
	if axis >= 0 && axis < len(s) {
		if n, ok := s[axis].Int(); ok {
			return n
		}
	}
	x.Fail(op.Shapef("axis %d of %v must be known", axis, v.Fact))
	return 1
}

// noCall reports arguments of the call that the layer does not take; training is none at inference.
func (x *emit) noCall(known ...string) {
	for k := range x.call.kwargs {
		if k == "mask" && x.layer.Class == "BatchNormalization" {
			continue // of the statistics in training
		}
		if k != "training" && !slices.Contains(known, k) {
			x.Fail(op.Unsupportedf("argument %s of the call", k))
		}
	}
}

func one(v *ir.Value) []*ir.Value { return []*ir.Value{v} }

// identity passes its input on.
func identity(x *emit) []*ir.Value {
	for _, k := range []string{"sparse", "ragged", "optional"} {
		x.layer.get(k)
	}
	return one(x.in[0])
}

// argument returns an error about a layer's argument.
func argument(name string, v any) error {
	return fmt.Errorf("%w: argument %s=%v", ErrUnsupported, name, v)
}
