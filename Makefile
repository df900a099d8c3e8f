# `make help` lists the commands. All of them work in an environment of their own, .venv.

VENV ?= .venv
# Every package with its version and the hashes of its files: to run Midstream, and to test it.
LOCK := requirements.lock
LOCK_DEV := requirements-dev.lock
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

# The first of these that is Python 3.11 or newer and can make an environment is used.
# `make PYTHON=/path/to/python …` decides otherwise.
PYTHONS := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Twice quiet: errors are shown, warnings and progress are not. Only wheels, since building anything
# else fetches what no hash stands for; ours is built with what the lock has installed.
INSTALL := $(PIP) install -qq --require-hashes --only-binary :all: --requirement
INSTALL_OURS := $(PIP) install -qq --no-deps --no-index --no-build-isolation --editable .

# How many tests run side by side; `auto` is decided in tests/conftest.py.
JOBS ?= auto
# How many of the checks before them; each tells what it has to say when it is done.
CHECKS ?= 3
TOGETHER := -j$(CHECKS) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# What runs beside the tests, since it mostly waits; what it says comes before their summary.
BESIDE ?= $(MAKE) scenarios
# The VS Code extension.
CLIENT := vscode-client
LOCK_VSCODE := $(CLIENT)/requirements.lock
# Where `make lock` puts the new locks together; it resolves with the locked uv.
SCRATCH := build/lock
# `make lock NEWEST=` keeps the versions that fit: for a dependency that came or went.
NEWEST := --upgrade
# One lock for all systems and all Pythons from 3.11 on, without the address of any registry.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --only-binary :all: --no-header --no-annotate

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo test lint types editors client client-checks client-checked scenarios coverage vsix release format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.ready-to-run ## stream an edit into a file, redirect it on the way, print the ledger
	@$(BIN)/midstream demo

test: $(VENV)/.ready-to-test ## lint, types and all tests; what `.ci/run` runs
	@$(MAKE) $(TOGETHER) lint client-checks editors types
	@$(BIN)/python -m pytest --numprocesses $(JOBS) -p tests.support.beside --beside "$(BESIDE)" || \
	  $(BIN)/python -m tests.support.again $$?

lint: $(VENV)/.ready-to-test ## ruff: style, imports, layout
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not laid out by ruff; run: make format"; exit 1; }

types: $(VENV)/.ready-to-test ## mypy --strict
	@$(BIN)/mypy

# With MIDSTREAM_REQUIRE_EDITORS=1 a missing editor is a failure.
editors: $(VENV)/.ready-to-test ## which editors the tests can drive here
	@$(BIN)/python -m tests.support.editors
	@$(BIN)/python -m tests.support.peers

client: ## the VS Code extension: lint, types, unit tests, and real VS Code
	@$(MAKE) client-checks
	@$(MAKE) scenarios

# Without Node.js and Chromium `make editors` says that these two are left out.
client-checks: $(VENV)/.ready-to-test
	@! $(BIN)/python -m tests.support.editors vscode || $(MAKE) client-checked

client-checked: vsix
	@cd $(CLIENT) && npm run --silent check
	@cd $(CLIENT) && npx tsc -p test/e2e && node test/e2e/editor/install.mjs >/dev/null

scenarios: $(VENV)/.ready-to-test
	@! $(BIN)/python -m tests.support.editors vscode || \
	  MIDSTREAM_PYTHON=$(abspath $(BIN)/python) node $(CLIENT)/test/e2e/run.mjs

vsix: $(VENV)/.ready-to-test $(CLIENT)/node_modules/.ready ## the VS Code extension as one file, with the server in it
	@$(BIN)/python $(CLIENT)/scripts/bundle.py $(CLIENT)/bundled
	@node $(CLIENT)/scripts/package.mjs
	@$(BIN)/python $(CLIENT)/scripts/check_vsix.py build/vscode/midstream.vsix

# TESTS says which, SHOWN of which modules: make coverage TESTS=tests/text SHOWN='lsp_server/text/*'
coverage: $(VENV)/.ready-to-test ## which branches the tests do not reach
	@mkdir -p build/coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --numprocesses $(JOBS) $(TESTS); status=$$?; \
	  $(BIN)/coverage combine --quiet && \
	  $(BIN)/coverage report $(if $(SHOWN),--include '$(SHOWN)') && exit $$status

# TAG=v1.2.3 must fit the version; DIRTY=1 tries it with a work tree that is not committed. The .vsix
# keeps the modes and times of its files, so both are set.
release: $(VENV)/.ready-to-test ## wheel, sdist and .vsix in build/release, checked, with SHA-256
	@$(BIN)/python -m scripts.release check $(if $(TAG),--tag "$(TAG)") $(if $(DIRTY),--dirty)
	@umask 022 && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(MAKE) vsix
	@$(BIN)/python -m scripts.release build

format: $(VENV)/.ready-to-test ## lay out all Python files
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

lock: $(VENV)/.ready-to-test ## renew the three lock files with the newest versions that pyproject.toml allows
	@rm -rf $(SCRATCH) && mkdir -p $(SCRATCH)
	@echo "Resolving the newest versions …"
	@cp $(LOCK_DEV) $(SCRATCH)/dev
	@$(COMPILE) $(NEWEST) --extra dev --group build --output-file $(SCRATCH)/dev
	@$(COMPILE) --constraint $(SCRATCH)/dev --group build --output-file $(SCRATCH)/run
	@$(COMPILE) --constraint $(SCRATCH)/dev --extra languages --extra providers --extra socks --output-file $(SCRATCH)/vscode
	@for to in dev:$(LOCK_DEV) run:$(LOCK) vscode:$(LOCK_VSCODE); do \
	  { sed -n '/^#/p' $${to#*:}; cat $(SCRATCH)/$${to%%:*}; } > $(SCRATCH)/new && mv $(SCRATCH)/new $${to#*:} || exit 1; \
	done
	@rm -rf $(SCRATCH)
	@echo "$(LOCK), $(LOCK_DEV) and $(LOCK_VSCODE) are new. Run: make test"

clean: ## take away what the commands above have made
	rm -rf $(CLIENT)/node_modules $(CLIENT)/bundled $(CLIENT)/out $(CLIENT)/dist
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the environment --

$(VENV)/bin/python $(VENV)/Scripts/python:
	@for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found="$$python"; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$("$$python" --version) …"; \
	  exec "$$python" -m venv $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make virtual environments: install its venv package (Debian, Ubuntu: apt install python3-venv)." >&2; \
	else \
	  echo "Midstream needs Python 3.11 or newer; none of these is: $(PYTHONS). Name one: make PYTHON=/path/to/python3.11 …" >&2; \
	fi; exit 1

$(VENV)/.ready-to-run: pyproject.toml $(LOCK) | $(BIN)/python
	@echo "Installing Midstream into $(VENV) …"
	@$(INSTALL) $(LOCK)
	@$(INSTALL_OURS)
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml $(LOCK) $(LOCK_DEV) | $(BIN)/python
	@echo "Installing Midstream and the tools for its tests into $(VENV) …"
	@$(INSTALL) $(LOCK_DEV)
	@$(INSTALL_OURS)
	@touch $(VENV)/.ready-to-run $@

$(CLIENT)/node_modules/.ready: $(CLIENT)/package-lock.json
	@echo "Installing what the VS Code extension is built and tested with …"
	@cd $(CLIENT) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
