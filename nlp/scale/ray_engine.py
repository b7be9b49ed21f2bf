"""Annotation on a Ray cluster: Ray Data over the pipeline, one actor a worker.

The driver reads captions and writes documents; the workers do what lies between. Captions go to them in numbered
blocks, a window of blocks at a time, so that neither the driver nor the object store ever holds all of them. Outcomes
come back in the order of the captions, with all digits of what a local pipeline makes: what is written does not depend
on the engine. A block whose worker dies goes to another worker; blocks are small, so that little is done twice.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from nlp.config import default_model
from nlp.errors import ConfigError, PathcapError, PipelineError
from nlp.scale.outcomes import Outcome
from nlp.scale.ray_worker import Begun, Remote, Worker, identity, outcome_or_error, pack, unpack
from nlp.scale.wire import caption_to_json
from nlp.types import Caption

LOCAL: Final = "local"
"""The address of an instance of Ray that is started for the run, and ended with it."""

BLOCK: Final = 64
"""Captions that a worker is given at once, and that are done again if it dies: two or three seconds of one core."""

_WINDOW_CPU: Final = 8192
_WINDOW_GPU: Final = 32768
_LARGEST_WINDOW: Final = 2**18
_LOST_WORKERS: Final = 3
_PATIENCE: Final = 20.0  # seconds
_WORKERS: Final = re.compile(r"([0-9]+)(?::([0-9]+))?")


@dataclass(frozen=True, slots=True)
class WorkerRange:
    """How many workers there are at least and at most; between them the pool follows the work and the cluster.

    Raises:
        ConfigError: if there is not one at least, or the bounds are reversed.
    """

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise ConfigError(
                "no such number of workers", expected="1 <= MIN <= MAX", found=f"{self.least}:{self.most}"
            )

    @classmethod
    def parse(cls, text: str) -> WorkerRange:
        """The range that ``MIN:MAX`` names, or ``N`` for exactly so many.

        Raises:
            ConfigError: if it is neither.
        """
        match = _WORKERS.fullmatch(text)
        if match is None:
            raise ConfigError("not a number of workers", expected="MIN or MIN:MAX", found=repr(text))
        return cls(int(match[1]), int(match[2] or match[1]))


def annotate_with_ray(
    captions: Iterable[Caption],
    *,
    model: str | Path | None = None,
    profile: str | None = None,
    device: str = "cpu",
    workers: WorkerRange | None = None,
    address: str | None = None,
    window: int | None = None,
) -> Iterator[Outcome]:
    """Annotate captions on a Ray cluster: one outcome a caption, in the order of the captions.

    If Ray is running in this process already it is used and left running. Otherwise it is started or connected to, and
    left when the iterator ends or is closed.

    Args:
        captions: are taken as outcomes are, two windows ahead at most, and on the same thread.
        model: the model folder, at the same path on every node; by default the one that comes with pathcap.
        profile: as ``Pipeline.load`` takes it.
        device: as ``Pipeline.load`` takes it. A worker holds one CPU, and for ``cuda`` a GPU besides; for ``auto`` too,
            if the cluster has GPUs.
        workers: by default one, and as many as the cluster has CPUs (or GPUs) if there is work for them.
        address: of the cluster, ``host:port`` or ``auto`` on one of its nodes; by default ``$RAY_ADDRESS``, or else
            ``LOCAL``.
        window: captions that are handed over at a time; the outcomes do not depend on it. Workers load the model once a
            window. By default 8,192 for each of the most workers (32,768 with GPUs), and 262,144 at most: two windows
            take the driver a gigabyte then.

    Raises:
        ConfigError: if Ray is not installed, there is no cluster at the address, or it lacks the GPU asked for.
        ModelError: if a worker's model or version of pathcap is not the driver's, or it cannot be loaded.
        PipelineError: if the cluster is lost, or fails in a way that trying again does not mend.
    """
    folder = Path(model) if model is not None else default_model()
    setting = {
        "model": None if model is None else str(folder.resolve()),
        "profile": profile,
        "expected": identity(folder),
    }
    with _connected(address, workers):
        gpu = _needs_gpu(device)
        setting["device"] = device if gpu else "cpu"
        workers = workers or WorkerRange(1, max(_count("GPU" if gpu else "CPU"), 1))
        if window is None:
            window = min(workers.most * (_WINDOW_GPU if gpu else _WINDOW_CPU), _LARGEST_WINDOW)
        yield from _annotate(_blocks(captions), max(window // BLOCK, 1), setting, workers, gpu=gpu)


def _annotate(
    blocks: Iterator[pa.Table], size: int, setting: dict[str, Any], workers: WorkerRange, *, gpu: bool
) -> Iterator[Outcome]:
    """The outcomes of blocks, ``size`` of them in a window."""
    begun = _start_counting()
    expected = 0
    following = list(islice(blocks, size))
    while window := following:
        following = []
        for block in _run(window, {**setting, "begun": begun}, workers, gpu=gpu):
            # Read while the workers are busy, so that the next window is at hand when this one ends.
            following += islice(blocks, min(1, size - len(following)))
            for number, outcome in unpack(block, outcome_or_error):
                if number != expected:
                    raise PipelineError("a caption was lost", expected=f"number {expected}", found=f"number {number}")
                if isinstance(outcome, PathcapError):
                    raise outcome
                expected += 1
                yield outcome
        following += islice(blocks, size - len(following))


def _run(window: list[pa.Table], setting: dict[str, Any], workers: WorkerRange, *, gpu: bool) -> Iterator[pa.Table]:
    """Outcomes of a window's blocks, in their order; the window is emptied once Ray has it."""
    import ray.data

    context = ray.data.DataContext.get_current().copy()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_errored_blocks = 0
    context.max_consecutive_actor_init_deaths = _LOST_WORKERS
    with ray.data.DataContext.current(context):
        # Ray Data starts actors again and repeats their blocks, however often they are lost.
        annotated = ray.data.from_arrow(window).map_batches(
            Worker,
            fn_constructor_kwargs=setting,
            batch_size=None,  # a block as it is
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=workers.least, max_size=workers.most),
            num_cpus=1,
            num_gpus=1 if gpu else None,
        )
    window.clear()
    try:
        yield from annotated.iter_batches(batch_size=None, batch_format="pyarrow")
    except ray.exceptions.RayError as error:
        raise PipelineError("the cluster failed", found=_cause(error)) from error


def _cause(error: Exception) -> str:
    """The last line of what an error of Ray says of its first cause: behind it come those that passed it on."""
    first = str(error).partition("The above exception was the direct cause")[0]
    lines = [line.strip() for line in first.splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _blocks(captions: Iterable[Caption]) -> Iterator[pa.Table]:
    first = 0
    rest = iter(captions)
    while block := list(islice(rest, BLOCK)):
        yield pack(first, map(caption_to_json, block))
        first += len(block)


def _start_counting() -> Remote:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    # Beside the driver: if this node is lost so is the run.
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    counting = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1, scheduling_strategy=here)(Begun)
    return Remote(counting.remote())


def _needs_gpu(device: str) -> bool:
    gpus = _count("GPU")
    if device == "cuda" and not gpus:
        raise ConfigError("the cluster has no GPU", expected="device cpu", found=repr(device))
    return device != "cpu" and gpus > 0


def _count(resource: str) -> int:
    import ray

    return int(ray.cluster_resources().get(resource, 0))


@contextmanager
def _connected(address: str | None, workers: WorkerRange | None) -> Iterator[None]:
    """Ray, running in this process.

    Raises:
        ConfigError: if it is not installed, or there is no cluster at the address.
    """
    # Before Ray is imported. It would report on its use, and warn of what cannot happen here: that actors could not be
    # started again if what they were made with were lost.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray.data
    except ImportError as error:
        raise ConfigError("Ray is not installed", expected="pip install pathcap[ray]", found=str(error)) from error

    if ray.is_initialized():
        with _quiet(ray):
            yield
        return
    address = address or os.environ.get("RAY_ADDRESS") or LOCAL
    own: dict[str, Any] = {}
    if address == LOCAL:
        own = {"include_dashboard": False, "num_cpus": workers.most if workers is not None else None}
    with _quiet(ray):
        try:
            _check_reachable(address)
            with _keeping_signals(), _errors_aside():
                ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise ConfigError("there is no Ray cluster", expected="host:port", found=f"{address}: {error}") from error
        try:
            yield
        finally:
            with _keeping_signals():
                ray.shutdown()


def _check_reachable(address: str) -> None:
    """Ray itself would try for minutes.

    Raises:
        ConfigError: if it is an address of Ray Client, which Ray Data does not go well with.
        OSError: if nobody listens there.
    """
    if "://" in address:
        raise ConfigError("not an address in the cluster", expected="host:port, from one of its nodes", found=address)
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE):
            pass


@contextmanager
def _keeping_signals() -> Iterator[None]:
    """Gives back what was to be done on SIGTERM: Ray puts its own handler in its place."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _errors_aside() -> Iterator[None]:
    """Standard error leads nowhere: Ray's core greets there, past Python. What goes wrong is raised as well."""
    sys.stderr.flush()
    with Path(os.devnull).open("wb") as nowhere:
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def _quiet(ray: Any) -> Iterator[None]:
    """Neither Ray Data's plans nor what is tried again is shown; what matters comes as an error."""
    logger, worker = logging.getLogger("ray.data"), ray._private.worker
    level, shows = logger.level, getattr(worker, "_worker_logs_enabled", True)
    logger.setLevel(logging.CRITICAL)
    # Errors of the cluster would be written to standard output, where documents may go.
    worker._worker_logs_enabled = False
    try:
        yield
    finally:
        logger.setLevel(level)
        worker._worker_logs_enabled = shows
