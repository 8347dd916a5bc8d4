PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install serve index test check lint types lock browser screenshot clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

serve: install index
	$(BIN)/askreport serve

index: install
	$(BIN)/askreport index

test: install lint types
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

# Rewrites requirements.lock: everything that a fresh environment resolves to today.
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet '.[dev]'
	build/lock/bin/python -m pip freeze --exclude askreport | sed 's/+cpu$$//' > requirements.lock
	rm -rf build/lock

# Debian's browser, for the tests in tests/browser and for the screenshots; without it those tests are skipped.
browser:
	command -v chromium > /dev/null || (apt-get update -qq && apt-get install -y -qq chromium)

# The picture in the README, of the service that `make serve` runs.
screenshot: install browser
	$(BIN)/python -m tests.browser.screenshot http://127.0.0.1:8000 docs/screenshot.png

clean:
	rm -rf $(VENV) build dist
