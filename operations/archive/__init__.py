"""`sicfar arquivar`: a closed year as files that outlive the database, and their way back into an empty one.

- `tables`: what belongs to a year
- `manifest`: what the files are, with their hashes
- `writing`: database and bucket → folder
- `restoring`: folder → an empty database
- `command`: the words on the command line
"""
