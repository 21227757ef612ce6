"""The OpenAPI 3.1 document of the HTTP API, made from the table of operations and the models of their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.contract.api import Problem
from service.contract.generating import Untitled, opened
from service.contract.operations import OPERATIONS, Operation, Parameter

_SCHEMAS = "#/components/schemas/{model}"
_WHAT = {
    400: "a parameter that cannot be used",
    401: "no token, or one that is not known",
    403: "a token that may not do this",
    404: "there is no such thing",
    409: "it does not fit what stands now",
    410: "it was taken down",
    413: "a body that is too long",
    415: "a body of another type",
    422: "a body that cannot be used",
    429: "too many requests; see Retry-After",
    500: "a failure of ours",
    503: "for now it cannot be answered; see Retry-After",
}
_ALWAYS = (401, 403, 429, 500, 503)


def openapi(operations: Iterable[Operation] = OPERATIONS) -> dict[str, Any]:
    """The whole document."""
    operations = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Claimwire",
            "version": "1.0.0",
            "description": "What is claimed in followed stories, by whom, and where it stands. Errors are "
            "application/problem+json. Tokens are asked for only where the service was given some.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _name(operation),
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            str(operation.status): _answer(operation),
            **({"202": _answer(operation)} if operation.accepted else {}),
            **{str(status): _problem(status) for status in sorted({*operation.problems, *_ALWAYS})},
        },
        "security": [{}, {"token": []}],
        "x-scope": operation.scope,
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    return described


def _name(operation: Operation) -> str:
    parts = [part for part in operation.path.split("/") if part and part != "v1"]
    words = [
        part.strip("{}").title() if not part.startswith("{") else f"Of{part.strip('{}').title()}" for part in parts
    ]
    return operation.method + "".join(words)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = dict(parameter.schema)
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": parameter.description,
        "schema": {"type": "array", "items": schema} if parameter.several else schema,
    }


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": operation.summary, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    return {
        "description": operation.summary,
        "content": {"application/json": {"schema": _reference(operation.answer)}},
    }


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": _WHAT[status],
        "content": {"application/problem+json": {"schema": _reference(Problem)}},
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _SCHEMAS.format(model=model.__name__)}


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    answers: set[type[BaseModel]] = {Problem}
    bodies: set[type[BaseModel]] = set()
    for operation in operations:
        answers |= {operation.answer} if operation.answer is not None else set()
        bodies |= {operation.body} if operation.body is not None else set()
    wanted = [(model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)]
    wanted += [(model, "validation") for model in sorted(bodies - answers, key=lambda model: model.__name__)]
    _, described = models_json_schema(wanted, ref_template=_SCHEMAS, schema_generator=Untitled)  # type: ignore[arg-type]
    schemas: dict[str, Any] = opened(described["$defs"])
    return schemas
