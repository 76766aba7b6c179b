# shellcheck shell=bash
# Installs what is missing on Debian and Ubuntu; sourced by run.sh and test.sh.
# Everything here speaks on standard error: standard output belongs to the caller.

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# A container's init may give no home; cargo needs one.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"

setup_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# packages_in SECTION: the packages of a section of debian-packages.txt, one a line.
packages_in() {
  awk -v section="[$1]" '
    { sub(/#.*/, ""); gsub(/^[ \t]+|[ \t]+$/, "") }
    /^\[/ { inside = ($0 == section); next }
    inside && $0 != "" { print }
  ' "$setup_dir/debian-packages.txt"
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages SECTION…: installs what is missing of the sections; touches nothing, and needs no
# network, when nothing is.
need_packages() {
  local section package missing=()
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say "This is no Debian or Ubuntu: install by hand what stands for the packages in packaging/debian-packages.txt ($*)."
    return 0
  fi
  for section in "$@"; do
    while read -r package; do
      is_installed "$package" || missing+=("$package")
    done < <(packages_in "$section")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      die "these packages are missing, and only root can install them:
  apt-get install --no-install-recommends ${missing[*]}"
    fi
  fi
  say "Installing what is missing: ${missing[*]}"
  # Another apt may be at work (a fresh machine's own updates): wait for its lock.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update </dev/null >&2 || say "The package lists could not be refreshed; trying with those that are there."
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2 ||
    die "could not install ${missing[*]} (see above)"
}

# need_rust: a Rust toolchain that is new enough for the workspace, or a hint.
need_rust() {
  local need have
  need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$setup_dir/../Cargo.toml")
  if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
  local hint="Get it from https://rustup.rs:
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  command -v cargo >/dev/null 2>&1 || die "Rust $need or newer is needed, and there is none. $hint"
  have=$(rustc --version | awk '{ print $2 }')
  if [ "$(printf '%s\n%s\n' "$need" "${have%%-*}" | sort -V | head -n 1)" != "$need" ]; then
    die "Rust $need or newer is needed; this is $have. With rustup: rustup update stable. $hint"
  fi
}
