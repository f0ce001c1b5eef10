"""A daemon that misbehaves in the one way that a test asks for."""

import json
import os
import socket
import threading

HELLO = {"product": "opcua-session-manager", "protocol": 2, "limits": {"maxFrameBytes": 65536}, "features": ["id"]}


def answer(request, data):
    """The line that answers a request."""
    return json.dumps({"id": request["id"], "success": True, "data": data})


class FakeDaemon:
    """Listens on a Unix socket, greets (unless ``hello`` is None), and answers requests with these lines.

    All of them come after the ``after``-th request of a connection, in pieces of three bytes with ``pieces``; without
    any nothing comes. ``hang_up`` closes the connection at the first request after the greeting. With ``answers`` each
    request is answered by the lines that it makes of the request. ``received`` has all requests but the greetings, ``connections``
    counts those that are open.
    """

    def __init__(self, path, *lines, hello=HELLO, pieces=False, after=1, hang_up=False, answers=None):
        self.path = path
        self.requests = 0
        self.received = []
        self.connections = 0
        self._answers = answers
        self._lines = lines
        self._hello = hello
        self._pieces = pieces
        self._after = after
        self._hang_up = hang_up
        self._open = []
        if os.path.exists(path):
            os.unlink(path)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(path)
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        seen = 0
        self.connections += 1
        try:
            with connection, connection.makefile("rb") as requests:
                for request in requests:
                    if seen == 0 and self._hello is not None and json.loads(request)["command"] == "hello":
                        greeting = {"id": json.loads(request)["id"], "success": True, "data": self._hello}
                        connection.sendall(json.dumps(greeting).encode() + b"\n")
                        continue
                    seen += 1
                    self.requests += 1
                    self.received.append(json.loads(request))
                    if self._answers is not None:
                        lines = self._answers(self.received[-1])
                        connection.sendall("".join(line + "\n" for line in lines).encode())
                        continue
                    if self._hang_up:
                        return
                    if seen == self._after:
                        self._answer(connection)
        except OSError:
            pass
        finally:
            self.connections -= 1

    def _answer(self, connection):
        data = "".join(line + "\n" for line in self._lines).encode()
        step = 3 if self._pieces else len(data) or 1
        for at in range(0, len(data), step):
            connection.sendall(data[at : at + step])

    def close(self):
        for end in [self._server, *self._open]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
            end.close()
