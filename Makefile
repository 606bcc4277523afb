# Everything a checkout needs: Python 3.11 or later, git and make. `make help` lists the targets.

PYTHON ?= python3
BIN := .venv/bin
OUT := reports/out
export BNPARITY_ENVS ?= $(CURDIR)/.envs

MINDSPORE := $(BNPARITY_ENVS)/mindspore/.complete
JAX := $(BNPARITY_ENVS)/jax/.complete

.PHONY: help parity test soak lint types docs pages zoo bench clean

help: ## List the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

parity: .venv/.ready $(MINDSPORE) ## The main job: judge every backend; findings are its news, not its failure.
	$(BIN)/bnparity run --require torch --require mindspore \
	    --json $(OUT)/parity.json --html $(OUT)/parity.html \
	    --markdown $(OUT)/parity.md --junit $(OUT)/parity.xml || [ $$? -eq 1 ]
	@test -s $(OUT)/parity.html

test: .venv/.ready $(MINDSPORE) $(JAX) ## The tests, on the real frameworks.
	$(BIN)/python -m pytest -n 2 --bn-require torch --bn-require mindspore $(PYTEST_ARGS)

soak: .venv/.ready ## The tests at length: every planted fault, 100,000 cases of right kernels, every pair of frameworks, 30 kills.
	$(BIN)/python -m pytest -n 2 --soak suites/self/test_catalogue.py suites/self/test_right.py \
	    suites/self/test_ported.py suites/self/sessions/campaign/test_resuming.py $(PYTEST_ARGS)

lint: .venv/.ready ## Style, by ruff, and which room may import which, by import-linter.
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.ready ## Types, by mypy.
	$(BIN)/mypy

pages: .venv/.ready $(MINDSPORE) $(JAX) ## The pages on what differs between frameworks, measured again.
	$(BIN)/python -m bnparity.porting.differences.committed documentation/differences

zoo: .venv/.ready ## The table of every framework that is available, in reports/zoo, twenty minutes; what is judged already is not again.
	$(BIN)/python -m bnparity.frontends.zoo $(OUT)/zoo reports/zoo/zoo.json
	$(BIN)/python -m bnparity_reports.zoo reports/zoo/zoo.json

docs: .venv/.ready ## The documentation as a site: open documentation/_build/index.html.
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet documentation documentation/_build

bench: .venv/.ready ## The benchmarks, side by side in one run.
	$(BIN)/python -m pytest suites/bench -o addopts= -p no:xdist \
	    --benchmark-group-by=group --benchmark-columns=min,median,max,ops

clean: ## Remove what the targets made.
	rm -rf .venv .envs $(OUT) documentation/_build .hypothesis .pytest_cache .mypy_cache .ruff_cache

.venv/.ready: pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet \
	    --constraint .ci/constraints.txt --editable '.[charts,numba,torch,triton,test,docs,dev]'
	touch $@

$(BNPARITY_ENVS)/%/.complete: harness/bnparity/backends/pins/%.txt | .venv/.ready
	$(BIN)/bnparity env create $*
	touch $@
