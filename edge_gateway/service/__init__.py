"""The gateway as a service of the operating system: systemd's unit file, and a Windows service with its installer."""
