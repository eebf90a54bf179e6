"""Machines with running counters: Modbus TCP, OPC UA, and from readings to what was made."""
