"""The stages: pure functions of their data and the options; none imports another."""
