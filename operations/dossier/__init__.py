"""`sicfar dossie OP`: all that is known of a lot, as one page that prints: what an inspector takes home.

- `rows`: what is asked of the database, a model per question
- `gathering`: the questions, in one read-only snapshot
- `agreement`: the dossier's own sums, held against what was frozen
- `rendering`, `templates`: the page
- `command`: the words on the command line
"""
