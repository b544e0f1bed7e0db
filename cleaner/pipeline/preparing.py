"""The first pass over one unit: a file's bytes in, prepared documents out, and what failed."""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from cleaner.containers.kinds import Form, is_mail
from cleaner.folders import BY_LINE, Unit, single_records
from cleaner.model.documents import Document
from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options
from cleaner.model.problems import Problem, placed
from cleaner.model.record import record
from cleaner.rules import severity
from cleaner.stages.decode import decode
from cleaner.stages.disarm import disarm
from cleaner.stages.extract import extract, extract_mail
from cleaner.stages.repair import repair
from cleaner.stages.review import review
from cleaner.stages.speak import speak
from cleaner.stages.template import Cut, Template, cut
from cleaner.stages.trim import trim
from cleaner.stages.unrepeat import Known, Repeat, followed, unrepeat

# What one stage drops may lay bare more for the other; cleaning the cleaned must change nothing.
MAX_ROUNDS = 8


@record
class Prepared:
    """A document after the first pass, with all that the second needs of it."""

    document: Document
    encoding: str
    sha256: str
    size: int
    repeats: tuple[Repeat, ...]
    problems: tuple[Problem, ...]
    fingerprint: Fingerprint


@record
class Failed:
    """A source that gave no document, and why."""

    source: str
    format: str
    encoding: str
    sha256: str
    size: int
    problems: tuple[Problem, ...]


def prepare(unit: Unit, options: Options, *, sketched: bool) -> list[Prepared | Failed]:
    """The first pass over one unit: decode, extract, repair, trim, unrepeat, fingerprint."""
    if unit.problem:
        return [Failed(unit.source, "", "", unit.sha256, unit.size, (unit.problem,))]
    try:
        return _prepared_whole(unit, options, sketched=sketched)
    except (OSError, MemoryError, ImportError):
        raise
    except Exception as error:
        # A bug that one input brings to light must not cost the others. What the disk, the memory or the installation lacks is none.
        records = single_records(unit)
        if len(records) > 1:
            return [found for record in records for found in prepare(record, options, sketched=sketched)]
        source = f"{unit.source}#{records[0].first_line}" if unit.form in BY_LINE else unit.source
        return [bug(unit, source, error)]


def bug(unit: Unit, source: str, error: Exception) -> Failed:
    """What is told of an input that the program fails on: where, so that it can be mended, and nothing that the input says."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    message = (
        f"The program failed on it: {type(error).__name__} in {PurePath(place.filename).name}, line {place.lineno}. That is a bug; please report it"
        " with the file. Skipped."
    )
    return Failed(source, "", "", unit.sha256, unit.size, (Problem("ENC011", message, source),))


def _prepared_whole(unit: Unit, options: Options, *, sketched: bool) -> list[Prepared | Failed]:
    documents, problems, encoding = _articles(unit, options)
    if documents is None:
        return [Failed(unit.source, "", encoding, unit.sha256, unit.size, tuple(problems))]
    results: list[Prepared | Failed] = []
    own: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        own[problem.source].append(problem)
    for document in documents:
        results.append(
            _prepared(document, unit, encoding, tuple(own.pop(document.source, ())), options, sketched=sketched)
        )
    for source, trouble in own.items():
        if any(severity(problem.rule) == "error" for problem in trouble):
            results.append(Failed(source, unit.suffix.lstrip("."), encoding, unit.sha256, unit.size, tuple(trouble)))
        else:
            # A warning about the file as a whole belongs to the first of its documents.
            first = next((pair for pair in enumerate(results) if isinstance(pair[1], Prepared)), None)
            if first is not None:
                number, found = first
                results[number] = _with_problems(found, [replace(one, source=_name_of(found)) for one in trouble])
    return results


def _articles(unit: Unit, options: Options) -> tuple[list[Document] | None, list[Problem], str]:
    """The articles in a unit, what is wrong with them, and the encoding; no list where the unit can't be read at all."""
    if unit.form is Form.FILE and is_mail(unit.data, unit.suffix):
        return extract_mail(unit.data, unit.source)
    decoded = decode(unit.head + unit.data, unit.source)
    if any(severity(problem.rule) == "error" for problem in decoded.problems):
        return None, list(decoded.problems), decoded.encoding
    head = unit.head.decode(decoded.encoding) if unit.head else ""
    documents, problems = extract(
        decoded.text[len(head) :], unit.source, unit.suffix, unit.first_line,
        form=unit.form, head=head, address=unit.address, options=options,
    )  # fmt: skip
    # What a page inside a record declares is no word on the file; and a span at a pointer counts in the text there.
    own = decoded.problems if unit.form is Form.FILE else ()
    placed_here = [
        problem if problem.span and problem.span.pointer else placed(problem, decoded.text)
        for problem in (*own, *problems)
    ]
    return documents, placed_here, decoded.encoding


def _excess(document: Document, options: Options) -> str | None:
    """Which bound a document exceeds, in words; None where it keeps within all."""
    if len(document.blocks) > options.max_blocks:
        return f"The document has more than {options.max_blocks:,} blocks, the limit. Split it, or raise max_blocks."
    # Only a long text can have so many sentences: a letter and what ends it are two characters.
    if sum(len(block.text) for block in document.blocks) > 2 * options.max_sentences:
        from cleaner.measures.words import sentences_of

        if sum(len(sentences_of(block.text.text)) for block in document.blocks) > options.max_sentences:
            return f"The document has more than {options.max_sentences:,} sentences, the limit. Split it, or raise max_sentences."
    return None


def _name_of(found: Prepared | Failed) -> str:
    return found.source if isinstance(found, Failed) else found.document.source


def _with_problems(found: Prepared | Failed, problems: Sequence[Problem]) -> Prepared | Failed:
    return replace(found, problems=(*found.problems, *problems))


def _prepared(
    document: Document, unit: Unit, encoding: str, problems: tuple[Problem, ...], options: Options, *, sketched: bool
) -> Prepared | Failed:
    if (excess := _excess(document, options)) is not None:
        problem = Problem("ENC014", excess, document.source)
        return Failed(document.source, document.format, encoding, unit.sha256, unit.size, (problem,))
    document, disarmed = disarm(document)
    document, mended = repair(document)
    document, repeats, settled = _settled(document, (), options)
    found = [*problems, *disarmed, *mended, *settled, *review(document)]
    if any(problem.rule == "DOC007" for problem in problems):
        found = [problem for problem in found if problem.rule != "DOC007"] + [
            problem for problem in problems if problem.rule == "DOC007"
        ][:1]
    told = _placed(document, found)
    if not document.blocks:
        return Failed(document.source, document.format, encoding, unit.sha256, unit.size, told)
    own = _fingerprint(document, options, sketched=sketched)
    return Prepared(document, encoding, unit.sha256, unit.size, tuple(repeats), told, own)


def without_templates(
    prepared: Prepared, site: str, known: Sequence[Template], options: Options, *, sketched: bool
) -> tuple[Prepared, list[Cut]]:
    """A prepared document without the blocks at its ends that many articles of its site have, and those; what stands at its ends then is looked at again."""
    document, problems, cuts = cut(prepared.document, site, known)
    if not cuts:
        return prepared, []
    document, repeats, settled = _settled(document, prepared.repeats, options)
    if not document.blocks:
        return prepared, []
    said = {problem.rule for problem in prepared.problems}
    problems += [*settled, *(problem for problem in review(document) if problem.rule not in said)]
    told = tuple(dict.fromkeys((*prepared.problems, *_placed(document, problems))))
    own = replace(_fingerprint(document, options, sketched=sketched), number=prepared.fingerprint.number)
    return replace(prepared, document=document, repeats=tuple(repeats), problems=told, fingerprint=own), cuts


def _settled(
    document: Document, repeats: Sequence[Repeat], options: Options
) -> tuple[Document, list[Repeat], list[Problem]]:
    """The document without boilerplate and repeats, as it is written; its repeats, `repeats` before them, and what is to be told."""
    from cleaner.stages.write.text import leveled

    found: list[Problem] = []
    told = list(repeats)
    known = Known()
    single: Document | None = None
    for _ in range(MAX_ROUNDS):
        before = document
        document, trimmed = trim(document)
        if document is single:
            # There is no more to trim, and the same blocks are not searched twice.
            break
        single = document
        document, repeated, counted = unrepeat(document, options, known)
        found += [*trimmed, *counted]
        told = followed([repeat for repeat in told if not repeat.meant], repeated, document) + repeated
        if document.blocks == before.blocks:
            break
    # Empty blocks of code by themselves are no article.
    blocks = leveled(document.blocks) if any(block.text.text for block in document.blocks) else ()
    # Of the text as it is written: read again, it is told the same.
    return speak(replace(document, blocks=blocks)), told, found


def _placed(document: Document, found: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems, each once, with lines and columns where their texts are at hand."""
    texts = {field.pointer: field.text for field in document.fields}
    return tuple(
        dict.fromkeys(
            placed(problem, texts[problem.span.pointer]) if problem.span and problem.span.pointer in texts else problem
            for problem in found
        )
    )


def _fingerprint(document: Document, options: Options, *, sketched: bool) -> Fingerprint:
    from cleaner.stages.fingerprint import fingerprint, sketch

    own = fingerprint(document, 0)
    return replace(own, sketch=sketch(document, options)) if sketched else own
