// Package verify compares what two runners, or a runner and a recording, make of the same inputs, and
// finds the node at which they part.
//
// A [Case] is a model with its inputs and where the answers come from; [Options.Run] computes it with the
// candidate, compares every output by its type's tolerance, and on a difference looks for the first node
// whose inputs agree and whose output does not. Reports are for people, as JSON, and as JUnit XML.
package verify
