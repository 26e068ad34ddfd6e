#!/bin/sh
# Fuzzes one target, or each in turn: run.sh TARGET|all SECONDS [EXECUTIONS], until either is reached
set -eu
cd "$(dirname "$0")"
all="spec compile expr format csv json_lines parquet model_file classifier counts patterns votes array gold"
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: $0 TARGET|all SECONDS [EXECUTIONS]; targets: $all" >&2
    exit 2
fi
# Flags of the compiler that find what inputs reach are for nightly compilers; this lets any take them.
export RUSTC_BOOTSTRAP=1
# One thread a process: that of libFuzzer.
export RAYON_NUM_THREADS=1
memory=/dev/shm
[ -d "$memory" ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/jurat-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

fuzz() {
    case $1 in
        spec) dictionary=spec most=4096 ;;
        format) dictionary=spec most=1024 ;;
        compile) dictionary=compile most=512 ;;
        expr) dictionary=expr most=512 ;;
        csv | votes) dictionary=csv most=1024 ;;
        json_lines) dictionary=json most=1024 ;;
        gold) dictionary=csv most=2048 ;;
        model_file | counts) dictionary=json most=4096 ;;
        classifier) dictionary=json most=8192 ;;
        parquet) dictionary=parquet most=8192 ;;
        patterns) dictionary= most=2048 ;;
        array) dictionary=array most=1024 ;;
        *)
            echo "no target $1; targets: $all" >&2
            exit 2
            ;;
    esac
    mkdir -p "corpus/$1"
    # No unsafe code is compiled here, so that sanitizers would find little and cost much.
    cargo fuzz run --sanitizer none "$1" -- -max_total_time="$2" -runs="$3" -max_len="$most" -timeout="${FUZZ_TIMEOUT:-10}" \
        -rss_limit_mb=2048 -print_final_stats=1 ${dictionary:+-dict="dictionaries/$dictionary.dict"}
}

if [ "$1" = all ]; then
    failed=
    for target in $all; do
        fuzz "$target" "$2" "${3:--1}" || failed="$failed $target"
    done
    [ -z "$failed" ] || { echo "failed:$failed" >&2 && exit 1; }
else
    fuzz "$1" "$2" "${3:--1}"
fi
