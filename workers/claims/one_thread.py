"""Matrices are multiplied by the thread that asks for it."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from importlib import import_module


def multiply_alone() -> None:
    """From now on numpy's BLAS starts no threads of its own, in this process.

    Workers share the cores already: OpenBLAS's other threads, which spin until there is more for them, cost more than
    they save. Where numpy has another BLAS this does nothing.
    """
    with suppress(AttributeError, OSError):
        core = ctypes.CDLL(str(import_module("numpy._core._multiarray_umath").__file__))
        core.scipy_openblas_set_num_threads64_(1)
