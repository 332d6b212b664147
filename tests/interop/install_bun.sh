#!/bin/sh
# Installs the Bun that the interoperation tests and the benchmarks run, into .node/ of this repository,
# and prints where its program is. Needs npm; runs no install script of any package.
set -eu

version=1.4.5
cd "$(dirname "$0")/../.."
if [ "$(npm ls --prefix .node --parseable --long bun 2>/dev/null | cut -d: -f2)" != "bun@$version" ]; then
    npm install --prefix .node --ignore-scripts --no-audit --no-fund --loglevel=error "bun@$version" >&2
fi
# npm takes only the platform package that fits this machine, and links its program nowhere
for program in "$PWD"/.node/node_modules/@oven/bun-*/bin/bun; do
    if "$program" --version >&2; then
        echo "$program"
        exit 0
    fi
done
echo "npm has no bun $version for this machine" >&2
exit 1
