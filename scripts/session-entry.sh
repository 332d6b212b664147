#!/bin/sh
# `session enter`, by the name that the entry protocol's skills call (seed: 001).
here=$0
case $here in */*) ;; *) here=./$here ;; esac
[ -L "$here" ] && here=$(readlink -f "$here")
exec "${here%/*}/session" enter "$@"
