"""How much processor time MinHash signatures of a folder of texts take, ours and those of four other packages, from one run.

    python benchmarks/signatures.py FOLDER [--python PYTHON] [--rounds 5]

PYTHON is an interpreter of an environment of its own for the others, which need hundreds of megabytes of packages that nothing here does:

    python -m venv peers && peers/bin/pip install datasketch rensa text-dedup "datatrove[processing]" spacy

Each package is set up as its documentation says, and so the work differs: what is a token, how many of them are hashed together, and how many values a
signature has stands beside each line. Timed is the way from a text in memory to its signature, by processor time; imports and set-up are not.
The rounds of all alternate, so that a busy moment of the machine meets each of them; printed are the medians. A package that is not there is left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Signer = Callable[[Sequence[str]], object]


def cleaner() -> Signer:
    from cleaner.measures.minhash import WORD_HASHES, sample_of, shingle_hashes, signature_of
    from cleaner.measures.words import words_of

    def signed(texts: Sequence[str]) -> object:
        # What the round before has left at hand would be a gift.
        words_of.cache_clear()
        WORD_HASHES.clear()
        shingles = [shingle_hashes(words_of(text).norms, 3) for text in texts]
        return [(signature_of(found, 128), sample_of(found)) for found in shingles]

    return signed


def datasketch() -> Signer:
    from datasketch import MinHash

    def signed(texts: Sequence[str]) -> object:
        made = []
        for text in texts:
            signature = MinHash(num_perm=128)
            for token in set(text.lower().split()):
                signature.update(token.encode("utf8"))
            made.append(signature)
        return made

    return signed


def datasketch_batch() -> Signer:
    from datasketch import MinHash

    def signed(texts: Sequence[str]) -> object:
        made = []
        for text in texts:
            words = text.lower().split()
            signature = MinHash(num_perm=128)
            signature.update_batch(
                {" ".join(three).encode() for three in zip(words, words[1:], words[2:], strict=False)}
            )
            made.append(signature)
        return made

    return signed


def rensa() -> Signer:
    from rensa import RMinHash

    return lambda texts: RMinHash.from_token_sets([text.split() for text in texts], num_perm=128, seed=42)


def rensa_of_shingles() -> Signer:
    from rensa import RMinHash

    def signed(texts: Sequence[str]) -> object:
        split = (text.lower().split() for text in texts)
        shingles = [[" ".join(three) for three in zip(words, words[1:], words[2:], strict=False)] for words in split]
        return RMinHash.from_token_sets(shingles, num_perm=128, seed=42)

    return signed


def text_dedup() -> Signer:
    import numpy as np
    from text_dedup.minhash import embed_func
    from text_dedup.utils.hashfunc import sha1_hash

    prime, chance = np.uint64((1 << 61) - 1), np.random.RandomState(42)
    permutations = chance.randint(1, prime, 250, np.uint64), chance.randint(0, prime, 250, np.uint64)
    options = {
        "num_perm": 250, "ngram_size": 5, "min_length": 5, "hashranges": [(start, start + 10) for start in range(0, 250, 10)],
        "permutations": permutations, "hash_func": lambda data: sha1_hash(data, d=32), "dtype": np.uint64,
        "max_hash": np.uint32((1 << 32) - 1), "modulo_prime": prime,
    }  # fmt: skip
    return lambda texts: [embed_func(text, number, **options) for number, text in enumerate(texts)]


def datatrove() -> Signer:
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature(tempfile.mkdtemp(prefix="signatures-"), config=MinhashConfig())
    return lambda texts: [step.get_signature(step.get_shingles(text)) for text in texts]


# The name, what is made, and the function; ours first.
METHODS: dict[str, tuple[str, Callable[[], Signer]]] = {
    "cleaner": ("3 words together, 128 values, and a sample of the shingles", cleaner),
    "datasketch, update": ("single words, 128 values", datasketch),
    "datasketch, update_batch": ("3 words together, 128 values", datasketch_batch),
    "rensa": ("single words, 128 values; Rust, compiled", rensa),
    "rensa, shingles": ("3 words together, 128 values; Rust, compiled", rensa_of_shingles),
    "text-dedup": ("5 words together, 250 values", text_dedup),
    "datatrove": ("5 words together, 112 values", datatrove),
}


def serve(name: str, place: Path) -> None:
    """In a process of its own: the seconds of a round on a line, for each line that comes in."""
    texts = json.loads(place.read_text(encoding="utf-8"))
    try:
        signed = METHODS[name][1]()
        signed(texts[:20])
    except ImportError as error:
        print(json.dumps(f"{error}"), flush=True)
        return
    print("null", flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        signed(texts)
        print(time.process_time() - start, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of texts, or (with --method) a file of them")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the other packages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--method", choices=METHODS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.method:
        serve(given.method, given.folder)
        return
    texts = [path.read_text("utf-8", "replace") for path in sorted(given.folder.rglob("*")) if path.is_file()]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts):,} texts, {megabytes:.2f} MB, medians of {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="signatures-") as scratch:
        place = Path(scratch, "texts.json")
        place.write_text(json.dumps(texts), encoding="utf-8")
        compare(place, given.python, given.rounds, megabytes)


def compare(place: Path, python: str, rounds: int, megabytes: float) -> None:
    running: dict[str, subprocess.Popen[str]] = {}
    for name in METHODS:
        command = [sys.executable if name == "cleaner" else python, __file__, str(place), "--method", name]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        trouble = json.loads(answer(process))
        if trouble:
            print(f"  {name}: left out: {trouble}")
        else:
            running[name] = process
    taken: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, process in running.items():
            asked(process)
            taken[name].append(float(answer(process)))
    for process in running.values():
        process.communicate()
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, seconds in medians.items():
        ratio = f"{seconds / medians['cleaner']:6.2f} times ours" if name != "cleaner" else " " * 17
        print(f"  {name:<26} {seconds:7.3f} s  {megabytes / seconds:6.2f} MB a second  {ratio}   {METHODS[name][0]}")


def asked(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.write("again\n")
        process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    """The next line of a process that is all numbers or JSON; packages greet on the same stream."""
    for line in process.stdout or ():
        try:
            json.loads(line)
        except ValueError:
            continue
        return line
    return json.dumps(f"its process ended with exit code {process.wait()}")


if __name__ == "__main__":
    main()
