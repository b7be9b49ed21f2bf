"""How fast pathcap is, beside the bare forward pass of its encoder and beside peers, in one run on the same captions.

    benchmark.py [--captions SOURCE... --limit N --repeats N] [--threads 1,2] [--device cpu cuda] [--json FILE]
                 [--data DIR --wheels DIR | --no-peers] [--starts N] [--engine local ray] [--model FOLDER]

Each thing that is measured runs in a process of its own, held to as many cores as --threads says; they take turns, and
in each repeat all have the same captions, which none has seen before. Measured are

- the bare encoder: the int8 graph of the tagger on the captions' windows, made before, as many at a time as cores;
- pathcap's pipeline, in memory and from file to file, with the share of each stage;
- the peer (``benchmarking/peer.py``): its mentions alone, with abbreviations, with identifiers. It is trained on --data
  once, and told the names in the packages of --wheels; both are kept in --cache. What is not there is left out;
- the start of a process that annotates one caption, and whether it imports torch;
- with --engine ray, one worker against two, which takes a thousand captions or more to tell.

With --device cuda, encoder and pipeline run on a GPU. The tables go to standard output, all figures to --json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarking.child import Spec
from benchmarking.child import main as child
from benchmarking.machine import cores, describe
from benchmarking.peer import CORPUS, STEPS, TERMS, trained, trained_f1
from benchmarking.runs import CHILD, Contender, Measured, ask, command, compare, start_times
from benchmarking.tables import render, spread

ROOT: Final = Path(__file__).parent.parent
WARM_UP: Final = "warm"
ENCODER: Final = "bare encoder"
PIPELINE: Final = "pathcap"
FILES: Final = "pathcap, file to file"
PEERS: Final = {
    "peer": "peer: mentions",
    "peer-abbreviations": "peer: mentions, abbreviations",
    "peer-grounding": "peer: mentions, abbreviations, identifiers",
}
ON_GPU: Final = ", GPU"
ANNOTATE: Final = "pathcap annotate, one caption"
_TORCH: Final = """
import sys
from nlp.__main__ import main
status = main()
print(status, "torch" in sys.modules)
"""

Report = dict[str, Any]


def contenders(spec: Spec, devices: Sequence[str], peers: Iterable[str]) -> list[Contender]:
    """What is compared on the cores of ``spec``; the peer's processes have one each."""
    found = []
    for device in devices:
        own = replace(spec, device=device)
        suffix = "" if device == "cpu" else ON_GPU
        for task, name in (("encoder", ENCODER), ("pipeline", PIPELINE), ("files", FILES)):
            found.append(Contender(f"{name}{suffix}", (replace(own, task=task),)))
    for task in peers:
        count = len(spec.cores)
        processes = [
            replace(spec, task=task, cores=(core,), share=(number, count)) for number, core in enumerate(spec.cores)
        ]
        found.append(Contender(PEERS[task], tuple(processes)))
    return found


def speed_row(result: Measured, threads: int) -> Report:
    return {
        "name": result.name,
        "cores": threads,
        "captions/s": spread(result.caption_rates),
        "pieces/s": spread(result.piece_rates),
        "seconds": result.seconds,
        "processor": spread(result.processor_times),
        "peak": result.peak,
        "mentions": sum(detail.get("mentions", 0) for detail in result.details) / sum(result.captions) or None,
        **result.gpu,
    }


def ratios(results: Sequence[Measured], threads: int) -> Iterator[Report]:
    """pathcap's captions a second over those of the others, repeat by repeat."""
    rates = {result.name: result.caption_rates for result in results}
    pairs = [(ours + on, ENCODER + on) for on in ("", ON_GPU) for ours in (PIPELINE, FILES)]
    pairs += [(PIPELINE, name) for name in PEERS.values()]
    pairs.append((PIPELINE + ON_GPU, PIPELINE))
    for ours, theirs in pairs:
        if ours in rates and theirs in rates:
            values = [one / other for one, other in zip(rates[ours], rates[theirs], strict=True)]
            yield {"name": f"{ours} / {theirs}", "cores": threads, "ratio": spread(values)}


def measure_speed(report: Report, spec: Spec, options: argparse.Namespace, peers: Sequence[str]) -> None:
    """Captions a second, memory, and ratios, with each number of cores."""
    parts = {name: part for name, part in report["captions"]["parts"].items() if name != WARM_UP}
    report.update(speed=[], ratios=[])
    for threads in options.threads:
        own = replace(spec, cores=tuple(cores()[:threads]))
        results = compare(contenders(own, options.device, peers), parts, WARM_UP)
        report["speed"] += [speed_row(result, threads) for result in results]
        report["ratios"] += ratios(results, threads)
        for result in results:
            if "gpu" in result.gpu:
                report["machine"]["gpu"] = result.gpu["gpu"]


def measure_shares(report: Report, spec: Spec) -> None:
    """Each stage's time, and that of reading and writing, on one core."""
    parts = {name: part for name, part in report["captions"]["parts"].items() if name != WARM_UP}
    (result,) = compare([Contender("", (replace(spec, task="shares", cores=tuple(cores()[:1])),))], parts, WARM_UP)
    for kind in ("stages", "files"):
        seconds: Counter[str] = Counter()
        for detail in result.details:
            seconds.update(detail[kind])
        report[kind] = {"captions": sum(result.captions), "seconds": dict(seconds)}


def measure_start(report: Report, spec: Spec, options: argparse.Namespace, peers: Sequence[str]) -> None:
    """Seconds from the start of a process to its end, and what it imports."""
    caption, out = (str(Path(spec.folder) / name) for name in ("one.jsonl", "one.out.jsonl"))
    arguments = ["annotate", caption, "-o", out, *(["--model", spec.model] if spec.model else [])]
    commands = {
        "python": ([sys.executable, "-c", ""], ""),
        "import of pathcap": ([sys.executable, "-c", "import nlp.pipeline"], ""),
        ANNOTATE: ([sys.executable, "-m", "nlp", *arguments], ""),
    }
    for task in peers:
        commands[f"{PEERS[task]}, one caption"] = (command(replace(spec, task=task)), "one\n")
    report["start"] = {name: spread(times) for name, times in start_times(commands, options.starts).items()}
    report["torch_imported"] = imports_torch(arguments)


def imports_torch(arguments: Sequence[str]) -> bool:
    """Whether ``pathcap`` with these arguments imports torch."""
    done = subprocess.run([sys.executable, "-c", _TORCH, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    status, imported = done.stdout.split()[-2:]
    if status != "0":
        raise SystemExit(f"pathcap {' '.join(arguments)}: status {status}")
    return imported == "True"


def measure_ray(report: Report, spec: Spec, options: argparse.Namespace) -> None:
    """One worker against two, over all the captions in each repeat."""
    counted = [part for name, part in report["captions"]["parts"].items() if name != WARM_UP]
    whole = {name: sum(part[name] for part in counted) for name in ("captions", "pieces")}
    names = {1: "1 worker", 2: "2 workers"}
    known = [Contender(name, (replace(spec, task="ray", workers=count),)) for count, name in names.items()]
    results = compare(known, {str(repeat): whole for repeat in range(options.repeats)}, None)
    report["ray"] = [
        {
            "name": result.name,
            "captions/s": spread(result.caption_rates),
            **{name: spread([detail[name] for detail in result.details]) for name in result.details[0]},
        }
        for result in results
    ]


def prepare_peers(spec: Spec, options: argparse.Namespace) -> list[str]:
    """The peer's tasks that can be run; says why others cannot."""
    cache = Path(spec.cache)
    cache.mkdir(parents=True, exist_ok=True)
    ask(replace(spec, task="prepare-peer"), json.dumps({"data": _text(options.data), "wheels": _text(options.wheels)}))
    if not trained(cache, spec.steps).is_dir():
        print("the peer is left out: it needs --data to be trained", file=sys.stderr)
        return []
    if not (cache / TERMS).is_file() or find_spec("gilda") is None:
        print("the peer's identifiers are left out: they need --wheels and gilda", file=sys.stderr)
        return [task for task in PEERS if task != "peer-grounding"]
    return list(PEERS)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def run(options: argparse.Namespace, folder: Path) -> Report:
    """Measure all that is asked for; ``folder`` takes the captions."""
    spec = Spec("", str(folder), model=_text(options.model), cache=str(options.cache), steps=options.steps)
    report: Report = {"machine": describe()}
    sources = list(map(str, options.captions))
    arguments = {"sources": sources, "limit": options.limit, "repeats": options.repeats}
    parts: Mapping[str, Any] = ask(replace(spec, task="prepare"), json.dumps(arguments))["detail"]
    report["captions"] = {"sources": sources, "warm_up": WARM_UP, "parts": parts}
    peers = prepare_peers(spec, options) if options.peers else []
    if peers:
        f1 = trained_f1(trained(options.cache, options.steps))
        report["peer"] = {"corpus": CORPUS, "steps": options.steps, "devel_f1": f1}
    if "local" in options.engine:
        measure_speed(report, spec, options, peers)
        measure_shares(report, spec)
        if options.starts:
            measure_start(report, spec, options, peers)
    if "ray" in options.engine:
        measure_ray(report, spec, options)
    return report


def _threads(text: str) -> list[int]:
    numbers = [int(part) for part in text.split(",")]
    if not all(1 <= number <= len(cores()) for number in numbers):
        raise argparse.ArgumentTypeError(f"there are {len(cores())} cores")
    return numbers


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == [CHILD]:
        child(arguments[1])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", nargs="+", type=Path, default=[ROOT / "corpora" / "examples" / "_figures"])
    parser.add_argument("--limit", type=int, help="take at most so many captions, evenly from all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=_threads, default=sorted({1, len(cores())}), help="such as 1,2")
    parser.add_argument("--device", nargs="+", choices=["cpu", "cuda"], default=["cpu"])
    parser.add_argument("--engine", nargs="+", choices=["local", "ray"], default=["local"])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--starts", type=int, default=5, help="starts of processes that are timed; 0 for none")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--data", type=Path, help="folder with the corpora, to train the peer")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="the packages that the lexicon is compiled from")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmark", help="where the peer is kept")
    parser.add_argument("--steps", type=int, default=STEPS, help="batches that the peer learns from")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures are written")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        report = run(options, Path(folder))
    if options.json is not None:
        options.json.write_text(f"{json.dumps(report, indent=1)}\n", encoding="utf-8")
    print(render(report))


if __name__ == "__main__":
    main(sys.argv[1:])
