"""What subscribers get: events as pydantic models, and their JSON Schemas. Pure; all that a subscriber imports."""
