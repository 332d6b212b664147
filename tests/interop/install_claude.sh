#!/bin/sh
# Install Claude Code into .node/ of this repository, and print the path of its program. The tests run only its command
# `plugin validate`. Needs npm; runs no install script of any package.
set -eu

version=2.1.329
cd "$(dirname "$0")/../.."
package=@anthropic-ai/claude-code
if [ "$(npm ls --prefix .node --parseable --long "$package" 2>/dev/null | cut -d: -f2)" != "$package@$version" ]; then
    npm install --prefix .node --ignore-scripts --no-audit --no-fund --loglevel=error "$package@$version" >&2
fi
# npm installs only the packages for this platform, and makes no link to their program
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
for program in "$PWD/.node/node_modules/$package"-*/claude; do
    if env -i PATH=/usr/bin:/bin HOME="$home" "$program" plugin validate --help >/dev/null 2>&1; then
        echo "$program"
        exit 0
    fi
done
echo "npm has no $package $version for this machine" >&2
exit 1
