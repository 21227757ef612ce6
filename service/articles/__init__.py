"""Markup off, identity on: an entry made readable. Pure."""
