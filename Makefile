# One command per chore; `make help` lists them. CI runs the same targets.
# PYTHON=... chooses another Python (3.11 or newer); ARGS="..." goes to the program that a target runs.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
TESTS ?= -n $$(( $$(getconf _NPROCESSORS_ONLN) * 2 + 1 )) --dist worksteal
FAULTS ?= -n 0
# Hundreds of processes load the code: without compiled files, as some images have it, each would compile it anew.
PYTEST := PYTHONDONTWRITEBYTECODE= exec $(BIN)/python -m pytest
PHP := postventa/wordpress tests/deploy
JUDGED = $$(grep -rlE "judged\(|looks_well\(" --include="test_*browser.py" --include=test_axe.py tests)

.PHONY: help setup setup-karrio setup-heic setup-dev setup-bench demo run doctor test test-faults test-long test-nemesis pages bench bench-quick check lint types imports format lock wordpress clean

help:  ## List every target
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Make .venv with the locked packages (needs Python 3.11 or newer, nothing else)
	@$(call install,run)

setup-karrio:  ## The same with karrio: contracts of your own with DHL, UPS, FedEx, DPD, GLS (150 MB)
	@$(call install,karrio)

setup-heic:  ## The same with the decoder of HEIC, the photos of iPhones (4 MB)
	@$(call install,heic)

setup-dev:  ## The same with what tests and linters need
	@$(call install,dev)

setup-bench:  ## The same with what benchmarks need: a web server for the peers, a profiler, PostgreSQL
	@$(call install,bench)

demo: setup  ## See the main job: ARGS="--exit --json" ends by itself
	@exec $(BIN)/postventa demo $(ARGS)

run: setup  ## Start the service on config.toml (made from config.example.toml if there is none)
	@test -f config.toml || { cp config.example.toml config.toml && chmod 600 config.toml && echo "config.toml was made: connect your shop there"; }
	@exec $(BIN)/postventa --config config.toml up $(ARGS)

doctor: setup  ## Name everything that is wrong or risky
	@exec $(BIN)/postventa doctor $(ARGS)

test: setup-dev  ## Run the whole test suite: ARGS="tests/runtime -k killed" narrows it
	@$(PYTEST) $(TESTS) $(ARGS)

test-faults: setup-dev  ## Every fault and attack of the promises, the long ones too, by name and with its time: ARGS="tests/faults -k redis"
	@$(PYTEST) $(FAULTS) -m scenario $(ARGS)

test-long: setup-dev  ## Tests that take too long for every run and are no scenario: browsers through nine languages. ARGS="tests/web/returns" narrows it
	@$(PYTEST) -n 2 -m "long and not scenario" $(ARGS)

test-nemesis: setup-dev  ## Ten minutes with 20,000 deliveries while processes are killed at random, on each database: NEMESIS_SEED=7
	@NEMESIS_SECONDS=$${NEMESIS_SECONDS:-600} NEMESIS_DELIVERIES=$${NEMESIS_DELIVERIES:-20000} $(PYTEST) -n 0 -m long tests/faults/test_nemesis.py $(ARGS)

pages: setup-dev  ## Show every page to its judge in a browser; docs/pages.md and the pictures of docs/images are made anew. Needs Chromium
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && CI=true SCREENSHOTS="$$folder" PAGES=docs/pages.md \
	  $(BIN)/python -m pytest -n 0 -m "not scenario" $(JUDGED) $(ARGS) && $(BIN)/python -m tests.pictures "$$folder"

bench: setup-bench  ## Measure and write a report: ARGS="intake --runs 5 --database postgresql"; without ARGS a list of the measures
	@exec $(BIN)/python -m bench $(ARGS)

bench-quick: setup-dev  ## Count statements and calls for each event against bench/budget.json: ARGS="--renew" after a change that is meant
	@exec $(BIN)/python -m bench quick $(ARGS)

check: lint types imports  ## All linters

lint: setup-dev  ## ruff: mistakes, habits and format; php -l and phpcs for the plugin, where they are (CI=true: they have to be)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . || { echo "make format mends the format"; exit 1; }
	@$(call lint_php,php,php-cli) find $(PHP) -name '*.php' | sort | while read -r file; do \
	  said=$$(php -d error_reporting=-1 -d display_errors=1 -d log_errors=0 -l "$$file" 2>&1); \
	  [ "$$said" = "No syntax errors detected in $$file" ] || { echo "$$said"; exit 1; }; done
	@$(call lint_php,phpcs,php-codesniffer) phpcs -s --standard=deploy/wordpress/phpcs.xml postventa/wordpress/plugin

types: setup-dev  ## mypy --strict
	@$(BIN)/mypy

imports: setup-dev  ## Who may import whom
	@$(BIN)/lint-imports --no-logo

format: setup-dev  ## Format the code and sort its imports
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock: setup-dev  ## Renew requirements/*.txt from pyproject.toml: ARGS="--upgrade" takes the newest versions
	@$(call compile,run,)
	@$(call compile,karrio,--extra karrio --constraint requirements/run.txt)
	@$(call compile,heic,--extra heic --constraint requirements/run.txt)
	@$(call compile,dev,--extra dev --extra karrio --extra heic --constraint requirements/karrio.txt --constraint requirements/heic.txt)
	@$(call compile,bench,--extra bench --constraint requirements/run.txt --constraint requirements/dev.txt)

wordpress: setup  ## Make deploy/wordpress/postventa-wordpress.zip, the plugin for any WooCommerce shop: ARGS=elsewhere.zip
	@exec $(BIN)/python -m postventa.wordpress $(ARGS)

clean:  ## Remove .venv and caches; var/ and config.toml stay
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build deploy/wordpress/*.zip
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installs requirements/$(1).txt, which names all that is needed, and the project, unless the very same was installed into this folder before. Works offline then.
define install
set -e; \
python=$$(for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done); \
key="$(CURDIR) $$(cat requirements/$(1).txt pyproject.toml | cksum)"; \
if [ -x $(BIN)/postventa ] && $(BIN)/python -c '' 2>/dev/null; then \
  for set in $(1) $(if $(filter run,$(1)),karrio heic dev bench); do [ "$$(cat .venv/.installed-$$set 2>/dev/null)" = \
    "$(CURDIR) $$(cat requirements/$$set.txt pyproject.toml | cksum)" ] && exit 0; done; \
fi; \
[ -n "$$python" ] || { echo "Postventa needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }; \
$(BIN)/python -c '' 2>/dev/null || { \
  echo "making .venv with $$("$$python" --version)" >&2; \
  "$$python" -m venv --clear .venv || { echo "Python's venv module does not work (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }; }; \
echo "installing the locked packages (once; a minute or two)" >&2; \
$(PIP) install --require-hashes --no-deps --requirement requirements/$(1).txt; \
$(PIP) install --no-deps --no-build-isolation --no-index --editable .; \
echo "$$key" > .venv/.installed-$(1)
endef

# Goes on to the command behind it if the program $(1) is there. Without it the step is left out, and said; where CI says that all tools are there it fails.
define lint_php
command -v $(1) >/dev/null 2>&1 || { echo "lint: no $(1) on this machine (Debian, Ubuntu: apt install $(2)), so the plugin is not looked at with it" >&2; \
  [ "$$CI" != true ]; exit; };
endef

define compile
$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --annotation-style line \
  $(2) $(ARGS) pyproject.toml requirements/build.in --output-file requirements/$(1).txt
endef
