# What people and CI run. Everything lives in .venv, which is made and kept up to date as needed.
#
#   make demo    lint the sample repository and print the report
#   make test    run every test
#   make test-editor    open a repository in a headless Neovim (nvim on the path) and see a diagnostic come and go
#   make lint    check style, types and the one way that imports may go
#   make bench   compare with peers: make bench REPOS="path/to/repository …"
#
# PYTHON is the interpreter that .venv is made with: Python 3.11 or newer.

PYTHON ?= python3
REPOS ?= fixtures/shop

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-editor lint bench clean

# The sample repository has findings, so the linter exits 1; any other code is a failure here.
demo: .venv/.installed
	@$(BIN)/d1lint check fixtures/shop; test $$? -eq 1

test: .venv/.installed-dev
	$(BIN)/python -m pytest --numprocesses auto

# Not part of `make test`, which needs no more than Python, git and make.
test-editor: .venv/.installed-dev
	rm -rf .cache/editor && mkdir -p .cache/editor && cp -R fixtures/clean .cache/editor/clean
	REPOSITORY="$(CURDIR)/.cache/editor/clean" D1LINT="$(CURDIR)/$(BIN)/d1lint" \
		nvim --headless --clean -c 'luafile tests/editor/neovim.lua'

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.installed-dev
	$(BIN)/python bench/run.py $(REPOS)

clean:
	rm -rf .venv .cache build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml $(BIN)/python
	$(PIP) --editable .
	@touch $@

.venv/.installed-dev: pyproject.toml $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ .venv/.installed
