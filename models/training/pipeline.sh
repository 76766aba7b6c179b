#!/usr/bin/env bash
# From FER2013 to an expression network: teachers, student, ONNX, figures measured in tract, card.
#
#   models/training/pipeline.sh DATA [WORK]
#
# DATA: a folder with train.npz and public_test.npz (X: n×48×48 bytes, Y: n labels 0..=6), or FER2013's CSV file.
# WORK: a folder for all that is made (default: target/training). A run that was cut off goes on where it was.
#
# TEACHERS=N     how many teachers to train: 4 where there is a CUDA device, else none
# GENERATIONS=N  students after one another, each learning from the ones before it as well: 2
# EPOCHS=N       for each network: 200 on a CUDA device, else 64
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -ge 1 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
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

if "$work/venv/bin/python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  teachers=${TEACHERS:-4} epochs=${EPOCHS:-200}
else
  teachers=${TEACHERS:-0} epochs=${EPOCHS:-64}
fi
generations=${GENERATIONS:-2}
fast=()
if command -v g++ >/dev/null; then fast=(--compile); fi

# learnt NAME OPTIONS…: trains a network unless that is done already.
learnt() {
  local out=$work/$1
  if [ ! -e "$out/network.pt" ]; then
    echo "Training $1 for $epochs epochs …" >&2
    python train.py "$data" "$out" --epochs "$epochs" "${fast[@]}" "${@:2}"
  fi
  networks+=("$out/network.pt")
}

networks=()
for ((i = 1; i <= teachers; i++)); do learnt "teacher-$i" --size teacher --seed "$i"; done
for ((i = 1; i <= generations; i++)); do
  soft=()
  if [ ${#networks[@]} -gt 0 ]; then
    [ -e "$work/soft-$i.npy" ] || python soften.py "$data" "$work/soft-$i.npy" "${networks[@]}"
    soft=(--soft "$work/soft-$i.npy" --smoothing 0)
  fi
  learnt "student-$i" --size student --seed "$((100 + i))" "${soft[@]}"
done

network=$work/expression.onnx
python export.py "$work/student-$generations/network.pt" "$network"
sed -e "s/@SHA@/$(sha256sum "$network" | cut -d ' ' -f 1)/" -e "s/@BYTES@/$(stat -c %s "$network")/" \
  "$here/card.md" >"$work/expression.md"
faces=$work/public_test.npz
(cd "$here" && "$work/venv/bin/python" -c \
  "import numpy, fer, sys; X, Y = fer.faces(sys.argv[1], 'public_test'); numpy.savez(sys.argv[2], X=X, Y=Y)" "$data" "$faces")
cd "$top"
cargo run --release --locked -p moodlark-sense --example accuracy -- "$faces" --network "$network" --write
echo "In $work: expression.onnx, expression.json (what it wants, how it was measured), expression.md (its card)." >&2
