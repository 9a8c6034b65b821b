# Two commands are enough: `make run` and `make test`. Both install what is missing and say so.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Two checkouts run side by side with other values: make run PORT=3001 DATA=data/other
PORT ?= 3000
DATA ?= data/demo
# More for the program itself: make run ARGS='…'
ARGS ?=
CARGO ?= cargo

WASM := wasm32-unknown-unknown
NPM_PACKAGES := end2end/node_modules/.package-lock.json
PYTHON_PACKAGES := target/python/.installed

# ------------------------------------------------------------------------------ for everybody

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Run the whole product against a sandbox of LinkedIn (PORT, DATA, ARGS)
	@LEADLINE_LISTEN=127.0.0.1:$(PORT) LEADLINE_PUBLIC_URL=http://localhost:$(PORT) \
		target/debug/leadline demo --data $(DATA) $(ARGS)

.PHONY: test
test: setup build ## Test everything: engine, SQLite and PostgreSQL, HTTP, and a real browser
	@mkdir -p target/test
	$(CARGO) check -p leadline --target $(WASM)
	target/debug/xtask size
	set -o pipefail; $(TESTS) --no-fail-fast 2>&1 | tee target/test/rust.log
	set -o pipefail; .config/test-api 2>&1 | tee target/test/api.log
	set -o pipefail; cd end2end && npx playwright test 2>&1 | tee ../target/test/journeys.log
	@$(COUNT) target/test/rust.log target/test/api.log target/test/journeys.log

.PHONY: test-fast
test-fast: ## The everyday loop: all but the browser (ARGS='name' to choose)
	$(TESTS) $(ARGS)

.PHONY: test-browser
test-browser: setup-node setup-browser build ## Only the journeys in a real browser (ARGS='--ui', a file, …)
	cd end2end && npx playwright test $(ARGS)

.PHONY: test-api
test-api: setup-python build ## Only the REST API: its description, and generated requests (MORE=100 for more)
	.config/test-api

.PHONY: bench
bench: ## How much of what Dataverse allows is used, and how often a limit is hit
	$(CARGO) build --workspace --bins --example serve --example pace
	target/debug/examples/pace

.PHONY: test-outside
test-outside: ## Let Microsoft's client and another one use the sandbox of Dynamics 365 (downloads 220 MB)
	$(CARGO) build --workspace --bins --example serve
	end2end/outside/run

.PHONY: lint
lint: setup-wasm setup-node ## Formatting, clippy on host and browser code, documentation, forbidden words
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy -p leadline-app --lib --features hydrate --target $(WASM) -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps
	cd end2end && npx tsc --noEmit
	@! git grep -nE 'TO''DO|FIX''ME|coming so''on|#!?\[allow\(' -- '*.rs' '*.ts' '*.css' '*.sql' '*.md'

.PHONY: dev
dev: setup-wasm setup-node ## Run the demo and rebuild it at every change
	PORT=$(PORT) DATA=$(DATA) .config/dev $(ARGS)

.PHONY: dist
dist: setup-wasm setup-node ## Build one self-contained program, target/release/leadline
	$(CARGO) run -p xtask -- site
	$(CARGO) build --release -p leadline-server
	@ls -lh target/release/leadline

.PHONY: screenshots
screenshots: setup-node setup-browser build ## Take the pictures in docs/images anew
	cd end2end && npx playwright test --config screenshots.config.ts

.PHONY: clean
clean: ## Remove everything that was built, and the demo's data
	rm -rf target data/demo end2end/node_modules end2end/test-results end2end/playwright-report

# ------------------------------------------------------------------------------------ building

# The example brings the tests' dependencies in, so that programs and tests are compiled with one
# set of features, and nothing twice.
.PHONY: build
build: setup-wasm setup-node
	$(CARGO) build --workspace --bins --example serve
	target/debug/xtask site

# ------------------------------------------------------------- what is needed, installed if missing

.PHONY: setup
setup: setup-wasm setup-node setup-browser setup-postgres setup-python ## Install what is missing for run and test

.PHONY: setup-wasm
setup-wasm:
	@command -v $(firstword $(CARGO)) >/dev/null || { echo 'Rust is missing: see https://rustup.rs'; exit 1; }
	@[ -d "$$(rustc --print target-libdir --target $(WASM))" ] || { \
		echo 'Installing the compiler target for the browser: rustup target add $(WASM)'; \
		rustup target add $(WASM); }

.PHONY: setup-node
setup-node: $(NPM_PACKAGES)

$(NPM_PACKAGES): end2end/package-lock.json
	@command -v npm >/dev/null || { echo 'Node 20 or newer is missing: see https://nodejs.org'; exit 1; }
	@echo 'Installing npm packages (wasm-opt, Playwright) into end2end/node_modules: npm ci'
	cd end2end && npm ci --no-audit --no-fund
	@touch $@

.PHONY: setup-browser
setup-browser: setup-node
	@cd end2end && node support/browser.mjs >/dev/null 2>&1 || { \
		echo 'Installing a browser for the tests'; \
		if grep -qs '^ID=debian' /etc/os-release; then $(call apt,chromium); \
		else npx playwright install chromium; fi; }

.PHONY: setup-postgres
setup-postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		echo 'Installing PostgreSQL: the tests start a throwaway server of their own'; \
		$(call apt,postgresql); }

.PHONY: setup-python
setup-python: $(PYTHON_PACKAGES)

$(PYTHON_PACKAGES): .config/requirements.txt
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { \
		echo 'Installing Python: the tests of the REST API are written in it'; \
		$(call apt,python3-venv); }
	@echo 'Installing Python packages (a validator, schemathesis) into target/python: pip install'
	@mkdir -p target && python3 -m venv target/python
	target/python/bin/pip install -q --disable-pip-version-check -r .config/requirements.txt
	@touch $@

# Installs a Debian or Ubuntu package, as root or through sudo; elsewhere says what is needed.
SUDO = $$([ "$$(id -u)" = 0 ] || echo sudo)
define apt
if command -v apt-get >/dev/null; then \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); \
else echo 'Please install $(1) with the package manager of this system, then try again.'; exit 1; fi
endef

# nextest is quicker and clearer, but takes minutes to install; cargo's own runner does as well.
ifneq ($(shell command -v cargo-nextest),)
TESTS = $(CARGO) nextest run --workspace
else
TESTS = $(CARGO) test --workspace
endif

# Adds up what the test runners counted; a failure has ended the run before this line.
COUNT = awk '/tests run: / { sub(/.*tests run: /, ""); n += $$1 } \
	/^test result: ok\. / { n += $$4 } /^ +[0-9]+ passed/ { n += $$1 } END { print n " passed, 0 failed" }'
