module github.com/onnxtool/onnxtool

go 1.26

require (
	github.com/scigolib/hdf5 v0.13.5
	google.golang.org/protobuf v1.36.12
)

require github.com/yalue/onnxruntime_go v1.27.0 // indirect
