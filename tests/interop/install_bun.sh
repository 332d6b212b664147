#!/bin/sh
# Install Bun for the interoperation tests and the benchmarks into .node/ of this repository, and print the path of its
# program. Needs npm; runs no install script of any package.
set -eu

version=1.4.5
cd "$(dirname "$0")/../.."
if [ "$(npm ls --prefix .node --parseable --long bun 2>/dev/null | cut -d: -f2)" != "bun@$version" ]; then
    npm install --prefix .node --ignore-scripts --no-audit --no-fund --loglevel=error "bun@$version" >&2
fi
# npm installs only the package for this platform, and makes no link to its program
for program in "$PWD"/.node/node_modules/@oven/bun-*/bin/bun; do
    if "$program" --version >&2; then
        echo "$program"
        exit 0
    fi
done
echo "npm has no bun $version for this machine" >&2
exit 1
