#!/bin/sh
# What the real WordPress of the suite needs from Debian. Run as root. WordPress itself is unpacked by debian.py:
# installing that package would pull a web server in.
set -eu
export DEBIAN_FRONTEND=noninteractive
before=$(dpkg-query -W -f '${db:Status-Status}' mariadb-server 2>/dev/null || true)
apt-get update
apt-get install -y --no-install-recommends \
    php-cli php-mysql php-xml php-mbstring php-curl php-gd mariadb-server
# The suite starts a MariaDB of its own. A service that came with the package only now is not wanted.
if [ "$before" != installed ] && service mariadb status >/dev/null 2>&1; then
    service mariadb stop
fi
