"""Made-up texts, and labeling functions (LFs) for them, to measure matching on.

    python benches/peers/texts.py FOLDER [--rows N] [--lfs N ...] [--rules DIR]

Writes `text.parquet` and for each number of LFs a spec `<number>.yaml`. With `--rules`, also writes for
each list of rules in DIR its spec `<name>.yaml` and its own texts, repeated to as many rows, as
`<name>.parquet`. `apply.py` uses this as a module.

The words are made of syllables. The commonest are short, and how common they are follows Zipf's law, as
in languages. A text is a few sentences, 165 bytes on average; about a tenth of them have a letter that
is not ASCII. Such a letter stands inside of a word, between pieces that are no words themselves, or is
part of a Cyrillic word, which no LF looks for. So it does not matter whether a tool takes it for part of
a word at `\\b` (jurat, polars and Python do; Hyperscan and DuckDB do not): the votes are the same.
"""

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BYTES = 165
WORDS = 60_000
LABELS = ["a", "b", "c", "d"]
TERMS = 10
# Words that are more common than this are no keywords, as nobody writes an LF about `the`.
COMMON = 300
CHUNK = 50_000

ONSETS = "b br c ch d dr f g gr h j k l m n p pl pr qu r s sh st t th tr v w z".split()
VOWELS = "a e i o u ai ea ou".split()
CODAS = ["", "", "", "n", "r", "s", "t", "l", "nd", "ck"]
ACCENTS = str.maketrans("aeioun", "áéïöüñ")
CYRILLIC = "абвгдежзиклмнопрстуя"
# What can be around a word. The first is a plain word, the last ones end a sentence.
FORMS = ["{}", "{},", "({})", "“{}”", "{}.", "{}!", "{}?"]
ENDS = 4


@dataclass
class Rule:
    """A labeling function: `terms` are whole words, or else `pattern` is a regular expression."""

    name: str
    label: str
    terms: list
    pattern: str


def keywords(terms):
    """A regular expression for any of some whole words."""
    return r"\b(?:" + "|".join(map(re.escape, terms)) + r")\b"


def vocabulary(rng):
    """Different words, the commonest first."""
    words = {}
    while len(words) < WORDS:
        rank = len(words)
        syllables = 1 + rng.binomial(4, min(0.45, 0.08 * np.log10(1 + rank)))
        word = "".join(
            ONSETS[rng.integers(len(ONSETS))] + VOWELS[rng.integers(len(VOWELS))]
            for _ in range(syllables)
        )
        words.setdefault(word + CODAS[rng.integers(len(CODAS))])
    words = list(words)
    plain = set(words)
    for rank in range(COMMON, WORDS):
        kind = rng.random()
        if kind < 0.004:
            letters = rng.integers(len(CYRILLIC), size=len(words[rank]))
            words[rank] = "".join(CYRILLIC[letter] for letter in letters)
        elif kind < 0.012:
            # One such letter a word: then what stands between it and an end has only ASCII letters.
            inner = next((c for c in words[rank][1:-1] if ord(c) in ACCENTS), None)
            pieces = words[rank].split(inner, 1) if inner else [words[rank]]
            if plain.isdisjoint(pieces):
                words[rank] = inner.translate(ACCENTS).join(pieces)
    return list(dict.fromkeys(words))


def texts(words, rows, rng):
    """A column of texts made of these words."""
    share = 1 / (np.arange(len(words)) + 2.7) ** 1.05
    share /= share.sum()
    length = float(np.dot(share, [len(word.encode()) for word in words]))
    per_text = BYTES / (length + 1.2)
    capital = [word[0].upper() + word[1:] for word in words]
    numbers = [str(number) for number in rng.integers(0, 10_000, 2_000)]
    cells = [form.format(word) for form in FORMS for word in words + capital] + numbers
    cells = pa.array(cells)
    width = 2 * len(words)
    below = np.cumsum(share)
    columns = []
    for start in range(0, rows, CHUNK):
        n_rows = min(CHUNK, rows - start)
        counts = np.clip(rng.normal(per_text, per_text / 3, n_rows).round(), 4, None).astype(int)
        ends = np.cumsum(counts)
        total = ends[-1]
        word = np.minimum(np.searchsorted(below, rng.random(total)), len(words) - 1)
        form = rng.choice(len(FORMS), total, p=[0.844, 0.06, 0.005, 0.001, 0.07, 0.01, 0.01])
        form[ends - 1] = ENDS
        begins = np.roll(form >= ENDS, 1)
        upper = begins | (rng.random(total) < 0.03)
        cell = form * width + upper * len(words) + word
        digits = (rng.random(total) < 0.01) & (form == 0) & ~upper
        cell[digits] = len(FORMS) * width + rng.integers(0, len(numbers), int(digits.sum()))
        offsets = pa.array(np.concatenate([[0], ends]), type=pa.int32())
        lists = pa.ListArray.from_arrays(offsets, cells.take(pa.array(cell)))
        columns.append(pc.binary_join(lists, " "))
    return pa.chunked_array(columns)


def keyword_rules(words, number, rng):
    """LFs of ten words each, over the range from rather common to rare: log-uniform in rank."""
    rules = []
    for lf in range(number):
        terms = []
        while len(terms) < TERMS:
            rank = int(np.exp(rng.uniform(np.log(COMMON), np.log(len(words)))))
            word = words[min(rank, len(words) - 1)]
            # Cyrillic words have no boundary for tools that know only ASCII.
            if word[0].isascii() and word not in terms:
                terms.append(word)
        rules.append(Rule(f"kw-{lf:04}", LABELS[lf % len(LABELS)], terms, keywords(terms)))
    return rules


def published_rules(path):
    """LFs from a list of `{"class": NUMBER, "regex": PATTERN}`, for text in lower case."""
    read = json.loads(Path(path).read_text())
    return [Rule(f"re-{lf:04}", f"class-{r['class']}", [], r["regex"]) for lf, r in enumerate(read)]


def sets_of_rules(folder):
    """Names and paths of the lists of rules in a folder."""
    return [(p.name.removesuffix(".regex.json"), p) for p in sorted(folder.glob("*.regex.json"))]


def write_spec(rules, path):
    """Writes LFs as a spec; JSON is YAML, too."""
    labels = sorted({rule.label for rule in rules})
    lines = ["spec: 1", "labels: " + json.dumps(labels), "lfs:"]
    for rule in rules:
        regex = {"regex": {"match": rule.pattern, "flags": "i"}}
        when = {"keyword": rule.terms} if rule.terms else regex
        lf = {"name": rule.name, "label": rule.label, "when": when}
        lines.append("  - " + json.dumps(lf, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n")


def write_texts(column, path):
    pq.write_table(pa.table({"text": column}), path, compression="zstd", row_group_size=100_000)


def repeated(path, rows):
    """The texts of a file, over and over."""
    column = pq.read_table(path, columns=["text"]).column("text").combine_chunks()
    return column.take(pa.array(np.arange(rows) % len(column)))


def made_up(folder, rows, sizes, seed):
    """Writes texts and specs; returns the column and the LFs by number."""
    rng = np.random.default_rng(seed)
    words = vocabulary(rng)
    column = texts(words, rows, rng)
    write_texts(column, folder / "text.parquet")
    rules = {}
    for number in sizes:
        rules[number] = keyword_rules(words, number, np.random.default_rng([seed, number]))
        write_spec(rules[number], folder / f"{number}.yaml")
    return column, rules


def published(folder, rows, rules_folder, texts_folder):
    """Writes texts and specs of all lists of rules; yields name, column and LFs of each."""
    for name, path in sets_of_rules(rules_folder):
        rules = published_rules(path)
        column = repeated(texts_folder / f"{name}.parquet", rows)
        write_texts(column, folder / f"{name}.parquet")
        write_spec(rules, folder / f"{name}.yaml")
        yield name, column, rules


def arguments(parser):
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--lfs", type=int, nargs="*", default=[10, 100, 500])
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--rules", type=Path, help="a folder with NAME.regex.json")
    parser.add_argument("--texts", type=Path, help="where NAME.parquet is (above --rules)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    arguments(parser)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    column, _ = made_up(options.folder, options.rows, options.lfs, options.seed)
    wide = pc.sum(pc.greater(pc.binary_length(column), pc.utf8_length(column))).as_py()
    size = pc.mean(pc.binary_length(column)).as_py()
    print(f"text: {size:.1f} bytes a row, {wide / len(column):.1%} not ASCII")
    if options.rules:
        texts_folder = options.texts or options.rules.parent
        for name, column, rules in published(
            options.folder, options.rows, options.rules, texts_folder
        ):
            print(f"{name}: {pc.mean(pc.binary_length(column)).as_py():.1f} bytes, {len(rules)} LFs")


if __name__ == "__main__":
    main()
