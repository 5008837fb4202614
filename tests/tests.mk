# Test targets; the tiers and their times are in docs/testing.md.
