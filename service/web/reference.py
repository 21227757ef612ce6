"""The contract as pages for people: the HTTP API and the streams, from the documents that programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from service.contract.openapi import openapi
from service.contract.schemas import asyncapi
from service.web.board.rendering import Rendering

_MOST_VALUES = 8
"""that are spelled out"""

Described = Mapping[str, Any]


class Reference:
    """Addresses of the reference."""

    def __init__(self) -> None:
        self._rendering = Rendering()
        self._api, self._streams = openapi(), asyncapi()

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [web.get("/docs/api", self.api), web.get("/asyncapi", self.streams)]

    async def api(self, _: web.Request) -> web.Response:
        """Every address of the API, its parameters and what it answers."""
        operations = [
            {"method": method.upper(), "path": path, **described, "answer": _answer(described)}
            for path, methods in self._api["paths"].items()
            for method, described in methods.items()
        ]
        models = [_model(name, schema) for name, schema in sorted(self._api["components"]["schemas"].items())]
        return self._rendering.page("api.html", api=self._api["info"], operations=operations, models=models)

    async def streams(self, _: web.Request) -> web.Response:
        """Every stream, how it is read, and every event with an example."""
        messages = [
            {**message, "id": name, "example": _pretty(message["examples"][0])}
            for name, message in self._streams["components"]["messages"].items()
        ]
        channels = [{**channel, "types": sorted(channel["messages"])} for channel in self._streams["channels"].values()]
        attributes = self._streams["components"]["schemas"]["attributes"]["properties"]
        return self._rendering.page(
            "asyncapi.html",
            about=self._streams["info"],
            channels=channels,
            messages=messages,
            attributes={name: _kind(schema) for name, schema in attributes.items()},
            meanings={name: schema.get("description", "") for name, schema in attributes.items()},
        )


def _answer(described: Described) -> str:
    """The name of the model that an operation answers with; of a stream, none."""
    good = next(answer for status, answer in described["responses"].items() if status.startswith("2"))
    schema = next(iter(good["content"].values()))["schema"]
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _model(name: str, schema: Described) -> dict[str, Any]:
    required = schema.get("required", ())
    members = [
        {"name": member, "kind": _kind(of), "about": of.get("description", ""), "always": member in required}
        for member, of in schema.get("properties", {}).items()
    ]
    return {"name": name, "about": schema.get("description", ""), "members": members}


def _kind(schema: Described) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"])) if len(schema["enum"]) <= _MOST_VALUES else "one of a list"
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("format") or schema.get("type", "anything"))
    if kind == "array":
        items = schema.get("items") or {}
        return f"list of {_kind(items)}" if items else " and ".join(_kind(one) for one in schema["prefixItems"])
    return kind


def _pretty(example: Described) -> str:
    return json.dumps({**example["headers"], "data": example["payload"]}, ensure_ascii=False, indent=2)
