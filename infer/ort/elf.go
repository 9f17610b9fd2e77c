package ort

import (
	"debug/elf"
	"strings"
)

// elfVersion returns the version of a Linux build, whose symbols are tagged VERS_1.24.4; empty for
// files of other kinds.
func elfVersion(path string) string {
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	versions, err := f.DynamicVersions()
	if err != nil {
		return ""
	}
	for _, v := range versions {
		if tag, ok := strings.CutPrefix(v.Name, "VERS_"); ok && len(parts(tag)) > 1 {
			return tag
		}
	}
	return ""
}
