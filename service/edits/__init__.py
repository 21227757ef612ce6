"""What people correct: merges, splits, retractions, takedowns; asked for, audited, played again."""
