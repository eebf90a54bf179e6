"""The rules of the SicFar integrations. Pure where it can be; knows nothing of functions, gateway or emulators."""
