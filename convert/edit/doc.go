// Package edit changes ONNX models as documents: what it does not have to touch stays as it was.
//
// [Merge] feeds one model's outputs to another's inputs. [Preprocess] puts what turns raw columns into a
// model's inputs in front of it, so that a service passes what it has: text, identifiers, unscaled numbers.
package edit
