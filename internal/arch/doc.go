// Package arch holds the module's architecture to its table: which package may import which, and which may
// use what of other people's code. The table is imports.txt; the package is its test and nothing else.
package arch
