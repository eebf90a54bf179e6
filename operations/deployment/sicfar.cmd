@rem O comando sicfar, com o Python que veio neste pacote. Rode-o na pasta do pacote.
@"%~dp0programa\python.exe" -X utf8 -m operations %*
