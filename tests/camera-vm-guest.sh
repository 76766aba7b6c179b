#!/bin/bash
# Runs inside the machine that camera-vm.sh boots: real V4L2 nodes, Linux 6.1, so a landlock that knows less.
#   /dev/video0   vivid, a test pattern            /dev/video9   loopback fed with a face, YUYV
#   /dev/video10  loopback fed with a face, MJPEG  /dev/video11  loopback without a producer
#   /dev/video12  loopback fed in grey
x=/tmp/x
sense=$x/moodlark-sense
failed=0
echo "guest: Linux $(uname -r), up after $(cut -d' ' -f1 /proc/uptime) s"

# check NAME EXPECTED-JQ-CONDITION JSON
check() {
    # jq 1.6 is content with nothing at all.
    if [ -n "$3" ] && jq -e "$2" >/dev/null 2>&1 <<<"$3"; then
        echo "ok      $1   ($(cut -d' ' -f1 /proc/uptime) s)"
    else
        echo "FAILED  $1: want $2, got: $3"
        failed=1
    fi
}
# Emulated, everything is a dozen times slower: the deadlines are too.
look() { "$sense" --once --deadline "${deadline:-90}" "$@" 2>>$x/stderr; }
until_true() { for _ in $(seq 200); do "$@" && return 0; sleep 0.1; done; return 1; }
# shellcheck disable=SC2317 # called by name
streams() { grep -qs "$1" /proc/[0-9]*/maps; }
# shellcheck disable=SC2317 # called by name
formats() { v4l2-ctl -d "$1" --list-formats 2>/dev/null | grep -q "'$2'"; }

# The frames are encoded beforehand and only copied here: emulated, encoding would take all the time there is.
feed() { # NODE FRAMES INPUT-OPTIONS…
    local node=$1 frames=$2
    shift 2
    ffmpeg -nostdin -loglevel error -re -stream_loop -1 "$@" -framerate 8 -i "$x/$frames" -c:v copy -f v4l2 "$node" >>$x/stderr 2>&1 &
}
feed /dev/video9 face.yuyv -f rawvideo -video_size 640x480 -pixel_format yuyv422
yuyv=$!
until_true formats /dev/video9 YUYV || echo "no YUYV producer"

line=$(look --device /dev/video9)
check "a face by path, YUYV" '.kind == "face" and .distribution.happy > 0.5 and .faces == 1 and .format == 1' "$line"
check "the sandbox of an old kernel is partial" '.sandbox == "partial"' "$line"
check "one line and nothing else" 'length == 1' "$(jq -s <<<"$line")"
kill -STOP $yuyv
feed /dev/video10 face.mjpeg -f mjpeg
mjpeg=$!
until_true formats /dev/video10 MJPG || echo "no MJPEG producer"
check "a face by name, MJPEG" '.kind == "face" and .distribution.happy > 0.5' "$(look --device rigmjpeg)"
kill $mjpeg
feed /dev/video12 face.grey -f rawvideo -video_size 640x480 -pixel_format gray
grey=$!
until_true formats /dev/video12 GREY || echo "no grey producer"
check "a format that cannot be read is refused by name" '.kind == "failed" and (.reason | contains("GREY"))' "$(look --device /dev/video12)"
kill $grey
check "a loopback without a producer is a failure" '.kind == "failed" and (.reason | contains("producer"))' "$(look --device /dev/video11)"
check "auto takes vivid, and its test pattern has no face" '.kind == "no_face"' "$(look)"
check "the list tells cameras from loopbacks" \
    'map({(.path): .kind}) | add | .["/dev/video0"] == "camera" and .["/dev/video9"] == "loopback"' \
    "$("$sense" --list-devices --json 2>>$x/stderr)"

check "a node that is not there is unplugged" '.kind == "unplugged"' "$(look --device /dev/video77)"
check "a name that nothing has is unplugged" '.kind == "unplugged"' "$(look --device nonesuch)"
chmod 600 /dev/video*
check "without permission it is denied" '.kind == "denied" and .sandbox == "partial"' \
    "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$sense" --once --device /dev/video9 2>>$x/stderr)"
check "auto without permission is denied" '.kind == "denied"' \
    "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$sense" --once 2>>$x/stderr)"

v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=100000 >/dev/null 2>&1 &
other=$!
until_true streams /dev/video0 || echo "v4l2-ctl does not stream"
check "while another program streams it is busy" '.kind == "busy"' "$(look --device /dev/video0)"
kill $other
wait $other 2>/dev/null

look --device /dev/video0 >$x/gone &
looking=$!
until_true streams /dev/video0 || echo "sense does not stream"
v4l2-ctl -d /dev/video0 -c disconnect=1 >/dev/null 2>&1
wait $looking
check "a camera that goes away is unplugged" '.kind == "unplugged"' "$(cat $x/gone)"

check "a camera that stalls ends at the deadline" '.kind == "failed" and (.reason | contains("longer than 4"))' \
    "$(deadline=4 look --device /dev/video9)"

check "the sandbox holds" '.passed and .sandbox == "partial" and .seccomp and .no_new_privs' \
    "$("$sense" --self-test --json 2>>$x/stderr)"
kill -CONT $yuyv
jobs -p | xargs -r kill 2>/dev/null
if [ $failed = 1 ]; then
    echo "--- standard error"
    tail -40 $x/stderr
fi
exit $failed
