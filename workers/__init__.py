"""The workers: articles taken from the streams, matched, read for claims, compared, committed."""
