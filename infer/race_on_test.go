//go:build race

package infer_test

// raceEnabled tells that the race detector is on, under which sync.Pool drops what it is given.
const raceEnabled = true
