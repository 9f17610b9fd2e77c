package models

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var vae = &Recipe{
	Name: "vae", Class: "6",
	About: "variational autoencoder with a code of 2 numbers; val_loss is minus the ELBO per image in nats",
	Data:  imageData,
	Variants: []Variant{
		{"dense", "256 relu; 256 relu"},
		{"conv", "convolutions 32 and 64, 16 relu; transposed convolutions 64, 32, 1"},
		{"asymmetric", "encoder 512, 256, 128; decoder 128"},
	},
	Options: []string{"Rows", "Latent"},
	prepare: prepareVAE,
}

// Epochs over which the weight of the divergence rises to 1: from the start it would drown what the decoder
// has not learnt yet; Bowman et al., arXiv 1511.06349.
const vaeWarmUp = 3

// vaeForm is the shape of a variational autoencoder; Kingma and Welling 2013.
//
// The loss is minus the evidence lower bound: the cross-entropy of the pixels, summed, plus the divergence of
// the code's distribution from the unit normal one. Encoder and decoder need not mirror each other (arXiv
// 1711.08352): each is a function of its own.
type vaeForm struct {
	size   tensor.Shape // of an image
	latent int
	encode func(b *nn.Builder, x *nn.Value) *nn.Value // [n,h,w] to [n,features]
	decode func(b *nn.Builder, z *nn.Value) *nn.Value // [n,latent] to [n,h,w], from 0 to 1
}

func prepareVAE(o Options) (*Task, error) {
	task, err := imageTask(o)
	if err != nil {
		return nil, err
	}
	f, err := newVAE(o, task.Train.Target().Shape()[1:])
	if err != nil {
		return nil, err
	}
	task.Loss, task.Optimizer = loss.SummedBinaryCrossentropy{}, optim.Adam{}
	task.Epochs, task.Batch = 30, 128
	steps := (task.Train.Len() + task.Batch - 1) / task.Batch
	sampling := &nn.Sampling{Name: "z", KLWeight: 1, KLWarmUp: vaeWarmUp * steps}
	if task.Net, err = f.whole(o.Seed, sampling); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name, about string
		build       func() (*nn.Net, error)
	}{
		{"encoder", "from an image to mean and logarithm of variance of its code", func() (*nn.Net, error) {
			b := nn.NewBuilder(o.Seed)
			mean, logVariance := f.encoder(b)
			return b.Net(b.Output("mu", mean), b.Output("log_var", logVariance))
		}},
		{"decoder", "from a code to the image", func() (*nn.Net, error) {
			b := nn.NewBuilder(o.Seed)
			z := b.Input(nn.Input{Name: "z", Shape: []int{f.latent}})
			return b.Net(b.Output("reconstruction", f.decode(b, z)))
		}},
		{"deterministic", "the whole with the mean for the code; model.onnx draws it", func() (*nn.Net, error) {
			return f.whole(o.Seed, nil)
		}},
	} {
		net, err := p.build()
		if err != nil {
			return nil, err
		}
		task.Parts = append(task.Parts, Part{p.name, p.about, net})
	}
	return task, nil
}

func newVAE(o Options, size tensor.Shape) (*vaeForm, error) {
	f := &vaeForm{size: size, latent: o.Latent}
	if f.latent == 0 {
		f.latent = 2
	}
	switch o.Variant {
	case "conv":
		if size[0]%4 != 0 || size[1]%4 != 0 {
			return nil, fmt.Errorf("images are %dx%d, the convolutions halve both sizes twice", size[0], size[1])
		}
		f.encode, f.decode = f.encodeConv, f.decodeConv
	case "asymmetric":
		f.encode = func(b *nn.Builder, x *nn.Value) *nn.Value { return stack(b, "encoder", x, 512, 256, 128) }
		f.decode = func(b *nn.Builder, z *nn.Value) *nn.Value { return f.pixels(b, stack(b, "decoder", z, 128)) }
	default:
		f.encode = func(b *nn.Builder, x *nn.Value) *nn.Value { return stack(b, "encoder", x, 256) }
		f.decode = func(b *nn.Builder, z *nn.Value) *nn.Value { return f.pixels(b, stack(b, "decoder", z, 256)) }
	}
	return f, nil
}

// whole builds the network from image to image; without sampling the code is its mean.
func (f *vaeForm) whole(seed uint64, sampling *nn.Sampling) (*nn.Net, error) {
	b := nn.NewBuilder(seed)
	z, logVariance := f.encoder(b)
	if sampling != nil {
		z = b.Apply(sampling, z, logVariance)
	}
	return b.Net(b.Output("reconstruction", f.decode(b, z)))
}

// encoder adds the image and returns mean and logarithm of variance of its code.
func (f *vaeForm) encoder(b *nn.Builder) (mean, logVariance *nn.Value) {
	h := f.encode(b, scaledImage(b, f.size))
	return b.Apply(&nn.Dense{Name: "mu", Units: f.latent}, h), b.Apply(&nn.Dense{Name: "log_var", Units: f.latent}, h)
}

// stack applies relu layers of the given units to the flattened input.
func stack(b *nn.Builder, name string, x *nn.Value, units ...int) *nn.Value {
	x = b.Apply(&nn.Flatten{}, x)
	for i, n := range units {
		x = b.Apply(&nn.Dense{Name: fmt.Sprintf("%s_%d", name, i+1), Units: n, Activation: "relu"}, x)
	}
	return x
}

// pixels is the last layer of a decoder without convolutions.
func (f *vaeForm) pixels(b *nn.Builder, x *nn.Value) *nn.Value {
	y := b.Apply(&nn.Dense{Name: "pixels", Units: f.size.Len(), Activation: "sigmoid"}, x)
	return b.Apply(&nn.Reshape{TargetShape: f.size}, y)
}

func (f *vaeForm) encodeConv(b *nn.Builder, x *nn.Value) *nn.Value {
	x = b.Apply(&nn.Reshape{TargetShape: []int{f.size[0], f.size[1], 1}}, x)
	for i, n := range []int{32, 64} {
		x = b.Apply(&nn.Conv2D{
			Name: fmt.Sprintf("encoder_%d", i+1), Filters: n, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same", Activation: "relu",
		}, x)
	}
	return b.Apply(&nn.Dense{Name: "encoder_3", Units: 16, Activation: "relu"}, b.Apply(&nn.Flatten{}, x))
}

func (f *vaeForm) decodeConv(b *nn.Builder, z *nn.Value) *nn.Value {
	h, w := f.size[0]/4, f.size[1]/4
	x := b.Apply(&nn.Dense{Name: "decoder_1", Units: h * w * 64, Activation: "relu"}, z)
	x = b.Apply(&nn.Reshape{TargetShape: []int{h, w, 64}}, x)
	for i, n := range []int{64, 32} {
		x = b.Apply(&nn.Conv2DTranspose{
			Name: fmt.Sprintf("decoder_%d", i+2), Filters: n, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same", Activation: "relu",
		}, x)
	}
	x = b.Apply(&nn.Conv2DTranspose{Name: "pixels", Filters: 1, KernelSize: [2]int{3, 3}, Padding: "same", Activation: "sigmoid"}, x)
	return b.Apply(&nn.Reshape{TargetShape: f.size}, x)
}
