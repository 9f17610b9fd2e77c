// Package data reads what models are trained on and cuts it into batches.
//
// A [Table] has named, typed columns and knows which values are missing; [ReadCSV] and [LoadCSV] make one, a
// [CSVReader] gives a file larger than memory piece by piece. [ReadNPY], [ReadNPZ] and [ReadIDX] read arrays.
// A [Dataset] holds a model's inputs, target and sample weights as tensors with one row per example, and is a
// [Source] of batches. What is larger than memory streams from its files: [CSVSource], [TableSource], [ArrayFiles]
// for NPY, NPZ and IDX; [Stream] shuffles in a window and cuts batches, [Prefetch] reads ahead.
//
// Everything random takes a seed and depends on nothing else: the same rows come out in the same order on
// every platform, in every version (see [Permutation]).
//
// Files are untrusted: every reader has limits, allocates no more than what has been read, and reports what is
// wrong with its place, a [ParseError].
package data
