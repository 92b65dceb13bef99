# Everything starts here. `make demo` shows the whole system at work, `make test` proves it, `make lab` opens the book.
# A machine needs Python 3.10 to 3.12, git and make; the rest is installed into .venv on the first call.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   ?= demo
ARGS   ?=
.PHONY: help setup demo test docs lab notebooks clean
.DEFAULT_GOAL := help

help:            ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

setup: $(READY)  ## create .venv with pinned packages

$(READY): settings.ini setup.py .github/constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; ok = (3, 10) <= v <= (3, 12); ok or print(f"Python {v[0]}.{v[1]} is not supported: call make with PYTHON=python3.11 (3.10, 3.11 or 3.12)", file=sys.stderr); sys.exit(not ok)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .github/constraints.txt "setuptools<81" wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --constraint .github/constraints.txt --editable ".[dev]"
	@touch $(READY)

demo: $(READY)   ## train and evaluate on generated triplets, write demo/report.html (ARGS="--quick" for a short one)
	$(BIN)/next_reid demo --out $(DEMO) $(ARGS)

test: $(READY)   ## check everything; the last line counts
	$(BIN)/python .github/scripts/test_all.py $(ARGS)

docs: $(VENV)/.docs  ## the book as a static site: _docs/index.html
	$(BIN)/python .github/scripts/docs.py _docs

$(VENV)/.docs: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --constraint .github/constraints.txt --editable ".[docs]"
	@touch $@

lab: $(READY)    ## open the book in JupyterLab
	@mkdir -p $(VENV)/share/jupyter/lab/settings && cp .github/lab.json $(VENV)/share/jupyter/lab/settings/overrides.json
	$(BIN)/jupyter lab --config .github/lab.py --notebook-dir nbs nbs/index.ipynb

notebooks: $(READY) ## run all notebooks in place, export the package, write README.md
	$(BIN)/nbdev_clean
	$(BIN)/nbdev_export
	$(BIN)/python .github/scripts/run_nbs.py $(or $(NB),$(sort $(wildcard nbs/*.ipynb nbs/*/*.ipynb)))
	$(BIN)/nbdev_clean
	$(BIN)/python .github/scripts/readme.py

clean:           ## remove what was built (not .venv)
	rm -rf build dist *.egg-info .ruff_cache .hypothesis _proc _docs $(DEMO)
