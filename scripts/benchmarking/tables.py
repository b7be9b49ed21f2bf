"""What was measured, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median of values with the least and the most, and all of them."""
    return {"median": median(values), "low": min(values), "high": max(values), "all": list(values)}


def shown(found: Mapping[str, Any], digits: int = 1, scale: float = 1.0) -> str:
    """A spread as a cell: the median, and the least and the most."""
    middle, low, high = (f"{found[name] * scale:,.{digits}f}" for name in ("median", "low", "high"))
    return middle if len(found["all"]) == 1 else f"{middle} ({low}–{high})"


def render(report: Mapping[str, Any]) -> str:
    """All tables, and the lines that they need to be understood."""
    parts = [_machine(report["machine"]), _captions(report["captions"]), *_speed(report), *_shares(report)]
    parts += [_files(report), _start(report), *_ray(report), _peer(report)]
    return "\n\n".join(part for part in parts if part)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, whose columns but the first are figures."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def _machine(machine: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    gpu = f", {machine['gpu']}" if "gpu" in machine else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores{gpu}, {machine['memory'] / 1e9:.0f} GB, "
        f"{machine['system']}; {versions}. Load before the run: {machine['load']:.1f}."
    )


def _captions(captions: Mapping[str, Any]) -> str:
    counted = [part for name, part in captions["parts"].items() if name != captions["warm_up"]]
    total: Counter[str] = Counter()
    for part in counted:
        total.update(part)
    return (
        f"{total['captions']:,} captions ({total['characters']:,} characters, {total['pieces']:,} word pieces, "
        f"{total['windows']:,} windows) in {len(counted)} repeats, each with captions of its own, after "
        f"{captions['parts'][captions['warm_up']]['captions']:,} others to warm up. Median, and range over repeats."
    )


def _speed(report: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for row in report.get("speed", ()):
        memory = f"{row['peak'] / 1e9:.2f} GB" + (f", GPU {row['gpu_peak'] / 1e9:.2f} GB" if "gpu_peak" in row else "")
        busy = shown(row["processor"], 1, 1000)
        rates = (shown(row["captions/s"]), shown(row["pieces/s"], 0))
        mentions = "" if row["mentions"] is None else f"{row['mentions']:.1f}"
        rows.append([row["name"], str(row["cores"]), *rates, busy, mentions, memory])
    if rows:
        yield table(
            ["", "cores", "captions/s", "word pieces/s", "processor ms/caption", "mentions/caption", "peak memory"],
            rows,
        )
    ratios = [[row["name"], str(row["cores"]), shown(row["ratio"], 2)] for row in report.get("ratios", ())]
    if ratios:
        yield table(["ratio of captions/s", "cores", ""], ratios)


def _shares(report: Mapping[str, Any]) -> Iterator[str]:
    """A row for each stage, and below it those of its parts."""
    found = report.get("stages")
    if not found:
        return
    total = sum(found["seconds"].values())

    def row(name: str, seconds: float) -> list[str]:
        return [name, f"{1000 * seconds / found['captions']:.2f}", f"{100 * seconds / total:.1f} %"]

    rows = []
    for stage, parts in grouped(found["seconds"]).items():
        rows.append(row(stage, sum(parts.values())))
        rows += [row(f"– {part}", seconds) for part, seconds in parts.items() if part]
    rows.append(row("all", total))
    yield table(["stage, on one core", "ms/caption", "share"], rows)


def grouped(seconds: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """By stage, the time of its parts, and of the rest of it as part ``""``."""
    stages: dict[str, dict[str, float]] = {}
    for label, spent in seconds.items():
        stage, _, part = label.partition(": ")
        stages.setdefault(stage, {})[part] = spent
    return dict(sorted(stages.items(), key=lambda item: -sum(item[1].values())))


def _files(report: Mapping[str, Any]) -> str:
    found = report.get("files")
    if not found:
        return ""
    counts = found["captions"]
    rows = [
        [name, f"{1000 * seconds / counts:.3f}", f"{counts / seconds:,.0f}"]
        for name, seconds in found["seconds"].items()
    ]
    return table(["files", "ms/caption", "captions/s"], rows)


def _start(report: Mapping[str, Any]) -> str:
    found = report.get("start")
    if not found:
        return ""
    lines = table(
        ["from the start of a process to its end", "s"], [[name, shown(own, 2)] for name, own in found.items()]
    )
    torch = "imports" if report["torch_imported"] else "does not import"
    return f"{lines}\n\n`pathcap annotate` {torch} torch on a CPU."


def _ray(report: Mapping[str, Any]) -> Iterator[str]:
    found = report.get("ray")
    if not found:
        return
    rows = [
        [row["name"], shown(row["captions/s"]), shown(row["until the first"]), shown(row["in all"])] for row in found
    ]
    yield table(["Ray, one core a worker", "captions/s", "s until the first", "s in all"], rows)
    if len(found) == 2:
        yield f"Ratio: {found[1]['captions/s']['median'] / found[0]['captions/s']['median']:.2f}"


def _peer(report: Mapping[str, Any]) -> str:
    peer = report.get("peer")
    if not peer:
        return ""
    return (
        f"The peer is spaCy's recogniser with scispaCy's tokenizer, trained on {peer['corpus']} for {peer['steps']:,} "
        f"batches (devel F1 {100 * peer['devel_f1']:.1f}), scispaCy's AbbreviationDetector and gilda with pathcap's "
        "names. It marks chemicals and diseases only and has no relations; on several cores it runs as one process on "
        "each, and its memory is that of all of them."
    )
