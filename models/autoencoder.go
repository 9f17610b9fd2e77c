package models

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var autoencoder = &Recipe{
	Name: "autoencoder", Class: "6",
	About: "images through a code of 50 numbers and back: relu, sigmoid, cross-entropy",
	Data:  imageData,
	Variants: []Variant{
		{"plain", "trained on the images as they are"},
		{"denoising", "trained to take normal noise of deviation 0.3 away"},
	},
	Options: []string{"Rows", "Latent"},
	prepare: prepareAutoencoder,
}

func prepareAutoencoder(o Options) (*Task, error) {
	task, err := imageTask(o)
	if err != nil {
		return nil, err
	}
	if o.Latent == 0 {
		o.Latent = 50
	}
	size := task.Train.Target().Shape()[1:]
	whole := func(b *nn.Builder) (in, out *nn.Value) {
		in = scaledImage(b, size)
		code := in
		if o.Variant == "denoising" {
			code = b.Apply(&nn.GaussianNoise{Stddev: .3}, in)
		}
		return in, decodeImage(b, encodeImage(b, code, o.Latent), size)
	}
	nets := map[string]func(b *nn.Builder) (*nn.Net, error){
		"model": func(b *nn.Builder) (*nn.Net, error) {
			_, y := whole(b)
			return b.Net(b.Output("reconstruction", y))
		},
		"encoder": func(b *nn.Builder) (*nn.Net, error) {
			return b.Net(b.Output("code", encodeImage(b, scaledImage(b, size), o.Latent)))
		},
		"decoder": func(b *nn.Builder) (*nn.Net, error) {
			code := b.Input(nn.Input{Name: "code", Shape: []int{o.Latent}})
			return b.Net(b.Output("reconstruction", decodeImage(b, code, size)))
		},
		"anomaly": func(b *nn.Builder) (*nn.Net, error) {
			x, y := whole(b)
			d := b.Sub(x, y)
			return b.Net(b.Output("score", b.Reduce("ReduceMean", b.Mul(d, d), false, 1, 2)))
		},
	}
	if task.Net, err = nets["model"](nn.NewBuilder(o.Seed)); err != nil {
		return nil, err
	}
	for _, p := range []Part{
		{Name: "encoder", About: "from an image to its code"},
		{Name: "decoder", About: "from a code to the image"},
		{Name: "anomaly", About: "how far an image is from its reconstruction: mean squared error of the pixels"},
	} {
		if p.Net, err = nets[p.Name](nn.NewBuilder(o.Seed)); err != nil {
			return nil, err
		}
		task.Parts = append(task.Parts, p)
	}
	task.Loss, task.Optimizer = loss.BinaryCrossentropy{}, optim.Adam{}
	task.Epochs, task.Batch = 10, 128
	return task, nil
}

// scaledImage adds an input of grey images, a byte a pixel, and returns its numbers from 0 to 1.
func scaledImage(b *nn.Builder, size tensor.Shape) *nn.Value {
	in := b.Input(nn.Input{Name: "image", Shape: size, DType: tensor.Uint8})
	return b.Scale(b.Cast(in, tensor.Float32), 1./255)
}

// encodeImage is the encoder of the course's autoencoder.
func encodeImage(b *nn.Builder, x *nn.Value, latent int) *nn.Value {
	return b.Apply(&nn.Dense{Name: "encoder", Units: latent, Activation: "relu"}, b.Apply(&nn.Flatten{}, x))
}

// decodeImage is its decoder.
func decodeImage(b *nn.Builder, code *nn.Value, size tensor.Shape) *nn.Value {
	y := b.Apply(&nn.Dense{Name: "decoder", Units: size.Len(), Activation: "sigmoid"}, code)
	return b.Apply(&nn.Reshape{TargetShape: size}, y)
}
