package report

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
)

// threeGroups returns points of d numbers around three centres.
func threeGroups(n, d int) (rows [][]float64, group []int) {
	r := rand.New(rand.NewPCG(2, 2))
	for i := range n {
		row := make([]float64, d)
		for j := range row {
			row[j] = r.NormFloat64()
			if j == i%3 {
				row[j] += 12
			}
		}
		rows, group = append(rows, row), append(group, i%3)
	}
	return rows, group
}

func TestTSNE(t *testing.T) {
	rows, group := threeGroups(90, 8)
	points, err := TSNE(rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range points { // the nearest neighbour is of the same group
		near, at := math.Inf(1), -1
		for j, q := range points {
			if d := math.Hypot(p[0]-q[0], p[1]-q[1]); j != i && d < near {
				near, at = d, j
			}
		}
		if group[at] != group[i] {
			t.Errorf("the nearest of point %d is %d, of another group", i, at)
		}
	}
	again, err := TSNE(rows)
	if err != nil || !slices.Equal(points, again) {
		t.Errorf("another result the second time, error %v", err)
	}
	alike := slices.Repeat([][]float64{{1, 2}}, 5)
	if _, err := TSNE(alike); err != nil {
		t.Errorf("rows that are alike: %v", err)
	}
	for name, bad := range map[string][][]float64{"three rows": rows[:3], "NaN": append(rows[:5:5], slices.Repeat([]float64{math.NaN()}, 8))} {
		if _, err := TSNE(bad); !errors.Is(err, ErrData) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestPoints(t *testing.T) {
	rows, group := threeGroups(12, 5)
	two := [][]float64{{1, 2}, {3, 4}}
	tests := map[string]struct {
		p    Points
		want []string
	}{
		"long rows":     {Points{Rows: rows, Classes: group, File: "a", What: "codes"}, []string{"a", "a_tsne"}},
		"planes":        {Points{Rows: two, File: "b", What: "codes"}, []string{"b"}},
		"lines":         {Points{Rows: [][]float64{{1}, {2}}, File: "c"}, nil},
		"none":          {Points{}, nil},
		"few rows":      {Points{Rows: rows[:3], File: "d", What: "codes"}, []string{"d"}},
		"many classes":  {Points{Rows: two, Classes: []int{0, 200}, File: "e", What: "codes"}, []string{"e"}},
		"many of a row": {Points{Rows: slices.Repeat(two, 4000), Classes: make([]int, 8000), Names: make([]string, 8000), File: "f", What: "codes"}, []string{"f"}},
	}
	for name, test := range tests {
		pictures, err := test.p.Pictures()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var names []string
		for _, p := range pictures {
			names = append(names, p.Name)
			if _, err := layOut(p.Figure); err != nil {
				t.Errorf("%s: %s: %v", name, p.Name, err)
			}
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: pictures %v, want %v", name, names, test.want)
		}
	}
}

func TestEmbeddingPictures(t *testing.T) {
	table := tensor.Zeros[float32](5, 3)
	for i := range table.Data() {
		table.Data()[i] = float32(math.Sin(float64(i * i)))
	}
	weights := onnxio.FromTensor("table", table)
	m := &onnxio.Model{Graph: &onnxio.Graph{Initializer: []*onnxio.Tensor{weights}, Node: []*onnxio.Node{
		{OpType: "LabelEncoder", Domain: "ai.onnx.ml", Input: []string{"text"}, Output: []string{"number"}, Attribute: []*onnxio.Attribute{
			{Name: "keys_strings", Strings: [][]byte{[]byte("red"), []byte("blue"), []byte("gone")}}, {Name: "values_int64s", Ints: []int64{3, 1, 99}}}},
		{OpType: "Cast", Input: []string{"number"}, Output: []string{"row"}},
		{OpType: "Gather", Input: []string{"table", "row"}, Output: []string{"y"}},
		{OpType: "Gather", Input: []string{"table", "row"}, Output: []string{"z"}}}}}
	pictures, err := EmbeddingPictures(m)
	if err != nil || len(pictures) != 2 || pictures[1].Name != "embedding_0_tsne" {
		t.Fatalf("%d pictures, error %v", len(pictures), err)
	}
	if names := pictures[0].Figure.(Scatter).Names; !slices.Equal(names, []string{"", "blue", "", "red", ""}) {
		t.Errorf("names %q", names)
	}
}

func TestParameterPictures(t *testing.T) {
	var params []train.NamedTensor
	for range 15 {
		params = append(params, train.NamedTensor{Name: "w", Tensor: tensor.Vector[float32](1, 2, 3)})
	}
	params = append(params, train.NamedTensor{Name: "text", Tensor: tensor.Vector("a")})
	pictures := ParameterPictures(params, params[:2])
	if len(pictures) != 2 || pictures[0].Name != "weights" || pictures[1].Name != "gradients" || !strings.Contains(pictures[0].Caption, "first 12 of 15") {
		t.Errorf("%+v", pictures)
	}
	if pictures := ParameterPictures(nil, nil); pictures != nil {
		t.Errorf("%+v of nothing", pictures)
	}
}

// TestPlotting has the answers of scipy.stats.mstats.mquantiles.
func TestPlotting(t *testing.T) {
	upTo50 := make([]float64, 50)
	for i := range upTo50 {
		upTo50[i] = float64(i)
	}
	for _, test := range []struct{ of, want []float64 }{
		{[]float64{1, 2, 4, 8, 16, 32, 64}, []float64{1.12, 8, 60.16}},
		{[]float64{3, 5}, []float64{3, 4, 5}},
		{[]float64{7}, []float64{7, 7, 7}},
		{upTo50, []float64{4.42, 24.5, 44.58}},
	} {
		for i, q := range []float64{.1, .5, .9} {
			if got := plotting(test.of, q); math.Abs(got-test.want[i]) > 1e-12 {
				t.Errorf("quantile %v of %v is %v, want %v", q, test.of, got, test.want[i])
			}
		}
	}
}

func TestSplitPicture(t *testing.T) {
	trial := func(scores ...float32) train.Holdout {
		return train.Holdout{Target: tensor.Vector[float32](0, 1, 0, 1), Predicted: tensor.Vector(scores...)}
	}
	p, err := SplitPicture([]train.Holdout{trial(.1, .9, .2, .7), trial(.3, .6, .4, .8)})
	if err != nil || p.Name != "threshold" || !strings.Contains(p.Caption, "best, 1.000") {
		t.Errorf("%s, error %v", p.Caption, err)
	}
	if _, err := SplitPicture([]train.Holdout{trial(-3, 2, 5, 1)}); !errors.Is(err, ErrData) {
		t.Errorf("of logits: error %v", err)
	}
}
