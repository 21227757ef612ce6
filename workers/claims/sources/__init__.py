"""Who is who and who says it."""
