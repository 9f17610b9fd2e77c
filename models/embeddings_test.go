package models_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestWord2vec trains on generated texts and asks for the neighbours of a word of each topic.
func TestWord2vec(t *testing.T) {
	tr, task := fit(t, "word2vec", models.Options{Rows: 1500})
	if auc := figure(t, tr, task.Validation, 2); auc < .68 {
		t.Errorf("validation AUC %.4f, want at least .68", auc)
	}
	words := []string{"cat", "apple", "piano", "rain", "no such word"}
	in := map[string]tensor.Any{"word": tensor.Must(words, len(words), 1)}
	out := runPart(t, tr, task.Parts[2], in)
	near := tensor.Data[string](out["neighbours"])
	for i, topic := range []string{"cat dog horse cow sheep goat pig hen duck rabbit mouse fox",
		"apple pear plum cherry peach grape lemon orange melon fig banana kiwi",
		"piano violin guitar flute drum trumpet harp cello organ horn clarinet oboe",
		"rain snow wind storm cloud fog frost hail thunder breeze sun ice"} {
		inside := 0
		for _, w := range near[10*i : 10*i+5] {
			if w == words[i] {
				t.Errorf("%s is its own neighbour", w)
			}
			if strings.Contains(" "+topic+" ", " "+w+" ") {
				inside++
			}
		}
		if inside < 4 {
			t.Errorf("nearest to %s are %v", words[i], near[10*i:10*i+5])
		}
	}
	other := tensor.Must([]string{near[0], near[10], near[20], near[30], "cat"}, len(words), 1)
	cosine := tensor.Data[float32](runPart(t, tr, task.Parts[1], map[string]tensor.Any{"word": in["word"], "other": other})["cosine"])
	for i, c := range tensor.Data[float32](out["cosine"]) {
		if d := c - cosine[i/10]; i%10 == 0 && i < 40 && (d > 1e-5 || d < -1e-5) {
			t.Errorf("cosine of %s and %s: %v among the neighbours, %v", words[i/10], near[i], c, cosine[i/10])
		}
	}
	if s := runPart(t, tr, task.Parts[0], in)["vector"].Shape(); !s.Equal(tensor.Shape{5, 16}) {
		t.Errorf("vectors have the shape %v", s)
	}
}

func TestWord2vecText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text.txt")
	line := "Uno, dos; TRES cuatro cinco. seis siete ocho nueve diez once\n\n"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Repeat(line, 20) + "rara\n")
	task := prepare(t, "word2vec", models.Options{Path: path, Latent: 4})
	if n := parameters(task); n != 2*12*4 {
		t.Errorf("%d parameters, want two tables of 12 rows of 4", n)
	}
	for text, want := range map[string]string{
		"one two\n": "too few to learn from", strings.Repeat("x", 2<<20): "a line is longer",
	} {
		write(text)
		if _, err := recipe(t, "word2vec").Prepare(models.Options{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestRetail holds the forms against each other: embeddings of who buys what tell more than features, a network more
// than a logistic regression. A user and a product that never occurred are served.
func TestRetail(t *testing.T) {
	auc := map[string]float64{}
	for _, variant := range []string{"logistic", "dense", "embeddings"} {
		tr, task := fit(t, "retail", models.Options{Rows: 12000, Variant: variant})
		auc[variant] = figure(t, tr, task.Test, 2)
		if variant != "embeddings" {
			continue
		}
		in := map[string]tensor.Any{}
		for name, x := range task.Test.Inputs() {
			switch x.DType() {
			case tensor.String:
				in[name] = tensor.Must([]string{"?"}, 1, 1)
			case tensor.Int64:
				in[name] = tensor.Must([]int64{-1}, 1, 1)
			default:
				in[name] = tensor.Must([]float32{1}, 1, 1)
			}
		}
		out := runPart(t, tr, models.Part{Name: "whole", Net: task.Net}, in)
		if p := tensor.Data[float32](out["probability"])[0]; !(p > 0 && p < 1) {
			t.Errorf("an unknown user's purchase of an unknown product: %v", p)
		}
	}
	if !(auc["logistic"] > .6 && auc["dense"] > auc["logistic"] && auc["embeddings"] > auc["dense"]+.01) {
		t.Errorf("test AUC %v", auc)
	}
}

// TestRetailFile reads the columns of the real file, missing values among them.
func TestRetailFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("User_ID,Product_ID,Gender,Age,Occupation,City_Category,Stay_In_Current_City_Years,Marital_Status,Product_Category_1,Product_Category_2,Product_Category_3,Purchase\n")
	for i := range 100 {
		fmt.Fprintf(&b, "10000%02d,P000%02d,%s,0-17,%d,A,4+,0,%d,%s,%s,%d\n", i%20, i%30, []string{"F", "M"}[i%2], i%3, 1+i%5, []string{"", "8"}[i%2], []string{"", "", "14"}[i%3], 100*i)
	}
	path := filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	task := prepare(t, "retail", models.Options{Path: path})
	sum := float32(0)
	for _, part := range []tensor.Any{task.Train.Target(), task.Validation.Target(), task.Test.Target()} {
		for _, v := range tensor.Data[float32](part) {
			sum += v
		}
	}
	if sum != 50 {
		t.Errorf("%v of 100 purchases are above the median", sum)
	}
}

func Example_embeddings() {
	for _, name := range []string{"word2vec", "retail"} {
		r, err := models.Lookup(name)
		if err != nil {
			panic(err)
		}
		task, err := r.Prepare(models.Options{Rows: 1000}) // of generated data; Path names a file of your own
		if err != nil {
			panic(err)
		}
		fmt.Println(name, "takes", strings.Join(task.Train.Names(), ", "))
	}
	// Output:
	// word2vec takes context, word
	// retail takes Age, City_Category, Gender, Marital_Status, Occupation, Product_Category_1, Product_Category_2, Product_Category_3, Product_ID, Stay_In_Current_City_Years, User_ID
}
