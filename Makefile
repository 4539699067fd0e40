# Everything runs in .venv beside this file, with the pinned requirements.
# Spyne 2.14 does not import on Python 3.12 and later; see docs/adr/0001-python-3.11.md.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python,$(shell \
	command -v $(name) >/dev/null 2>&1 && \
	$(name) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 && \
	command -v $(name))))
STAMP := $(VENV)/.installed
NODE_STAMP := tests/interop/node_modules/.installed
VENDOR_STAMP := server/web/static/vendor/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format lock clean interop bench fuzz crash crash-print machines interop-tools test-packages \
	interop-php interop-gsoap codelisten

help: ## Diese Übersicht
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: $(STAMP) $(VENDOR_STAMP) ## Hauptaufgabe vorführen, mit echten Prozessen (KEEP=1: danach offen lassen)
	@$(BIN)/damtshilfe demo $(if $(KEEP),--keep)

test: check interop-tools $(VENDOR_STAMP) ## Alle Prüfungen und Tests
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## Stil, Format und Typen prüfen
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP) ## Quelltext formatieren
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

fuzz: $(STAMP) ## Beschädigte Anfragen in großer Zahl, jedes Mal andere (FUZZ_CASES=20000)
	@FUZZ_CASES=$${FUZZ_CASES:-20000} $(BIN)/python -m pytest tests/fuzz

BENCH ?= reading directory_import zustaendigkeit attachment mailbox letters web_lists
bench: $(STAMP) ## Messungen: Lesen, Import und Auskunft des Verzeichnisses, 40 MB Anlage, volles Postfach, 1.000 Briefe, Listen des Web-Clients (BENCH=reading)
	@failed=; for name in $(BENCH); do \
		echo "== $$name"; $(BIN)/python -m bench.$$name || failed="$$failed $$name"; done; \
		test -z "$$failed" || { echo "Ziel verfehlt:$$failed"; exit 1; }

crash: $(STAMP) ## Absturzprobe: 20.000 Nachrichten, 200 Abschüsse (CRASH_MESSAGES, CRASH_KILLS, CRASH_DATABASE=postgresql)
	@$(BIN)/python -u -m tests.crash.run

crash-print: $(STAMP) ## Absturzprobe des Drucks: 400 Briefe, 60 Abschüsse (PRINT_LETTERS, PRINT_KILLS, CRASH_DATABASE=postgresql)
	@$(BIN)/python -u -m tests.crash.printing

machines: $(STAMP) ## Mehrere Maschinen: 3 Server, 2 Worker, 100.000 Aufträge, als root (MACHINES_ORDERS=1000)
	@$(BIN)/python -u -m tests.machines.run

codelisten: $(STAMP) ## Codelisten neu schreiben, deren Quelle der Quelltext ist
	@$(BIN)/damtshilfe codelist render server/codelisten

interop: test-packages interop-tools ## Fremde Clients installieren, bauen und alle laufen lassen
	@$(BIN)/python -m pytest tests/interop

interop-tools: $(STAMP) $(NODE_STAMP) # builds the foreign clients whose tools are there

# As root on Debian it installs what is missing; elsewhere the tools say themselves what they miss.
test-packages: ## Unter Debian als root installieren, was Tests sonst überspringen
	@sh tests/install-packages.sh

lock: $(STAMP) ## Anforderungen neu festschreiben (braucht uv)
	@command -v uv >/dev/null || { echo "make lock braucht uv (pip install uv)."; exit 1; }
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements/runtime.in -o requirements/runtime.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements/runtime.txt requirements/dev.in -o requirements/dev.txt

clean: ## Alles Erzeugte löschen
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
	rm -rf node_modules server/web/static/vendor
	rm -rf tests/interop/node_modules tests/interop/gsoap/build
	rm -rf tests/interop/java/target tests/interop/verapdf/target

$(STAMP): requirements/runtime.txt requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Es fehlt Python 3.11 (Spyne läuft nicht auf neueren Versionen)."; \
		echo "Bitte installieren oder angeben: make PYTHON=/pfad/zu/python3.11 ..."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
		echo "$(PYTHON) ist nicht Python 3.11."; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { \
		echo "Es fehlt das Modul venv (Debian: apt-get install python3.11-venv)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation \
		--no-deps --editable .
	@touch $@

# Look and fonts of the Web-Client; without npm it says so, and tests that need them skip.
$(VENDOR_STAMP): package.json package-lock.json hatch_build.py | $(STAMP)
	@$(BIN)/python hatch_build.py

# Without node the tests of the foreign client skip and say so; see tests/interop/README.md.
$(NODE_STAMP): tests/interop/package.json tests/interop/package-lock.json
	@if command -v npm >/dev/null 2>&1; then \
		cd tests/interop && npm ci --silent --no-audit --no-fund && touch node_modules/.installed; \
	else echo "npm fehlt: Die Tests mit dem fremden Client (node soap) werden übersprungen."; fi

# SoapClient needs no build; it is only said when it is missing.
interop-tools: interop-php
interop-php:
	@if ! command -v php >/dev/null 2>&1 || ! php -m | grep -qx soap; then \
		echo "php oder sein Modul soap fehlt (Debian: apt-get install php-cli php-soap):" \
			"Die Tests mit PHP werden übersprungen."; fi

interop-tools: interop-gsoap
interop-gsoap:
	@if command -v wsdl2h >/dev/null 2>&1 && command -v soapcpp2 >/dev/null 2>&1 && \
		command -v $(CXX) >/dev/null 2>&1 && pkg-config --exists gsoapssl++ libcrypto 2>/dev/null; then \
		$(MAKE) --silent --no-print-directory -C tests/interop/gsoap; \
	else echo "gSOAP fehlt oder ist unvollständig" \
		"(Debian: apt-get install gsoap libgsoap-dev g++ libssl-dev pkg-config):" \
		"Die Tests mit gSOAP werden übersprungen."; fi

# Java from 17 on and Maven. A build replaces the one before: generated classes follow the contract.
define build-java
@if command -v mvn >/dev/null 2>&1 && command -v javac >/dev/null 2>&1 && \
	test "$$(javac -version 2>&1 | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 17; then \
	rm -rf $(@D) && mkdir $(@D) && \
	{ mvn --batch-mode -f $(@D)/../pom.xml package >$(@D)/build.log 2>&1 || \
		{ cat $(@D)/build.log; exit 1; }; } && touch $@; \
else echo "Java ab 17 oder Maven fehlt (Debian: apt-get install openjdk-17-jdk-headless maven):" \
	"Die Tests mit $(1) werden übersprungen."; fi
endef

JAVA_STAMP := tests/interop/java/target/.built
VERAPDF_STAMP := tests/interop/verapdf/target/.built
interop-tools: $(JAVA_STAMP) $(VERAPDF_STAMP)
$(JAVA_STAMP): tests/interop/java/pom.xml $(wildcard tests/interop/java/src/main/java/*/*/*.java) \
		wsdl/xta-2.1.1/xta.wsdl $(wildcard xsd/xta-2.1.1/*.xsd xsd/w3c/*.xsd xsd/oasis/*.xsd)
	$(call build-java,Apache CXF)
$(VERAPDF_STAMP): tests/interop/verapdf/pom.xml \
		$(wildcard tests/interop/verapdf/src/main/java/*/*/*.java)
	$(call build-java,veraPDF)
