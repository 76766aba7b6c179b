#!/usr/bin/env bash
# Builds Moodlark and runs its main job in the foreground: look, read, mood, decide, switch, verify.
# Installs what is missing first. `install` puts it into the user's session for good. See --help.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=packaging/setup.sh
. packaging/setup.sh

usage() {
  cat <<'HELP'
Usage: ./run.sh [--once] [--profile dev|release]
       ./run.sh install [--profile dev|release]
       ./run.sh uninstall [--purge]

Builds Moodlark and runs its main job in the foreground, each step shown as it happens:
gate, reading, mood, decision, switch, verified. Ctrl-C ends it, and all that it started.

With a configuration of your own (moodlark config path) that one is used. Without, and always with
--once, it is a demonstration in a folder of its own, with shortened waiting times:
  - your camera, if you say yes; a portrait in a file otherwise
  - the player that plays now, if it can open files; else mpv on music made up on the spot
  - your session bus; a private one where there is none

  install            builds it and puts it into your home instead: programs, units for login, manual
                     pages, completions, icons; starts it. Says each step; a second time it updates
  uninstall          stops it and takes all of that out again. Your configuration and history stay;
                     with --purge they are deleted too
  --once             end after the first verified switch: exit 0, and the last line of standard
                     output is {"reading":…,"mood":…,"switch":…,"verified":true}; otherwise exit
                     non-zero with a reason. Never asks for the camera: it uses the portrait
  --profile PROFILE  release (the default), or dev, which builds faster
  --help             this text
HELP
}

once=no
command=run
profile=release
case ${1-} in
  install) command=install && shift ;;
  uninstall) exec packaging/install.sh "$@" ;;
esac
while [ $# -gt 0 ]; do
  case $1 in
    --once)
      [ "$command" = run ] || { usage >&2; exit 2; }
      once=yes
      ;;
    --profile=*) profile=${1#*=} ;;
    --profile)
      [ $# -ge 2 ] || { usage >&2; exit 2; }
      profile=$2
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
case $profile in
  release) target=release ;;
  dev) target=debug ;;
  *) usage >&2; exit 2 ;;
esac

name=org.moodlark.Moodlark
own_config=${XDG_CONFIG_HOME:-$HOME/.config}/moodlark/config.toml
demo=yes
if [ "$once" = no ] && [ -e "$own_config" ]; then demo=no; fi

# --- What is missing -------------------------------------------------------------------------
need_packages build session
need_rust

packages=(-p moodlark-service -p moodlark-sense -p moodlark-listen -p moodlark-ctl)
if [ "$command" = install ]; then packages+=(-p moodlark-tray); fi

# --- Build -----------------------------------------------------------------------------------
say "Building Moodlark ($profile) …"
cargo build --locked --profile "$profile" "${packages[@]}" >&2 ||
  die "the build failed (see above)"
bin=${CARGO_TARGET_DIR:-$PWD/target}/$target
if [ "$command" = install ]; then exec packaging/install.sh install "$bin"; fi

# --- Cleaning up -----------------------------------------------------------------------------
run=$(mktemp -d "${TMPDIR:-/tmp}/moodlark-run.XXXXXX")
children=()
# shellcheck disable=SC2317 # called by the trap
clean_up() {
  local status=$? child
  trap - EXIT INT TERM HUP
  # The service first, then the player, then the bus that both speak on.
  for ((child = ${#children[@]} - 1; child >= 0; child--)); do
    if kill "${children[child]}" 2>/dev/null; then wait "${children[child]}" 2>/dev/null || true; fi
  done
  rm -rf "$run"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- The bus ---------------------------------------------------------------------------------
bus_names() {
  timeout 5 dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.ListNames 2>/dev/null | tr -s ' []' '\n'
}
own_bus() {
  coproc BUS { exec dbus-daemon --session --nofork --nopidfile --print-address=1 2>"$run/bus.log"; }
  children+=("$BUS_PID")
  read -r -t 10 DBUS_SESSION_BUS_ADDRESS <&"${BUS[0]}" || die "no session bus could be started: $(cat "$run/bus.log")"
  export DBUS_SESSION_BUS_ADDRESS
}
if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ] && [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ]; then
  export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
fi
if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ] || [ -z "$(bus_names)" ]; then
  say "There is no session bus: making a private one."
  own_bus
elif bus_names | grep -qxF "$name"; then
  [ "$once" = yes ] || die "Moodlark is running in this session already; end that one first (systemctl --user stop moodlarkd)"
  say "Moodlark is running in this session already: leaving it alone, on a private bus."
  own_bus
fi

# --- The player ------------------------------------------------------------------------------
property() { # PLAYER PROPERTY-OF-THE-PLAYER-INTERFACE
  timeout 2 dbus-send --session --print-reply=literal --dest="$1" /org/mpris/MediaPlayer2 \
    org.freedesktop.DBus.Properties.Get string:org.mpris.MediaPlayer2.Player string:"$2" 2>/dev/null |
    awk '{ print $NF }'
}
players() { bus_names | sed -n 's/^org\.mpris\.MediaPlayer2\.//p'; }
# The players that open a playlist file when they are asked to.
opens_files() { case $1 in mpv | mpv.* | vlc | vlc.* | strawberry) true ;; *) false ;; esac; }

playing=
while read -r player; do
  if opens_files "$player" && [ "$(property "org.mpris.MediaPlayer2.$player" PlaybackStatus)" = Playing ]; then
    playing=$player
    break
  fi
done < <(players)

music=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/moodlark/demo-music
mkdir -p "$music" 2>/dev/null && [ -w "$music" ] || music=$run/music
make_music() {
  if [ ! -e "$music/bright-morning.m3u8" ]; then
    say "Synthesising two playlists in $music …"
    packaging/demo/music.sh "$music" || die "the music could not be synthesised"
  fi
}
has_sound() {
  [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/pulse/native" ] || [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/pipewire-0" ] ||
    [ -n "${PULSE_SERVER:-}" ] || compgen -G '/dev/snd/pcmC*p' >/dev/null
}
start_mpv() {
  local before after sound=() script=()
  before=$(players)
  if ! has_sound; then
    say "There is no sound card: the player plays silently."
    sound=(--ao=null)
  fi
  # Not the user's own mpv configuration; so the script that puts mpv on the bus is named here.
  local plugin
  for plugin in /usr/lib/mpv-mpris/mpris.so /usr/lib/*/mpv-mpris/mpris.so /usr/lib/mpv/scripts/mpris.so /etc/mpv/scripts/mpris.so; do
    if [ -e "$plugin" ]; then
      script=(--script="$plugin")
      break
    fi
  done
  [ ${#script[@]} -gt 0 ] || die "mpv's MPRIS plugin was not found (package mpv-mpris)"
  mpv --no-config --no-video --no-terminal --volume=40 --loop-playlist=inf "${sound[@]}" "${script[@]}" \
    --playlist="$music/grey-drizzle.m3u8" </dev/null >"$run/mpv.log" 2>&1 &
  children+=($!)
  local i
  for ((i = 0; i < 100; i++)); do
    after=$(comm -13 <(sort <<<"$before") <(players | sort) | head -n 1)
    if [ -n "$after" ] && [ "$(property "org.mpris.MediaPlayer2.$after" PlaybackStatus)" = Playing ]; then
      playing=$after
      return
    fi
    kill -0 "${children[-1]}" 2>/dev/null || die "mpv ended at once: $(cat "$run/mpv.log")"
    sleep 0.1
  done
  die "mpv did not show up on the bus within 10 s: $(cat "$run/mpv.log")"
}
if [ "$demo" = yes ]; then
  need_packages demo
  make_music
  if [ -n "$playing" ]; then
    say "Using the player that plays now: $playing. Undo brings back what it played."
  else
    start_mpv
    say "Started mpv on the playlist Grey Drizzle."
  fi
elif [ -z "$(players)" ]; then
  say "No player is running: starting mpv on made-up music."
  need_packages demo
  make_music
  start_mpv
fi

# --- The camera ------------------------------------------------------------------------------
source=pictures
cameras=
if [ "$demo" = yes ] && [ "$once" = no ]; then
  # Lists without looking. Loopbacks and nodes that give no picture are no cameras.
  cameras=$("$bin/moodlark-sense" --list-devices | sed -n 's/^\(\/dev\/.*\)  camera (.*/\1/p')
fi
if [ -n "$cameras" ]; then
  if [ -t 0 ] && [ -t 2 ]; then
    say ""
    say "There is a camera:" "$cameras"
    say "With your yes, Moodlark looks through it for about a second every few seconds while this runs."
    say "Each picture is turned into a handful of numbers inside a sandbox without network or files, and forgotten."
    printf 'May it look? [y/N] ' >&2
    read -r answer || answer=
    case $answer in y | Y | yes | Yes) source=camera ;; esac
  else
    say "There is a camera, and nobody to ask (no terminal): it stays off."
  fi
fi

# A path inside a TOML string.
# shellcheck disable=SC2001 # the text found goes into what replaces it
in_toml() { sed -e 's/[\\"]/\\&/g' <<<"$1"; }

# --- Run -------------------------------------------------------------------------------------
options=(--demo --log error)
if [ "$once" = yes ]; then options=(--once --log error); fi
if [ "$demo" = yes ]; then
  pictures=
  if [ "$source" = pictures ]; then
    say "In place of a camera: the portrait tests/data/astronaut.jpg."
    pictures="pictures = \"$(in_toml "$PWD/tests/data/astronaut.jpg")\""
  fi
  config=$(<packaging/demo/config.toml.in)
  config=${config//@SOURCE@/"$source"}
  config=${config//@PICTURES@/"$pictures"}
  config=${config//@MUSIC@/"$(in_toml "$music")"}
  config=${config//@PLAYER@/"$playing"}
  printf '%s\n' "$config" >"$run/config.toml"
  options+=(--config "$run/config.toml" --state-dir "$run/state")
  say "A demonstration: it looks every 5 s, and a mood need only last 2 s. Nothing of it is kept."
else
  say "With your configuration, $own_config: waiting times are as you set them."
fi
say ""

"$bin/moodlarkd" "${options[@]}" </dev/null &
children+=($!)
status=0
wait "${children[-1]}" || status=$?
unset 'children[-1]'
exit "$status"
