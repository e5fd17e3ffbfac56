SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

include internal/web/web.mk

export CGO_ENABLED ?= 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
LDFLAGS := -s -w -X gevor/internal/app.Version=$(VERSION)
STATE ?= var
DEMO ?= $(STATE)/demo
PEOPLE ?= 300000
LISTEN ?= localhost:8080
# Packages in which goroutines share memory: they run once more under the race detector.
RACE := ./contraction ./street ./transit ./atlas ./notice ./outbox ./internal/files ./internal/finder
# The pages run there with many readers at once; one after the other they share nothing. The whole store is too slow
# under it: those clauses in which several write at once.
RACE_STORE := at_once|two_admins|invitation_is_taken|several_deliverers|outbox_gives
LINT := .cache/bin/golangci-lint

.PHONY: release test-package build run test test-go test-race test-simd test-browser test-long lint bench bench-peers clean need-test

build: generate bundle
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/gevor ./cmd/gevor

run: build
	bin/gevor demo --seed 1 --people $(PEOPLE) --out $(DEMO) --if-absent
	bin/gevor analyse --region $(DEMO) --state $(STATE)
	bin/gevor indicators import --region $(DEMO) --state $(STATE)
	bin/gevor signals --data $(DEMO)/early-warning --state $(STATE) --record --out /dev/null
	bin/gevor serve --state $(STATE) --listen $(LISTEN)

need-test:
	scripts/need gcc=gcc chromium=chromium initdb=postgresql

test: need-test build lint test-simd test-race test-browser test-go

test-go: need-test build
	go test -json -timeout 30m ./... | go run ./tests/summary $(if $(GEVOR_DATA),-no-skips)

# The real cities run in test-go; here they would only be slow.
test-race: generate bundle
	GEVOR_DATA= CGO_ENABLED=1 go test -race -short -timeout 30m $(RACE)
	GEVOR_DATA= CGO_ENABLED=1 go test -race -short -timeout 30m -run TestReadersAtOnce ./internal/web
	GEVOR_DATA= CGO_ENABLED=1 go test -race -short -timeout 30m -run "TestContractOnSQLite/.*($(RACE_STORE))" ./internal/store

# The wide kernels must give the same integers as the portable ones.
test-simd:
	GOEXPERIMENT=simd go test ./contraction ./transit

# More of what chance decides: kills and power cuts by the hundred.
test-long: need-test build
	GEVOR_KILLS=500 go test -count=1 -timeout 30m -v -run TestKills ./tests/cli
	GEVOR_KILLS=1000 GEVOR_CUTS=500 go test -count=1 -timeout 30m -v -run 'Kills|PowerCut' ./internal/store
	GEVOR_LONG=1 go test -count=1 -timeout 30m -v -run 'Pmed|SanFrancisco|Capacit' ./siting
	$(MAKE) test-package

# What goes out: static programs, Debian packages, bill of materials, licences, checksums. See docs/upgrade.md.
release:
	scripts/release dist

# Builds releases twice and compares them; installs, upgrades, rolls back and purges the package on a bare Debian that
# boots in a container. Needs root; the first call fetches the bare Debian.
test-package:
	scripts/need debootstrap=debootstrap systemd-nspawn=systemd-container nsenter=util-linux
	go test -count=1 -timeout 40m -v -tags chroot ./tests/package

lint: generate bundle $(LINT)
	$(LINT) run ./...
	go mod verify >/dev/null

$(LINT): tools/lint/go.mod tools/lint/go.sum
	mkdir -p $(@D)
	cd tools/lint && go build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bench: build
	bench/figures

# Public engines beside this one, in an environment of their own (PEERS), with docs/figures/peers.md as outcome.
bench-peers: generate bundle
	bench/peers/run

clean:
	rm -rf bin .cache $(STATE)
