"""What subscribers get: events as pydantic models, their JSON Schemas. Pure, and all that a subscriber needs to import."""
