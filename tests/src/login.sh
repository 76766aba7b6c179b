#!/bin/sh
# Runs a real `systemd --user` for a user of its own, where systemd need not be the machine's first
# process: in a mount namespace that looks like a machine booted by it, and a process namespace that
# takes everything along when it ends. Needs root. Ends when the manager does, or its standard input.
#   login.sh REPOSITORY PROGRAMS USER-ID FOLDER
set -eu
repository=$1 programs=$2 uid=$3 folder=$4

# What sd_booted(3) looks for; and, by other paths, what the user may have no way to where it is.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/repository /run/programs
mount --bind "$repository" /run/repository
mount --bind "$programs" /run/programs

# What the machine's own packages start at each login is not under test (mpDris2 without an MPD never gets there).
if [ -d /etc/systemd/user ]; then mount -t tmpfs -o mode=755 tmpfs /etc/systemd/user; fi

# A part of the control groups that is the user's.
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
group=/sys/fs/cgroup/moodlark-test-$$
mkdir "$group" "$group/manager"
chown -R "$uid:$uid" "$group"

# A camera that is none: what it answers tells whether it could be opened.
mkdir /run/dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /run/dev/
ln -s /proc/self/fd /run/dev/fd
mknod -m 666 /run/dev/video7 c 1 3
mkdir -m 1777 /run/dev/shm
mount --rbind /run/dev /dev

exec 3<&0
# The first process in there stays root's: one that changes its user no longer dies with its parent.
# shellcheck disable=SC2016 # the inner shells expand these
sh -c '
  echo 0 >"$0/manager/cgroup.procs"
  exec unshare --pid --fork --kill-child --mount-proc sh -c '\''
    setpriv --reuid="$0" --regid="$0" --clear-groups \
      env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME="$1/home" XDG_RUNTIME_DIR="$1/run" \
      /usr/lib/systemd/systemd --user >&2 &
    echo "manager $!"
    exec >&-
    wait'\'' "$1" "$2"
' "$group" "$uid" "$folder" 3<&- </dev/null &
namespace=$!
echo "namespace $namespace"
# Its first process: when that is gone, and only then, all of them are.
{
  cat <&3 >/dev/null
  read -r first <"/proc/$namespace/task/$namespace/children" || true # a line without an end
  kill -KILL "$first" 2>/dev/null
} >&- &
watcher=$!
exec 3<&- >&-
wait "$namespace" || true
kill "$watcher" 2>/dev/null || true
find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
