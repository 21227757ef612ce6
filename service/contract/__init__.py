"""What subscribers get: events as pydantic models, and their JSON Schemas. Pure, and needs no other room."""
