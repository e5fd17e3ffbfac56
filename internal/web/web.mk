# Targets of the pages: generated templates and the bundled front end. Included by the Makefile at the root, or
# called alone: make -f internal/web/web.mk generate bundle
#
#   generate   *_templ.go from *.templ
#   bundle     internal/web/assets/dist from internal/web/assets/src and the packages of package-lock.json
#
# Both do nothing where nothing has changed.

WEB_ROOT := $(patsubst %/internal/web/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
WEB_DIST := $(WEB_ROOT)/internal/web/assets/dist
WEB_SRC := $(WEB_ROOT)/internal/web/assets/src
WEB_CACHE := $(WEB_ROOT)/.cache
WEB_TEMPL_SRC := $(shell find $(WEB_ROOT)/internal/web -name '*.templ')
WEB_BUNDLE_SRC := $(shell find $(WEB_SRC) -type f)

.PHONY: generate bundle web-clean

generate: $(WEB_CACHE)/templ.stamp

$(WEB_CACHE)/bin/templ: $(WEB_ROOT)/tools/templ/go.mod $(WEB_ROOT)/tools/templ/go.sum
	@mkdir -p $(@D)
	cd $(WEB_ROOT)/tools/templ && go build -o $@ github.com/a-h/templ/cmd/templ

$(WEB_CACHE)/bin/esbuild: $(WEB_ROOT)/tools/esbuild/go.mod $(WEB_ROOT)/tools/esbuild/go.sum
	@mkdir -p $(@D)
	cd $(WEB_ROOT)/tools/esbuild && go build -o $@ github.com/evanw/esbuild/cmd/esbuild

$(WEB_CACHE)/templ.stamp: $(WEB_CACHE)/bin/templ $(WEB_TEMPL_SRC)
	$(WEB_CACHE)/bin/templ generate -log-level warn -path $(WEB_ROOT)/internal/web
	@touch $@

bundle: $(WEB_DIST)/site.css

$(WEB_ROOT)/node_modules/.package-lock.json: $(WEB_ROOT)/package.json $(WEB_ROOT)/package-lock.json $(WEB_ROOT)/.npmrc
	cd $(WEB_ROOT) && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

# The style sheet is written last, so its time says that the whole bundle is there.
$(WEB_DIST)/site.css: $(WEB_CACHE)/bin/esbuild $(WEB_ROOT)/node_modules/.package-lock.json $(WEB_BUNDLE_SRC)
	@mkdir -p $(WEB_DIST)
	cp $(WEB_SRC)/mark.svg $(WEB_DIST)/mark.svg
	cp $(WEB_ROOT)/node_modules/@fontsource/fira-sans/LICENSE $(WEB_DIST)/fira-sans-license.txt
	cd $(WEB_ROOT) && $(WEB_CACHE)/bin/esbuild $(WEB_SRC)/islands/map.js $(WEB_SRC)/islands/passkey.js $(WEB_SRC)/islands/finder.js $(WEB_SRC)/islands/handover.js $(WEB_SRC)/islands/practice.js $(WEB_SRC)/islands/contact.js $(WEB_SRC)/islands/live.js $(WEB_SRC)/islands/worker.js --bundle --minify --format=esm --target=es2022 \
	  --legal-comments=linked --log-level=warning --outdir=$(WEB_DIST)
	cd $(WEB_ROOT) && $(WEB_CACHE)/bin/esbuild node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs --minify --format=esm \
	  --target=es2022 --legal-comments=none --log-level=warning --outfile=$(WEB_DIST)/maplibre-gl-worker.js
	cd $(WEB_ROOT) && $(WEB_CACHE)/bin/esbuild $(WEB_SRC)/css/map.css $(WEB_SRC)/css/site.css --bundle --minify \
	  --loader:.woff2=file --asset-names=[name] --log-level=warning --outdir=$(WEB_DIST)

web-clean:
	find $(WEB_DIST) -type f ! -name placeholder.txt -delete
	rm -f $(WEB_CACHE)/templ.stamp $(WEB_CACHE)/bin/templ $(WEB_CACHE)/bin/esbuild

.PHONY: test-browser
test-browser: generate bundle
	cd $(WEB_ROOT) && go test -count=1 -timeout 40m -tags browser ./tests/browser
