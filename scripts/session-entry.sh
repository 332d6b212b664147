#!/bin/sh
# Run `session enter` under the name that the entry protocol's skills use.
here=$0
case $here in */*) ;; *) here=./$here ;; esac
[ -L "$here" ] && here=$(readlink -f "$here")
exec "${here%/*}/session" enter "$@"
