package tokeras_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
)

// TestMasks holds that recurrent layers with masks come back as themselves: no steps are picked or sorted, and
// each layer takes a mask. TestThereAndBack has their numbers.
func TestMasks(t *testing.T) {
	z, err := zip.OpenReader("../../testdata/kerasfiles/recurrent.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, c := range []struct {
		name, class string
		zeros       []bool // of each layer, that masked steps give zeros
	}{
		{"lstm_mask_zero", "LSTM", []bool{false}},
		{"gru_mask_zero_stack", "GRU", []bool{false, false, false}},
		{"simplernn_masking_sequences", "SimpleRNN", []bool{false}},
		{"gru_masking_zeros", "GRU", []bool{true, true}},
		{"lstm_masking_bi", "LSTM", []bool{true, true, false, false}},
	} {
		file := member(t, &z.Reader, c.name+"/model.keras")
		m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "m.keras")
		if err := tokeras.Write(path, m); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		written, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		var model struct {
			Config struct {
				Layers []struct {
					Class  string `json:"class_name"`
					Config struct {
						Zeros bool `json:"zero_output_for_mask"`
					}
					Inbound []struct{ Args []any } `json:"inbound_nodes"`
				}
			}
		}
		if err := json.Unmarshal(member(t, &written.Reader, "config.json"), &model); err != nil {
			t.Fatal(err)
		}
		written.Close()
		var classes []string
		var zeros []bool
		for _, l := range model.Config.Layers {
			classes = append(classes, l.Class)
			if l.Class != c.class {
				continue
			}
			if zeros = append(zeros, l.Config.Zeros); len(l.Inbound[0].Args) != 3 {
				t.Errorf("%s: called on %d arguments, want sequence, states, mask", c.name, len(l.Inbound[0].Args))
			}
		}
		if !slices.Equal(zeros, c.zeros) || slices.Contains(classes, "TopK") || slices.Contains(classes, "Cumsum") {
			t.Errorf("%s: layers %v, zeros %v; want zeros %v and no arithmetic of steps", c.name, classes, zeros, c.zeros)
		}
	}
}
