#!/usr/bin/env python3
"""A receiver of webhooks, as somebody else would write it. It checks each signature and stores each id once.

webhook_receiver.py PORT FOLDER [CERTIFICATE KEY]

The file FOLDER/mode says what it does: "accept", "reject STATUS", "redirect URL", "hang", "drop" (it stores the event and
closes the connection without an answer). Every event that it accepts is a line of FOLDER/events: ID, whether the signature
is valid, BODY.
"""
import hashlib
import hmac
import http.server
import os
import ssl
import sys
import threading

FOLDER = sys.argv[2]
SECRET = b"a secret of the test"
lock = threading.Lock()


def mode():
    with open(os.path.join(FOLDER, "mode"), encoding="utf-8") as file:
        return file.read().split()


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def note(self, name, line):
        with lock, open(os.path.join(FOLDER, name), "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def do_GET(self):
        self.note("gets", self.path)
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event_id = self.headers["Sheafline-Event-Id"]
        self.note("attempts", event_id)
        what = mode()
        if what[0] == "hang":
            threading.Event().wait()
        if what[0] == "reject":
            self.send_response(int(what[1]))
            self.end_headers()
            return
        if what[0] == "redirect":
            self.send_response(302)
            self.send_header("Location", what[1])
            self.end_headers()
            return
        signed = f"{self.headers['Sheafline-Timestamp']}.{event_id}.".encode() + body
        expected = "v1=" + hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
        signature = self.headers.get("Sheafline-Signature", "none")
        state = "unsigned" if signature == "none" else "valid" if hmac.compare_digest(signature, expected) else "invalid"
        self.note("events", f"{event_id} {state} {body.decode()}")
        if what[0] == "drop":
            self.connection.close()
            return
        self.send_response(204)
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
