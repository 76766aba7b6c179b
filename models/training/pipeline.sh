#!/usr/bin/env bash
# From FER2013 to an expression network: teachers, student, ONNX, figures measured in tract, card.
#
#   models/training/pipeline.sh DATA [WORK]
#
# DATA: a folder with train.npz and public_test.npz (X: n×48×48 bytes, Y: n labels 0..=6), or FER2013's CSV file.
# WORK: a folder for all that is made (default: target/training). A run that was cut off goes on where it was.
#
# TEACHERS=N     how many teachers to train on a CUDA device: 4
# EPOCHS=N       for each network on a CUDA device: 200
#
# The teachers answer the very pictures that the last network learns from. On a CUDA device they are large. Without one they
# are of the last one's size: a plain one in four generations, each going on from the one before with its answers as a part
# of the target, and two that answer a face and its mirror image alike; so the network in models/ was made.
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

fast=()
if command -v g++ >/dev/null; then fast=(--compile); fi

# learnt NAME OPTIONS…: trains a network unless that is done already.
networks=()
learnt() {
  local out=$work/$1
  if [ ! -e "$out/network.pt" ]; then
    echo "Training $1 …" >&2
    python train.py "$data" "$out" "${fast[@]}" "${@:2}"
  fi
  networks+=("$out/network.pt")
}
# softened NAME NETWORK… [OPTIONS…]: what these networks say of the training split.
softened() {
  [ -e "$work/$1.npy" ] || python soften.py "$data" "$work/$1.npy" "${@:2}"
}

taught=(--size even --smoothing 0 --small 48 --hard 0 --mixup 0.5)
if "$work/venv/bin/python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  for ((i = 1; i <= ${TEACHERS:-4}; i++)); do
    learnt "teacher-$i" --size even-teacher --epochs "${EPOCHS:-200}" --seed "$i"
  done
  last=student
  learnt $last "${taught[@]}" --epochs "${EPOCHS:-200}" --seed 101 --teachers "${networks[@]}"
else
  late=(--smoothing 0 --mixup 0.1 --hard 0.6 --warm 1)
  even=(--size even --smoothing 0 --hard 0.5)
  learnt plain-1 --epochs 52
  softened soft-1 "$work/plain-1/network.pt" --views 0 --temperature 0.7
  learnt plain-2 --epochs 24 "${late[@]}" --strength 0.6 --rate 0.04 --soft "$work/soft-1.npy" --begin "$work/plain-1/network.pt"
  softened soft-2 "$work/plain-2/network.pt" --views 0 --temperature 0.85
  learnt plain-3 --epochs 54 "${late[@]}" --strength 0.5 --rate 0.08 --seed 3 --soft "$work/soft-2.npy" --begin "$work/plain-2/network.pt"
  softened soft-3 "$work/plain-3/network.pt" --views 0
  learnt plain-4 --epochs 74 "${late[@]}" --hard 0.5 --strength 0.5 --rate 0.08 --seed 4 --soft "$work/soft-3.npy" --begin "$work/plain-3/network.pt"
  softened soft-4 "$work"/plain-{1,2,3}/network.pt --views 1
  learnt even-1 "${even[@]}" --epochs 90 --tiny 0.333 --strength 0.6 --seed 11 --soft "$work/soft-4.npy"
  learnt even-2 "${even[@]}" --epochs 84 --tiny 0.333 --strength 0.7 --mixup 0.3 --decay 0.001 --seed 12 --soft "$work/soft-4.npy"
  last=student
  learnt $last "${taught[@]}" --epochs 60 --warm 1 --rate 0.05 --strength 0.6 --decay 0.001 --seed 21 --begin "$work/even-2/network.pt" \
    --teachers "$work"/{plain-4,even-1,even-2}/network.pt
fi

network=$work/expression.onnx
python export.py "$work/$last/network.pt" "$network"
bytes=$(stat -c %s "$network" | sed -e ':again' -e 's/\B[0-9]\{3\}\>/,&/;t again')
sed -e "s/@SHA@/$(sha256sum "$network" | cut -d ' ' -f 1)/" -e "s/@BYTES@/$bytes/" "$here/card.md" >"$work/expression.md"
faces=$work/public_test.npz
(cd "$here" && "$work/venv/bin/python" -c \
  "import numpy, fer, sys; X, Y = fer.faces(sys.argv[1], 'public_test'); numpy.savez(sys.argv[2], X=X, Y=Y)" "$data" "$faces")
cd "$top"
cargo run --release --locked -p moodlark-sense --example accuracy -- "$faces" --network "$network" --write
echo "In $work: expression.onnx, expression.json (what it wants, how it was measured), expression.md (its card)." >&2
