# What a user gets beside the program: man pages, pages, completion, packages.
MANS = $(patsubst docs/man/%.scd,$(O)/man/%,$(wildcard docs/man/*.scd))
COMPLETION = $(O)/completion/netfsnoop
prefix ?= /usr/local
bindir ?= $(prefix)/bin
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/netfsnoop
completionsdir ?= $(datadir)/bash-completion/completions

.PHONY: docs install dist deb

## make docs         build man pages and bash completion in build/man and build/completion
docs: $(MANS) $(COMPLETION)
# "skipping paragraph macro": scdoc's way to write blank lines
$(O)/man/%: docs/man/%.scd
	$(call msg,MAN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)command -v scdoc >/dev/null || { echo "netfsnoop: missing scdoc; do: make deps" >&2; exit 1; }
	$(Q)scdoc < $< > $@
	$(Q)! command -v mandoc >/dev/null || ! mandoc -T lint -W warning $@ | grep -v 'skipping paragraph macro'

$(COMPLETION): $(O)/netfsnoop
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/netfsnoop completion bash > $@

## make install      install the tool, man pages, docs and completion; prefix=/usr/local DESTDIR=
install: $(O)/netfsnoop docs
	install -D -m 755 -t $(DESTDIR)$(bindir) $(O)/netfsnoop
	install -D -m 644 -t $(DESTDIR)$(mandir)/man1 $(filter %.1,$(MANS))
	install -D -m 644 -t $(DESTDIR)$(mandir)/man5 $(filter %.5,$(MANS))
	install -D -m 644 -t $(DESTDIR)$(completionsdir) $(COMPLETION)
	install -D -m 644 -t $(DESTDIR)$(docdir) README.md NEWS CONTRIBUTING.md
	install -D -m 644 -t $(DESTDIR)$(docdir)/docs $(wildcard docs/*.md)
	install -D -m 755 -t $(DESTDIR)$(docdir)/docs docs/fleet-load

## make dist         pack build/netfsnoop-VERSION.tar.gz, which builds without git
DIST = netfsnoop-$(VERSION)
dist:
	$(call msg,DIST,$(O)/$(DIST).tar.gz)
	$(Q)docs/dist.sh $(VERSION) $(O)

## make deb          build build/deb/netfsnoop_VERSION_amd64.deb; installs debhelper if it is missing
deb:
	$(Q)tests/deps.sh ensure build deb
	$(Q)docs/debian/build $(VERSION) $(O)
