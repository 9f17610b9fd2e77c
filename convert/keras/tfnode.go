package keras

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfNodes says for operators of TensorFlow's graphs which function each is, with the function's parameter for
// each input in turn; name:attr is a parameter that an attribute gives. Operators whose function has their
// own name and takes x, or x and y, are not listed.
var tfNodes = map[string]string{
	"AddV2": "add x y", "Mul": "multiply x y", "Sub": "subtract x y", "RealDiv": "truediv x y", "FloorDiv": "floordiv x y", "Pow": "pow x y",
	"Atan2": "atan2 y x", "FloorMod": "floormod x y", "Roll": "roll input shift axis", "EuclideanNorm": "reduce_euclidean_norm input_tensor axis keepdims:keep_dims", "Sum": "reduce_sum input_tensor axis keepdims:keep_dims", "Mean": "reduce_mean input_tensor axis keepdims:keep_dims",
	"Max": "reduce_max input_tensor axis keepdims:keep_dims", "Min": "reduce_min input_tensor axis keepdims:keep_dims",
	"Prod": "reduce_prod input_tensor axis keepdims:keep_dims", "All": "reduce_all input_tensor axis keepdims:keep_dims",
	"Any": "reduce_any input_tensor axis keepdims:keep_dims", "ArgMax": "argmax input axis output_type:output_type",
	"ArgMin": "argmin input axis output_type:output_type", "Cast": "cast x dtype:DstT", "Reshape": "reshape tensor shape",
	"Transpose": "transpose a perm", "ExpandDims": "expand_dims input axis", "Squeeze": "squeeze input axis:squeeze_dims",
	"Tile": "tile input multiples", "Shape": "shape input out_type:out_type", "GatherV2": "gather params indices axis batch_dims:batch_dims",
	"Pad": "pad tensor paddings", "PadV2": "pad tensor paddings constant_values", "MirrorPad": "pad tensor paddings mode:mode",
	"MatMul": "linalg.matmul a b transpose_a:transpose_a transpose_b:transpose_b", "BatchMatMulV2": "linalg.matmul a b transpose_a:adj_x transpose_b:adj_y",
	"Softmax": "nn.softmax logits", "LogSoftmax": "nn.log_softmax logits", "Select": "where condition x y", "SelectV2": "where condition x y",
	"Relu": "nn.relu features", "Relu6": "nn.relu6 features", "Elu": "nn.elu features", "Selu": "nn.selu features", "Softplus": "softplus features",
	"Softsign": "nn.softsign features", "LeakyRelu": "nn.leaky_relu features alpha:alpha", "ClipByValue": "clip_by_value t clip_value_min clip_value_max",
	"Cumsum": "cumsum x axis exclusive:exclusive reverse:reverse", "TopKV2": "top_k input k", "Fill": "fill dims value",
	"ZerosLike": "zeros_like input", "OnesLike": "ones_like input", "Identity": "identity input", "BroadcastTo": "broadcast_to input shape",
	"OneHot": "one_hot indices depth on_value off_value axis:axis", "Unpack": "unstack value axis:axis", "Split": "split axis value num_or_size_splits:num_split",
	"SplitV": "split value num_or_size_splits axis", "DepthToSpace": "nn.depth_to_space input block_size:block_size",
	"SpaceToDepth": "nn.space_to_depth input block_size:block_size", "ReverseV2": "reverse tensor axis", "Round": "round x", "StopGradient": "stop_gradient input",
	"DivNoNan": "divide_no_nan x y", "MulNoNan": "multiply_no_nan x y", "Slice": "slice input_ begin size", "GatherNd": "gather_nd params indices",
	"BatchMatMul": "linalg.matmul a b transpose_a:adj_x transpose_b:adj_y", "MatrixDiag": "linalg.diag diagonal", "MatrixDiagPart": "linalg.diag_part input",
	"MatrixBandPart": "linalg.band_part input num_lower num_upper", "MatrixSetDiag": "linalg.set_diag input diagonal", "MatrixDeterminant": "linalg.det input",
	"Cross": "linalg.cross a b", "L2Loss": "nn.l2_loss t", "BiasAdd": "nn.bias_add value bias data_format:data_format", "Rank": "rank input", "Size": "size input out_type:out_type",
	"Range": "range start limit delta", "LinSpace": "linspace start stop num", "Cumprod": "cumprod x axis exclusive:exclusive reverse:reverse",
	"ReverseSequence": "reverse_sequence input seq_lengths seq_axis:seq_dim batch_axis:batch_dim", "InTopKV2": "compat.v1.math.in_top_k predictions targets k",
	"Conv2D":                "nn.conv2d input filters strides:strides padding:padding data_format:data_format dilations:dilations",
	"Conv3D":                "nn.conv3d input filters strides:strides padding:padding data_format:data_format dilations:dilations",
	"DepthwiseConv2dNative": "nn.depthwise_conv2d input filters strides:strides padding:padding data_format:data_format dilations:dilations",
	"MaxPool":               "nn.max_pool2d input ksize:ksize strides:strides padding:padding data_format:data_format", "AvgPool": "nn.avg_pool2d input ksize:ksize strides:strides padding:padding data_format:data_format",
	"ResizeBilinear":        "image.resize_bilinear images size align_corners:align_corners half_pixel_centers:half_pixel_centers",
	"ResizeNearestNeighbor": "image.resize_nearest_neighbor images size align_corners:align_corners half_pixel_centers:half_pixel_centers",
	"SpaceToBatchND":        "space_to_batch_nd input block_shape paddings", "BatchToSpaceND": "batch_to_space_nd input block_shape crops",
	"SegmentSum": "segment_sum data segment_ids", "UnsortedSegmentSum": "unsorted_segment_sum data segment_ids num_segments", "ScatterNd": "scatter_nd indices updates shape",
	"InvertPermutation": "argsort values", "CheckNumerics": "debugging.check_numerics tensor message:message", "TensorScatterUpdate": "tensor_scatter_nd_update tensor indices updates",
	"AdjustHue": "image.adjust_hue image delta", "AdjustSaturation": "image.adjust_saturation image saturation_factor", "HSVToRGB": "image.hsv_to_rgb images", "RGBToHSV": "image.rgb_to_hsv images",
	"ExtractImagePatches": "image.extract_patches images sizes:ksizes strides:strides rates:rates padding:padding", "StringLower": "strings.lower input", "StringUpper": "strings.upper input", "BitwiseAnd": "bitwise.bitwise_and x y", "BitwiseOr": "bitwise.bitwise_or x y", "BitwiseXor": "bitwise.bitwise_xor x y",
	"LeftShift": "bitwise.left_shift x y", "RightShift": "bitwise.right_shift x y", "Invert": "bitwise.invert x",
	"MaxPool3D": "nn.max_pool3d input ksize:ksize strides:strides padding:padding data_format:data_format", "AvgPool3D": "nn.avg_pool3d input ksize:ksize strides:strides padding:padding data_format:data_format",
	"Conv2DBackpropInput": "nn.conv2d_transpose output_shape filters input strides:strides padding:padding data_format:data_format dilations:dilations",
	"LRN":                 "nn.local_response_normalization input depth_radius:depth_radius bias:bias alpha:alpha beta:beta", "AdjustContrastv2": "image.adjust_contrast images contrast_factor",
	"ResizeArea":    "image.resize_area images size align_corners:align_corners",
	"ResizeBicubic": "image.resize_bicubic images size align_corners:align_corners half_pixel_centers:half_pixel_centers",
}

// tfNode emits a TensorFlowOpLayer, as TensorFlow 1.14 to 2.3 have for each operator between layers: a node of a
// graph, whose inputs are those of the call and, where constants has their index, numbers.
func tfNode(x *emit) []*ir.Value {
	x.noCall()
	node, _ := x.layer.get("node_def").(map[string]any)
	if text, ok := x.layer.get("node_def").(string); ok && decode(json.RawMessage(text), &node) != nil {
		node = nil
	}
	constants, _ := x.layer.get("constants").(map[string]any)
	name, _ := node["op"].(string)
	attrs, _ := node["attr"].(map[string]any)
	args := make([]any, 0, len(x.in)+len(constants))
	in := x.in
	for i := range len(x.in) + len(constants) {
		if c, ok := constants[strconv.Itoa(i)]; ok {
			args = append(args, c)
		} else if len(in) > 0 {
			args, in = append(args, in[0]), in[1:]
		} else {
			x.Fail(op.Malformedf("the operator %s has no input %d", name, i))
			return one(&ir.Value{Name: name})
		}
	}
	switch name {
	case "StridedSlice":
		return tfNodeSlice(x, args, attrs)
	case "Pack":
		return x.callTF("stack", nil, map[string]any{"values": args, "axis": tfAttr(attrs["axis"])})
	case "ConcatV2":
		if n := len(args); n > 1 {
			return x.callTF("concat", nil, map[string]any{"values": args[:n-1], "axis": args[n-1]})
		}
	case "IdentityN": // tf.nn.swish, which has a gradient of its own, ends in one
		out := make([]*ir.Value, len(args))
		for i := range out {
			out[i], _ = args[i].(*ir.Value)
			if out[i] == nil {
				x.Fail(op.Unsupportedf("constants as inputs of IdentityN"))
				return one(&ir.Value{Name: name})
			}
		}
		return out
	case "AddN", "AccumulateNV2":
		return x.callTF("add_n", nil, map[string]any{"inputs": args})
	}
	fields := strings.Fields(tfNodes[name])
	if len(fields) == 0 {
		fields = []string{snake(name), "x", "y"}
	}
	words := map[string]any{}
	for _, f := range fields[1:] {
		param, attr, isAttr := strings.Cut(f, ":")
		if isAttr {
			words[param] = tfAttr(attrs[attr])
		} else if len(args) > 0 {
			words[param], args = args[0], args[1:]
		}
	}
	if list, ok := words["axis"].([]any); ok && len(list) == 0 && name == "Squeeze" {
		delete(words, "axis")
	}
	if len(args) > 0 {
		x.Fail(op.Unsupportedf("the operator %s of TensorFlow with %d inputs", name, len(x.in)+len(constants)))
		return one(&ir.Value{Name: name})
	}
	return x.callTF(fields[0], nil, words)
}

// tfAttr reads an attribute of a node: {"i": "3"}, {"b": true}, {"type": "DT_INT32"}, {"list": {"i": ["1"]}}.
func tfAttr(v any) any {
	attr, _ := v.(map[string]any)
	for kind, v := range attr {
		switch text, isText := v.(string); {
		case kind == "i" && isText:
			return json.Number(text)
		case kind == "type" && isText:
			d := strings.ToLower(strings.TrimPrefix(text, "DT_"))
			switch d {
			case "float":
				return "float32"
			case "double":
				return "float64"
			case "half":
				return "float16"
			}
			return d
		case kind == "s" && isText:
			s, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil
			}
			return string(s)
		case kind == "list":
			list, _ := v.(map[string]any)
			numbers, _ := list["i"].([]any)
			out := slices.Clone(numbers)
			for i, n := range out {
				if text, ok := n.(string); ok {
					out[i] = json.Number(text)
				}
			}
			return out
		}
		return v
	}
	return nil
}

// tfNodeSlice is x[key], each part of the key by bits of five masks.
func tfNodeSlice(x *emit, args []any, attrs map[string]any) []*ir.Value {
	bit := func(mask string, i int) bool {
		n, _ := whole(tfAttr(attrs[mask+"_mask"]))
		return n>>i&1 == 1
	}
	var parts [3][]any
	for i := range parts {
		if len(args) != 4 {
			break
		}
		parts[i], _ = args[i+1].([]any)
	}
	begin, end, stride := parts[0], parts[1], parts[2]
	if len(begin) == 0 || len(end) != len(begin) || len(stride) != len(begin) {
		x.Fail(op.Unsupportedf("a slice whose bounds are computed"))
		return one(&ir.Value{Name: "StridedSlice"})
	}
	key := make([]any, len(begin))
	for i := range key {
		switch s := (span{begin[i], end[i], stride[i]}); {
		case bit("ellipsis", i):
			key[i] = ellipsis{}
		case bit("new_axis", i):
			key[i] = nil
		case bit("shrink_axis", i):
			key[i] = begin[i]
		default:
			if bit("begin", i) {
				s.start = nil
			}
			if bit("end", i) {
				s.stop = nil
			}
			key[i] = s
		}
	}
	return x.callOperation("get_item", []any{args[0], key}, nil)
}
