# Two commands set everything up on a machine with Python 3.11 or newer: `make demo` and `make test`.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
UNFINISHED := $(VENV)/.unfinished

# The first interpreter that is new enough; `make install PYTHON=/path/to/python` names another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo "$$name"; break; fi; done)

# What Python compiled is kept, also where the environment says otherwise: the tests start some hundred
# processes, and each would compile hundreds of modules anew.
export PYTHONDONTWRITEBYTECODE :=

# SQLite waits for the disk at each commit. In memory that takes no time, where there are two gigabytes of it.
MEMORY := $(shell test -w /dev/shm && df -Pk /dev/shm | awk '$$4 > 2000000 && $$6 == "/dev/shm" { print $$6 }')
TEST := $(if $(TMPDIR),,$(if $(MEMORY),TMPDIR=$(MEMORY) ))$(BIN)/pytest -n auto --dist worksteal

TYPED := bot commands integrations tests
PRODUCT := bot commands integrations
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --no-emit-find-links --no-header --quiet $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test coverage lint format scan ci bench proof lock clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## the environment in .venv with the locked dependencies (no time at all when it is up to date)

# A file marks an unfinished installation: pip takes half-written packages for whole ones, so we start over.
# Nothing is compiled beforehand, as most modules are never imported: that halves the time.
$(READY): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Slipway needs Python 3.11 or newer, and none was found." \
		"Install it, or name it: make install PYTHON=/path/to/python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments." \
		"On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@if test -e $(UNFINISHED) || { test -d $(VENV) && ! $(BIN)/python -m pip --version >/dev/null 2>&1; }; then \
		echo "The last installation did not finish: starting over."; rm -rf $(VENV); fi
	@mkdir -p $(VENV) && touch $(UNFINISHED)
	@test -x $(BIN)/python || { echo "[1/3] Making a virtual environment in $(VENV) with $(PYTHON) ..."; \
		"$(PYTHON)" -m venv $(VENV); }
	@echo "[2/3] Installing $$(grep -c '==' requirements-dev.txt) locked packages," \
		"each checked against its hash (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps --no-compile \
		-r requirements-dev.txt
	@echo "[3/3] Installing Slipway itself ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --no-build-isolation --no-deps --quiet -e .
	@rm -f $(UNFINISHED) && touch $(READY)
	@echo "Installed. The command is $(BIN)/slipway."

demo: install ## the whole of Slipway on this machine, with a page in the browser (PORT=, ARGS=--no-browser)
	@$(BIN)/slipway demo $(if $(PORT),--port $(PORT)) $(ARGS)

test: install ## every test, on SQLite and PostgreSQL (ARGS="-k word" for some)
	@echo "Running the tests, two at a time for every core, in random order, on SQLite and PostgreSQL ..."
	@$(TEST) $(ARGS)

coverage: install ## the tests again, with which lines and branches they reach (takes two to three times as long)
	@$(TEST) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

lint: install ## style, types, who may import whom, the Dockerfile, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	@if test -e app-manifest.yml; then echo "$(BIN)/slipway manifest --check"; $(BIN)/slipway manifest --check; fi

format: install ## let ruff put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

scan: install ## insecure code, known vulnerabilities, secrets in tracked files
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(PRODUCT)
	$(BIN)/python -m tests.scan.vulnerabilities requirements.txt
	$(BIN)/python -m tests.scan.secrets

ci: ## what a change must pass: lint, scan, test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory scan
	@$(MAKE) --no-print-directory test

bench: install ## how fast it is, as ratios against bare Bolt and bare aiohttp
	@$(BIN)/python -m tests.bench $(ARGS)

proof: install ## the large volumes: seeded, resumable, prints its figures
	@$(BIN)/python -m tests.proof $(ARGS)

lock: install ## make both lock files again (UPGRADE=--upgrade takes newer versions)
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove everything that was made, the environment too
	rm -rf $(VENV) .demo .demo-* .proof .coverage .coverage.* htmlcov build dist \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
