# Shortcuts; .ci/run holds the checks themselves.
.PHONY: check quick test race fuzz lint generate cross fmt bench clean

check: ## everything that a change must pass
	.ci/run

quick: ## what takes seconds: format, vet, architecture, lint
	.ci/run format vet arch lint

test:
	go test ./...

race fuzz lint generate cross:
	.ci/run $@

fmt:
	gofmt -w .

bench: ## make bench PKG=./internal/kernel COUNT=10 >new.txt, then benchstat old.txt new.txt
	go test -run '^$$' -bench . -benchmem -count $(or $(COUNT),1) $(or $(PKG),./...)

clean:
	rm -rf onnxtool out
