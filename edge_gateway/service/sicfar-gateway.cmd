@"%~dp0programa\python.exe" -m edge_gateway.service %*
