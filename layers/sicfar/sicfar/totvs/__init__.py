"""The conversation with the ERP: what TOTVS tells, how it is read, and how TOTVS is asked."""
