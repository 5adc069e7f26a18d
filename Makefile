# Each command does its own set-up: a plain python3 (3.11 or newer), git and make are all it takes.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= studies/las_palmas.yaml
# Whether make docs runs the notebooks whose data come with the package (cache), or shows them as they are (off)
LESSONS ?= cache
# What to tell pytest beside: make test SUITE=tests/access
SUITE ?=
# Which versions: locked, newest (published today) or lowest (bounds of pyproject.toml); give these two a VENV of their own
VERSIONS ?= locked

.DEFAULT_GOAL := help
.PHONY: help demo test test-kernels check format notebook lock audit sbom run schema docs docs-links benchmark live-check clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

.PHONY: environment
environment:
	@GOAL="$(MAKECMDGOALS)" VERSIONS="$(VERSIONS)" "$(PYTHON)" tools/set_up.py "$(VENV)"

demo: environment  ## make a true map of a real place, offline: central Helsinki
	@$(BIN)/spatialjustice demo --out maps/demo

test: environment  ## run the test suite
	@"$(PYTHON)" tools/system_tools.py
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(SUITE)

test-kernels: environment  ## run the tests that compute again, as on an older processor
	$(BIN)/python tools/older_processor.py $(SUITE)

check: environment  ## lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: environment  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

notebook: environment  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

run: environment  ## run a study: make run STUDY=studies/las_palmas.yaml
	@$(BIN)/spatialjustice run "$(STUDY)"

schema: environment  ## export the study file's JSON schema for editors
	@$(BIN)/spatialjustice schema > studies/study.schema.json

docs: environment  ## build the documentation site: docs/_build/html/index.html
	$(BIN)/python -m sphinx -W --keep-going -q -D nb_execution_mode=$(LESSONS) -b html docs docs/_build/html
	$(BIN)/python tools/broken_links.py docs/_build/html

docs-links: environment  ## ask every address that the site names whether it still answers (needs the internet)
	$(BIN)/python -m sphinx -q -b linkcheck docs docs/_build/links

lock: environment  ## renew requirements.lock from pyproject.toml
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml -o requirements.lock

audit: environment  ## compare all that is installed with the published lists of known faults (needs the internet)
	"$(PYTHON)" -m venv .venv-audit
	.venv-audit/bin/python -m pip install -q pip-audit
	.venv-audit/bin/pip-audit --skip-editable --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

sbom: environment  ## write the bill of materials: every part, its licence and checksums, as CycloneDX 1.5
	$(BIN)/python tools/bill_of_materials.py spatialjustice.cdx.json

benchmark:  ## measure our speed against pandana, scipy, networkx and esda: make benchmark STREETS=city.osm.pbf
	@test -n "$(STREETS)" || { echo "Give a file of streets: make benchmark STREETS=city.osm.pbf"; exit 2; }
	"$(PYTHON)" -m venv .venv-benchmark
	.venv-benchmark/bin/python -m pip install -q -e . -r benchmarks/requirements.txt
	.venv-benchmark/bin/python benchmarks/access_peers.py "$(STREETS)"
	.venv-benchmark/bin/python benchmarks/growth.py "$(STREETS)"
	.venv-benchmark/bin/python benchmarks/local_moran.py

live-check: environment  ## ask every real server one small question (needs internet)
	$(BIN)/python tools/live_check.py

clean:  ## delete the environment and all caches
	rm -rf .venv .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis
