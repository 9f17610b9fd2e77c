package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data/images"
)

// pixelRangeUsage is the help of --pixel-range.
const pixelRangeUsage = "what the values 0 and 255 of images in a folder become: `LOW,HIGH`"

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// imageForm finds size, layout and type of images by an input. pixelRange says what the values of floats are.
func imageForm(in infer.ValueInfo, pixelRange string) (images.Folder, error) {
	form := images.Folder{Input: in.Name, DType: in.DType}
	p, err := layoutOf(in)
	switch {
	case err != nil:
		return form, fmt.Errorf("input %s: %w", in.Name, err)
	case p.rank != 4:
		return form, fmt.Errorf("input %s is %v: images go to an input of [batch,channels,height,width] or [batch,height,width,channels]", in.Name, in)
	}
	form.ColorMode = map[int]string{1: "grayscale", 3: "rgb", 4: "rgba"}[p.channels]
	form.ChannelsFirst = p.channel == 1
	form.Height, form.Width = max(p.wantedHeight, 0), max(p.wantWidth, 0)
	if form.DType == tensor.Uint8 {
		return form, nil
	}
	low, high, ok := strings.Cut(pixelRange, ",")
	if form.Low, err = strconv.ParseFloat(low, 64); err == nil && ok {
		form.High, err = strconv.ParseFloat(high, 64)
	}
	if err != nil || !ok || form.Low == form.High {
		return form, usagef("--pixel-range %s is not LOW,HIGH", pixelRange)
	}
	return form, nil
}
