"""How good the claims are on stories with gold: what `claimwire eval` measures."""
