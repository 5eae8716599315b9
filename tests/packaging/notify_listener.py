#!/usr/bin/env python3
"""Prints each datagram that a service sends to its supervisor (sd_notify), one line each.

notify_listener.py SOCKET
"""
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
print("bound", flush=True)
while True:
    print(listener.recv(4096).decode().replace("\n", " "), flush=True)
