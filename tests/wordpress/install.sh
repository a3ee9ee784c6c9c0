#!/bin/sh
# What the real WordPress of the suite needs from Debian. Run as root. WordPress itself is unpacked by debian.py:
# installing that package would pull a web server in.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends \
    php-cli php-mysql php-xml php-mbstring php-curl php-gd mariadb-server
# The suite starts a MariaDB of its own; the service that the package may have started is not wanted.
if [ -d /run/systemd/system ]; then
    systemctl disable --now mariadb
fi
