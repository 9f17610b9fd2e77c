// Package stat tells about samples of numbers what one wants to know before a model is trained on them: how two
// columns go together ([Pearson], [Spearman], [MIC]), how a column is distributed ([Histogram], [Quantile]) and how
// far two samples of it are apart ([KLHistogram], [KolmogorovSmirnov]); and where examples of many numbers
// lie ([TSNE]).
//
// Every function takes finite numbers; what is missing is left out before. The same numbers give the same answer
// on every machine.
package stat
