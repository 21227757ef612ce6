"""Are two clauses one claim?"""
