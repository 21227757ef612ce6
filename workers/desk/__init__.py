"""Take one article to its outcome: what is known, what to decide, what to commit. The path starts in `take`."""
