#!/bin/sh
# Fetches some 200 pieces of music from Debian's games into FOLDER, to try the worker on real files:
#
#   daemon/listen/tests/fetch-music.sh FOLDER
#   cargo run --release -p moodlark-listen --example survey -- FOLDER/usr > survey.jsonl
#
# Nothing is installed, and none of it belongs into the repository: each file has a licence of its own.
# With --voices it also fetches Asterisk's announcements, spoken by a person, for the recognition of speech.
set -eu
voices=
if [ "${1:-}" = --voices ]; then
    voices=asterisk-core-sounds-en-wav
    shift
fi
folder=${1:?"usage: fetch-music.sh [--voices] FOLDER"}
packages="wesnoth-1.16-music supertux-data hedgewars-data extremetuxracer-data hyperrogue-music marsshooter-data
asc-music singularity-music frozen-bubble-data colobot-common-sounds ardentryst $voices"
mkdir -p "$folder"
cd "$folder"
for package in $packages; do
    if ! apt-get download "$package"; then
        echo "$package: not in this release of Debian, left out" >&2
        continue
    fi
    dpkg-deb -x "$package"_*.deb .
    rm -f "$package"_*.deb
done
find . -type f -size +300k \( -name '*.ogg' -o -name '*.mp3' -o -name '*.flac' -o -name '*.wav' \) | wc -l | xargs echo "pieces longer than a jingle:"
