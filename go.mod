module github.com/onnxtool/onnxtool

go 1.26
