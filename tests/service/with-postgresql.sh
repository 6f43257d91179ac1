#!/usr/bin/env bash
# Run a command beside a PostgreSQL server of its own, where Debian's is installed and this is root;
# elsewhere the tests that need one say so and skip.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1) || true
if [ -z "$bin" ] || [ "$(id -u)" != 0 ]; then
    exec "$@"
fi
data=/tmp/priced-postgresql.$$ port=$((15433 + $$ % 500))
mkdir -p "$data" && chown postgres "$data"
su postgres -c "cd / && '$bin/initdb' -D '$data/data' -A trust -U postgres >/dev/null"
su postgres -c "cd / && '$bin/pg_ctl' -D '$data/data' -w -o '-p $port -k $data -c listen_addresses=127.0.0.1' -l '$data/log' start >/dev/null"
trap "su postgres -c \"cd / && '$bin/pg_ctl' -D '$data/data' -m fast stop >/dev/null\"; rm -rf '$data'" EXIT
export PRICED_TEST_POSTGRESQL=postgresql+psycopg://postgres@127.0.0.1:$port/postgres
"$@"
