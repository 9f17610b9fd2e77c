// Command figures trains the course's models with three seeds and writes the table of docs/course.md:
//
//	go build -o /tmp/onnxtool ./cmd/onnxtool
//	go run ./models/internal/figures -onnxtool /tmp/onnxtool -data DIR -runs /tmp/figures > table.md
//
// DIR holds the course's CSV files. A run whose metrics.json is in the folder of runs is not made again.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// row is a line of the table.
type row struct {
	id, model string
	args      []string // of onnxtool train; DATA/ stands for the folder of CSV files
	part      string   // of metrics.json
	figure    string
	course    string // what the course's notebook reached
}

var rows = []row{
	{"xor", "exclusive or", []string{"xor"}, "train", "loss", ".0016"},
	{"keritas", "2-3-2-1", []string{"keritas", "--data", "DATA/clase_2_train_data.csv"}, "test", "accuracy", ".88 to .90"},
	{"keritas-keras", "the same in Keras", []string{"keritas_keras", "--data", "DATA/clase_2_train_data.csv"}, "test", "accuracy", ".75"},
	{"heart", "heart disease", []string{"heart", "--data", "DATA/heart_disease.csv"}, "validation", "accuracy", ".80 to .85"},
	{"salary-onehot", "salary, one-hot", []string{"salary", "--data", "DATA/encuesta_sysarmy_arg_2019_1.csv"}, "validation", "mean_absolute_error", ".0645"},
	{"salary-embedding", "salary, embedding", []string{"salary", "--variant", "embedding", "--data", "DATA/encuesta_sysarmy_arg_2019_1.csv"}, "validation", "mean_absolute_error", ".0614"},
	{"word2vec", "word vectors, generated texts", []string{"word2vec"}, "validation", "auc", "none given"},
	{"autoencoder-mnist-50", "autoencoder, MNIST", []string{"autoencoder", "--data", "mnist"}, "validation", "loss", ".0806"},
	{"autoencoder-mnist-3", "the same, code of 3", []string{"autoencoder", "--data", "mnist", "--latent", "3"}, "validation", "loss", ".2203"},
	{"autoencoder-fashion-10", "Fashion-MNIST, code of 10", []string{"autoencoder", "--data", "fashion", "--latent", "10"}, "validation", "loss", ".3103"},
	{"vae-dense-fashion", "VAE, Fashion-MNIST, 10 epochs", []string{"vae", "--data", "fashion", "--epochs", "10"}, "validation", "loss", "267.4 (PyTorch, testdata/gen/torch_vae.py)"},
	{"wine", "wine", []string{"wine", "--data", "DATA/class_7_wine_dataset_v2.csv"}, "validation", "auc", ".793"},
	{"wine-vendor", "wine with vendor", []string{"wine", "--with-vendor", "--data", "DATA/class_7_wine_dataset_v2.csv"}, "validation", "auc", "1.0, a leak"},
	{"retail-logistic", "retail, generated: logistic regression", []string{"retail", "--variant", "logistic"}, "test", "auc", ".865 (real data)"},
	{"retail-dense", "retail, generated: network", []string{"retail", "--variant", "dense"}, "test", "auc", ".935 (real data)"},
	{"retail-embeddings", "retail, generated: with embeddings", []string{"retail"}, "test", "auc", ".956 (real data)"},
	{"breast-cancer", "breast cancer, one network", []string{"breast_cancer"}, "test", "loss", "none given"},
	{"bagging", "the same, ten bagged", []string{"bagging"}, "test", "loss", "none given"},
}

const seeds = 3

func main() {
	tool := flag.String("onnxtool", "onnxtool", "the `program`")
	data := flag.String("data", "", "the `folder` of the course's CSV files")
	runs := flag.String("runs", "figures", "the `folder` for the runs")
	flag.Parse()
	if err := table(*tool, *data, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func table(tool, data, runs string) error {
	fmt.Println("| model | figure | seeds 0, 1, 2 | mean | the course's |\n|---|---|---|---|---|")
	for _, r := range rows {
		var shown []string
		mean := 0.
		for seed := range seeds {
			v, err := r.run(tool, data, filepath.Join(runs, r.id, fmt.Sprintf("seed%d", seed)), seed)
			if err != nil {
				return fmt.Errorf("%s, seed %d: %w", r.id, seed, err)
			}
			shown = append(shown, number(v))
			mean += v / seeds
		}
		fmt.Printf("| %s | %s %s | %s | %s | %s |\n", r.model, r.part, strings.ReplaceAll(r.figure, "_", " "), strings.Join(shown, ", "), number(mean), r.course)
	}
	return nil
}

// run trains unless that was done, and returns the figure.
func (r row) run(tool, data, dir string, seed int) (float64, error) {
	path := filepath.Join(dir, "metrics.json")
	if _, err := os.Stat(path); err != nil {
		args := []string{"train", "--seed", strconv.Itoa(seed), "-o", dir}
		for _, a := range r.args {
			args = append(args, strings.Replace(a, "DATA", data, 1))
		}
		cmd := exec.Command(tool, args...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return 0, err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var metrics map[string]json.RawMessage
	if err := json.Unmarshal(text, &metrics); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	var figures map[string]float64
	if err := json.Unmarshal(metrics[r.part], &figures); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	v, ok := figures[r.figure]
	if !ok {
		return 0, fmt.Errorf("%s has no %s %s", path, r.part, r.figure)
	}
	return v, nil
}

// number has four digits behind the point below 1, and one above 100.
func number(v float64) string {
	if math.Abs(v) >= 100 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}
