#!/bin/bash
# Drives moodlark-sense against real V4L2 nodes: boots Debian's own kernel in qemu on this machine's
# root file system (read-only), with the drivers vivid and v4l2loopback, and runs camera-vm-guest.sh in it.
#
#   tests/camera-vm.sh [target/debug/moodlark-sense]
#
# Exit: 0 all passed, 1 something failed, 77 such a machine cannot be had here (the reason is printed).
# Needs root for apt the first time; what it fetches and builds is kept in target/camera-vm.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
sense=$(readlink -f "${1:-target/debug/moodlark-sense}")
[ -x "$sense" ] || { echo "camera-vm: build moodlark-sense first: cargo build -p moodlark-sense" >&2; exit 1; }
cache=$root/target/camera-vm
mkdir -p "$cache"

skip() { echo "camera-vm: SKIPPED: $*" >&2; exit 77; }

[ "$(uname -m)" = x86_64 ] || skip "written for x86_64, this is $(uname -m)"
command -v apt-get >/dev/null || skip "no apt-get: the kernel and its drivers come from Debian's packages"

# --- programs -------------------------------------------------------------------------------------
# Two apt runs at once wait for each other; a cache of our own, because some images delete theirs.
apt=(apt-get -qq -o DPkg::Lock::Timeout=300 -o "Dir::Cache::archives=$cache/archives")
mkdir -p "$cache/archives/partial"
need=()
has() { command -v "$1" >/dev/null || need+=("$2"); }
has qemu-system-x86_64 qemu-system-x86
has /bin/busybox busybox-static
has modprobe kmod
has cpio cpio
has v4l2-ctl v4l-utils
has ffmpeg ffmpeg
has make make
has jq jq
if [ ${#need[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || skip "install ${need[*]}, or run as root"
    "${apt[@]}" update || true
    if ! DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${need[@]}" >"$cache/apt.log" 2>&1; then
        # An image whose qemu-utils come from backports takes no older qemu beside them.
        release=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
        # The mirror that this machine uses already.
        # shellcheck disable=SC2016 # apt-get's own placeholders
        mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' "Created-By: Packages" |
            awk -v release="$release" '$1 == release { print $2; exit }')
        echo "deb $mirror $release-backports main" >"$cache/backports.list"
        also=(-o "Dir::Etc::sourceparts=$cache/lists")
        mkdir -p "$cache/lists"
        cp /etc/apt/sources.list.d/* "$cache/lists/" 2>/dev/null
        cp "$cache/backports.list" "$cache/lists/"
        "${apt[@]}" "${also[@]}" update || true
        DEBIAN_FRONTEND=noninteractive "${apt[@]}" "${also[@]}" install -y --no-install-recommends \
            -t "$release-backports" "${need[@]}" >>"$cache/apt.log" 2>&1 \
            || { tail -5 "$cache/apt.log" >&2; skip "apt cannot install ${need[*]}"; }
    fi
fi

# --- kernel and drivers -----------------------------------------------------------------------------
release=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: linux-image-//p' | head -1)
if [ -z "$release" ]; then
    [ "$(id -u)" = 0 ] && "${apt[@]}" update
    release=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: linux-image-//p' | head -1)
fi
[ -n "$release" ] || skip "apt knows no linux-image-amd64"
vm=$cache/$release
if [ ! -e "$vm/done" ]; then
    rm -rf "$vm"
    mkdir -p "$vm"
    flavour=${release%-amd64}
    kbuild=linux-kbuild-${release%%-*}
    [ -n "$(apt-cache madison "$kbuild" 2>/dev/null)" ] || kbuild=linux-kbuild-$(echo "$release" | cut -d. -f1,2)
    # apt drops to a user of its own that may not write here; that is only a warning.
    (cd "$vm" && "${apt[@]}" download "linux-image-$release" "linux-headers-$release" \
        "linux-headers-$flavour-common" "$kbuild" v4l2loopback-dkms) 2>"$cache/download.log" \
        || { tail -3 "$cache/download.log" >&2; skip "apt cannot fetch the kernel $release and its headers"; }
    mkdir "$vm/image" "$vm/build"
    dpkg-deb -x "$vm"/linux-image-*.deb "$vm/image"
    for package in "$vm"/linux-headers-*.deb "$vm"/linux-kbuild-*.deb "$vm"/v4l2loopback-dkms_*.deb; do
        dpkg-deb -x "$package" "$vm/build"
    done
    rm "$vm"/*.deb
    depmod -b "$vm/image" "$release"
    # The headers name their neighbours by absolute paths.
    headers=$vm/build/usr/src/linux-headers-$release
    sed -i "s#/usr/src/#$vm/build/usr/src/#g" "$headers/Makefile"
    for part in scripts tools; do
        for link in "$headers/$part" "$vm/build/usr/src/linux-headers-$flavour-common/$part"; do
            [ -L "$link" ] && ln -sfn "$vm/build/usr/lib/$kbuild/$part" "$link"
        done
    done
    mv "$vm"/build/usr/src/v4l2loopback-* "$vm/v4l2loopback"
    compiler=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\([a-z0-9._-]*\) .*/\1/p' "$headers/.config" "$vm/image/boot/config-$release" 2>/dev/null | head -1 | sed 's/^x86_64-linux-gnu-//')
    command -v "${compiler:=gcc}" >/dev/null || compiler=gcc
    make -s -C "$headers" M="$vm/v4l2loopback" CC="$compiler" modules >"$cache/make.log" 2>&1
    [ -e "$vm/v4l2loopback/v4l2loopback.ko" ] || { tail -5 "$cache/make.log" >&2; skip "v4l2loopback does not build for $release"; }
    touch "$vm/done"
fi

# --- the first file system: load the drivers, mount this machine's root, go on there ------------------
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
initrd=$work/initrd
mkdir -p "$initrd"/{bin,dev,proc,sys,m,new} "$work/exchange"
cp /bin/busybox "$initrd/bin/" || skip "no busybox"
number=0
for module in virtio_pci 9pnet_virtio 9p vivid; do
    while read -r file; do
        name=$(basename "$file")
        if ! ls "$initrd"/m/*-"$name" >/dev/null 2>&1; then
            number=$((number + 1))
            cp "$file" "$initrd/m/$(printf %03d $number)-$name"
        fi
    done < <(modprobe -d "$vm/image" -S "$release" --show-depends "$module" | awk '/^insmod/ { print $2 }')
done
cp "$vm/v4l2loopback/v4l2loopback.ko" "$initrd/m/zz-v4l2loopback.ko"
cat >"$initrd/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t devtmpfs dev /dev; $b mount -t sysfs sys /sys
for m in /m/0*.ko; do
    case $m in *vivid*) a="n_devs=1" ;; *) a="" ;; esac
    $b insmod $m $a || echo "insmod failed: $m"
done
$b insmod /m/zz-v4l2loopback.ko devices=4 video_nr=9,10,11,12 card_label=RigYuyv,RigMjpeg,RigEmpty,RigGrey exclusive_caps=1,1,1,1
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro hostroot /new || { echo "no root"; $b poweroff -f; }
$b mount -t tmpfs t /new/tmp; $b mount -t tmpfs t /new/run
$b mkdir -p /new/tmp/x; $b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 exchange /new/tmp/x
for d in dev proc sys; do $b mount --move /$d /new/$d; done
$b chroot /new /usr/bin/env -i HOME=/tmp PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin bash /tmp/x/guest.sh
echo $? >/new/tmp/x/rc
$b sync; $b poweroff -f
INIT
chmod +x "$initrd/init"
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd.gz"
cp tests/camera-vm-guest.sh "$work/exchange/guest.sh"
cp "$sense" "$work/exchange/moodlark-sense"
encode() { ffmpeg -nostdin -y -loglevel error -loop 1 -i tests/data/astronaut.jpg -frames:v "$1" "${@:2}"; }
encode 8 -pix_fmt yuyv422 -f rawvideo "$work/exchange/face.yuyv"
encode 8 -pix_fmt gray -f rawvideo "$work/exchange/face.grey"
encode 8 -c:v mjpeg -q:v 3 -pix_fmt yuvj422p -f mjpeg "$work/exchange/face.mjpeg"

# Emulated unless asked otherwise: a /dev/kvm inside of a virtual machine may be there and hang.
# Without AVX and FMA, because those are emulated five times as slowly as what the networks use instead; and so without
# F16C, which no processor has without AVX.
# shellcheck disable=SC2054 # the commas are qemu's
accel=(-accel "tcg,thread=multi" -cpu max,-avx,-avx2,-fma,-f16c)
[ "${CAMERA_VM_ACCEL:-}" = kvm ] && accel=(-accel kvm -cpu host)
timeout 300 qemu-system-x86_64 "${accel[@]}" -smp 2 -M q35 -m 1024 -nographic -no-reboot -net none \
    -kernel "$vm/image/boot/vmlinuz-$release" -initrd "$work/initrd.gz" \
    -virtfs local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap \
    -virtfs "local,path=$work/exchange,mount_tag=exchange,security_model=none" \
    -append "console=ttyS0 panic=-1 quiet" </dev/null 2>&1 | sed -u 's/\x1b[^a-zA-Z]*[a-zA-Z]//g; s/\r//g' | grep -vE '^(SeaBIOS|iPXE|Booting from|$)'
if [ ! -e "$work/exchange/rc" ]; then
    echo "camera-vm: the machine did not finish" >&2
    exit 1
fi
code=$(cat "$work/exchange/rc")
[ "$code" = 0 ] || exit 1
