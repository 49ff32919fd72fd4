# `make test-browser` opens the page of `groqtape report` in Chromium, and has its network panel import what
# `groqtape export --format har` writes. Where there is none, and the machine is a Debian whose root runs it, it
# installs one. `make test` runs these tests too, where there is a Chromium.

.PHONY: test-browser

FIND_CHROMIUM := command -v chromium || command -v chromium-browser || command -v google-chrome
INSTALL_CHROMIUM := [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get -qq update && \
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium

test-browser: $(READY)
	@($(FIND_CHROMIUM)) >/dev/null || ($(INSTALL_CHROMIUM)) >/dev/null || true
	@if ($(FIND_CHROMIUM)) >/dev/null; then $(BIN)/python -m pytest -q tests/cli/test_browser.py tests/cli/test_network_panel.py; \
	else echo "Chromium is not on this machine, and could not be installed: page and archive in a browser NOT TESTED"; fi
