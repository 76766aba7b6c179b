#!/bin/sh
# Gathers pictures without a face for the accuracy example's `--empty`: photographs, textures, drawings and a cat, from
# packages whose licence allows it. Needs apt-get, pip and unzip, and a Debian that has the packages.
#
#   daemon/sense/examples/accuracy/empty.sh FOLDER
#
# | package | licence of the pictures |
# |---|---|
# | Debian mate-backgrounds 1.26 | GPL-2+, CC-BY-SA-4.0 |
# | Debian lomiri-wallpapers-16.04 and -20.04 | CC-BY-4.0, CC-BY-SA-3.0, CC-BY-SA-4.0, CC0-1.0 |
# | Debian ukui-wallpapers 20.04 | CC-BY-SA-3.0 |
# | PyPI scikit-image 0.16.2 | BSD-3-Clause; each picture's origin is in its skimage/data/README.txt |
# | PyPI scikit-learn 1.7.2 (china, flower) | CC-BY-2.0, see sklearn/datasets/images/README.txt |
# | PyPI mahotas 1.4.18 (nuclear) | MIT |
#
# Left out are pictures with people or their likeness (coins have heads on them), doubles, and plain areas.
set -eu

[ $# -eq 1 ] || { echo "usage: empty.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download --quiet mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 ukui-wallpapers
for package in *.deb; do
    dpkg -x "$package" debian
done
wheel() {
    pip download --quiet --no-deps --only-binary=:all: --platform manylinux1_x86_64 --platform manylinux2014_x86_64 \
        --platform manylinux_2_28_x86_64 --python-version "$2" "$1"
}
wheel scikit-image==0.16.2 3.8
wheel scikit-learn==1.7.2 3.11
wheel mahotas==1.4.18 3.11
for package in *.whl; do
    unzip -qo "$package" -d python
done

cd "$work/debian/usr/share/backgrounds"
cp \
    mate/abstract/Elephants.jpg mate/abstract/Flow.png mate/abstract/Gulp.png \
    mate/desktop/Float-into-MATE.png mate/desktop/GreenTraditional.jpg mate/desktop/Stripes.png \
    mate/desktop/Ubuntu-Mate-Cold-no-logo.png mate/nature/*.jpg \
    Bridge_by_*.jpg Dragonfly_by_*.jpg Picture_*_by_*.jpg Wine_by_*.jpg aitzgorri_by_*.jpg analogpattern_by_*.jpg \
    free_by_*.jpg friends_by_*.jpg greentock_by_*.jpg life_by_*.jpg picosdeeuropa_by_*.jpg seeding_by_*.jpg \
    sunset_by_*.jpg umang_by_*.jpg Fossa_by_*.jpg Kleiber_by_*.jpg Infinite-Sea_by_*.jpg Painting-Colors_by_*.jpg \
    2004default.jpg calla.png city.png desert.png firstgeneration.jpg fluent-color.png focal-ubuntukylin.png goldfish.png \
    rollpaper.png string.jpg the-mouse.jpg \
    "$folder"
cd "$work/python"
for name in brick grass gravel coffee chelsea motorcycle_left rocket moon hubble_deep_field page horse retina text cell ihc \
    clock_motion logo color phantom; do
    cp skimage/data/$name.* "$folder"
done
cp sklearn/datasets/images/china.jpg sklearn/datasets/images/flower.jpg mahotas/demos/data/nuclear.png "$folder"
echo "$(find "$folder" -type f | wc -l) pictures in $folder"
