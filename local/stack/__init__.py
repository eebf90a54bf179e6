"""The embedded stack. Each emulator stands behind one module: `postgres`, `supabase_lite`, `emulator` (AWS)."""
