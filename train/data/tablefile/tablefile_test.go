package tablefile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var files = []string{"testdata/patients.csv", "testdata/patients.parquet"}

var features = []string{"age", "chest_pain", "oldpeak", "thal"}

// stream trains on a file that is read anew in each epoch, and returns the model.
func stream(t *testing.T, file string) []byte {
	t.Helper()
	kinds := map[string]data.Kind{}
	for _, f := range features {
		kinds[f] = data.Float
	}
	src := &data.TableSource{
		Open: func() (data.TableReader, error) { return Open(file, data.CSVOptions{Kinds: kinds}) },
		Convert: func(tab *data.Table) (*data.Dataset, error) {
			tab, err := tab.DropMissing(features...)
			if err != nil {
				return nil, err
			}
			x, err := tab.Select(append(slices.Clone(features), "label")...)
			if err != nil {
				return nil, err
			}
			return x.Dataset(data.Roles{Inputs: features, Target: "label"})
		},
		Stream: data.StreamOptions{Size: 16, Window: 64, Seed: 1},
	}
	b := nn.NewBuilder(1)
	var in []*nn.Value
	for _, f := range features {
		in = append(in, b.Input(nn.Input{Name: f, Shape: []int{1}}))
	}
	h := b.Apply(&nn.Dense{Units: 8, Activation: "tanh"}, b.Apply(&nn.Concatenate{}, in...))
	net, err := b.Net(b.Output("y", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, h)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 3}); err != nil {
		t.Fatal(err)
	}
	m, err := tr.Model(train.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := onnxio.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSameBits trains the same model from the same table in CSV and in Parquet.
func TestSameBits(t *testing.T) {
	if !bytes.Equal(stream(t, files[0]), stream(t, files[1])) {
		t.Error("the models differ")
	}
}

func TestSameTable(t *testing.T) {
	var text [2]string
	for i, file := range files {
		// A boolean is text in CSV, and a number in Parquet unless text is asked for.
		tab, err := Load(file, data.CSVOptions{Kinds: map[string]data.Kind{"ill": data.String}})
		if err != nil {
			t.Fatal(err)
		}
		names, err := Names(file)
		if err != nil || !slices.Equal(names, tab.Names()) {
			t.Errorf("%s: names %q and %q, %v", file, names, tab.Names(), err)
		}
		var b strings.Builder
		if err := tab.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		for _, c := range tab.Columns() {
			b.WriteString(c.Kind().String())
		}
		text[i] = b.String()
	}
	if text[0] != text[1] {
		t.Errorf("CSV is\n%s\nParquet is\n%s", text[0], text[1])
	}
}

func TestOpen(t *testing.T) {
	for _, file := range files {
		r, err := Open(file, data.CSVOptions{NoHeader: strings.HasSuffix(file, "parquet"), Names: nil, Columns: []string{"age", "gender"}})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for {
			piece, err := r.Read(33)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(piece.Columns()) != 2 {
				t.Fatalf("columns %q", piece.Names())
			}
			rows += piece.Rows()
		}
		if rows != 120 || len(r.Names()) != 16 {
			t.Errorf("%s: %d rows, %d columns", file, rows, len(r.Names()))
		}
		r.Close()
	}
	if _, err := Load(files[1], data.CSVOptions{NoHeader: true, Names: []string{"age", "y"}}); err == nil || !strings.Contains(err.Error(), `no column "y"`) {
		t.Errorf("got %v", err)
	}
}
