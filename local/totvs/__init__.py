"""A TOTVS that behaves as Protheus services do, and misbehaves on demand: the server, and how tests speak to it."""
