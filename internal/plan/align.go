package plan

import "unsafe"

// offsetTo returns how far the start of b is from the next multiple of align.
func offsetTo(b []byte) int {
	return int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (align - 1))
}
