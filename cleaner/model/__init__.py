"""The immutable types that every floor speaks; this package imports nothing of ours."""
