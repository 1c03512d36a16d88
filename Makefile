.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
export SAM_CLI_TELEMETRY := 0
export PYTHONPATH := scripts
JOURNALS := $(CURDIR)/target/journals
# nextest, where it is installed, runs tests in parallel over all binaries; it leaves out the examples in the documentation.
RUST_TESTS := $(if $(shell command -v cargo-nextest),cargo nextest run --workspace && cargo test --workspace --doc,cargo test --workspace)

.PHONY: help setup chromium demo report check test bench package clean

help: ## show this
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

.venv/.stamp: requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --requirement requirements.txt
	touch $@

setup: .venv/.stamp ## install the pinned tools into .venv

# The browser that the report page is tested in: Debian's package, installed when it is missing.
chromium: ## install Chromium for the tests of the report page
	scripts/install_chromium

demo: setup ## the main job against a stand-in for AWS
	cargo build --workspace
	$(PYTHON) demo/demo.py

report: ## two example documents against two weeks of example traffic, offline; writes report.html
	cargo run --quiet --bin endpoint-autoscaler -- simulate --document examples/business.json --document examples/business-hours.json \
	  --trace examples/weekly-business.csv --capacity-per-instance 600 --start-up 5m --price 0.23 --report report.html

check: setup ## format, lint, documentation, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	$(PYTHON) scripts/check_licences.py

test: setup chromium ## everything, set up by itself
	rm -rf $(JOURNALS) && mkdir -p $(JOURNALS)
	export STANDIN_JOURNAL_DIR=$(JOURNALS); $(RUST_TESTS)
	cargo build --workspace
	STANDIN_JOURNAL_DIR=$(JOURNALS) $(PYTHON) -m pytest -q tests/e2e
	$(PYTHON) scripts/validate_requests.py $(JOURNALS)

bench: setup ## own compute, and this function beside a Python/boto3 one; writes docs/benchmarks.md
	cargo bench -p endpoint-autoscaler-core
	$(PYTHON) benches/pipeline.py
	cargo build --workspace
	cargo build --release --bin lambda
	$(PYTHON) benches/side_by_side.py

package: ## the release build for this machine's processor, as a zip file for Lambda
	cargo build --release --bin lambda
	python3 scripts/package.py

clean: ## remove what was built and installed
	cargo clean
	rm -rf .venv
