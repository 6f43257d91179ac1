.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

.venv/ready: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: .venv/ready  ## Create .venv and install the locked versions

train: setup  ## Train, test and price the default model on the bundled digits
	$(BIN)/python train.py model=mlp precision=16-mixed

test: setup  ## Run the tests (eight minutes on two cores)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m 'not slow' -n 3 --dist loadfile

test-all: setup .venv/ray/ready .venv/timm/ready  ## Run the tests that take minutes too, on real services
	PRICED_TEST_RAY_PYTHON=$(CURDIR)/.venv/ray/bin/python PRICED_TEST_TIMM_PYTHON=$(CURDIR)/.venv/timm/bin/python \
	OMP_NUM_THREADS=1 tests/service/with-postgresql.sh $(BIN)/python -m pytest -n 2 --dist loadfile -rs --durations=40 \
	$(WORDS) > docs/receipt/test_all.txt; \
	status=$$?; tail -n 60 docs/receipt/test_all.txt; exit $$status

.venv/ray/ready: .venv/ready
	$(BIN)/python tests/service/borrow.py .venv/ray 'hydra-ray-launcher>=1.4.0rc3'
	@touch $@

.venv/timm/ready: .venv/ready
	$(BIN)/python tests/service/borrow.py .venv/timm --no-deps 'timm>=1.0' 'torchvision==0.28.*'
	@touch $@

check: setup  ## Lint, formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## Measure what the framework costs a training step (MNIST in ../shared/data/mnist)
	$(BIN)/python tests/bench/loop.py $(WORDS)

bench-ledger: setup  ## Measure what a ledger of 100,000 runs takes to list and report
	$(BIN)/python tests/bench/ledger.py

bench-sweep: setup  ## Measure what sweeps find and cost: a forest beside, ASHA, workers, overhead
	$(BIN)/python tests/bench/sweep.py $(WORDS)

bench-quote: setup  ## Hold quotes to the runs that follow, five times each
	$(BIN)/python -m tests.bench.quote

bench-gpt: setup  ## Measure experiment=shakespeare_cpu beside plain loops (tinyshakespeare in ../shared/data)
	$(BIN)/python tests/bench/gpt.py $(WORDS)

features: setup  ## Train what GANs on MNIST are measured by, and put it into the package
	$(BIN)/python tests/bench/feature.py $(WORDS)

report: setup  ## Write logs/report.html: what every run cost
	$(BIN)/priced report

board: setup  ## Open TensorBoard over logs/ on 127.0.0.1
	$(BIN)/priced board

dashboard: setup  ## Open optuna-dashboard over logs/sweeps on 127.0.0.1
	$(BIN)/priced dashboard

wheel: setup  ## Build the wheel, and test it away from this checkout
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation
	$(BIN)/python -m pytest tests/test_wheel.py

clean:  ## Remove what was built; runs and .venv stay
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help setup train test test-all check format bench bench-ledger bench-sweep bench-quote bench-gpt features report board dashboard wheel clean
