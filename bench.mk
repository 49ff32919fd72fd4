# `make bench` needs Python 3.11 or later with venv and pip: it makes an environment for each tool it compares
# (.venv-bench-<name>), measures for some twenty minutes, and writes benchmarks/results.md and results.json.
# `make bench-short` measures groqtape alone, in seconds and with the versions of `make test`, and writes
# nothing into the tree: it shows that the benchmarks run. Neither ever fails because something was slow.

.PHONY: bench bench-short

bench:
	$(PYTHON) -m benchmarks

bench-short: $(READY)
	$(BIN)/python -m benchmarks --form short --output $(VENV)/bench-short
