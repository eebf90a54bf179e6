"""What the plant and the ERP are in tests and demonstrations: machines, PLCs, OPC UA servers, a TOTVS."""
