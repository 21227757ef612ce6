"""The manifests name what there is: commands, probes, settings, streams and the user of the image."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from service.cli.main import app
from service.cli.settings import rows
from service.store import keys
from service.stories.story import load_stories
from service.web.health import Health

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "kubernetes"
DOCUMENTS = [
    (path.relative_to(FOLDER).as_posix(), document)
    for path in sorted(FOLDER.glob("*/*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]
DEPLOYMENTS = [document for _, document in DOCUMENTS if document["kind"] == "Deployment"]


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = [doc for _, doc in DOCUMENTS if doc["kind"] == kind and doc["metadata"]["name"] == name]
    return dict(found)


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_every_resource_is_listed() -> None:
    for name, document in DOCUMENTS:
        if document["kind"] == "Kustomization":
            folder = (FOLDER / name).parent
            listed = {entry for entry in document["resources"] if not entry.startswith("..")}
            assert listed == {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["metadata"]["name"])
def test_a_deployment_runs_a_command_that_there_is_as_the_image_s_user(deployment: dict[str, Any]) -> None:
    pod, main = deployment["spec"]["template"]["spec"], container(deployment)
    name, *arguments = main["args"]
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= options
    user = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text("utf-8"))
    assert user is not None
    assert pod["securityContext"]["runAsUser"] == int(user[1])
    assert main["securityContext"]["readOnlyRootFilesystem"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
    budget = one("PodDisruptionBudget", deployment["metadata"]["name"])
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_probes_ask_what_is_answered() -> None:
    routes = {route.path for route in Health(None).routes()}  # type: ignore[arg-type]
    service = container(one("Deployment", "claimwire-service"))
    probes = {name: service[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["path"] for probe in probes.values()} == {"/startupz", "/livez", "/readyz"} <= routes
    assert {probe["port"] for probe in probes.values()} == {service["ports"][0]["name"]}
    worker = container(one("Deployment", "claimwire-worker"))
    health = get_command(app).commands["health"]  # type: ignore[attr-defined]
    options = {option for parameter in health.params for option in parameter.opts}
    for probe in ("startupProbe", "livenessProbe"):
        assert worker[probe]["exec"]["command"][:2] == ["claimwire", "health"]
        assert set(worker[probe]["exec"]["command"][2:]) <= options


def test_a_pod_has_time_to_finish_what_it_has_in_hand() -> None:
    defaults = {variable: default for variable, default, _ in rows()}
    worker = one("Deployment", "claimwire-worker")["spec"]["template"]["spec"]
    assert worker["terminationGracePeriodSeconds"] > float(defaults["CLAIMWIRE_EXTRACTION_DEADLINE_S"])


def test_settings_named_are_settings() -> None:
    known = {variable for variable, _, _ in rows()}
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*/*.yaml"))
    assert set(re.findall(r"CLAIMWIRE_[A-Z_]+", text)) <= known


def test_the_scaler_looks_at_the_streams_that_workers_read() -> None:
    scaled = one("ScaledObject", "claimwire-worker")
    stories = load_stories(ROOT / "seeds" / "stories")
    streams = {trigger["metadata"]["stream"] for trigger in scaled["spec"]["triggers"]}
    assert streams == {keys.articles(story) for story in stories}
    assert {trigger["metadata"]["consumerGroup"] for trigger in scaled["spec"]["triggers"]} == {keys.GROUP}
