# The commands of this project. Two are enough to begin with:
#   make run    builds everything and serves it with the demo on 127.0.0.1:3000
#   make test   checks everything; its last line counts what passed and failed
#
# Variables: LISTEN=127.0.0.1:3000  DATA=data

SHELL := /bin/bash
export PATH := $(HOME)/.cargo/bin:$(PATH)

LISTEN ?= 127.0.0.1:3000
DATA ?= data

.PHONY: run build site setup watch test test-unit test-e2e lint fmt bench clean

# Builds what has changed, makes the demo on the first start, serves.
run: build
	@DATA="$(DATA)" LISTEN="$(LISTEN)" exec .tools/run

# The one executable: target/release/server, with the site in it.
build: site
	cargo build --release --locked -p server

# The browser's part: target/site.
site: setup
	@node .tools/site.mjs

setup:
	@.tools/setup build

# For who has cargo-leptos: builds anew and reloads the page while one writes. Style and islands are those of `make site`.
watch: site
	@LEPTOS_SITE_ADDR="$(LISTEN)" PATH="$(CURDIR)/target/bind:$(CURDIR)/.tools/node_modules/.bin:$$PATH" \
		cargo leptos watch -- serve --data "$(DATA)" --demo --listen "$(LISTEN)"

# Everything, each step even when an earlier one failed.
test:
	@.tools/test

# Rust's own tests on both databases.
test-unit:
	@.tools/test unit

# Journeys in the browser.
test-e2e:
	@.tools/test size e2e

# Format and clippy, native and for the browser.
lint:
	@.tools/test lint

fmt:
	cargo fmt --all

# Speed over a large database. Not a test.
bench: build
	@.tools/bench

clean:
	rm -rf target .tools/node_modules end2end/node_modules
