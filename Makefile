PYTHON ?= python3
# Where PyTorch comes from: an index's address, "default" for pip's own, nothing to choose by whether there is a GPU.
TORCH ?=
BIN := .venv/bin
NODE := command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))'

.PHONY: app help test test-fast test-web lint lint-web format bench chromium clean

app: .venv/app      ## open the studio on the checkpoints in checkpoints/
	$(BIN)/python app.py

help:      ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: .venv/dev chromium test-web      ## run every test
	$(BIN)/python -m pytest

# One thread: the networks of these tests are so small that more of them only wait for each other.
test-fast: .venv/dev      ## run what takes about a minute: no training, no programs, no Hub, no browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow and not browser and not hub and not gpu"

test-web:      ## run the tests of the page's modules, where node is there
	@if $(NODE); then node --test tests/web/; else echo "The tests of the page's modules are skipped: they need node 20 or newer."; fi

lint: .venv/dev lint-web      ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-web:      ## check names, style and types of the page's modules, where node is there
	@if $(NODE) && $(MAKE) --no-print-directory node_modules/.package-lock.json; then npx eslint && npx tsc; \
	else echo "The page's modules are not checked: that needs node 20 or newer, and npm's registry the first time."; fi

format: .venv/dev      ## apply style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev chromium      ## measure speed, load and memory on this machine
	$(BIN)/python -m tools.bench

.venv/app: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Choose another: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python tools/install_torch.py "$(TORCH)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/app requirements-dev.txt requirements-export.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# The browser tests drive a system Chromium; where there is none, one is installed.
chromium: .venv/dev
	@command -v "$${CHROMIUM:-chromium}" chromium-browser google-chrome >/dev/null \
	|| { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	|| $(BIN)/python -m playwright install chromium

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-fund --no-audit --loglevel=error
	touch $@

clean:      ## remove the virtual environments and caches
	rm -rf node_modules .venv .venv-olah .pytest_cache .ruff_cache .mypy_cache
