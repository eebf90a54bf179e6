"""The daily digest: what waits too long, by e-mail to the people who decide it."""
