package tensor

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

type codec struct {
	decode func(uint16) float32
	encode func(x float32, saturate bool) uint16
}

var codecs = map[string]codec{
	"f16": {
		func(c uint16) float32 { return Half(c).Float32() },
		func(x float32, _ bool) uint16 { return uint16(ToHalf(x)) },
	},
	"bf16": {
		func(c uint16) float32 { return BHalf(c).Float32() },
		func(x float32, _ bool) uint16 { return uint16(ToBHalf(x)) },
	},
	"f8e4m3fn": {
		func(c uint16) float32 { return F8E4M3FN(c).Float32() },
		func(x float32, s bool) uint16 { return uint16(ToF8E4M3FN(x, s)) },
	},
	"f8e4m3fnuz": {
		func(c uint16) float32 { return F8E4M3FNUZ(c).Float32() },
		func(x float32, s bool) uint16 { return uint16(ToF8E4M3FNUZ(x, s)) },
	},
	"f8e5m2": {
		func(c uint16) float32 { return F8E5M2(c).Float32() },
		func(x float32, s bool) uint16 { return uint16(ToF8E5M2(x, s)) },
	},
	"f8e5m2fnuz": {
		func(c uint16) float32 { return F8E5M2FNUZ(c).Float32() },
		func(x float32, s bool) uint16 { return uint16(ToF8E5M2FNUZ(x, s)) },
	},
	"f6e2m3": {
		func(c uint16) float32 { return F6E2M3(c).Float32() },
		func(x float32, _ bool) uint16 { return uint16(ToF6E2M3(x)) },
	},
	"f6e3m2": {
		func(c uint16) float32 { return F6E3M2(c).Float32() },
		func(x float32, _ bool) uint16 { return uint16(ToF6E3M2(x)) },
	},
	"f4e2m1": {
		func(c uint16) float32 { return F4E2M1(c).Float32() },
		func(x float32, _ bool) uint16 { return uint16(ToF4E2M1(x)) },
	},
	"f8e8m0": {
		func(c uint16) float32 { return F8E8M0(c).Float32() },
		func(x float32, s bool) uint16 { return uint16(ToF8E8M0(x, RoundUp, s)) },
	},
}

func hexNumber(t *testing.T, s string) uint64 {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGolden holds every conversion against numpy, ml_dtypes and onnx (testdata/gen/floats.py).
func TestGolden(t *testing.T) {
	f, err := os.Open("testdata/floats.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		w := strings.Fields(lines.Text())
		c, ok := codecs[w[1]]
		if !ok {
			t.Fatalf("no type %s", w[1])
		}
		seen[w[0]]++
		switch w[0] {
		case "decode":
			got, want := c.decode(uint16(hexNumber(t, w[2]))), math.Float32frombits(uint32(hexNumber(t, w[3])))
			if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
				t.Errorf("%s: got %v", lines.Text(), got)
			}
		case "encode":
			x := math.Float32frombits(uint32(hexNumber(t, w[3])))
			if got := c.encode(x, w[2] == "s"); got != uint16(hexNumber(t, w[4])) {
				t.Errorf("%s (%v): got %x", lines.Text(), x, got)
			}
		case "odd64":
			x := math.Float64frombits(hexNumber(t, w[2]))
			if got := c.encode(Odd32(x), false); got != uint16(hexNumber(t, w[3])) {
				t.Errorf("%s (%v): got %x", lines.Text(), x, got)
			}
		case "hash":
			if got := hash(c, w[2]); got != w[3] {
				t.Errorf("%s: got %s", lines.Text(), got)
			}
		}
	}
	for _, kind := range []string{"decode", "encode", "odd64", "hash"} {
		if seen[kind] == 0 {
			t.Errorf("no %s in the golden file", kind)
		}
	}
}

// hash repeats the hashes of floats.py.
func hash(c codec, what string) string {
	var b []byte
	if what == "decode" {
		for code := range 1 << 16 {
			x := c.decode(uint16(code))
			if x != x {
				x = math.Float32frombits(0x7fc00000)
			}
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	} else {
		for i := range uint32(1 << 20) {
			if x := math.Float32frombits(i * 4093); x == x {
				b = binary.LittleEndian.AppendUint16(b, c.encode(x, false))
			}
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestHalfwayCases rounds what lies between any two neighbouring 16-bit numbers, and next to it.
func TestHalfwayCases(t *testing.T) {
	for name, last := range map[string]uint16{"f16": 0x7bff, "bf16": 0x7f7f} {
		c := codecs[name]
		for code := uint16(0); code < last; code++ {
			a, b := c.decode(code), c.decode(code+1)
			mid := float32((float64(a) + float64(b)) / 2)
			if name == "bf16" && code < 4 {
				continue // the halves of its smallest numbers are no float32
			}
			for _, x := range []struct {
				x    float32
				want uint16
			}{
				{a, code}, {mid, code + code&1}, {math.Nextafter32(mid, a), code}, {math.Nextafter32(mid, b), code + 1},
			} {
				if got := c.encode(x.x, false); got != x.want {
					t.Fatalf("%s: %v gave %x, want %x", name, x.x, got, x.want)
				}
				if got := c.encode(-x.x, false); got != x.want|0x8000 {
					t.Fatalf("%s: %v gave %x, want %x", name, -x.x, got, x.want|0x8000)
				}
			}
		}
	}
}

func TestNaNStays(t *testing.T) {
	for _, bits := range []uint32{0x7f800001, 0xff800001, 0x7fc00000, 0xffffffff} {
		x := math.Float32frombits(bits)
		for _, name := range []string{"f16", "bf16"} {
			c := codecs[name]
			if got := c.decode(c.encode(x, false)); got == got || math.Signbit(float64(got)) != math.Signbit(float64(x)) {
				t.Errorf("%s: NaN %x became %v", name, bits, got)
			}
		}
	}
}

// TestE8M0 has the table of ONNX's Cast, and the values between two powers of two.
func TestE8M0(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		x        float32
		mode     Rounding
		saturate bool
		want     F8E8M0
	}{
		{0, RoundUp, true, 0}, {0, RoundNearest, false, 255},
		{nan, RoundUp, true, 255}, {nan, RoundNearest, false, 255},
		{inf, RoundUp, true, 254}, {inf, RoundNearest, false, 255},
		{math.MaxFloat32, RoundUp, true, 254}, {math.MaxFloat32, RoundNearest, false, 255},
		{math.MaxFloat32, RoundDown, false, 254},
		{0x1p-128, RoundUp, true, 0}, {0x1p-128, RoundNearest, false, 255},
		{0x1p-127, RoundNearest, false, 0}, {0x1.4p-127, RoundNearest, false, 0}, {0x1.8p-127, RoundNearest, false, 1},
		{0x1.1p-127, RoundUp, false, 1}, {0x1.fp-127, RoundDown, false, 0}, {0x1p-126, RoundUp, false, 1},
		{1, RoundUp, true, 127}, {1.1, RoundUp, true, 128}, {1.1, RoundNearest, true, 127}, {1.1, RoundDown, true, 127},
		{1.5, RoundNearest, true, 128}, {1.4999, RoundNearest, true, 127}, {1.9999, RoundDown, true, 127},
		{-2, RoundUp, true, 128}, {0.124, RoundUp, true, 124},
	} {
		if got := ToF8E8M0(c.x, c.mode, c.saturate); got != c.want {
			t.Errorf("%v mode %d saturate %v: got %d, want %d", c.x, c.mode, c.saturate, got, c.want)
		}
	}
}

func TestOdd32(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want float32
	}{
		{0, 0}, {1, 1}, {-1.5, -1.5}, {math.Inf(1), float32(math.Inf(1))},
		{1 + 0x1p-30, 1 + 0x1p-23}, {-1 - 0x1p-30, -1 - 0x1p-23}, {1 - 0x1p-40, 1 - 0x1p-24},
		{math.MaxFloat64, math.MaxFloat32}, {-math.MaxFloat64, -math.MaxFloat32},
		{math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat32},
	} {
		if got := Odd32(c.x); got != c.want {
			t.Errorf("Odd32(%v) = %v, want %v", c.x, got, c.want)
		}
	}
	if got := Odd32(math.NaN()); got == got {
		t.Errorf("Odd32(NaN) = %v", got)
	}
}

func BenchmarkToHalf(b *testing.B) {
	x := float32(0)
	for b.Loop() {
		ToHalf(x)
		x += 0.25
	}
}
