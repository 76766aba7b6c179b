#!/usr/bin/env bash
# Puts Moodlark into the user's home and takes it out again; ./run.sh install builds it first.
#
#   packaging/install.sh install FOLDER    the programs are in FOLDER (target/release)
#   packaging/install.sh uninstall [--purge]
#
# All that it made is in a record, so that all of it, and nothing else, goes again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

# What is not built is passed over.
programs=(moodlark moodlarkd moodlark-sense moodlark-listen moodlark-tray)

# The XDG specification: a path that is not absolute counts as unset.
xdg() { case ${!1-} in /*) printf '%s' "${!1}" ;; *) printf '%s' "$HOME/$2" ;; esac; }
bin=$HOME/.local/bin
data=$(xdg XDG_DATA_HOME .local/share)
config=$(xdg XDG_CONFIG_HOME .config)
state=$(xdg XDG_STATE_HOME .local/state)
cache=$(xdg XDG_CACHE_HOME .cache)
units=$data/systemd/user
record=$data/moodlark/installed
name=org.moodlark.Moodlark

# After `su` or in a cron job the variables may be missing though the session is there.
runtime=/run/user/$(id -u)
if [ -z "${XDG_RUNTIME_DIR:-}" ] && [ -O "$runtime" ]; then export XDG_RUNTIME_DIR=$runtime; fi
if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ] && [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ]; then
  export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
fi

# --- The session's managers --------------------------------------------------------------------
# Why there is no systemd for this user; empty if there is one.
no_manager() {
  if ! command -v systemctl >/dev/null 2>&1; then
    echo "this system has no systemd"
  else
    # Its reason is the last line; the lines before are hints that belong to other programs.
    { timeout 10 systemctl --user show-environment 2>&1 >/dev/null || echo "systemd does not answer"; } | sed -n 1p
  fi
}
ask_bus() { # METHOD ARGUMENT…
  [ -n "${DBUS_SESSION_BUS_ADDRESS:-}" ] || return 1
  timeout 5 dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / "org.freedesktop.DBus.$1" "${@:2}" 2>/dev/null
}
is_running() { ask_bus NameHasOwner "string:$name" | grep -q true; }
managers_read_again() {
  if [ -z "$without" ]; then systemctl --user daemon-reload; fi
  ask_bus ReloadConfig >/dev/null || true
}

# --- What goes where ---------------------------------------------------------------------------
# A desktop entry's Exec line and a bus's are read by rules of their own; the home may have any name.
# shellcheck disable=SC2016 # the $ is what is looked for
in_desktop_entry() { sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g' <<<"$1"; }
in_bus_service() { sed -e "s/'/'\\\\\\\\''/g" <<<"$1"; }
with_full_paths() { # FILE: what names our programs does so by their full path
  local line word
  while IFS= read -r line || [ -n "$line" ]; do
    case $1:$line in
      # systemd puts the home in itself, and needs no quotes for it.
      *.service:ExecStart=moodlark*) line="ExecStart=%h/.local/bin/${line#ExecStart=}" ;;
      *.service:Exec=/usr/bin/*) line="Exec='$(in_bus_service "$bin/${line#Exec=/usr/bin/}")'" ;;
      *.desktop:Exec=moodlark*)
        line=${line#Exec=}
        word=${line%% *}
        line="Exec=\"$(in_desktop_entry "$bin/$word")\"${line#"$word"}"
        ;;
    esac
    printf '%s\n' "$line"
  done <"$1"
}

plan=() # source, mode, destination; three elements each
add() { [ ! -e "$1" ] || plan+=("$1" "$2" "$3"); }
make_plan() { # FOLDER-OF-PROGRAMS
  local program file
  for program in "${programs[@]}"; do
    [ -x "$1/$program" ] || continue
    add "$1/$program" 755 "$bin/$program"
    add "$here/../systemd/$program.service" 644 "$units/$program.service"
    add "$here/autostart/$program.desktop" 644 "$config/autostart/$program.desktop"
    for file in "$here/man/$program".[1-8]; do add "$file" 644 "$data/man/man${file##*.}/${file##*/}"; done
    add "$here/completions/bash/$program" 644 "$data/bash-completion/completions/$program"
    add "$here/completions/zsh/_$program" 644 "$data/zsh/site-functions/_$program"
    add "$here/completions/fish/$program.fish" 644 "$data/fish/vendor_completions.d/$program.fish"
  done
  for file in "$here"/man/{moodlark.toml.5,$name.7}; do add "$file" 644 "$data/man/man${file##*.}/${file##*/}"; done
  # What `man moodlark.toml` refers to.
  add "$here/../daemon/spotify/SIGN-IN.md" 644 "$data/doc/moodlark/SIGN-IN.md"
  add "$here/$name.service" 644 "$data/dbus-1/services/$name.service"
  add "$here/icons/$name.svg" 644 "$data/icons/hicolor/scalable/apps/$name.svg"
  add "$here/icons/$name-symbolic.svg" 644 "$data/icons/hicolor/symbolic/apps/$name-symbolic.svg"
  # What the menu starts is the tray.
  if [ -x "$1/moodlark-tray" ]; then add "$here/$name.desktop" 644 "$data/applications/$name.desktop"; fi
}

# --- The record --------------------------------------------------------------------------------
# Lines "folder PATH" and "file PATH", in the order in which they were made.
recorded() { # KIND: the paths of that kind
  [ ! -e "$record" ] || sed -n "s|^$1 ||p" "$record"
}
missing_folders() { # PATH: those of its folders that are not there, the outermost first
  local path=$1 missing=()
  until [ -d "$path" ]; do
    missing=("$path" "${missing[@]}")
    path=$(dirname "$path")
  done
  [ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
}
make_folder() { # PATH
  local missing path
  mapfile -t missing < <(missing_folders "$1")
  for path in "${missing[@]}"; do
    # Written down first: what is interrupted here is still taken out again.
    printf 'folder %s\n' "$path" >>"$record"
    mkdir -m 700 "$path"
  done
}
begin_record() {
  local missing
  [ ! -e "$record" ] || return 0
  mapfile -t missing < <(missing_folders "$(dirname "$record")")
  mkdir -p "$(dirname "$record")"
  : >"$record"
  [ ${#missing[@]} -eq 0 ] || printf 'folder %s\n' "${missing[@]}" >>"$record"
}
put() { # SOURCE MODE DESTINATION: whole or not at all; a program that runs keeps its old file
  local part=$3.moodlark-part
  make_folder "$(dirname "$3")"
  grep -qxF "file $3" "$record" || printf 'file %s\n' "$3" >>"$record"
  case $1 in
    *.service | *.desktop) with_full_paths "$1" >"$part" ;;
    *) cp "$1" "$part" ;;
  esac
  chmod "$2" "$part"
  mv -f "$part" "$3"
}

# --- Install -----------------------------------------------------------------------------------
put_in() { # FOLDER
  local i path old foreign=() services=() service
  [ -x "$1/moodlarkd" ] || die "there is no moodlarkd in $1: build it first, or use ./run.sh install"
  make_plan "$1"
  for ((i = 2; i < ${#plan[@]}; i += 3)); do
    path=${plan[i]}
    if [ -e "$path" ] && ! recorded file | grep -qxF "$path"; then foreign+=("  $path"); fi
  done
  [ ${#foreign[@]} -eq 0 ] || die "these are there already and are not from here; move them away first:
$(printf '%s\n' "${foreign[@]}")"

  mapfile -t old < <(recorded file)
  begin_record
  for ((i = 0; i < ${#plan[@]}; i += 3)); do
    path=${plan[i + 2]}
    put "${plan[i]}" "${plan[i + 1]}" "$path"
    case $path in "$units"/*) services+=("$(basename "$path")") ;; esac
  done
  say "Programs: $(installed_in "$bin")"
  say "Units: $(installed_in "$units")"
  say "For the bus, which starts the service when it is first called: $data/dbus-1/services/$name.service"
  say "For desktops that start no units: $(installed_in "$config/autostart")"
  say "Manual pages, completions, icons: in $data"
  # What an older version put there and this one doesn't.
  for path in "${old[@]}"; do
    case " ${plan[*]} " in *" $path "*) continue ;; esac
    say "No longer part of it: $path"
    rm -f "$path"
    grep -vxF "file $path" "$record" >"$record.part" && mv "$record.part" "$record"
  done

  # The service makes a folder for its history in there.
  make_folder "$state"
  managers_read_again
  if [ -n "$without" ]; then
    say "There is no systemd user instance to start it now ($without)."
    say "It starts at the next login to a desktop, by a first call on the session bus, or by hand: moodlarkd"
  else
    # Where systemctl puts its links.
    make_folder "$config/systemd/user"
    for service in "${services[@]}"; do
      systemctl --user --quiet enable "$service"
      if ! systemctl --user --quiet is-active "$service" && [ "$service" = moodlarkd.service ] && is_running; then
        say "$service: starts at each login from now on. A moodlarkd of this session's runs already, in a terminal perhaps; once it has ended: systemctl --user start moodlarkd"
      elif systemctl --user restart "$service"; then
        say "$service: started, and starts at each login"
      else
        systemctl --user --no-pager --full status "$service" >&2 || true
        die "$service did not start (see above); more: journalctl --user -u $service"
      fi
    done
  fi
  case :$PATH: in
    *:"$bin":*) ;;
    *) say "Your PATH lacks $bin; log in anew (most systems add it at login), or add it in your shell's profile." ;;
  esac
  say "Done. What now: moodlark status; moodlark camera on; moodlark doctor. Out again: ./run.sh uninstall"
}
installed_in() { # FOLDER: the names of what went there, and where
  local path names=()
  while read -r path; do
    if [ "${path%/*}" = "$1" ]; then names+=("${path##*/}"); fi
  done < <(recorded file)
  printf '%s in %s' "${names[*]}" "$1"
}

# --- Uninstall ---------------------------------------------------------------------------------
kept=("$config/moodlark" "$state/moodlark" "$cache/moodlark")
purge() {
  local path
  for path in "${kept[@]}"; do
    if [ -e "$path" ]; then
      rm -rf "$path"
      say "Deleted: $path"
    fi
  done
}
take_out() { # yes|no: with configuration and history
  local path folders files i pid
  if [ ! -e "$record" ]; then
    say "Moodlark is not installed here (there is no $record)."
  else
    mapfile -t files < <(recorded file)
    mapfile -t folders < <(recorded folder)
    for path in "${files[@]}"; do
      case $path in
        "$units"/*.service)
          if [ -z "$without" ]; then
            systemctl --user --quiet disable --now "${path##*/}" || say "${path##*/} could not be stopped (see above)"
            systemctl --user reset-failed "${path##*/}" 2>/dev/null || true
            say "Stopped, and no longer started at login: ${path##*/}"
          fi
          ;;
      esac
    done
    # One that the bus or the desktop started, not systemd.
    if is_running; then
      pid=$(ask_bus GetConnectionUnixProcessID "string:$name" | awk '{ print $NF }')
      if [ "$(readlink "/proc/$pid/exe")" = "$bin/moodlarkd" ] && kill "$pid"; then
        timeout 10 tail --pid="$pid" -f /dev/null || true
        say "Stopped: moodlarkd (process $pid)"
      fi
    fi
    for path in "${files[@]}"; do rm -f "$path" "$path.moodlark-part"; done
    rm -f "$record"
    if [ "$1" = yes ]; then purge; fi
    # The innermost first; what others use meanwhile stays.
    for ((i = ${#folders[@]} - 1; i >= 0; i--)); do
      [ ! -d "${folders[i]}" ] || rmdir --ignore-fail-on-non-empty "${folders[i]}"
    done
    managers_read_again
    say "Taken out: ${#files[@]} files"
  fi
  if [ "$1" = yes ]; then purge; fi
  for path in "${kept[@]}"; do
    [ ! -e "$path" ] || say "Kept: $path (./run.sh uninstall --purge deletes it)"
  done
}

# --- The command -------------------------------------------------------------------------------
case $HOME in
  *$'\n'*) die "a home with a line break in its name is too much: $HOME" ;;
  /*) ;;
  *) die "HOME is no absolute path: $HOME" ;;
esac
if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ]; then
  die "this puts Moodlark into your own home: run it as $SUDO_USER, without sudo"
fi
without=$(no_manager)
case ${1-}:$#:${2-} in
  install:2:*) put_in "$(cd "$2" && pwd)" ;;
  uninstall:1:) take_out no ;;
  uninstall:2:--purge) take_out yes ;;
  *)
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
