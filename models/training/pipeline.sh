#!/usr/bin/env bash
# From FER2013's faces and FER+'s votes to an expression network: training, ONNX, figures measured in tract, card.
#
#   models/training/pipeline.sh DATA [WORK]
#
# DATA: a folder with fer2013.csv (FER2013) and fer2013new.csv (FER+), or with the mosaics ferplus_*.png and their labels.
# WORK: a folder for all that is made (default: target/training). A run that was cut off goes on where it was.
#
# FROM=FILE.onnx  the network to go on from: models/expression.onnx. FROM=nothing begins with random weights
# EPOCHS=N        for each network on a CUDA device: 120
#
# On a CUDA device several large teachers are trained, and answer the very pictures that the last network learns from; with
# EfficientNet-Lite0 among them where LITE=FILE.pth names its weights. For a card that is at hand for minutes only there is
# brief.py, which made the network in models/. Without a card the network goes on alone, and then teaches itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }
data=$(realpath "$1")
work=${2:-$top/target/training}
mkdir -p "$work"
work=$(realpath "$work")

if [ ! -x "$work/venv/bin/python" ]; then
  echo "Making a Python environment in $work/venv …" >&2
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet -r "$here/requirements.txt"
fi
python() { "$work/venv/bin/python" "$here/$1" "${@:2}"; }

# learnt NAME OPTIONS…: trains a network unless that is done already.
networks=()
learnt() {
  local out=$work/$1
  if [ ! -e "$out/network.pt" ]; then
    echo "Training $1 …" >&2
    python train.py "$data" "$out" "${@:2}"
  fi
  networks+=("$out/network.pt")
}

from=${FROM:-$top/models/expression.onnx}
begin=()
if [ "$from" != nothing ]; then
  [ -e "$work/begin/network.pt" ] || python begin.py "$data" "$from" "$work/begin/network.pt"
  begin=(--begin "$work/begin/network.pt")
fi

even=(--size even-slim --small 48)
if "$work/venv/bin/python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  large=(--size even-teacher --batch 256 --epochs "${EPOCHS:-120}")
  learnt teacher-1 "${large[@]}" --mixup 0.3 --strength 0.7 --seed 1
  learnt teacher-2 "${large[@]}" --mixup 0.2 --strength 0.5 --decay 0.001 --seed 2
  if [ -n "${LITE:-}" ]; then
    learnt teacher-3 --size lite --batch 256 --epochs "${EPOCHS:-120}" --small 48 --rate 0.04 --strength 0.6 --seed 3 --begin "$LITE"
  fi
  last=student
  learnt $last "${even[@]}" --batch 256 --epochs "${EPOCHS:-120}" --hard 0.2 --mixup 0.4 --rate 0.05 --strength 0.6 --decay 0.001 --seed 5 \
    "${begin[@]}" --teachers "${networks[@]}"
else
  if [ "$from" = nothing ]; then
    learnt even "${even[@]}" --small 40 --epochs 84 --tiny 0.333 --strength 0.7 --mixup 0.3 --decay 0.001 --seed 12
    begin=(--begin "$work/even/network.pt")
  fi
  learnt votes "${even[@]}" --epochs 8 --warm 0.3 --rate 0.04 --mixup 0.2 --strength 0.5 --keep 0.995 --calm 0.3 --seed 31 "${begin[@]}"
  last=student
  learnt $last "${even[@]}" --epochs 8 --warm 0.3 --rate 0.04 --mixup 0.3 --strength 0.6 --keep 0.996 --calm 0.3 --seed 32 --hard 0.5 \
    --begin "$work/votes/network.pt" --teachers "$work/votes/network.pt"
fi

network=$work/expression.onnx
python export.py "$work/$last/network.pt" "$network"
bytes=$(stat -c %s "$network" | sed -e ':again' -e 's/\B[0-9]\{3\}\>/,&/;t again')
sed -e "s/@SHA@/$(sha256sum "$network" | cut -d ' ' -f 1)/" -e "s/@BYTES@/$bytes/" "$here/card.md" >"$work/expression.md"
faces=$work/public_test.npz
python fer.py "$data" public_test "$faces"
python speed.py "$network"
cd "$top"
cargo run --release --locked -p moodlark-sense --example accuracy -- "$faces" --network "$network" --write
echo "In $work: expression.onnx; expression.json (what it wants, how it was measured) and expression.csv (its answers), for models/; expression.md (its card)." >&2
