"""Dashboard, alerts and compose file speak of numbers, labels and files that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.numbers.exposition import LATENCY
from service.numbers.metrics import NUMBERS

ROOT = Path(__file__).parents[2]
HERE = ROOT / "deploy" / "observability"
LABELS = {number.name + ("_total" if number.kind == "counter" else ""): set(number.labels) for number in NUMBERS}
LABELS |= {f"{LATENCY}_{part}": {"story", "le"} for part in ("bucket", "sum", "count")}


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def dashboard() -> Any:
    return json.loads((HERE / "grafana" / "dashboards" / "claimwire.json").read_text(encoding="utf-8"))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in loaded(HERE / "alerts.yml")["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    yield from (target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ()))
    yield from (one["query"]["query"] for one in dashboard()["templating"]["list"])


def wrong(expression: str) -> list[str]:
    """Names and labels in an expression that the page of numbers does not have."""
    found = [name for name in re.findall(r"\bclaimwire_[a-z_]+", expression) if name not in LABELS]
    for name, matchers in re.findall(r"\b(claimwire_[a-z_]+)\{([^}]*)\}", expression):
        given = re.findall(r"([a-z_]+)\s*(?:=|!)", matchers)
        found += [f"{name}{{{label}}}" for label in given if label not in LABELS.get(name, ())]
    return found


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_an_expression_asks_for_numbers_that_there_are(expression: str) -> None:
    assert wrong(expression) == []
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


@pytest.mark.parametrize("expression", ["claimwire_workers_total", 'claimwire_feeds{feed="x"} > 0'])
def test_what_there_is_not_is_found(expression: str) -> None:
    assert wrong(expression)


def test_an_alert_says_what_is_wrong_and_what_to_do() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)
    for rule in alerts():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")
        told = set(re.findall(r"\$labels\.([a-z]+)", rule["annotations"]["summary"]))
        given = {label for name, labels in LABELS.items() if name in rule["expr"] for label in labels}
        assert told <= given


def test_panels_do_not_lie_upon_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert taken.isdisjoint(cells)
        taken |= cells


def test_the_compose_profile_mounts_what_there_is_and_is_off_by_itself() -> None:
    compose = loaded(ROOT / "docker-compose.yml")
    watching = {name: one for name, one in compose["services"].items() if "profiles" in one}
    assert {name: one["profiles"] for name, one in watching.items()} == {
        "prometheus": ["observability"],
        "grafana": ["observability"],
    }
    for one in watching.values():
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", one["image"])
        assert all(port.startswith("127.0.0.1:") for port in one["ports"])
        for volume in one["volumes"]:
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in compose["volumes"]
    (target,) = loaded(HERE / "prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"]
    service = compose["services"]["service"]
    assert service["ports"] == [f"127.0.0.1:8700:{target.split(':')[1]}"]
