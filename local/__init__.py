"""The embedded stack and the simulated plant. Never imported by the product."""
