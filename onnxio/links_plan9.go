package onnxio

import "os"

// linksTo returns 1: Plan 9 has no hard links.
func linksTo(*os.File, os.FileInfo) (uint64, error) { return 1, nil }
