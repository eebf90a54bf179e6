"""Seals: rows people typed, decided and signed, hashed into a chain where the database's owner cannot write.

A seal says of each row its table, number and SHA-256, and the hash of the seal before it. Every five minutes one is
made of all rows that are committed and in no seal yet; nobody who writes waits for it.

- `tables`: which tables are sealed
- `rows`: their rows as text that no setting of a session and no later column changes, and which of them are unsealed
- `seal`: one seal, as bytes and back
- `chain`: the bucket they lie in
- `sealing`: making the next seals
- `verifying`: the rows, held against the seals
"""
