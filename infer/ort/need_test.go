package ort

import (
	"errors"
	"os"
	"testing"
)

// need skips a test where onnxruntime cannot be used, or fails it where ONNXTOOL_REQUIRE_ORT says so.
func need(t testing.TB) {
	t.Helper()
	err := Available()
	if err == nil {
		return
	}
	if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
		t.Fatal(err)
	}
	if !errors.Is(err, ErrLibrary) {
		t.Fatalf("not an ErrLibrary: %v", err)
	}
	t.Skip(err)
}
