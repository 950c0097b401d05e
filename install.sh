#!/bin/sh
# Install `axon` for this user from this checkout, and make its data folder. Running it again updates.
#
#   ./install.sh [--prefix DIR] [--dry-run]     installs; DIR is ~/.local unless given
#   ./install.sh --uninstall [--prefix DIR]     removes the program, keeps the data
#
# AXONML_HOME says where the data lives (default ~/.axonml).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${HOME:?}/.local
data=${AXONML_HOME:-$HOME/.axonml}
do=install dry=

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit "${status:-1}"; }
usage() { sed -n '2,7s/^# \{0,1\}//p' "$0"; }
# Says each step; takes it unless this is a dry run.
step() {
    say "+ $*"
    [ -n "$dry" ] || "$@"
}

while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry=yes ;;
        --uninstall) do=uninstall ;;
        --prefix) [ $# -gt 1 ] || status=2 fail "--prefix needs a folder"; prefix=$2; shift ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        -h | --help) usage; exit 0 ;;
        *) status=2 fail "unknown option $1 (see --help)" ;;
    esac
    shift
done
[ -n "$prefix" ] || status=2 fail "--prefix needs a folder"
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
home=$prefix/share/axonml
venv=$home/venv

# Whether $1 is absent or a link into our environment: nobody else's file is replaced or removed.
ours() {
    [ -L "$1" ] || { [ ! -e "$1" ]; return; }
    case $(readlink "$1") in "$venv"/*) ;; *) return 1 ;; esac
}

install() {
    for name in axon axonml; do
        ours "$prefix/bin/$name" || fail "$prefix/bin/$name is not ours; move it away, or choose another --prefix"
    done
    step mkdir -p "$home" "$prefix/bin"
    # The locked versions, in an environment of their own; `--no-editable`: the checkout may go.
    step env UV_PROJECT_ENVIRONMENT="$venv" "$here/run" --locked --exact --no-editable \
        --no-default-groups --extra sklearn axon --version
    for name in axon axonml; do
        step ln -sf "$venv/bin/$name" "$prefix/bin/$name"
    done
    step env AXONML_HOME="$data" "$venv/bin/axon" db migrate
    [ -z "$dry" ] || { say "dry run: nothing was changed"; return; }
    say "installed: $prefix/bin/axon; data: $data"
    case :${PATH:-}: in
        *":$prefix/bin:"*) say "try: axon demo" ;;
        *) say "add it to your PATH: export PATH=\"$prefix/bin:\$PATH\"; then try: axon demo" ;;
    esac
}

uninstall() {
    if [ -x "$venv/bin/axon" ]; then
        step env AXONML_HOME="$data" "$venv/bin/axon" stop || say "axon stop did not succeed; going on"
    fi
    for name in axon axonml; do
        if [ -L "$prefix/bin/$name" ] && ours "$prefix/bin/$name"; then step rm -f "$prefix/bin/$name"; fi
    done
    # `venv` only, by name: never a folder that the user filled.
    if [ -d "$venv" ]; then step rm -rf "$venv"; fi
    if [ -d "$home" ] && [ -z "$dry" ]; then rmdir "$home" 2>/dev/null || say "left $home: it holds other files"; fi
    if [ -d "$data" ]; then say "your data stays in $data"; else say "there is no data in $data"; fi
    [ -z "$dry" ] || say "dry run: nothing was changed"
}

$do
