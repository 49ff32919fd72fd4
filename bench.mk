# `make bench` needs Python 3.11 or later with venv and pip: it makes an environment for each tool it compares
# (.venv-bench-<name>), measures for some twenty minutes, and writes benchmarks/results.md and results.json.
# `make bench-short` measures groqtape alone, in seconds and with the versions of `make test`, and writes
# nothing into the tree: it shows that the benchmarks run. Neither ever fails because something was slow.

# `make instructions` counts what 200 replay tests execute, under valgrind's callgrind, and times the plugin's
# import. `make instructions BASE=<another checkout>` compares with that one. It takes a few minutes.

.PHONY: bench bench-short instructions

bench:
	$(PYTHON) -m benchmarks

bench-short: $(READY)
	$(BIN)/python -m benchmarks --form short --output $(VENV)/bench-short

instructions: $(READY)
	$(BIN)/python -m benchmarks.instructions $(BASE) .
