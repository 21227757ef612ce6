"""The guarded HTTP client: every address checked at connect time, every size and time capped. Workers use it too."""
