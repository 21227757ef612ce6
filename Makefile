# The two commands a new user needs: `make up` and `make test`. Nothing else has to be installed than
# Python 3.11 or later with venv and pip, and make.
PYTHON ?= python3
BIN := .venv/bin
DATA := $(if $(CLAIMWIRE_DATA_DIR),$(CLAIMWIRE_DATA_DIR),.claimwire)

.DEFAULT_GOAL := help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: .venv/installed ## watch seeds/ on an embedded server; Ctrl-C drains; FRESH=1 starts over
	@exec $(BIN)/claimwire up $(if $(filter 1,$(FRESH)),--fresh)

demo: .venv/installed ## seeds, then copies, then a later denial: slowly enough to watch
	@exec $(BIN)/claimwire demo

test: .venv/installed-test ## the whole test suite, three processes at a time, for much of it waits (JOBS=4, PYTEST="-k wire")
	$(BIN)/python -m pytest -q -n $(or $(JOBS),3) --dist loadfile --no-loadscope-reorder $(PYTEST)

bench-wire: .venv/installed-test ## quality and speed of the wire room, beside other libraries (BENCH=--million for the long curve)
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"], sep="\n")' \
		| $(BIN)/python -m pip install --quiet --disable-pip-version-check -r /dev/stdin || echo "not all peers can be installed"
	$(BIN)/python -m tests.benchmarks.wire $(BENCH)
	$(BIN)/python -m tests.benchmarks.wire_index

bench-claims: .venv/installed-test ## what reading and comparing an article costs, beside the parser alone (BENCH="--articles 8")
	$(BIN)/python -m tests.benchmarks.claims $(BENCH)

bench-feeds: .venv/installed-test ## what watching feeds costs, beside its floors and lemon24/reader (BENCH="--feeds 500 --many 2000")
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'reader>=3.26' 'sgmllib3k>=1.0' || echo "lemon24/reader cannot be installed"
	$(BIN)/python -m tests.benchmarks.feeds $(BENCH)

bench-sse: .venv/installed-test ## what following a story over SSE costs, beside aiohttp alone (BENCH="--clients 1000")
	$(BIN)/python -m tests.benchmarks.sse $(BENCH)

bench-board: .venv/installed-test ## the board's first page with 2,000 claims in Chromium, beside an almost empty one
	$(BIN)/python -m tests.benchmarks.board $(BENCH)

bench-pipeline: .venv/installed-test ## what an article costs from its admission to its event, beside redis-py alone (BENCH=--quick)
	$(BIN)/python -m tests.benchmarks.pipeline $(BENCH)

sanitize-wire: .venv/installed-test ## the tests of the wire kernel under address and undefined-behaviour sanitizers
	$(BIN)/python -m tests.wire.sanitized

chaos: .venv/installed-test ## the fault matrix, over and over, with a report in chaos.txt and chaos.json (MINUTES=20)
	$(BIN)/python -m tests.faults.chaos --minutes $(or $(MINUTES),20)

chaos-wire: .venv/installed-test ## four workers of the wire room under kill -9 (SECONDS=60 TEXTS=5000)
	$(BIN)/python -m tests.faults.wire_room --seconds $(or $(SECONDS),60) --texts $(or $(TEXTS),5000)

chaos-cluster: .venv/installed-test ## a cluster of three and three: primaries killed, slots moved, workers killed (MINUTES=5)
	$(BIN)/python -m tests.faults.cluster --minutes $(or $(MINUTES),5)

chaos-model: .venv/installed-test ## workers, commits and lost servers against a plain model (EXAMPLES=5000)
	$(BIN)/python -m tests.faults.model --examples $(or $(EXAMPLES),5000)

chaos-cuts: .venv/installed-test ## one server's log cut ever shorter, and everything read again (CUTS="--every 3")
	$(BIN)/python -m tests.faults.cuts $(CUTS)

chaos-compose: .venv/installed-test ## the compose project under kill -9 beside a quiet run; needs Docker (ARTICLES=2000)
	$(BIN)/python -m tests.faults.compose claimwire-chaos --articles $(or $(ARTICLES),2000)

chaos-feeds: .venv/installed-test ## the watcher of 200 changing feeds under kill -9 (SECONDS=60)
	$(BIN)/python -m tests.faults.feed_chaos --seconds $(or $(SECONDS),60)

check: .venv/installed-test ## formatting, lint, types, import walls, schema drift
	$(BIN)/ruff format --check service workers tests
	$(BIN)/ruff check service workers tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m service.contract.schemas --check
	$(BIN)/python -m service.numbers.page --check

lock: ## make both lock files anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-test.lock

clean: ## remove the environment and the embedded server's data
	rm -rf .venv "$(DATA)/server" "$(DATA)/log"

# The lock names every package with its hashes; pip refuses anything else. --no-deps: what the lock leaves out
# (the model hub's client that tokenizers asks for) stays out.
.venv/installed: requirements.lock pyproject.toml $(wildcard workers/wire/_kernel*.[ch])
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Claimwire needs Python 3.11 or later; this is %s. Try: make up PYTHON=python3.12" % sys.version.split()[0])'
	@echo "Making .venv with what requirements.lock names, once: a minute or two."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/installed-test: .venv/installed requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock
	@touch $@

.PHONY: help up demo test bench-claims bench-wire bench-feeds bench-sse bench-pipeline bench-board sanitize-wire \
	chaos chaos-wire chaos-cluster chaos-model chaos-cuts chaos-compose chaos-feeds check lock clean
