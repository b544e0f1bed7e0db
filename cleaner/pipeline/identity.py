"""What a process must have in common with another one, so that both make the same of the same bytes: versions, the program, and what it makes of a sample."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cleaner.cache import program, versions
from cleaner.folders import read_bytes
from cleaner.model.options import Options
from cleaner.pipeline.preparing import Failed, prepare

# Each takes another way through the stages: broken characters and repeats, a page, metadata and a table. Two of them have much in common.
SAMPLE = {
    "plain.txt": "The night ferry keeps its bell\n\nThe cafÃ© on the upper deck opened at six, and the bell was rung by hand.\n\n"
    "The café on the upper deck opened at six, and the bell was rung by hand.\n\nNobody of the crew could say who had hung it there.\n",
    "page.html": "<!doctype html><html lang=en><head><title>The night ferry</title></head><body><nav><a href=/>Home</a></nav><article><h1>The night ferry keeps its bell</h1>"
    "<p>The café on the upper deck opened at six, and the bell was rung by hand.</p><p>Nobody of the crew could say who had hung it there &mdash; or when.</p></article></body></html>",
    "marked.md": "---\ntitle: Tides\ndate: 2024-03-01\n---\n\n# Tides\n\n| Port | Height |\n| --- | --- |\n| Ormsay | 4.1 |\n\nThe tables were printed in **March**, for the first time in colour.\n",
}


@lru_cache(maxsize=1)
def identity() -> dict[str, str]:
    """Each by its name."""
    from cleaner import __version__

    return {
        "article-cleaner": __version__,
        **versions(),
        "the program's files": program().hex()[:16],
        "what is made of a sample": _made_of_sample(),
    }


def _made_of_sample() -> str:
    """A hash of the prepared documents and of how they compare."""
    from cleaner.stages.confirm import Compared, confirm, numbered

    options = Options()
    digest = sha256()
    compared = []
    for name, text in SAMPLE.items():
        for unit in read_bytes(name, text.encode(), options):
            for found in prepare(unit, options, sketched=True):
                if isinstance(found, Failed) or found.fingerprint.sketch is None:
                    digest.update(repr(found).encode())
                    continue
                sketch = found.fingerprint.sketch
                digest.update(repr((found.document, found.problems)).encode())
                digest.update(sketch.signature.tobytes() + sketch.sample.tobytes())
                compared.append(Compared(found.fingerprint, numbered(found.document, options.shingle_words)))
    digest.update(repr(confirm(compared[0], compared[1], options)).encode())
    return digest.hexdigest()[:16]
