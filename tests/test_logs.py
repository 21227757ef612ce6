"""Every line of a log is one of ours: what libraries say, and how they fail, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SAYING = """
import logging
from service import logs

logs.configure("info", "json", role="service")
logs.configure("info", "json", role="service")
logging.getLogger("some.library").info("of no interest")
logging.getLogger("some.library").warning("two\\nlines of %s", "words")
try:
    raise ValueError("bad")
except ValueError:
    logging.getLogger("some.library").exception("it failed")
logging.getLogger("some.library").log(35, "between two levels")
"""


def test_what_libraries_say_is_a_line_each() -> None:
    # when
    done = subprocess.run([sys.executable, "-c", SAYING], capture_output=True, text=True, check=True, timeout=60)

    # then
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["said"]) for line in lines] == [
        ("warning", "two\nlines of words"),
        ("error", "it failed"),
        ("warning", "between two levels"),
    ]
    assert {(line["event"], line["library"], line["role"]) for line in lines} == {
        ("library.said", "some.library", "service")
    }
    assert "ValueError: bad" in lines[1]["exception"]


SHARING = """
import os
import structlog
from service import logs

logs.configure("info", "json", role="worker")
for number in range(3_000):
    structlog.get_logger().info("said", number=number)
"""


def test_processes_that_share_a_pipe_write_whole_lines() -> None:
    """Unbuffered, as in the image: there each write is one of its own, and a line's end must not be another one."""
    # given
    told, tells = os.pipe()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}

    # when
    both = [subprocess.Popen([sys.executable, "-c", SHARING], stderr=tells, env=environment) for _ in range(2)]
    os.close(tells)
    with os.fdopen(told, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines()

    # then
    assert [process.wait() for process in both] == [0, 0]
    assert sorted(json.loads(line)["number"] for line in lines) == sorted([*range(3_000)] * 2)
