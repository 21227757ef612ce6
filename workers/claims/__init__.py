"""Claims: read from an article, compared with what was claimed before. Pure."""
