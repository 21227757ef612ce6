"""From sentences to clauses: what is claimed, of whom, of what kind."""
