"""400 connections that drip a byte a second, and 20 probes of /healthz beside them: the slowest one."""
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
address = ("127.0.0.1", port)
head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
clients = []
for _ in range(count):
    client = socket.create_connection(address)
    client.sendall(head + b"X: ")
    clients.append(client)
times, failed = [], 0
for probe in range(20):
    if probe % 4 == 0:
        for client in clients:
            try:
                client.send(b"x")
            except OSError:
                pass
    begin = time.monotonic()
    try:
        with socket.create_connection(address, timeout=5) as one:
            one.sendall(head + b"Connection: close\r\n\r\n")
            if b" 200 " not in one.recv(4096):
                failed += 1
    except OSError:
        failed += 1
    times.append(time.monotonic() - begin)
    time.sleep(0.25)
print(f"{count} dripping heads, 20 probes: {failed} failed, slowest {max(times) * 1000:.1f} ms")
