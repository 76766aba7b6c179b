#!/usr/bin/env bash
# Synthesises two playlists that nobody can mistake for each other, into a folder:
#   grey-drizzle.m3u8     slow minor pads
#   bright-morning.m3u8   a lively major arpeggio
# Usage: packaging/demo/music.sh FOLDER
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Notes are semitones from the A at 440 Hz, as sox's synth takes them after a %.

# pad FILE NOTES: one chord of ten seconds, swelling and dying away.
pad() {
  local voices=() note
  for note in $2; do voices+=(sine "%$note"); done
  sox -r 44100 -c "$(wc -w <<<"$2")" -n -b 16 -c 1 "$1" synth 10 "${voices[@]}" remix - \
    tremolo 0.3 30 lowpass 900 fade t 3 10 3 gain -n -9
}

# arpeggio FILE NOTES: one bar of plucked eighths at 150 beats a minute.
arpeggio() {
  local note n=0 parts=()
  for note in $2; do
    n=$((n + 1))
    sox -r 44100 -c 1 -n -b 16 "$work/note-$n.wav" synth 0.2 pluck "%$note" gain -3 fade t 0 0.2 0.03
    parts+=("$work/note-$n.wav")
  done
  sox "${parts[@]}" "$1" gain -n -6
}

# track FILE ALBUM NUMBER TITLE PARTS…: joins the parts, adds a room, tags.
track() {
  local file=$1 album=$2 number=$3 title=$4
  shift 4
  sox "$@" -c 2 --comment "" --add-comment "TITLE=$title" --add-comment "ARTIST=Moodlark" \
    --add-comment "ALBUM=$album" --add-comment "TRACKNUMBER=$number" "$work/tagged.flac" reverb 40 gain -n -6
  mv "$work/tagged.flac" "$folder/$file"
}

drizzle() {
  local number=$1 title=$2 chord n=0 parts=()
  shift 2
  for chord in "$@"; do
    n=$((n + 1))
    pad "$work/pad-$n.wav" "$chord"
    parts+=("$work/pad-$n.wav")
  done
  track "grey-drizzle-$number.flac" "Grey Drizzle" "$number" "$title" "${parts[@]}"
}

morning() {
  local number=$1 title=$2 bar n=0 parts=()
  shift 2
  for bar in "$@"; do
    n=$((n + 1))
    arpeggio "$work/bar-$n.wav" "$bar"
    parts+=("$work/bar-$n.wav")
  done
  # Four bars of 1.6 s, six times over.
  track "bright-morning-$number.flac" "Bright Morning" "$number" "$title" \
    "${parts[@]}" "${parts[@]}" "${parts[@]}" "${parts[@]}" "${parts[@]}" "${parts[@]}"
}

playlist() {
  local name=$1 album=$2 number
  {
    printf '#EXTM3U\n#PLAYLIST:%s\n' "$album"
    for number in 1 2 3; do printf '%s/%s-%s.flac\n' "$folder" "$name" "$number"; done
  } >"$work/list"
  mv "$work/list" "$folder/$name.m3u8"
}

drizzle 1 "Puddles" "-24 -12 -9 -5" "-28 -16 -12 -9" "-31 -19 -16 -12" "-29 -17 -14 -10"
drizzle 2 "Low Cloud" "-31 -19 -16 -12" "-33 -21 -17 -14" "-24 -12 -9 -5" "-29 -17 -13 -10"
drizzle 3 "The Last Bus" "-29 -17 -14 -10" "-24 -12 -9 -5" "-28 -16 -12 -9" "-31 -19 -16 -12"
morning 1 "Open Window" "3 7 10 15 10 7 10 15" "8 12 15 20 15 12 15 20" "10 14 17 22 17 14 17 22" "3 7 10 15 19 15 10 7"
morning 2 "Bicycle" "-2 2 5 10 14 10 5 2" "3 7 10 15 19 15 10 7" "5 9 12 17 21 17 12 9" "-2 2 5 10 14 17 14 10"
morning 3 "Marmalade" "5 9 12 17 12 9 5 9" "10 14 17 22 17 14 10 14" "0 4 7 12 16 12 7 4" "5 9 12 17 21 24 21 17"
playlist grey-drizzle "Grey Drizzle"
playlist bright-morning "Bright Morning"
