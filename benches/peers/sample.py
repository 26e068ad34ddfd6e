"""The peak memory and the time of `jurat sample` on a stream of any length.

    python benches/peers/sample.py [--rows N ...] [--draw N] [--design NAME ...] [--jurat PROGRAM]

Makes rows of CSV (an identifier, one of eight wards, a score with a long tail, a text of some 60 bytes) while the program
reads them from a pipe, so that nothing is on disk and the stream can be read once; and prints the peak of resident
memory as the system counts it, for each design and number of rows, with the number of rows that the sample estimates:
the sum of 1/inclusion.
"""

import argparse
import csv
import random
import subprocess
import threading
import time
from pathlib import Path

DESIGNS = {
    "simple": [],
    "stratified": ["--by", "ward"],
    "weighted": ["--weights", "score"],
    "importance": ["--importance", "score", "--uniform", "20%"],
    "share": None,
}
BLOCK = 100_000
SEED = 42


def blocks():
    """Ten different blocks of rows without identifiers."""
    chance = random.Random(SEED)
    words = ["".join(chance.choices("abcdefghijklmnop", k=5)) for _ in range(500)]
    for _ in range(10):
        yield [
            f",w{chance.randrange(8)},{chance.paretovariate(2) - 1:.4f},{' '.join(chance.choices(words, k=10))}\n"
            for _ in range(BLOCK)
        ]


def feed(pipe, rows, made):
    """Writes so many rows."""
    pipe.write(b"id,ward,score,text\n")
    for start in range(0, rows, BLOCK):
        block = made[start // BLOCK % len(made)]
        lines = [f"{start + at}{line}" for at, line in enumerate(block[: min(BLOCK, rows - start)])]
        pipe.write("".join(lines).encode())
    pipe.close()


def high_water(pid):
    """The peak of a running process in megabytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def measure(program, options, rows, made):
    """Seconds, the peak of memory in megabytes, rows of the sample, and the rows that it estimates."""
    command = [program, "sample", "-", "--quiet", *options]
    begun = time.time()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    drawn = [0, 0.0]

    def count():
        names = None
        for row in csv.reader(line.decode() for line in process.stdout):
            if names is None:
                names = row
            else:
                drawn[0] += 1
                drawn[1] += 1 / float(row[names.index("inclusion")])

    peak = 0
    reader = threading.Thread(target=count)
    writer = threading.Thread(target=feed, args=(process.stdin, rows, made))
    reader.start()
    writer.start()
    while process.poll() is None:
        peak = high_water(process.pid) or peak
        time.sleep(0.02)
    writer.join()
    reader.join()
    if process.returncode != 0:
        raise SystemExit(f"the program ended with {process.returncode}")
    return time.time() - begun, peak, drawn[0], drawn[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000_000, 50_000_000])
    parser.add_argument("--draw", type=int, default=100_000)
    parser.add_argument("--design", nargs="+", choices=DESIGNS, default=list(DESIGNS))
    parser.add_argument("--jurat", default="target/release/jurat")
    options = parser.parse_args()
    made = list(blocks())
    print("design           rows  seconds  peak MB    drawn    estimated rows", flush=True)
    for design in options.design:
        for rows in options.rows:
            chosen = DESIGNS[design]
            if chosen is None:
                how = ["--share", f"{100 * options.draw / rows:.6f}%"]
            else:
                how = ["-n", str(options.draw), *chosen]
            seconds, peak, drawn, estimate = measure(options.jurat, how, rows, made)
            line = f"{design:10} {rows:10} {seconds:8.1f} {peak:8.0f} {drawn:8} {estimate:17.0f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
