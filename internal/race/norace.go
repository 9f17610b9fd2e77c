//go:build !race

// Package race tells tests whether the race detector runs. Under it sync.Pool drops at random what it holds
// and counts of allocations mean nothing.
package race

// Enabled is true in a build with -race.
const Enabled = false
