"""One module a kind of source, each behind the boundary of `edge_gateway.source`."""
