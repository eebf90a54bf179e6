"""A TOTVS that behaves as Protheus services do, and misbehaves on demand."""
