#!/bin/sh
# Fills corpus/TARGET with files of this repository, and with what the program writes.
# With JURAT=PATH a program that is built already is used.
set -eu
cd "$(dirname "$0")"
command -v zstd > /dev/null || { echo "install zstd, which unpacks counts" >&2 && exit 1; }
root=$(cd .. && pwd)
if [ -z "${JURAT:-}" ]; then
    cargo build -q --manifest-path "$root/Cargo.toml"
    JURAT=${CARGO_TARGET_DIR:-$root/target}/debug/jurat
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# add TARGET FILE…: each file under the hash of its content.
add() {
    target=$1
    shift
    mkdir -p "corpus/$target"
    for file in "$@"; do
        if [ -s "$file" ]; then
            cp "$file" "corpus/$target/$(sha1sum < "$file" | cut -c1-40)"
        fi
    done
}

# lines TARGET: each line of standard input is a seed.
lines() {
    rm -rf "$work/lines"
    mkdir "$work/lines"
    awk -v folder="$work/lines" 'NF { file = folder "/" NR; printf "%s", $0 > file; close(file) }'
    for file in "$work/lines"/*; do add "$1" "$file"; done
}

# What the program writes: a run on small data, sheets, models, votes.
"$JURAT" demo -q "$work/demo" > "$work/report.txt"
head -n 40 "$work/demo/notes.csv" > "$work/notes.csv"
earlier=$root/tests/data/earlier
cp "$earlier/spec.yaml" "$earlier"/*.csv "$work"
for format in parquet csv jsonl; do
    (cd "$work" && "$JURAT" run -q spec.yaml data.csv -o "run-$format" --format "$format" > report.txt)
    "$JURAT" apply -q "$work/spec.yaml" "$work/data.csv" -o "$work/votes.$format"
done
for sheet in sheet.csv sheet.json; do
    (cd "$work" && "$JURAT" review -q run-csv -n 4 -o "$sheet")
done
sed 's/^\([0-9]*\),\([^,]*\),,/\1,\2,spam,/' "$work/sheet.csv" > "$work/filled.csv"
for model in auto anchored generative dawid-skene one-coin snorkel triplet weighted majority; do
    "$JURAT" fit -q "$work/votes.csv" --model "$model" -o "$work/labels-$model.csv" \
        --save-model "$work/model-$model.json" > "$work/report.txt"
done

(cd "$work" && for kind in snorkel cleanlab; do "$JURAT" export -q run-csv --to $kind -o "array-$kind"; done)
(cd "$work" && "$JURAT" patterns count -q spec.yaml data.csv -o data.counts)
(cd "$work" && "$JURAT" train -q run-csv -o classifier.json > report.txt)

add spec "$root"/lf_specs/*.yaml "$root"/tests/data/errors/*.yaml "$earlier"/*.yaml
add format "$root"/lf_specs/*.yaml "$root"/tests/data/errors/*.yaml "$root"/tests/data/kinds/*.yaml \
    "$earlier"/*.yaml
cat "$root"/tests/data/kinds/*.yaml "$root"/lf_specs/*.yaml |
    sed -n -e 's/^  when: {\(.*\)} *$/\1/p' -e 's/^.*{name:.* when: {\(.*\)}} *$/\1/p' \
        -e 's/^    when: {\(.*\)} *$/\1/p' | lines compile
sed -n -e "s/^.*expr: '\(.*\)'}.*$/\1/p" -e 's/^.*expr: "\(.*\)"}.*$/\1/p' \
    -e 's/^.*{expr: \([^{"].*\)}.*$/\1/p' -e 's/^.*where: \([^,]*\),.*$/\1/p' \
    "$root"/tests/data/kinds/expr.yaml "$root"/tests/data/errors/expr-*.yaml |
    sed -e "s/''/'/g" -e 's/\\"/"/g' -e 's/\\\\/\\/g' | lines expr

find "$root/tests/data" "$root/lf_specs" \( -name '*.csv' -o -name '*.tsv' \) > "$work/csv.txt"
while read -r file; do add csv "$file"; done < "$work/csv.txt"
add csv "$work/notes.csv" "$work/votes.csv"
add json_lines "$root"/tests/data/kinds/tables/*.jsonl "$root"/tests/data/errors/tables/*.jsonl \
    "$work"/run-jsonl/*.jsonl "$work/votes.jsonl"
printf '%s\n' '{"a": "x", "n": 1.5e3, "id": 7}' '{"n": null, "a": "\ud83d\ude00 é"}' '' \
    '{"id": true, "more": {"deep": [1, {}]}, "a": 12345678901234567890}' > "$work/own.jsonl"
add json_lines "$work/own.jsonl"
find "$work" -name '*.parquet' -size -64k > "$work/parquet.txt"
while read -r file; do add parquet "$file"; done < "$work/parquet.txt"
add model_file "$earlier/model-1.json" "$earlier/run-1/model.json" "$work"/model-*.json \
    "$work/run-csv/model.json"
add classifier "$work/classifier.json"
# Changes to what is compressed are hardly ever anything but damage; and what names its files is not added twice.
zstd -qd < "$work/data.counts" > "$work/counts.json"
sed 's/"inputs":\[[^]]*\]/"inputs":[]/' "$work/counts.json" > "$work/anonymous.json"
add counts "$work/data.counts" "$work/counts.json" "$work/anonymous.json"
add array "$work"/array-*/*.npy
add votes "$earlier/run-1/votes.csv" "$work/votes.csv" "$work/run-csv/votes.csv"
printf 'a,b,c\n1,ann,spam\n1,bob,ham\n2,ann,\n2,ann,spam|ham\n3,bob,!ham\n1,ann,ham\n' > "$work/long.csv"
printf 'id,lf:a,lf:b\n1,x,y\n2,,x|y\n3,!x,\n4,x@0.5-0.7,x\n' > "$work/wide.csv"
add votes "$work/long.csv" "$work/wide.csv"
printf 'row,id,gold,who,when,source,note\n3,c,spam,ann,2026-03-01,s.csv (random),\n3,c,ham,bob,,,"a,\nb"\n' \
    > "$work/gold.csv"
printf '%s' '[{"data": {"id": "c"}, "meta": {"row": 3, "why": "uncertain"}, "annotations":
 [{"completed_by": {"id": 1, "email": "ann"}, "updated_at": "2026-03-01T10:00:00Z", "result":
 [{"type": "choices", "value": {"choices": ["spam"]}}, {"type": "textarea", "value": {"text": ["n"]}}]},
 {"was_cancelled": true}]}]' > "$work/tasks.json"
add gold "$work/gold.csv" "$work/tasks.json" "$work/sheet.csv" "$work/sheet.json" "$work/filled.csv"
for bytes in '\003\002\001\000\001\002\000\001\377\000' '\013\004\005\001\001\001\001\001\001' '\000\000\000'; do
    # shellcheck disable=SC2059
    printf "$bytes" > "$work/bytes"
    add patterns "$work/bytes"
done
for folder in corpus/*; do
    echo "$(find "$folder" -type f | wc -l) in $folder"
done
