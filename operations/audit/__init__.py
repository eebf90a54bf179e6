"""`sicfar auditar`: every total computed anew from the objects in the bucket, the periods and the factors.

It shares the reading of files with the parser and nothing with the SQL that counts: where each increment belongs is
decided here a second time, in Python, and the two must agree to the unit. Taken from the database as evidence, never
recomputed: what people decided and typed, and when a file was recorded. Read-only, one snapshot, bounded memory.

- `evidence`: what the database says, page by page, in one read-only transaction
- `rows`: the shapes of its answers, with English names
- `history`: who owned a line, and what it could plausibly count, at any past instant
- `files`: a ledger row's object, read again
- `objects`: everything in bucket and ledger, read
- `judging`: where a file's increments belong
- `sums`: what all files come to
- `checks`, `acts`: these against the database's totals, and what people did against the trail
- `seals`: the rows people typed, decided and signed, sealed and held against their seals
- `signatures`, `master_data`, `typed`: signatures, cadastros against their trail, closed orders against typed numbers
- `records`: all of this without the machines' objects
- `run`: the whole audit
- `differences`, `summary`: what it finds, and the verdict
"""
