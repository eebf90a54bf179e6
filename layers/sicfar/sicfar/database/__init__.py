"""The database behind Supabase's API."""
