#!/bin/sh
# Installs the tools of the tests that are missing, where that is possible: Debian, as root.
set -eu

packages=""
want() { # command package...
	command -v "$1" >/dev/null 2>&1 || { shift; packages="$packages $*"; }
}

want php php-cli php-soap
want wsdl2h gsoap libgsoap-dev libssl-dev pkg-config
want g++ g++
want pkg-config pkg-config
want javac openjdk-17-jdk-headless
want mvn maven
want npm npm
want xmlsec1 xmlsec1
want clamd clamav-daemon
want ip iproute2
want nginx nginx-light
want chromium chromium
want firefox-esr firefox-esr
want WebKitWebDriver webkit2gtk-driver
want Xvfb xvfb
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || packages="$packages libnginx-mod-stream"
want qpdf qpdf
/sbin/ldconfig -p | grep -q libjemalloc || packages="$packages libjemalloc2"
# Debian keeps the programs of the server out of PATH.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || want initdb postgresql

# An S3-compatible server for the tests of the blob store; Maven keeps it in its own repository.
fetch_s3proxy() {
	command -v mvn >/dev/null 2>&1 || return 0
	[ ! -f "$HOME/.m2/repository/org/gaul/s3proxy/2.6.0/s3proxy-2.6.0-jar-with-dependencies.jar" ] ||
		return 0
	mvn --batch-mode --quiet dependency:get -Dtransitive=false \
		-Dartifact=org.gaul:s3proxy:2.6.0:jar:jar-with-dependencies >/dev/null 2>&1 ||
		echo "S3Proxy ließ sich nicht holen; die Tests mit S3 werden übersprungen."
}

# What leads Firefox comes from Mozilla as source; Debian has no package of it.
build_geckodriver() {
	command -v firefox-esr >/dev/null 2>&1 && command -v cargo >/dev/null 2>&1 || return 0
	[ ! -x "$HOME/.cargo/bin/geckodriver" ] || return 0
	cargo install --quiet --locked --version 0.37.1 geckodriver >/dev/null 2>&1 ||
		echo "Geckodriver ließ sich nicht bauen; die Tests mit Firefox werden übersprungen."
}
fetch_the_rest() {
	fetch_s3proxy
	build_geckodriver
}
trap fetch_the_rest EXIT
# These lie where only root's PATH looks.
PATH="$PATH:/usr/sbin"
want sshd openssh-server
want pgbouncer pgbouncer
want cupsd cups cups-daemon cups-client

[ -n "$packages" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
	echo "Es fehlen Werkzeuge für Tests (Debian: apt-get install$packages)."
	exit 0
fi
echo "Installiere:$packages"
# shellcheck disable=SC2086 -- a list of words
if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends $packages; } >/dev/null 2>&1; then
	echo "Das ließ sich nicht installieren; die Tests mit diesen Werkzeugen werden übersprungen."
fi
