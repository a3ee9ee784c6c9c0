# Two commands do all the set-up themselves: `make run` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Modules are compiled once: the suite starts the program hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test lint soak docs clean

run: $(STAMP)  ## The main job: the sample posts, or `make run SITE=https://…`
ifdef SITE
	$(BIN)/blogcorpus fetch $(SITE)
	$(BIN)/blogcorpus status
	@echo 'Now search it:  $(BIN)/blogcorpus search WORDS'
else
	$(BIN)/blogcorpus load samples
	$(BIN)/blogcorpus search 'heat pump OR bees'
	$(BIN)/blogcorpus search '"weather compensation"'
endif

test: $(STAMP) lint  ## The whole suite
	$(BIN)/python -m compileall -q ingest
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: $(STAMP)  ## The fault tests at full count
	BLOGCORPUS_SOAK=1 $(BIN)/python -m pytest -n 2 --dist loadgroup -m soak --timeout=3600

docs: $(STAMP)  ## Write docs/data-dictionary.md anew from the DDL's comments
	$(BIN)/python docs/dictionary.py

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group test --group lint
	@touch $@

clean:
	rm -rf $(VENV) .cache build dist
