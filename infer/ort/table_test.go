package ort

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTable holds the function numbers in api.c against the header that the binding carries: the order of
// the members of OrtApi.
func TestTable(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yalue/onnxruntime_go").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	header, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "onnxruntime_c_api.h"))
	if err != nil {
		t.Skip(err)
	}
	text := string(header)
	if !strings.Contains(text, "#define ORT_API_VERSION "+strconv.Itoa(apiVersion)+"\n") {
		t.Errorf("the binding's API version is not %d", apiVersion)
	}
	text = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(text, "")
	_, text, ok := strings.Cut(text, "struct OrtApi {")
	if !ok {
		t.Fatal("the header has no struct OrtApi")
	}
	text, _, _ = strings.Cut(text, "\n};")
	member := regexp.MustCompile(`ORT_API2_STATUS\(\s*(\w+)|ORT_CLASS_RELEASE\(\s*(\w+)|\(\s*ORT_API_CALL\s*\*\s*(\w+)\)`)
	number := map[string]int{}
	for i, m := range member.FindAllStringSubmatch(text, -1) {
		name := m[1] + m[3]
		if m[2] != "" {
			name = "Release" + m[2]
		}
		number[name] = i
	}
	ours, err := os.ReadFile("api.c")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`fn(\w+) = (\d+),`).FindAllStringSubmatch(string(ours), -1)
	if len(found) < 10 {
		t.Fatalf("found %d numbers in api.c", len(found))
	}
	for _, m := range found {
		if want, ok := number[m[1]]; !ok || strconv.Itoa(want) != m[2] {
			t.Errorf("%s is %s in api.c, %d in the header (known: %v)", m[1], m[2], want, ok)
		}
	}
}
