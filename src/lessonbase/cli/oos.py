"""OOS files: check, repair, compare by meaning, merge."""

import difflib
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import say

if TYPE_CHECKING:
    from lessonbase.formats.oos.diff import Judge, Pair
    from lessonbase.formats.oos.model import Claim, Document, Finding

app = typer.Typer(no_args_is_help=True, help="OOS files: an organisation's rules, as claims.")

File = Annotated[Path, typer.Argument(help="An OOS file: Markdown, JSON or YAML.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="File to write; none: stdout.")]


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="OOS files.", metavar="FILE...")],
    as_json: Json = False,
) -> None:
    """Say what is wrong with OOS files, by line and column; exit 1 if one is invalid.

    Example: lessonbase oos check team.oos.md
    """
    from lessonbase.formats.oos.check import check as check_document
    from lessonbase.formats.oos.parsing import parse

    rows = []
    for path in paths:
        document, findings = parse(_text(path))
        found = check_document(document, findings)
        rows.append({"file": str(path), **_figures(document), "findings": _rows(found)})
        if not as_json:
            for finding in found:
                typer.echo(_located(path, finding))
            typer.echo(f"{path}: {_summary(document, found)}")
    if as_json:
        typer.echo(json.dumps({"results": rows}, indent=2, ensure_ascii=False))
    if any(row["level"] == "error" for file in rows for row in file["findings"]):
        sys.exit(1)


@app.command()
def repair(
    path: File,
    write: Annotated[bool, typer.Option("--write", help="Change the file.")] = False,
    as_json: Json = False,
) -> None:
    """Show as a diff what can be mended without knowing more; with --write, mend it.

    Exit 1 if something is left that only its author can mend.

    Example: lessonbase oos repair team.oos.md --write
    """
    from lessonbase.formats.oos.repair import repair as repaired

    before = _text(path)
    done = repaired(before)
    if write and done.text != before:
        _write(path, done.text)
    if as_json:
        result = {
            "file": str(path),
            "changed": done.text != before,
            "written": write and done.text != before,
            "fixes": _rows(done.fixes),
            "left": _rows(done.left),
        }
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        typer.echo("".join(_diff(path, before, done.text)), nl=False)
        for finding in (*done.fixes, *done.left):
            say(_located(path, finding))
        if done.text == before:
            say(f"{path}: nothing to mend")
        elif not write:
            say("nothing is written; --write does")
    if any(finding.level == "error" for finding in done.left):
        sys.exit(1)


@app.command()
def diff(ours: File, theirs: File, as_json: Json = False) -> None:
    """Compare two organisations' rules by meaning: same, similar, contrary, or in one only.

    Example: lessonbase oos diff ours.oos.md theirs.oos.md
    """
    from lessonbase.formats.oos.diff import diff as compared
    from lessonbase.formats.oos.stats import token_cost

    mine, others = _document(ours), _document(theirs)
    found = compared(mine, others, _judge(mine, others))
    if as_json:
        result = {
            "ours": {"file": str(ours), **_figures(mine)},
            "theirs": {"file": str(theirs), **_figures(others)},
            "pairs": [asdict(pair) for pair in found.pairs],
            "only_ours": [asdict(claim) for claim in found.only_ours],
            "only_theirs": [asdict(claim) for claim in found.only_theirs],
        }
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    order = ("contradicts", "same", "similar")
    for relation in order:
        pairs = [pair for pair in found.pairs if pair.judgment.relation == relation]
        if pairs:
            typer.echo(f"\n{relation} ({len(pairs)})")
        for pair in sorted(pairs, key=lambda one: -one.judgment.score):
            typer.echo(_side_by_side(pair))
    for name, claims in ((ours, found.only_ours), (theirs, found.only_theirs)):
        typer.echo(f"\nonly in {name} ({len(claims)})")
        for claim in claims:
            typer.echo(f"  {claim.claim_id} {claim.rule}  ({token_cost(claim)} tokens)")


@app.command()
def merge(
    ours: File,
    theirs: File,
    output: Output = None,
    include_low: Annotated[
        bool, typer.Option("--include-low", help="Their claims of LOW confidence as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take another organisation's rules into ours, by the format's rules; ours are not touched.

    Theirs start at LOW confidence, with their origin; what contradicts ours stays out and is said.

    Example: lessonbase oos merge ours.oos.md theirs.oos.md -o merged.oos.md
    """
    from lessonbase.formats.oos.canonical import markdown
    from lessonbase.formats.oos.merge import merge as merged

    mine, others = _document(ours), _document(theirs)
    done = merged(mine, others, _judge(mine, others), include_low=include_low)
    text = markdown(done.document)
    if output is not None:
        _write(output, text)
    if as_json:
        result = {
            "decisions": [asdict(one) for one in done.decisions],
            **({} if output else {"document": text}),
        }
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    if output is None:
        typer.echo(text, nl=False)
    for one in done.decisions:
        against = f" ({one.ours.claim_id}: {one.ours.rule})" if one.ours else ""
        say(f"{one.action} {one.claim.claim_id}: {one.reason}{against}")


def _judge(ours: "Document", theirs: "Document") -> "Judge":
    from lessonbase.encoders.choose import make_encoder
    from lessonbase.formats.oos.judging import judge_of
    from lessonbase.settings import read_settings

    encoder = make_encoder(read_settings().encoder)
    return judge_of(encoder, (*ours.claims, *theirs.claims))


def _document(path: Path) -> "Document":
    """The file's document; a claim that could not be read is said, not passed over."""
    from lessonbase.formats.oos.parsing import parse

    document, findings = parse(_text(path))
    for finding in findings:
        if finding.level == "error":
            say(_located(path, finding))
    return document


def _text(path: Path) -> str:
    from lessonbase.errors import InvalidInput
    from lessonbase.formats.files import decoded

    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", hint="check the path") from error


def _write(path: Path, text: str) -> None:
    """The whole text or nothing of it, in place of what was there."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(text.encode())
    draft.replace(path)


def _figures(document: "Document") -> dict[str, Any]:
    """What a file amounts to: claims, tokens, quality."""
    from lessonbase.formats.oos.stats import counts, strong_share, tier, token_cost

    costs = {claim.claim_id: token_cost(claim) for claim in document.claims}
    return {
        **counts(document),
        "tier": tier(document),
        "strong_evidence": round(strong_share(document.claims), 3),
        "tokens": sum(costs.values()),
        "claim_tokens": costs,
    }


def _summary(document: "Document", found: Iterable["Finding"]) -> str:
    figures = _figures(document)
    levels = [finding.level for finding in found]
    valid = "invalid" if "error" in levels else "valid"
    return (
        f"{valid}, {levels.count('error')} errors, {levels.count('warning')} warnings; "
        f"{figures['claim_count']} claims, {figures['word_count']} words, "
        f"{figures['tokens']} tokens, {figures['tier']}"
    )


def _rows(findings: Iterable["Finding"]) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in findings]


def _located(path: Path, finding: "Finding") -> str:
    hint = f"; {finding.hint}" if finding.hint else ""
    where = f"{path}:{finding.line}:{finding.column}"
    return f"{where}: {finding.level} {finding.code}: {finding.message}{hint}"


def _diff(path: Path, before: str, after: str) -> Iterable[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        str(path),
        f"{path} (mended)",
    )
    # A last line without its end would run into the next line of the diff.
    return (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _side_by_side(pair: "Pair") -> str:
    def told(claim: "Claim") -> str:
        return f"{claim.claim_id} {claim.rule}"

    score = f"{pair.judgment.score:.2f}"
    return f"  {told(pair.ours)}\n  {told(pair.theirs)}\n    {score}: {pair.judgment.evidence}"


GROUPS = {"oos": app}
