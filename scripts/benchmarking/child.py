"""What a process of its own does: it makes one thing ready, then runs it over a part of the captions when told to.

Over standard input and output: the process writes a line when it is ready; for each line with the name of a part that
it is given it writes one with what it did; when its input ends it writes its peak memory. What libraries print goes to
standard error.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

GPU_WINDOWS: Final = 4096
"""Windows that a GPU is given at once, which it sorts into batches itself."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a process shall measure.

    Attributes:
        task: a key of ``TASKS``.
        folder: with the parts.
        cores: numbers of the processor's cores that it may use; none for all.
        model: the model folder, by default the one that comes with pathcap.
        device: what networks run on.
        share: which share of a part, and of how many; each process has its own.
        cache: folder with the peer's files.
        steps: of the peer's training.
        workers: of Ray.
    """

    task: str
    folder: str
    cores: tuple[int, ...] = ()
    model: str | None = None
    device: str = "cpu"
    share: tuple[int, int] = (0, 1)
    cache: str = ""
    steps: int = 0
    workers: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Spec:
        record = json.loads(text)
        return cls(**{**record, "cores": tuple(record["cores"]), "share": tuple(record["share"])})


Answer = dict[str, Any]
"""``seconds``, ``captions`` if others were timed than all of the part, and ``detail``; to which ``processor`` is added,
the seconds that the process's threads were at work."""
Task = Callable[[str], Answer]
"""Runs over the part of that name."""


def main(text: str) -> None:
    """Do what a ``Spec`` as JSON says."""
    spec = Spec.from_json(text)
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if spec.cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, spec.cores)
        # Python counts the machine's cores, not those that the process may use.
        os.cpu_count = lambda: len(spec.cores)

    def say(answer: Mapping[str, Any]) -> None:
        channel.write(f"{json.dumps(answer)}\n")
        channel.flush()

    task = TASKS[spec.task](spec)
    say({})
    for line in sys.stdin:
        start = time.process_time()
        answer = task(line.strip())
        say({**answer, "processor": time.process_time() - start})
    say({"peak": peak_memory(), **gpu_memory(spec)})


def peak_memory() -> int:
    """The most memory that this process held at any time, in bytes."""
    try:
        # That of rusage begins with what the parent held when it made this process.
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def gpu_memory(spec: Spec) -> dict[str, Any]:
    """The GPU in use, if there is one, and the most of its memory that tensors held at any time, in bytes."""
    if spec.device == "cpu":
        return {}
    import torch

    return {"gpu": torch.cuda.get_device_name(), "gpu_peak": torch.cuda.max_memory_allocated()}


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def open_encoder(spec: Spec) -> Task:
    """The tagger's forward pass alone, on windows that were made before: on a CPU, as many at a time as cores."""
    from benchmarking.captions import part_names, read_windows
    from nlp.config import default_model, read_model_config
    from nlp.networks.reader import CAPTION_HEAD, DESCRIPTION_FILE, open_graph, read_description

    config = read_model_config(Path(spec.model) if spec.model else default_model())
    graph = open_graph(config, read_description(config.file(DESCRIPTION_FILE)), device=spec.device)
    known = {name: read_windows(Path(spec.folder), name) for name in part_names(Path(spec.folder))}
    step = 1 if spec.device == "cpu" else GPU_WINDOWS
    pool = ThreadPoolExecutor(max(len(spec.cores), 1) if spec.device == "cpu" else 1)

    def run(part: str) -> Answer:
        windows = known[part]
        blocks = [windows[start : start + step] for start in range(0, len(windows), step)]

        def read(block: Sequence[Any]) -> int:
            return len(graph.read(block, CAPTION_HEAD))  # counted, not kept: no pipeline keeps them either

        return {"seconds": _timed(lambda: sum(pool.map(read, blocks)))}

    return run


def open_pipeline(spec: Spec) -> Task:
    """pathcap's pipeline, from captions to documents in memory."""
    from benchmarking.captions import part_names, read_captions
    from nlp.pipeline import Pipeline

    pipeline = Pipeline.load(spec.model, device=spec.device)
    known = {name: read_captions(Path(spec.folder), name) for name in part_names(Path(spec.folder))}

    def run(part: str) -> Answer:
        mentions = 0

        def annotate() -> None:
            nonlocal mentions
            mentions = sum(len(document.mentions) for document in pipeline.stream(known[part]))

        return {"seconds": _timed(annotate), "detail": {"mentions": mentions}}

    return run


def open_files(spec: Spec) -> Task:
    """pathcap from a file of captions to a file of documents, both JSON Lines."""
    from nlp.formats.sources import read_sources
    from nlp.formats.writers import open_writer
    from nlp.pipeline import Pipeline

    pipeline = Pipeline.load(spec.model, device=spec.device)

    def annotate(part: str) -> None:
        source = Path(spec.folder) / f"{part}.jsonl"
        with TemporaryDirectory() as temporary, open_writer(Path(temporary) / "out.jsonl") as writer:
            for document in pipeline.stream(read_sources([source], _fail)):
                writer.write(document)

    return lambda part: {"seconds": _timed(partial(annotate, part))}


def open_shares(spec: Spec) -> Task:
    """Each stage's share of the pipeline's time, and the time that reading and writing take besides."""
    from benchmarking.captions import read_captions
    from benchmarking.stages import shares
    from nlp.formats.sources import read_sources
    from nlp.formats.writers import open_writer
    from nlp.pipeline import Pipeline
    from nlp.types import Document

    pipeline = Pipeline.load(spec.model, device="cpu")
    folder = Path(spec.folder)

    def read(path: Path) -> int:
        return sum(1 for _ in read_sources([path], _fail))

    def write(documents: Sequence[Document], path: Path) -> None:
        with open_writer(path, path.suffix.removeprefix(".")) as writer:
            for document in documents:
                writer.write(document)

    def run(part: str) -> Answer:
        captions, documents = read_captions(folder, part), list[Document]()
        start = time.perf_counter()
        stages = shares(pipeline, lambda: documents.extend(pipeline.stream(captions)))
        seconds = time.perf_counter() - start
        files = {}
        with TemporaryDirectory() as temporary:
            for kind in ("jsonl", "parquet"):
                reading = _timed(partial(read, folder / f"{part}.{kind}"))
                writing = _timed(partial(write, documents, Path(temporary) / f"out.{kind}"))
                files.update({f"reading {kind}": reading, f"writing {kind}": writing})
        return {"seconds": seconds, "detail": {"stages": stages, "files": files}}

    return run


def _fail(error: Exception) -> None:
    raise error


def open_peer_task(spec: Spec, *, abbreviations: bool, grounding: bool) -> Task:
    """The peer, on this process's share of the captions: processes work side by side, which loses it nothing."""
    from benchmarking.peer import open_peer

    peer = open_peer(Path(spec.cache), steps=spec.steps, abbreviations=abbreviations, grounding=grounding)
    number, processes = spec.share

    def texts(part: str) -> list[str]:
        with (Path(spec.folder) / f"{part}.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line)["text"] for line in lines][number::processes]

    def run(part: str) -> Answer:
        own = texts(part)
        mentions = 0

        def annotate() -> None:
            nonlocal mentions
            mentions = peer(own)

        return {"seconds": _timed(annotate), "detail": {"mentions": mentions}}

    return run


def open_ray(spec: Spec) -> Task:
    """pathcap on workers of a Ray instance that is started for the run, from the first outcome to the last."""
    from benchmarking.captions import ALL, read_captions
    from nlp.scale.outcomes import Failed
    from nlp.scale.ray_engine import BLOCK, LOCAL, WorkerRange, annotate_with_ray

    known = read_captions(Path(spec.folder), ALL)

    def run(_: str) -> Answer:
        start = time.perf_counter()
        workers = WorkerRange(spec.workers, spec.workers)
        outcomes = annotate_with_ray(known, model=spec.model, device=spec.device, workers=workers, address=LOCAL)
        times: list[float] = []
        with closing(cast("Any", outcomes)):
            for outcome in outcomes:
                if isinstance(outcome, Failed):
                    raise SystemExit(f"{outcome.caption.id}: {outcome.error}")
                times.append(time.perf_counter())
        # When the first block comes, every worker has done about one.
        first = min(BLOCK * spec.workers, len(times) // 2)
        ready = times[0] - start
        return {
            "seconds": times[-1] - times[0],
            "captions": len(times) - first,
            "detail": {"until the first": ready, "in all": time.perf_counter() - start},
        }

    return run


def open_prepare(spec: Spec) -> Task:
    """Writes the parts; what it is given is the arguments of ``benchmarking.captions.prepare`` as JSON."""
    from benchmarking.captions import prepare

    return lambda line: {"detail": prepare(**json.loads(line), model=spec.model, folder=Path(spec.folder))}


def open_prepare_peer(spec: Spec) -> Task:
    """Trains the peer and writes its names; what it is given is the folders of the data and of the packages as JSON."""
    from benchmarking.peer import train, write_terms

    def run(line: str) -> Answer:
        folders = json.loads(line)
        cache = Path(spec.cache)
        if folders["data"]:
            train(Path(folders["data"]), cache, steps=spec.steps)
        if folders["wheels"] and find_spec("gilda") is not None:
            from nlp.config import default_model

            write_terms(Path(folders["wheels"]), Path(spec.model) if spec.model else default_model(), cache)
        return {}

    return run


TASKS: Final[Mapping[str, Callable[[Spec], Task]]] = {
    "prepare": open_prepare,
    "prepare-peer": open_prepare_peer,
    "encoder": open_encoder,
    "pipeline": open_pipeline,
    "files": open_files,
    "shares": open_shares,
    "peer": partial(open_peer_task, abbreviations=False, grounding=False),
    "peer-abbreviations": partial(open_peer_task, abbreviations=True, grounding=False),
    "peer-grounding": partial(open_peer_task, abbreviations=True, grounding=True),
    "ray": open_ray,
}
"""What a process can do: each makes itself ready and returns what is run for every line that the process is given."""
