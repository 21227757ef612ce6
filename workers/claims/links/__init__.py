"""Which known claim a clause denies, updates, narrows or is silent about."""
