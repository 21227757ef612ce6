"""Reading without a parser: what a language folder alone makes possible."""
