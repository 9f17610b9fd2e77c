package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestKillTrain kills "onnxtool train" at random moments, also while it reads data and writes its report, and
// resumes it: the files are those of a training that was left in peace.
func TestKillTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; package train kills its own")
	}
	args := []string{"onnxtool", "train", "breast_cancer", "--epochs", "30", "--save-freq", "3", "--resume",
		"--early-stopping", "monitor=val_auc,patience=20,restore_best_weights", "--reduce-lr-on-plateau", "patience=1", "-o"}
	dir := t.TempDir()
	start := func(out string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Args = append(args, filepath.Join(dir, out))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	begin := time.Now()
	if err := start("whole").Wait(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	for range 4 {
		cmd := start("killed")
		time.Sleep(time.Duration(rand.Int64N(int64(took / 2))))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if err := start("killed").Wait(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.onnx", "history.csv"} {
		want, err := os.ReadFile(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "killed", name)); err != nil || string(got) != string(want) {
			t.Errorf("%s differs after kills: %v", name, err)
		}
	}
}
