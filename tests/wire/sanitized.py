"""The suite of the compiled kernel under the address and undefined-behaviour sanitizers.

    python -m tests.wire.sanitized [pytest's arguments]

Builds the kernel in a directory of its own, from a copy of the sources, and runs `test_kernel.py` there with few
examples of each property (EXAMPLES, default 25). What is beyond all limits the compiled kernel alone is shown. Needs
gcc and its sanitizers, and a minute or two.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("service", "workers", "tests/wire", "tests/benchmarks", "pyproject.toml")
FLAGS = ["-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-shared", "-fPIC"]
PROFILE = """
from hypothesis import settings
settings.register_profile("sanitized", max_examples={examples})
settings.load_profile("sanitized")
"""


def copy(to: Path) -> None:
    """The sources, and what bounds the examples."""
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, to / each, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        else:
            shutil.copy(ROOT / each, to / each)
    (to / "conftest.py").write_text(PROFILE.format(examples=int(os.environ.get("EXAMPLES", "25"))), "utf-8")


def build(at: Path) -> None:
    """The kernel with sanitizers.

    Raises:
        subprocess.CalledProcessError: it does not compile.
    """
    wire = at / "workers" / "wire"
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run(["gcc", *FLAGS, include, wire / "_kernel.c", "-o", wire / "_kernel.abi3.so"], check=True)


def main(arguments: list[str]) -> int:
    """pytest's exit code; a sanitizer's finding ends it with another than zero."""
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    with tempfile.TemporaryDirectory() as directory:
        at = Path(directory)
        copy(at)
        build(at)
        found = {"LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
        env = os.environ | found | {"PYTHONPATH": directory}
        asked = ["-q", "-x", "-p", "no:cacheprovider", "tests/wire/test_kernel.py", "-k", "not same_limits", *arguments]
        return subprocess.run([sys.executable, "-m", "pytest", *asked], cwd=at, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
