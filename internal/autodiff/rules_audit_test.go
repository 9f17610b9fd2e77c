package autodiff_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
)

func allRules() []rule {
	return slices.Concat(elementwiseRules, matrixRules, convRules, poolRules, normRules, reduceRules, shapeRules, indexRules, resizeRules, recurrentRules, attentionRules, mlRules)
}

// same lists attributes that change nothing in the gradient, or nothing that a rule of its own would show.
var same = map[string]string{
	"Dropout/seed": "of the draw", "Cast/round_mode": "of 8-bit floats", "Cast/saturate": "of 8-bit floats",
	"CastLike/round_mode": "of 8-bit floats", "CastLike/saturate": "of 8-bit floats",
	"MaxPool/storage_order": "of the positions", "Attention/softmax_precision": "of half types",
	"LayerNormalization/stash_type": "of half types", "GroupNormalization/stash_type": "of half types", "RMSNormalization/stash_type": "of half types",
	"ai.onnx.ml.Imputer/imputed_value_int64s": "of integers", "ai.onnx.ml.Imputer/replaced_value_int64": "of integers",
	"Range/stash_type": "of half types", "TopK/sorted": "false is as true", "BatchNormalization/momentum": "of outputs that training forms keep apart",
}

// choices lists what attributes of strings may say.
var choices = map[string][]string{
	"auto_pad":  {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"},
	"direction": {"forward", "reverse", "bidirectional"},
	"Pad/mode":  {"constant", "reflect", "edge", "wrap"}, "Resize/mode": {"nearest", "linear", "cubic"}, "Upsample/mode": {"nearest", "linear"},
	"DepthToSpace/mode": {"DCR", "CRD"}, "SpaceToDepth/mode": {"DCR", "CRD"}, "Gelu/approximate": {"none", "tanh"},
	"Resize/coordinate_transformation_mode": {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"},
	"Resize/nearest_mode":                   {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"},
	"Resize/keep_aspect_ratio_policy":       {"stretch", "not_larger", "not_smaller"},
	"ScatterElements/reduction":             {"none", "add", "mul", "max", "min"},
	"ScatterND/reduction":                   {"none", "add", "mul", "max", "min"},
	"ai.onnx.ml.Normalizer/norm":            {"MAX", "L1", "L2"},
	"post_transform":                        {"NONE", "LOGISTIC", "SOFTMAX"},
	"activations":                           {"Relu", "Tanh", "Sigmoid", "Softsign", "Softplus", "HardSigmoid", "LeakyRelu", "ThresholdedRelu", "Elu", "Affine", "ScaledTanh"},
}

// TestEveryRuleIsChecked goes through all operators that have a gradient. By each differentiable input it is
// checked at three shapes or more, by onnxruntime too, with each optional input there and absent, with each attribute given and
// not given, and with each string that an attribute may hold.
func TestEveryRuleIsChecked(t *testing.T) {
	rules := map[string][]rule{}
	for _, r := range allRules() {
		rules[r.op] = append(rules[r.op], r)
		if n := len(slices.Compact(slices.Sorted(slices.Values(r.shapes)))); n < 3 {
			t.Errorf("%s <%s> is checked at %d shapes, expected 3", r.op, r.attrs, n)
		}
	}
	for _, d := range ops.Set().All() {
		name := strings.TrimPrefix(d.Domain+"."+d.Name, ".")
		if d.Inline != nil {
			checkControls(t, name)
			continue
		}
		if d.Grad == nil && !slices.ContainsFunc(d.In, func(p op.Param) bool { return p.Grad == op.Differentiable }) {
			if len(rules[name]) > 0 {
				t.Errorf("%s has no gradient to check", name)
			}
			continue
		}
		checkInputs(t, name, d, rules[name])
		checkAttributes(t, name, d, rules[name])
		delete(rules, name)
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		t.Errorf("no operator %s", name)
	}
}

// checkControls: graphs with subgraphs have a table of their own.
func checkControls(t *testing.T, name string) {
	n := 0
	for _, c := range controls {
		if strings.Contains(c.text, "= "+name+" ") {
			n++
		}
	}
	if n < 3 {
		t.Errorf("%s is checked in %d graphs, expected 3", name, n)
	}
}

func checkInputs(t *testing.T, name string, d *op.Def, rules []rule) {
	for i, p := range d.In {
		shapes, onORT, absent := map[string]bool{}, map[string]bool{}, false
		for _, r := range rules {
			for _, s := range r.shapes {
				switch in := r.parse(t, s).in; {
				case i >= len(in) || in[i].kind == '-':
					absent = true
				case p.Grad == op.Differentiable && in[i].kind != 'x':
				default:
					shapes[s] = true
					onORT[s] = r.noORT == "" || onORT[s]
				}
			}
		}
		if p.Grad == op.Differentiable {
			maps.DeleteFunc(onORT, func(_ string, ok bool) bool { return !ok })
			if len(shapes) < 3 || len(onORT) < 3 {
				t.Errorf("%s: the gradient by %s is checked at %d shapes, at %d by onnxruntime; expected 3", name, p.Name, len(shapes), len(onORT))
			}
		}
		if p.Optional && (!absent || len(shapes) == 0) && noRule[name+"/"+p.Name] == "" {
			t.Errorf("%s: %s is optional and not checked both there (%d shapes) and absent (%v)", name, p.Name, len(shapes), absent)
		}
	}
}

func checkAttributes(t *testing.T, name string, d *op.Def, rules []rule) {
	for _, a := range d.Attrs {
		key := name + "/" + a.Name
		given, absent, text := false, a.Required, ""
		for _, r := range rules {
			has := strings.Contains(" "+strings.ReplaceAll(r.attrs, ",", ", "), " "+a.Name+" = ")
			given, absent = given || has, absent || !has
			if has {
				text += r.attrs
			}
		}
		list := choices[key]
		if list == nil {
			list = choices[a.Name]
		}
		if same[key] == "" && (!given || !absent && a.Default != nil) {
			t.Errorf("%s: the attribute %s is not checked both given (%v) and absent (%v)", name, a.Name, given, absent)
		}
		for _, s := range list {
			if s != a.Default && !strings.Contains(text, `"`+s+`"`) {
				t.Errorf("%s: %s = %s is not checked", name, a.Name, s)
			}
		}
		if a.Kind == op.StringKind && list == nil && same[key] == "" && name != "Einsum" {
			t.Errorf("%s: what may %s say?", name, a.Name)
		}
	}
}
