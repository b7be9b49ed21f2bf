"""Which devices there may be, told without torch: to import it costs a second and 200 MB."""

from __future__ import annotations

import os
import sys
from ctypes.util import find_library
from pathlib import Path
from typing import Final

# Device files of NVIDIA's driver on servers and desktops, in WSL, on Jetson, and of AMD's, which torch calls cuda too.
_FILES: Final = ("nvidia[0-9]*", "nvidiactl", "dxg", "nvhost-gpu", "nvgpu", "kfd")
_HIDING: Final = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


def gpu_may_be_there(devices: Path = Path("/dev")) -> bool:
    """Whether torch might find a GPU: false only where it cannot.

    Args:
        devices: where the system has its device files.
    """
    if any(os.environ.get(name, "0").strip() in ("", "-1") for name in _HIDING):
        return False
    if sys.platform == "win32":
        return find_library("nvcuda") is not None
    return any(next(devices.glob(name), None) is not None for name in _FILES)
