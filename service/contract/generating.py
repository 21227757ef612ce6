"""How schemas are made of models: without titles that say nothing, and open for what comes later."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema


class Untitled(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names: they say nothing that the name does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def opened(node: Any) -> Any:
    """Lets every object have members that it does not name."""
    if isinstance(node, dict):
        closed = node.get("additionalProperties") is False
        return {key: opened(value) for key, value in node.items() if not (closed and key == "additionalProperties")}
    return [opened(item) for item in node] if isinstance(node, list) else node
