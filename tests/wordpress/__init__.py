"""A real WordPress for the suite: Debian's packages, PHP's own web server and MariaDB, on 127.0.0.1 only."""
