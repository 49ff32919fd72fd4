# `make demo`, `make test` and `make check` need Python 3.11 or later with venv and pip, and nothing else:
# the first of them makes .venv with the pinned versions.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# import-linter has an environment of its own: what it depends on is no part of what the tests run with.
LINT := .venv-lint

.PHONY: demo test check format clean

demo: $(READY)
	@$(BIN)/python demo/demo.py

test: $(READY) $(LINT)/.ready
	$(BIN)/python -m pytest -n auto

check: $(READY) $(LINT)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(LINT)/bin/lint-imports --no-logo
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q -n auto
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .venv-* .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamp is written last: an installation that broke off is begun again.
$(READY): pyproject.toml requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

include bench.mk browser.mk clients.mk
