package ops_test

import (
	"fmt"
	"testing"

	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
)

const head = `<ir_version: 10, opset_import: ["" : 21]> `

// TestControlFacts checks what is known of the outputs of nodes with subgraphs before they run.
func TestControlFacts(t *testing.T) {
	for _, c := range []struct{ op, text, want string }{
		{"If", `g (bool c, float[2,3] x) => (float[N,3] y) {
		  y = If (c) <then_branch = t () => (float[2,3] u) { u = Neg (x) }, else_branch = e () => (float[4,3] v) { v = Concat <axis = 0> (x, x) }>
		}`, "[f32[?,3]]"},
		{"If", `g (float[2,3] x) => (float[N,M] y) <bool c = {1}> {
		  y = If (c) <then_branch = t () => (float[N,M] u) { u = Transpose (x) }, else_branch = e () => (float[N,M] v) { v = Neg (x) }>
		}`, "[f32[3,2]]"},
		{"Loop", `g (float[B,3] x) => (float[N,3] y, float[N,M,3] ys) <int64 m = {5}> {
		  y, ys = Loop (m, , x) <body = b (int64 i, bool k, float[N,3] a) => (bool k1, float[N,3] a1, float[N,3] o) {
		    k1 = Constant <value = bool {1}> () a1 = Add (a, x) o = Neg (a)
		  }>
		}`, "[f32[B,3] f32[5,B,3]]"},
		{"Loop", `g (int64 m, float[2,3] x) => (float[N,3] y, float[N,M,3] ys) {
		  y, ys = Loop (m, , x) <body = b (int64 i, bool k, float[N,3] a) => (bool k1, float[N,3] a1, float[N,3] o) {
		    k1 = Identity (k) a1 = Concat <axis = 0> (a, x) o = Neg (x)
		  }>
		}`, "[f32[?,3] f32[?,2,3]]"},
		{"Loop", `g (int64 m, float[2] x) => (float[N] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k, float[N] a) => (bool k1, float[1,N] a1) {
		    k1 = Identity (k) z = Constant <value = int64[1] {0}> () a1 = Unsqueeze (a, z)
		  }>
		}`, "[f32[...]]"},
		{"Scan", `g (float[2] s, float[T,2] x) => (float[2] y, float[2,T] ys) {
		  y, ys = Scan <num_scan_inputs = 1, scan_output_axes = [1], body = b (float[2] a, float[2] r) => (float[2] a1, float[2] o) {
		    a1 = Add (a, r) o = Neg (r)
		  }> (s, x)
		}`, "[f32[2] f32[2,T]]"},
	} {
		m, err := onnxio.ParseText(head + c.text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := lower.Model(m, ops.Set(), lower.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(op.Facts(r.Graph.Outputs)); got != c.want {
			t.Errorf("%s: outputs are %s, want %s", c.op, got, c.want)
		}
	}
}
