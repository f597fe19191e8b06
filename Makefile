# Every target makes the virtual environment it needs in .venv, once; it is renewed when setup.cfg or pyproject.toml change.
# Another interpreter: make test PYTHON=python3.12
# Part of the benchmarks: make bench BENCH="--only W1,W5 --dtype float32"

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
MINUTES ?= 10
ON_ONE_THREAD := ntb-replay,gemm,torch-fused,torch-compiled,jax,tensorflow
TEXT ?= ntb/datasets/embedded/us_constitution.txt

.PHONY: help demo test lint format docs notebooks examples notebooks-tensorflow references peers-references coming peers-coming errors bench bench-all bench-peers bench-growth bench-states compare-bits scale accuracy array-api soak search fuzz mutants data clean
.NOTPARALLEL:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.vis ## train the MNIST convolutional network, in eager and in graph style, and compare the losses
	$(RUN) -m ntb demo convnet --style both --out out/convnet

test: $(VENV)/.dev ## run the tests and the examples in the docstrings; at least 95 % of lines and branches must be covered
	OPENBLAS_NUM_THREADS=1 $(RUN) -m pytest -n 2 --cov --cov-report=
	$(RUN) scripts/check_coverage.py

lint: $(VENV)/.dev ## check style (ruff) and types (mypy)
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy

format: $(VENV)/.dev ## rewrite the source in the house's format
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

docs: $(VENV)/.docs ## build the site from docs/ and the docstrings, into out/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict
	@echo "open out/site/index.html"

notebooks: $(VENV)/.notebooks ## execute the notebooks with few steps, into out/notebooks
	$(RUN) scripts/run_notebooks.py

examples: $(VENV)/.notebooks ## run every example in full, and store it as a notebook
	$(RUN) scripts/make_notebooks.py

notebooks-tensorflow: $(VENV)/.notebooks ## the same for the one that needs the extra tensorflow
	$(RUN) scripts/run_notebooks.py textdata_tensorflow

references: ## write anew the numbers of other libraries that ours are compared with: make references SUBJECTS="losses"
	$(MAKE) peers-references VENV=.venv-references

peers-references: $(VENV)/.references
	$(RUN) scripts/make_references.py $(SUBJECTS)

coming: ## run other libraries' programs of docs/coming beside ours: make coming PAGES="pytorch jax"
	$(MAKE) peers-coming VENV=.venv-references

peers-coming: $(VENV)/.references
	OPENBLAS_NUM_THREADS=1 $(RUN) scripts/run_peers.py $(PAGES)

errors: $(VENV)/.dev ## write anew what ntb answers to the mistakes of tests/errors and docs/mistakes.md
	$(RUN) scripts/make_errors.py

bench: $(VENV)/.bench ## measure speed, against the libraries that are installed in the environment
	$(RUN) -m benchmarks $(BENCH)

bench-all: ## measure speed against all libraries, in .venv-bench, where they are installed (an hour)
	$(MAKE) bench-peers VENV=.venv-bench

bench-peers: $(VENV)/.bench-all
	$(RUN) -m benchmarks $(BENCH)
	$(RUN) -m benchmarks --threads 1 --libraries $(ON_ONE_THREAD) $(BENCH)
	$(RUN) -m benchmarks busy
	$(RUN) -m benchmarks blocks

bench-growth: $(VENV)/.bench ## measure how times grow with the size of graphs, batches and layers
	$(RUN) -m benchmarks growth

bench-states: $(VENV)/.bench ## compare the speed of eager operations with an earlier commit: make bench-states STATES="1a2edac --check"
	$(RUN) -m benchmarks.compare_states $(STATES)

compare-bits: $(VENV)/.bench ## compare numbers with an earlier commit, bit by bit: make compare-bits BITS="1a2edac --random 1000"
	$(RUN) -m benchmarks.compare_bits $(BITS)

scale: $(VENV)/.dev ## measure memory while data grow, on Dask arrays, and list what does not run on them, for docs/scale.md
	$(RUN) scripts/measure_scale.py
	$(RUN) -m tests.arrays.survey --write

accuracy: $(VENV)/.dev ## measure values and derivatives over the whole range of each dtype, against mpmath, for docs/accuracy.md
	OPENBLAS_NUM_THREADS=1 $(RUN) -m reliability.accuracy --write

array-api: $(VENV)/.array-api ## run the conformance suite on ntb.array_api: make array-api SUITE=checkout of data-apis/array-api-tests
	@test -n "$(SUITE)" || { echo "name a checkout of github.com/data-apis/array-api-tests with its submodule: make array-api SUITE=folder"; exit 2; }
	$(RUN) scripts/array_api_conformance.py "$(SUITE)"

soak: $(VENV)/.dev ## the long runs of docs/reliability.md: make soak SOAK="memory threads --scale 0.01" for a part
	OPENBLAS_NUM_THREADS=1 $(RUN) -m reliability $(SOAK)

search: $(VENV)/.dev ## try the properties of the tests on random examples for a time: make search MINUTES=60
	OPENBLAS_NUM_THREADS=1 $(RUN) -m reliability.search --minutes $(MINUTES)

fuzz: $(VENV)/.fuzz ## inputs made at random for files, einsum and indices: make fuzz FUZZ="load --runs 1000" for a part
	OPENBLAS_NUM_THREADS=1 $(RUN) -m reliability.fuzz $(FUZZ)

mutants: $(VENV)/.mutants ## put faults into the source and see whether the tests find them: make mutants MUTANTS="--each 10 --jobs 2"
	OPENBLAS_NUM_THREADS=1 $(RUN) -m reliability.mutants $(MUTANTS)

data: $(VENV)/.dev ## rebuild the embedded data: make data MNIST=folder-of-idx-files
	@test -n "$(MNIST)" || { echo "name the folder that holds the four IDX files of MNIST: make data MNIST=folder"; exit 2; }
	$(RUN) scripts/make_embedded_data.py --mnist "$(MNIST)" --text "$(TEXT)"

clean: ## delete what the targets made, and the virtual environment
	rm -rf $(VENV) .venv-bench .venv-references out build dist *.egg-info .coverage* .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find ntb tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN):
	$(PYTHON) -m venv $(VENV)

# The name of the stamp is the name of the extra in setup.cfg.
$(VENV)/.%: setup.cfg pyproject.toml | $(RUN)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@
