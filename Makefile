# Everything starts here; `make` alone shows the list. The work is in tools/.
.DEFAULT_GOAL := help
.PHONY: help demo clean-demo test check lint bench screens messages lock clean install install-test
PYTHON_BIN := .venv/bin/python -B
# Compiling the locks must not fetch another Python, and must not write where it fetched from.
LOCK := UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-emit-find-links --python-version 3.11 --custom-compile-command "make lock"

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | column -t -s '|' 2>/dev/null \
		|| grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

demo: install ## run the whole product here, with two shops and a simulated WhatsApp (PORT, SIMULATOR_PORT)
	@exec $(PYTHON_BIN) -m navalha.demo

clean-demo: ## forget the demo's data
	@if [ -x .venv/bin/python ]; then $(PYTHON_BIN) -m navalha.demo.clean; else rm -rf var; fi

test: install-test ## run every check and every test, in a real browser too (TEST_WORKERS, CHROMIUM)
	@exec $(PYTHON_BIN) -m tools.test

check: test ## the same as make test

lint: install-test ## the quick half: lint, types, import floors, templates, dependencies, migrations
	@exec $(PYTHON_BIN) -m tools.check

bench: install-test ## measure, each figure beside a reference of the same run
	@exec $(PYTHON_BIN) -m tools.bench $(BENCH)

screens: install-test ## take pictures of every page, into var/screens
	@exec $(PYTHON_BIN) -m tools.screens

messages: install ## collect new sentences into navalha/locale/en
	@exec $(PYTHON_BIN) -m tools.messages update

lock: install ## choose the newest versions that requirements/*.in allow
	$(LOCK) --upgrade requirements/uv.in -o requirements/uv.txt
	$(LOCK) --upgrade requirements/base.in -o requirements/base.txt
	$(LOCK) --upgrade requirements/test.in -o requirements/test.txt
	npm install --package-lock-only --ignore-scripts

clean: ## forget what was installed and built (the demo's data stays)
	rm -rf .venv node_modules navalha/static/vendor navalha/web/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find navalha tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	find navalha -name '*.mo' -delete

install:
	@sh tools/bootstrap.sh run

install-test:
	@sh tools/bootstrap.sh test
