"""An output folder in, with its sources where they are at hand; every breach of the laws in it out.

It reads the output (`account`, `markdown`) and the sources (`sources`, `pages`) anew, with its own readers: a checker that shares the pipeline's code
would share its bugs. Only the repairs are run again by their names (`replay`), words and sentences are told by the common measure, and the numbers that
decide are read where they stand. `laws` and `copies` check one document at a time (`case`), `checker` the folder.
"""

from __future__ import annotations

from cleaner.verification.checker import verify

__all__ = ["verify"]
