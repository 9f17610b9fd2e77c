package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/train"
)

// TestBestEpoch marks the lowest loss and the highest score, whatever output they are of, and nothing where it is not
// known what is better.
func TestBestEpoch(t *testing.T) {
	values := [][]float64{{2}, {3}, {1}}
	const lowest, highest, none = "(best 1, epoch 3)", "(best 3, epoch 2)", "training"
	for _, c := range []struct{ figure, mode, want string }{
		{"loss", "", lowest},
		{"price_loss", "", lowest},
		{"price_mean_squared_error", "auto", lowest},
		{"mae", "", lowest},
		{"false_positives", "", lowest},
		{"false_negatives_1", "", lowest},
		{"true_positives", "", highest},
		{"sold_auc_1", "", highest},
		{"weighted_accuracy", "", highest},
		{"mean_io_u", "", highest},
		{"fbeta_score", "", highest},
		{"recall_at_precision", "", highest},
		{"found", "", none},
		{"my_figure_2", "", none},
		{"loss", "max", highest},
		{"accuracy", "min", lowest},
	} {
		h := &train.History{Names: []string{c.figure}, Epochs: values}
		s, err := Epochs{History: h, Figure: c.figure, Mode: c.mode}.sheet()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.legend[0].text; !strings.HasSuffix(got, c.want) {
			t.Errorf("%s, mode %q: got %q, want %q", c.figure, c.mode, got, c.want)
		}
	}
	h := &train.History{Names: []string{"loss"}, Epochs: values}
	if _, err := (Epochs{History: h, Figure: "loss", Mode: "least"}).sheet(); err == nil || !strings.Contains(err.Error(), "auto, min, max") {
		t.Errorf("mode least: got %v", err)
	}
}

// TestTitleLines breaks a title that is wider than its picture.
func TestTitleLines(t *testing.T) {
	s := &sheet{width: 4.3 * 72, title: "Receiver operating characteristic, each class, validation data"}
	if got := s.titleLines(); len(got) != 2 || got[1] != "validation data" && got[1] != "data" {
		t.Errorf("got %q", got)
	}
	for _, title := range []string{"", "Loss by epoch", strings.Repeat("x", 200)} {
		if got := (&sheet{width: stdWidth, title: title}).titleLines(); len(got) != 1 {
			t.Errorf("%q: got %q", title, got)
		}
	}
}

// TestTicksHaveRoom writes no more labels on a narrow axis than stand beside each other.
func TestTicksHaveRoom(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{
		{-.012, .002, []string{"−0.010", "−0.005", "0"}},
		{-.8, .3, []string{"−0.5", "0"}},
		{-.03, .13, []string{"0", "0.05", "0.10"}},
		{0, 5, []string{"0", "1", "2", "3", "4", "5"}},
	} {
		var got []string
		for _, m := range (steps{most: 5, room: 21}).Ticks(c.lo, c.hi) {
			got = append(got, m.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: got %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}
