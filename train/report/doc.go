// Package report draws what a training or an evaluation has shown: loss and metrics by epoch, ROC and
// precision-recall curves, the choice of a threshold, confusion matrices, learning curves, decision surfaces,
// histograms of weights, latent spaces, reconstructions; and puts them on one HTML page.
//
// Each picture is a small struct, a [Figure]. [WriteSVG] and [WritePNG] draw one, [Write] fills a folder with
// all pictures of a [Report] and its page. Colours stay apart for readers who do not see all of them (Okabe
// and Ito 2008), and mean the same everywhere: blue is training, vermilion is validation, green is the test.
// The same data give the same bytes.
package report
