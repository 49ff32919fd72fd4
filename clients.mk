# What groqtape is proved to work with: clients, plugins, Pythons, and the oldest versions of what it depends on.
# Each part runs in an environment of its own, .venv-<name>, which is made when it is first used.

PYTHONS ?= 3.11 3.12 3.13 3.14 3.15
FIND_PYTHON := tests/clients/find-python
CLIENT_TESTS = $(@:test-%=.venv-%)/bin/python -m pytest -c tests/clients/pytest.ini --rootdir tests/clients -q
WITH_GROQ_1 := groq mirascope openai pydantic_ai httpx2
WITH_GROQ_0 := groq mirascope openai instructor langchain litellm llama_index

.PHONY: test-clients test-clients-groq1 test-clients-groq037 test-clients-plugins test-clients-oldest test-matrix
.PHONY: test-pythons

test-clients: test-clients-groq1 test-clients-groq037 test-clients-plugins test-clients-oldest test-matrix \
  test-pythons

test-clients-groq1: .venv-clients-groq1/.ready
	$(CLIENT_TESTS) $(WITH_GROQ_1:%=tests/clients/test_%.py) tests/clients/test_table.py

test-clients-groq037: .venv-clients-groq037/.ready
	$(CLIENT_TESTS) $(WITH_GROQ_0:%=tests/clients/test_%.py)

test-clients-plugins: .venv-clients-plugins/.ready
	$(CLIENT_TESTS) tests/clients/test_beside_plugins.py tests/clients/test_beside_snapshots.py \
	  tests/clients/test_assertions.py tests/clients/test_installed_and_unused.py tests/clients/test_instrumented.py tests/clients/test_moved_over.py

# The oldest pydantic knows no Python after 3.12. httpx2 is nothing that groqtape depends on, and wants a newer
# anyio than the oldest.
OLDEST_PYTHON = $(shell $(FIND_PYTHON) 3.11 || $(FIND_PYTHON) 3.12)
OLDEST := .venv-clients-oldest

test-clients-oldest:
	@if [ -n "$(OLDEST_PYTHON)" ]; then \
	  $(MAKE) --no-print-directory $(OLDEST)/.ready PYTHON="$(OLDEST_PYTHON)" && \
	  $(OLDEST)/bin/python -m pytest -q -n auto --ignore tests/recorder/integration/test_httpx2.py; \
	else echo "Neither Python 3.11 nor 3.12 is on this machine: oldest dependencies NOT TESTED"; fi

# Each vcrpy with each syrupy, oldest to newest, in one environment: the tests of what is theirs.
VCRPYS ?= 8.2.0 8.5.0 9.4.2
SYRUPYS ?= 4.9.1 5.0.0 7.0.2
# syrupy 4 knows no pytest after 8.
PYTEST_FOR = pytest==$(if $(filter 4.%,$(1)),8.4.2,$(shell sed -n 's/^pytest==//p' requirements/dev.txt))
MATRIX := .venv-matrix
MATRIX_TESTS := tests/pytest_plugin/test_record_modes.py tests/pytest_plugin/test_snapshot.py \
  tests/pytest_plugin/test_serve_vcr.py tests/recorder/integration/test_vcrpy.py

test-matrix: $(MATRIX)/.ready
	@$(foreach vcrpy,$(VCRPYS),$(foreach syrupy,$(SYRUPYS), \
	  echo "vcrpy $(vcrpy), syrupy $(syrupy)" && \
	  $(MATRIX)/bin/python -m pip install --quiet --disable-pip-version-check \
	    vcrpy==$(vcrpy) syrupy==$(syrupy) $(call PYTEST_FOR,$(syrupy)) && \
	  $(MATRIX)/bin/python -m pytest -q $(MATRIX_TESTS) &&)) :

# The suite, with the newest versions, under the Pythons that .venv does not have (under which `make test` runs it).
SUITE_PYTHON = $(shell $(VENV)/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
OTHER_PYTHONS = $(filter-out $(SUITE_PYTHON),$(PYTHONS))

test-pythons: $(PYTHONS:%=test-python-%)
	@for version in $(OTHER_PYTHONS); do \
	  if $(FIND_PYTHON) $$version >/dev/null; then echo "Python $$version: the suite passed"; \
	  else echo "Python $$version: not on this machine, NOT TESTED"; fi; \
	done; \
	echo "Python $(or $(SUITE_PYTHON),of .venv): run make test"

test-python-%:
	@if [ "$*" = "$(SUITE_PYTHON)" ]; then :; \
	elif python=$$($(FIND_PYTHON) $*); then \
	  $(MAKE) --no-print-directory .venv-python$*/.ready PYTHON="$$python" && \
	  .venv-python$*/bin/python -m pytest -q -n auto; \
	else echo "Python $*: not on this machine"; fi

.venv-%/.ready: requirements/%.txt pyproject.toml
	$(make_environment)

# The suite needs neither ruff nor mypy, which may not be there yet for a new Python.
FOR_MAKE_CHECK := ast_serialize|librt|mypy|mypy_extensions|ruff|types-PyYAML

$(MATRIX)/.ready: requirements/dev.txt pyproject.toml
	$(make_environment)

.venv-python%/.ready: requirements/dev.txt pyproject.toml
	$(make_environment)

# The stamp is written last: an installation that broke off is begun again.
define make_environment
$(PYTHON) -m venv --clear $(@D)
grep -vE '^($(FOR_MAKE_CHECK))==' $< >$(@D)/requirements.txt
$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $(@D)/requirements.txt
$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
@touch $@
endef
