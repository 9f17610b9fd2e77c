//go:build unix

package train_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/train"
)

// The process that is killed: this test binary, told by the environment where to train.
const killEnv = "ONNXTOOL_KILL_DIR"

// killJob trains for about a second; checkpoints are written all the time.
func killJob(dir string) job { return job{dir: dir, epochs: 40, stops: true, freq: 1} }

// TestKillChild is not a test of its own: [TestKill] runs it and kills it.
func TestKillChild(t *testing.T) {
	dir := os.Getenv(killEnv)
	if dir == "" {
		t.Skip("run by TestKill")
	}
	out, err := killJob(dir).run(t, context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "result"), []byte(out), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestKill kills a training with SIGKILL at random moments, resumes it each time, and at last lets it end: the
// result is that of a training that was left in peace. Short tests kill 5 times, others 20 times.
func TestKill(t *testing.T) {
	want, err := killJob(t.TempDir()).run(t, context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	kills, dir := 20, t.TempDir()
	if testing.Short() {
		kills = 5
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
		cmd.Env = append(os.Environ(), killEnv+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	first := time.Now()
	killed := 0
	for range kills {
		cmd := start()
		time.Sleep(time.Duration(r.Int64N(int64(200 * time.Millisecond))))
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			killed++
		}
	}
	t.Logf("killed %d of %d within %v", killed, kills, time.Since(first))
	if out, err := start().Process.Wait(); err != nil || !out.Success() {
		t.Fatalf("the last run failed: %v %v", out, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "result"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("after %d kills the result differs\n%.600s\nwant\n%.600s", killed, got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp")); len(left) > 0 {
		t.Errorf("the kills left %v behind", left)
	}
}

// TestDiskFull limits the size that a file may have: a checkpoint that does not fit is an error, and the one
// before stays whole.
func TestDiskFull(t *testing.T) {
	const env = "ONNXTOOL_FULL_DIR"
	if dir := os.Getenv(env); dir != "" {
		path := filepath.Join(dir, "checkpoint.npz")
		j := job{dir: dir, epochs: 1}
		if _, err := j.run(t, context.Background(), false); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		limit := syscall.Rlimit{Cur: 1000, Max: 1000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Skip(err)
		}
		tr := j.trainer(t)
		if err := tr.LoadCheckpoint(path); err != nil {
			t.Fatal(err)
		}
		o := train.FitOptions{Epochs: 2, Callbacks: []train.Callback{&train.Checkpoint{Path: path}}}
		o.Validation = j.source(t, 1000, 50)
		o.Callbacks = append(o.Callbacks, &train.LearningRateScheduler{Schedule: func(_ int, rate float64) float64 { return rate }})
		_, err = tr.Fit(context.Background(), j.source(t, 0, jobExamples), o)
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "saving checkpoint "+path) {
			t.Fatalf("got %v, want that the file is too large", err)
		}
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(before) {
			t.Fatal("the old checkpoint is gone")
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 3 {
			t.Fatalf("left behind: %v", left)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$", "-test.v")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s", env, t.TempDir()))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
