#!/usr/bin/env bash
# Installs what is missing, then runs every check that Moodlark has. The last line is the sum:
# N passed, N failed, N skipped. Exit 0 when nothing failed.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=packaging/setup.sh
. packaging/setup.sh

case ${1-} in
  '') ;;
  -h | --help)
    sed -n '2,3s/^# //p' "$0"
    exit 0
    ;;
  *) die "unknown option $1; it takes none" ;;
esac
exec </dev/null

need_packages build session demo test
need_rust

logs=${CARGO_TARGET_DIR:-$PWD/target}/test-logs
mkdir -p "$logs" || exit 1
rm -f "$logs"/*.log
passed=0 failed=0 skipped=0
summary=()
note() { summary+=("$(printf '%-8s %s' "$1" "$2")"); }

# limited SECONDS COMMAND…: timeout makes a process group of its own, which Ctrl-C would not reach.
child=
limited() {
  timeout --kill-after=30 "$@" &
  child=$!
  wait "$child"
}
trap 'kill "$child" 2>/dev/null; exit 130' INT
trap 'kill "$child" 2>/dev/null; exit 143' TERM HUP

# step NAME SECONDS COMMAND…: one check; exit status 77 means that it was skipped, as it says.
step() {
  local name=$1 limit=$2 status=0 started=$SECONDS
  local log=$logs/${name//[^a-z0-9]/-}.log
  shift 2
  printf '\n== %s\n' "$name"
  local copy
  exec {copy}> >(exec tee "$log")
  local tee=$!
  limited "$limit" "$@" >&"$copy" 2>&1 || status=$?
  exec {copy}>&-
  # The last lines may still be on their way; but something left behind must not hold us up.
  timeout 5 tail --pid="$tee" -f /dev/null
  case $status in
    0) passed=$((passed + 1)) && note ok "$name ($((SECONDS - started)) s)" ;;
    77) skipped=$((skipped + 1)) && note skipped "$name: $(tail -n 1 "$log")" ;;
    124 | 137) failed=$((failed + 1)) && note FAILED "$name: not done within $limit s" ;;
    *) failed=$((failed + 1)) && note FAILED "$name (exit status $status, see $log)" ;;
  esac
  return "$status"
}

# skip NAME WHY: a check that cannot run here.
skip() {
  printf '\n== %s\nskipped: %s\n' "$1" "$2"
  skipped=$((skipped + 1))
  note skipped "$1: $2"
}

# tests NAME SECONDS CARGO-TEST-ARGUMENTS…: the sums of cargo's own. A test that finds that it cannot
# run says so on a line that begins with "skipped:"; cargo calls that one passed, we don't.
tests() {
  local name=$1 limit=$2 status=0 ok bad ignored unable started=$SECONDS
  local log=$logs/${name//[^a-z0-9]/-}.log
  shift 2
  printf '\n== %s\n' "$name"
  limited "$limit" cargo test --locked --no-fail-fast "$@" -- --show-output >"$log" 2>&1 || status=$?
  # Everything of a failure; of the rest one line a test.
  if [ "$status" -ne 0 ]; then cat "$log"; else grep -E '^(test |skipped:|     Running|   Doc-tests)' "$log"; fi
  read -r ok bad ignored < <(awk '/^test result:/ { ok += $4; bad += $6; ignored += $8 } END { print ok + 0, bad + 0, ignored + 0 }' "$log")
  unable=$(grep -c '^skipped:' "$log")
  passed=$((passed + ok - unable)) failed=$((failed + bad)) skipped=$((skipped + ignored + unable))
  if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    failed=$((failed + 1))
    note FAILED "$name: not done within $limit s; $ok tests passed, $bad failed"
  elif [ "$status" -ne 0 ]; then
    # A failure that no test counts: it did not build, or a test ended the whole process.
    if [ "$bad" -eq 0 ]; then failed=$((failed + 1)); fi
    note FAILED "$name: $((ok - unable)) tests passed, $bad failed, $((ignored + unable)) skipped (exit status $status, see $log)"
  else
    note ok "$name: $((ok - unable)) tests passed, $((ignored + unable)) skipped ($((SECONDS - started)) s)"
  fi
  if [ "$unable" -gt 0 ]; then
    while read -r line; do summary+=("           $line"); done < <(grep '^skipped:' "$log" | sort | uniq -c | sed 's/^ *\([0-9]*\) skipped:/\1 skipped:/')
  fi
  return "$status"
}

# The real programs on a real bus are part of the tests: what the rig lacks is a failure here.
export MOODLARK_REQUIRE_RIG=1
# An error's own words say enough; pages of frames around them hide it.
export RUST_LIB_BACKTRACE=0

step "cargo fmt" 120 cargo fmt --all --check
step "shellcheck" 120 shellcheck -x -S warning run.sh test.sh .ci/run packaging/*.sh packaging/demo/*.sh tests/*.sh tests/src/*.sh
# One build for all that follows; the end-to-end tests run the programs that it leaves.
step "build" 1800 cargo build --locked --workspace --all-targets
step "clippy" 1200 cargo clippy --locked --workspace --all-targets -- -D warnings
tests "cargo test" 1500 --workspace
# Built for fewer packages, some crates have fewer features, and are built once more.
step "run.sh --once" 900 ./run.sh --once --profile dev
if [ -x tests/camera-vm.sh ]; then
  step "camera-vm" 900 tests/camera-vm.sh "${CARGO_TARGET_DIR:-target}/debug/moodlark-sense"
fi
if cargo deny --version >/dev/null 2>&1; then
  # It reads every crate of the lock file, those for other systems too; the build has fetched only ours.
  step "cargo deny" 300 sh -c 'cargo fetch --locked && cargo deny --offline --locked check licenses bans sources'
else
  skip "cargo deny" "cargo-deny is not installed"
fi

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
