#!/usr/bin/env python3
"""The conformance kit of opcua-session-manager: runs a script of exchanges against a daemon, or against a client.

    kit.py daemon --socket S --server URL                      a daemon, in front of the simulator at URL
    kit.py client -- PROGRAM ARGS...                           a client; the kit is its daemon
    kit.py client --daemon S --server URL -- PROGRAM ARGS...   a client, in front of a real daemon

README.md beside this file describes the scripts and what PROGRAM has to do. Python 3.8 or later, nothing else.
Exit code: 0 if everything passed, 1 if not, 2 if it could not be run.
"""

import argparse
import concurrent.futures
import json
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_REQUEST = 65536
MAX_DEPTH = 32
COMMANDS = {"ping", "list", "open", "close", "query", "describe", "invoke", "hello", "subscribe", "unsubscribe",
            "cancel", "stats", "trust", "certificate", "explain"}
MEMBERS = {"command": str, "sessionId": str, "endpointUrl": str, "connection": str, "method": str, "authToken": str,
           "config": dict, "params": list, "args": list, "force": bool, "forceNew": bool, "timeoutMs": int,
           "subscription": dict, "items": list, "events": list, "int64": str}
TIME = r"\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{%s}\+00:00"
KINDS = {
    "<any>": lambda v: True,
    "<integer>": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "<number>": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "<string>": lambda v: isinstance(v, str),
    "<flag>": lambda v: isinstance(v, bool),
    "<object>": lambda v: isinstance(v, dict),
    "<array>": lambda v: isinstance(v, list),
    "<session id>": lambda v: isinstance(v, str) and re.fullmatch("[0-9a-f]{32}", v) is not None,
    "<time>": lambda v: isinstance(v, str) and re.fullmatch(TIME % "6,7", v) is not None,
    "<time 1>": lambda v: isinstance(v, str) and re.fullmatch(TIME % "6", v) is not None,
    "<time 2>": lambda v: isinstance(v, str) and re.fullmatch(TIME % "7", v) is not None,
}


class Failure(Exception):
    """What is wrong with the daemon or the client."""


# ---- scripts ----------------------------------------------------------------------------------------------------------


def script(name):
    """The objects of a file of the kit, one a line; lines that begin with # and empty ones are for the reader."""
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip() and not line.startswith("#")]


def filled(value, names):
    """A value of a script with what is only known now: "$name", and long or deep texts."""
    if isinstance(value, str):
        return names.get(value[1:], value) if value.startswith("$") else value
    if isinstance(value, list):
        return [filled(element, names) for element in value]
    if isinstance(value, dict):
        if set(value) == {"<repeat>"}:
            text, times = value["<repeat>"]
            return text * times
        if set(value) == {"<nested>"}:
            nested = None
            for _ in range(value["<nested>"]):
                nested = [nested]
            return nested
        return {name: filled(member, names) for name, member in value.items()}
    return value


def mismatch(expected, actual, strict=True, path=""):
    """Why a value is not the one of the script; None if it is. Strict: 3.0 is not 3."""
    where = path or "/"
    if isinstance(expected, str) and expected in KINDS:
        return None if KINDS[expected](actual) else "%s: expected %s, got %s" % (where, expected, shown(actual))
    if isinstance(expected, dict):
        for rule, check in RULES.items():
            if set(expected) == {rule}:
                return check(expected[rule], actual, strict, path)
        if not isinstance(actual, dict):
            return "%s: expected an object, got %s" % (where, shown(actual))
        for name, member in expected.items():
            if name not in actual:
                return "%s: has no member %s" % (where, name)
            found = mismatch(member, actual[name], strict, path + "/" + name)
            if found:
                return found
        return None
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return "%s: expected an array of %d, got %s" % (where, len(expected), shown(actual))
        return first(mismatch(e, a, strict, "%s/%d" % (path, i)) for i, (e, a) in enumerate(zip(expected, actual)))
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    if isinstance(expected, float) and isinstance(actual, int) and not strict:
        same = float(actual) == expected  # Where a language has one kind of number, 3.0 comes back as 3.
    elif strict and isinstance(expected, (int, float)):
        same = same and type(expected) is type(actual)
    return None if same else "%s: expected %s, got %s" % (where, shown(expected), shown(actual))


def first(problems):
    return next((problem for problem in problems if problem), None)


def each_matches(expected, actual, strict, path):
    if not isinstance(actual, list):
        return "%s: expected an array, got %s" % (path or "/", shown(actual))
    return first(mismatch(expected, a, strict, "%s/%d" % (path, i)) for i, a in enumerate(actual))


def only_these(expected, actual, strict, path):
    if isinstance(actual, dict) and set(actual) != set(expected):
        return "%s: expected the members %s, got %s" % (path or "/", sorted(expected), sorted(actual))
    return mismatch(expected, actual, strict, path)


def one_of(expected, actual, strict, path):
    fits = any(mismatch(choice, actual, strict, path) is None for choice in expected)
    return None if fits else "%s: expected one of %s, got %s" % (path or "/", shown(expected), shown(actual))


def some_element(expected, actual, strict, path):
    fits = isinstance(actual, list) and any(mismatch(expected, a, strict) is None for a in actual)
    return None if fits else "%s: nothing like %s in %s" % (path or "/", shown(expected), shown(actual))


def text_with(expected, actual, strict, path):
    fits = isinstance(actual, str) and expected in actual
    return None if fits else "%s: no %s in %s" % (path or "/", shown(expected), shown(actual))


def long_text(expected, actual, strict, path):
    fits = isinstance(actual, str) and len(actual) == expected
    return None if fits else "%s: expected a text of %d characters, got %s" % (path or "/", expected, shown(actual))


RULES = {"<long>": long_text, "<each>": each_matches, "<only>": only_these, "<one of>": one_of, "<some>": some_element, "<text>": text_with}


def shown(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "... (%d characters)" % len(text)


def at(pointer, value):
    """The value at a JSON pointer."""
    for name in pointer.split("/")[1:]:
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def parsed(line):
    """One line as an object; a member may not come twice."""

    def members(pairs):
        names = [name for name, _ in pairs]
        if len(names) != len(set(names)):
            raise ValueError("a member that comes twice: " + str(sorted(names)))
        return dict(pairs)

    def constant(name):
        raise ValueError(name + " is not JSON")

    value = json.loads(line.decode("utf-8"), object_pairs_hook=members, parse_constant=constant)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def depth(value):
    """How deep a value is; counted without recursion."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        one, above = waiting.pop()
        if isinstance(one, (dict, list)):
            deepest = max(deepest, above + 1)
            waiting.extend((inner, above + 1) for inner in (one.values() if isinstance(one, dict) else one))
    return deepest


def with_token(request):
    token = os.environ.get("OPCUA_AUTH_TOKEN")
    return dict({"authToken": token}, **request) if token else request


def with_texts(value):
    """Int64 and UInt64 as texts, as hello may ask for."""
    if isinstance(value, list):
        return [with_texts(element) for element in value]
    if not isinstance(value, dict):
        return value
    texts = {name: with_texts(member) for name, member in value.items()}
    if value.get("type") in (8, 9) and "value" in value:
        texts["value"] = [str(v) for v in value["value"]] if isinstance(value["value"], list) else str(value["value"])
    return texts


def integers(value):
    """A value to write: clients may send integers as texts."""
    return int(value) if isinstance(value, str) and re.fullmatch("-?[0-9]+", value) else value


def encoded(frame):
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


# ---- connections ------------------------------------------------------------------------------------------------------


class Record:
    """Every frame that passes, as lines of {"connection","from","line"} for whoever checks them further."""

    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8") if path else None
        self._lock = threading.Lock()
        self._connections = 0

    def connection(self):
        with self._lock:
            self._connections += 1
            return self._connections

    def add(self, connection, sender, line):
        """One line, or several that were sent at the same time."""
        if self._file:
            with self._lock:
                for one in line.decode("utf-8", "replace").rstrip("\r\n").split("\n"):
                    self._file.write(json.dumps({"connection": connection, "from": sender, "line": one}) + "\n")
                self._file.flush()

    def close(self):
        if self._file:
            self._file.close()


def connected(address, timeout):
    """A stream to a Unix socket, or to tcp://HOST:PORT."""
    if address.startswith("tcp://"):
        host, port = address[len("tcp://"):].rsplit(":", 1)
        stream = socket.create_connection((host, int(port)), timeout)
    else:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.settimeout(timeout)
        stream.connect(address[len("unix://"):] if address.startswith("unix://") else address)
    return stream


class DaemonConnection:
    """The kit as a client: frames to a daemon and back."""

    def __init__(self, address, timeout, record):
        self._stream = connected(address, timeout)
        self._lines = self._stream.makefile("rb")
        self._record = record
        self._number = record.connection()
        self._last_id = 0
        self._strays = []

    def next_id(self):
        self._last_id += 1
        return self._last_id

    def send(self, frame):
        line = frame if isinstance(frame, bytes) else encoded(frame)
        self._record.add(self._number, "client", line)
        try:
            self._stream.sendall(line)
        except OSError:
            pass  # The daemon may have said already what was wrong with the beginning.

    def line(self):
        """The next line; empty at the end of the stream."""
        try:
            line = self._lines.readline()
        except socket.timeout:
            raise Failure("no answer in time")
        except OSError as e:
            raise Failure("the connection broke: %s" % e)
        if line:
            self._record.add(self._number, "daemon", line)
            if not line.endswith(b"\n"):
                raise Failure("a line without its end: %s" % shown(line.decode("utf-8", "replace")))
        return line

    def frame_for(self, wanted):
        """The next (line, frame) that wanted takes; the others wait for somebody else."""
        for i, (line, frame) in enumerate(self._strays):
            if wanted(frame):
                return self._strays.pop(i)
        while True:
            line = self.line()
            if not line:
                raise Failure("the daemon closed the connection without an answer")
            try:
                frame = parsed(line)
            except ValueError as e:
                raise Failure("not one JSON object: %s: %s" % (e, shown(line.decode("utf-8", "replace"))))
            if wanted(frame):
                return line, frame
            self._strays.append((line, frame))

    def close(self):
        self._lines.close()
        self._stream.close()


# ---- a daemon is checked ----------------------------------------------------------------------------------------------


class DaemonTarget:
    """Sends the exchanges itself: without "on" each on a connection of its own, as protocol 1 has it."""

    strict = True
    mode = "daemon"

    def __init__(self, options, record):
        self._options, self._record = options, record
        self._kept = {}

    def open(self):
        return DaemonConnection(self._options.socket, self._options.timeout, self._record)

    def features(self):
        connection = self.open()
        try:
            connection.send(with_token({"id": 0, "command": "hello"}))
            return at("/data/features", connection.frame_for(lambda frame: True)[1])
        finally:
            connection.close()

    def run(self, exchange, names):
        """What came: [(line, answer)], [event]."""
        name = exchange.get("on")
        if name is None:
            connection = self.open()
            try:
                return self._alone(connection, exchange, names)
            finally:
                connection.close()
        if name not in self._kept:
            self._kept[name] = self.open()
        return self._on(self._kept[name], exchange, names)

    def _alone(self, connection, exchange, names):
        if "raw" in exchange:
            connection.send(filled(exchange["raw"], names).encode("utf-8"))
        else:
            connection.send(with_token(filled(exchange["send"], names)))
        line, frame = connection.frame_for(lambda frame: True)
        if "id" in frame:
            raise Failure("an id in the answer to a request without one: %s" % shown(frame))
        if connection.line():
            raise Failure("more than one line on a connection of protocol 1")
        return [(line, frame)], []

    def _on(self, connection, exchange, names):
        together = isinstance(exchange["send"], list)
        requests = [with_token(filled(r, names)) for r in (exchange["send"] if together else [exchange["send"]])]
        ids = [connection.next_id() for _ in requests]
        if exchange.get("ids") == "text":
            ids = ["request %d \u00e4" % i for i in ids]
        connection.send(b"".join(encoded(dict({"id": i}, **r)) for i, r in zip(ids, requests)))
        answers = [connection.frame_for(lambda f, i=i: f.get("id") == i and "success" in f) for i in ids]
        events = self._events(connection, ids[0], exchange, answers[0][1])
        for _, frame in answers:
            frame.pop("id")
        return answers, events

    def _events(self, connection, stream, exchange, answer):
        events = []
        while len(events) < exchange.get("take", 0) and answer.get("success"):
            event = connection.frame_for(lambda f: f.get("id") == stream and "event" in f)[1]["event"]
            if event.get("type") in ("Notifications", "End"):
                events.append(event)
            if event.get("type") == "End":
                return events
        if events:
            leave = connection.next_id()
            connection.send({"id": leave, "command": "unsubscribe", "target": stream})
            frame = connection.frame_for(lambda f: f.get("id") == leave)[1]
            if frame != {"id": leave, "success": True, "data": None}:
                raise Failure("unsubscribe: got %s" % shown(frame))
            connection.frame_for(lambda f: f.get("id") == stream and f.get("event", {}).get("type") == "End")
        return events

    def close(self):
        for connection in self._kept.values():
            connection.close()


# ---- a client is checked ----------------------------------------------------------------------------------------------


class Program:
    """The client: requests as lines on its standard input, answers as lines on its standard output."""

    def __init__(self, command, address, timeout, environment):
        variables = {name: value for name, value in os.environ.items() if not name.startswith("OPCUA_")}
        variables.update(environment)
        self._timeout = timeout
        self._process = subprocess.Popen(command + [address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables)
        self._lines = queue.Queue()
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def write(self, request):
        try:
            self._process.stdin.write(encoded(request))
            self._process.stdin.flush()
        except OSError:
            raise Failure("the client ended before its input did")

    def line(self):
        """The next JSON value that it prints."""
        try:
            line = self._lines.get(timeout=self._timeout)
        except queue.Empty:
            raise Failure("the client printed nothing for %d s" % self._timeout)
        if line is None:
            raise Failure("the client ended without an answer, with code %s" % self._process.wait(self._timeout))
        try:
            return line, json.loads(line.decode("utf-8"))
        except ValueError as e:
            raise Failure("the client printed no JSON: %s: %s" % (e, shown(line.decode("utf-8", "replace"))))

    def end(self):
        """Ends its input, which must end the program."""
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            code = self._process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            raise Failure("the client did not end with its input")
        if code != 0:
            raise Failure("the client ended with code %d" % code)
        line = self._lines.get(timeout=self._timeout)
        if line is not None:
            raise Failure("a line that nobody asked for: %s" % shown(line.decode("utf-8", "replace")))

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except OSError:
                pass


class Requests:
    """What clients sent, checked frame by frame, for all connections of one client."""

    def __init__(self, token):
        self._token = token
        self._changed = threading.Condition()
        self._over = False
        self.received = []
        self.problems = []

    def connection(self):
        return {"under way": set(), "frames": 0, "token": False, "ended": False, "texts": False}

    def ended(self, state):
        with self._changed:
            state["ended"] = True
            self._changed.notify_all()

    def problem(self, text):
        with self._changed:
            self.problems.append(text)

    def take(self, line, state, answer_to):
        """Checks one line; returns the request, or None if it is none."""
        try:
            if len(line.rstrip(b"\r\n")) > MAX_REQUEST:
                raise ValueError("a request of %d bytes" % len(line))
            request = parsed(line)
            self._check(request, state)
        except ValueError as e:
            self.problem("%s: %s" % (e, shown(line.decode("utf-8", "replace"))))
            return None
        state["texts"] = state["texts"] or request["command"] == "hello" and request.get("int64") == "string"
        with self._changed:
            if request["command"] not in ("hello", "open"):
                self.received.append((request, answer_to))
            self._changed.notify_all()
        return request

    def _check(self, request, state):
        if depth(request) > MAX_DEPTH:
            raise ValueError("deeper than %d levels" % MAX_DEPTH)
        if request.get("command") not in COMMANDS:
            raise ValueError("no command of the protocol")
        for name, kind in MEMBERS.items():
            value = request.get(name)
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool) != (kind is bool)):
                raise ValueError("%s is no %s" % (name, kind.__name__))
        state["frames"] += 1
        if request.get("id") is None:
            if state["frames"] > 1:
                raise ValueError("a request without an id on a connection that had another request")
        else:
            self._check_id(request["id"], state)
        state["token"] = state["token"] or request["command"] == "hello" and request.get("authToken") == self._token
        if self._token and not state["token"] and request.get("authToken") != self._token:
            raise ValueError("a request without the token")

    def _check_id(self, identity, state):
        whole = isinstance(identity, int) and not isinstance(identity, bool)
        if not whole and not (isinstance(identity, str) and 1 <= len(identity) <= 64):
            raise ValueError("an id is an integer or a string of 1 to 64 characters")
        if identity in state["under way"]:
            raise ValueError("an id that is under way")
        state["under way"].add(identity)

    def comes(self, condition, timeout):
        """Whether something became true of what came."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or condition(), timeout)
            return condition()

    def over(self):
        """Nothing more comes: whoever waits has waited long enough."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def has(self, count, timeout):
        """Whether so many requests came, after waiting for them."""
        return self.comes(lambda: len(self.received) >= count, timeout)

    def await_count(self, count, timeout):
        if not self.has(count, timeout):
            raise Failure("waited for %d requests, got %d" % (count, len(self.received)))
        return self.received[:count]


class Listener:
    """Accepts a client's connections and hands each to a thread of its own."""

    def __init__(self, serve):
        self._directory = tempfile.TemporaryDirectory(prefix="kit-")
        self.address = os.path.join(self._directory.name, "daemon.sock")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.address)
        self._socket.listen(64)
        self._serve = serve
        self._streams = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            self._streams.append(stream)
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def close(self):
        hang_up(self._socket)
        for stream in self._streams:
            hang_up(stream)
        self._directory.cleanup()


def hang_up(stream):
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    stream.close()


def lines_of(stream):
    """The lines that a peer sends; what it cut short is dropped."""
    waiting = b""
    while True:
        try:
            received = stream.recv(65536)
        except OSError:
            return
        if not received:
            return
        *lines, waiting = (waiting + received).split(b"\n")
        for line in lines:
            yield line + b"\n"


class ScriptedDaemon:
    """The kit as a daemon that answers what the script says."""

    HELLO = {"product": "conformance kit", "version": "0", "protocol": 2,
             "limits": {"maxFrameBytes": MAX_REQUEST, "maxInflight": 256, "maxSessions": 100},
             "features": ["id", "timeoutMs", "int64", "connections", "one-shot", "streams", "cancel", "stats"]}
    ANSWERS = {"hello": HELLO, "open": {"sessionId": "0123456789abcdef" * 2, "reused": False}}

    def __init__(self, scenario, options):
        self._steps = scenario.get("daemon", [])
        self._then = scenario.get("then")
        self._timeout = options.timeout
        self._used = 0
        self._over = threading.Event()
        self.requests = Requests(scenario.get("token"))
        self._listener = Listener(self._serve)
        self.address = self._listener.address
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _serve(self, stream):
        state = self.requests.connection()
        for line in lines_of(stream):
            request = self.requests.take(line, state, (stream, state))
            if request is None:
                hang_up(stream)
            elif request["command"] in self.ANSWERS:
                self._frame(stream, state, request, {"success": True, "data": self.ANSWERS[request["command"]]}, {}, {})
        self.requests.ended(state)

    def _play(self):
        try:
            held = {}
            for step in self._steps:
                self._step(step, held)
            while self._then and not self._over.is_set():
                if self.requests.has(self._used + 1, 0.1):
                    self._step(dict(self._then, to=self._used), {})
        except (Failure, OSError) as e:
            self.requests.problem(str(e))

    def _step(self, step, held):
        if "receive" in step:
            self.requests.await_count(step["receive"], self._timeout)
            return
        if "unsubscribed" in step:
            self._unsubscribed(step["unsubscribed"])
            return
        index = step.get("to", 0)
        self._used = max(self._used, index + 1)
        request, (stream, state) = self.requests.await_count(index + 1, self._timeout)[index]
        if "answer" in step:
            names = {"request." + name: value for name, value in request.items()}
            if len(request.get("params") or []) > 1:
                names["request.value"] = integers(request["params"][1])
            frame = filled(step["answer"], names)
            self._frame(stream, state, request, frame, step, held)
        elif "event" in step:
            self._frame(stream, state, request, {"event": filled(step["event"], {})}, step, held)
        elif "text" in step:
            text = step["text"].replace("$id", json.dumps(request.get("id")))
            self._write(stream, text.encode("utf-8"), step.get("pieces", 0))
        if step.get("hang up"):
            hang_up(stream)

    def _unsubscribed(self, index):
        """A stream ends by unsubscribe, or with its connection."""
        request, (stream, state) = self.requests.received[index]

        def leaving():
            return next((r for r, at in self.requests.received
                         if r["command"] == "unsubscribe" and at[0] is stream and r.get("target") == request["id"]), None)

        if not self.requests.comes(lambda: leaving() or state["ended"], self._timeout):
            raise Failure("the client left its stream neither by unsubscribe nor by closing the connection")
        if leaving():
            self._used = len(self.requests.received)
            self._write(stream, encoded({"id": request["id"], "event": {"type": "End", "error": None}})
                        + encoded({"id": leaving()["id"], "success": True, "data": None}), 0)

    def _frame(self, stream, state, request, frame, step, held):
        if request.get("id") is not None and not step.get("without id"):
            frame = dict({"id": request["id"]}, **frame)
            if "success" in frame and request["command"] != "subscribe":
                state["under way"].discard(request["id"])
        bytes_ = held.pop(stream, b"") + encoded(with_texts(frame) if state["texts"] else frame)
        if step.get("hold"):
            held[stream] = bytes_
        else:
            self._write(stream, bytes_, step.get("pieces", 0))
        if request.get("id") is None:
            hang_up(stream)

    def _write(self, stream, bytes_, pieces):
        try:
            for start in range(0, len(bytes_), pieces or len(bytes_)):
                stream.sendall(bytes_[start:start + (pieces or len(bytes_))])
        except OSError:
            pass  # The client went away, and will be asked why.

    def close(self):
        self._over.set()
        self.requests.over()
        self._listener.close()
        self._thread.join(self._timeout)


def run_scenario(scenario, command, options):
    daemon = ScriptedDaemon(scenario, options)
    program = None
    try:
        if scenario.get("no daemon"):
            daemon.close()
        program = Program(command, daemon.address, options.timeout, scenario.get("environment", {}))
        for request in scenario["input"]:
            program.write(filled(request, {}))
        for expected in filled(scenario["output"], {}):
            line, actual = program.line()
            while expected == "<failure>" and actual.get("success") is not False and actual.get("type") != "End":
                line, actual = program.line()  # What came before it was lost.
            check("<any>" if expected == "<failure>" else expected, line, actual, scenario, strict=False)
        program.end()
        problems = daemon.requests.problems
        for name, times in scenario.get("received", {}).items():
            count = sum(name in (request["command"], request.get("method")) for request, _ in daemon.requests.received)
            if count != times:
                problems.append("%s was sent %d times" % (name, count))
        if problems:
            raise Failure("; ".join(problems))
    finally:
        if program:
            program.kill()
        daemon.close()


class Relay:
    """Passes what a client and a real daemon say to each other, and looks at it."""

    def __init__(self, options, record):
        self._options, self._record = options, record
        self.requests = Requests(os.environ.get("OPCUA_AUTH_TOKEN"))
        self._listener = Listener(self._serve)
        self.address = self._listener.address

    def _serve(self, client):
        daemon = connected(self._options.daemon, self._options.timeout)
        daemon.settimeout(None)
        number, state = self._record.connection(), self.requests.connection()
        threading.Thread(target=self._back, args=(daemon, client, number, state), daemon=True).start()
        for line in lines_of(client):
            self._record.add(number, "client", line)
            self.requests.take(line, state, None)
            daemon.sendall(line)
        try:
            daemon.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _back(self, daemon, client, number, state):
        for line in lines_of(daemon):
            self._record.add(number, "daemon", line)
            frame = json.loads(line)
            if "success" in frame and not at_stream(frame):
                state["under way"].discard(frame.get("id"))
            try:
                client.sendall(line)
            except OSError:
                break
        hang_up(client)
        hang_up(daemon)

    def close(self):
        self._listener.close()


def at_stream(frame):
    """Whether an answer begins a stream, whose id stays taken."""
    data = frame.get("data")
    return isinstance(data, dict) and {"items", "events", "subscriptionId"} <= set(data)


class ClientTarget:
    """Has a client send the exchanges."""

    strict = False
    mode = "client"

    def __init__(self, options, record):
        self._options = options
        self._relay = Relay(options, record)
        environment = {name: os.environ[name] for name in ("OPCUA_AUTH_TOKEN",) if name in os.environ}
        self._program = Program(options.program, self._relay.address, options.timeout, environment)

    def features(self):
        """Asked beside the client: a hello of the kit's would undo what the client's own has asked for."""
        connection = DaemonConnection(self._options.daemon, self._options.timeout, Record(None))
        try:
            connection.send(with_token({"id": 0, "command": "hello"}))
            return at("/data/features", connection.frame_for(lambda frame: True)[1])
        finally:
            connection.close()

    def run(self, exchange, names):
        request = filled(exchange["send"], names)
        self._program.write(dict(request, take=exchange["take"]) if "take" in exchange else request)
        line, answer = self._program.line()
        if isinstance(request, list):
            if not isinstance(answer, list) or len(answer) != len(request):
                raise Failure("expected %d answers in an array, got %s" % (len(request), shown(answer)))
            return [(line, one) for one in answer], []
        events = []
        while len(events) < exchange.get("take", 0) and answer.get("success"):
            events.append(self._program.line()[1])
            if events[-1].get("type") == "End":
                break
        return [(line, answer)], events

    def finish(self):
        self._program.end()
        if self._relay.requests.problems:
            raise Failure("; ".join(self._relay.requests.problems))

    def close(self):
        self._program.kill()
        self._relay.close()


# ---- running ----------------------------------------------------------------------------------------------------------


def check(expected, line, actual, exchange, strict):
    found = mismatch(expected, actual, strict)
    if found:
        raise Failure(found)
    for fragment in exchange.get("fragments", []):
        if fragment not in line.decode("utf-8"):
            raise Failure("no %s in the line: %s" % (fragment, shown(line.decode("utf-8"))))


def run_exchange(exchange, target, names):
    answers, events = target.run(exchange, names)
    together = isinstance(exchange.get("send"), list)
    expected = exchange["expect"] if together else [exchange["expect"]]
    for want, (line, answer) in zip(expected, answers):
        check(filled(want, names), line, answer, exchange, target.strict)
    for want, event in zip(exchange.get("events", []), events):
        found = mismatch(filled(want, names), event, target.strict)
        if found:
            raise Failure("event: " + found)
    if len(events) < len(exchange.get("events", [])):
        raise Failure("expected %d events, got %s" % (len(exchange["events"]), shown(events)))
    for name, pointer in exchange.get("save", {}).items():
        names[name] = at(pointer, answers[0][1])


class Report:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self._lock = threading.Lock()

    def run(self, name, action):
        began = time.monotonic()
        try:
            action()
            problem = None
        except (Failure, OSError) as e:
            problem = str(e)
        except (KeyError, TypeError, IndexError, AttributeError) as e:
            problem = "an answer of another shape: %r" % e
        with self._lock:
            if problem is None:
                self.passed += 1
                print("ok    %s (%d ms)" % (name, (time.monotonic() - began) * 1000), flush=True)
            else:
                self.failed += 1
                print("FAIL  %s: %s" % (name, problem), flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print("skip  %s: %s" % (name, reason), flush=True)

    def code(self):
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped), flush=True)
        return 1 if self.failed or not self.passed else 0


def lacks(inputs, options):
    """What the client cannot (--without) of what these requests ask for; None if it can all."""
    asked = {"together" for request in inputs if isinstance(request, list)}
    asked |= {"streams" for request in inputs if "take" in request}
    return next((kind for kind in sorted(asked) if kind in options.without.split(",")), None)


def wanted(name, options):
    return not options.match or any(text in name for text in options.match)


def run_exchanges(target, options, report):
    names = {"server": options.server}
    features = target.features()
    for exchange in script("exchanges.ndjson"):
        if exchange.get("only", target.mode) != target.mode:
            continue
        if "needs" in exchange and exchange["needs"] not in features:
            report.skip(exchange["name"], "the daemon has no feature %s" % exchange["needs"])
        elif target.mode == "client" and lacks([exchange["send"], exchange], options):
            report.skip(exchange["name"], "the client has no " + lacks([exchange["send"], exchange], options))
        elif wanted(exchange["name"], options) or "save" in exchange:
            report.run(exchange["name"], lambda: run_exchange(exchange, target, names))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--server", help="opc.tcp:// URL of the simulator, as the daemon reaches it")
    common.add_argument("--timeout", type=float, default=10, help="seconds to wait for anything (10)")
    common.add_argument("--match", action="append", metavar="TEXT",
                        help="only what has this text in its name; several times: one of the texts")
    common.add_argument("--record", help="file for every frame that passes, as lines of JSON")
    modes = parser.add_subparsers(dest="mode", required=True)
    daemon = modes.add_parser("daemon", parents=[common], help="check a daemon")
    daemon.add_argument("--socket", required=True, help="its socket: a path or tcp://HOST:PORT")
    client = modes.add_parser("client", parents=[common], help="check a client")
    client.add_argument("--daemon", help="the socket of a real daemon; without it the kit is the daemon")
    client.add_argument("--jobs", type=int, default=1, help="how many scenarios at a time, where the kit is the daemon (1)")
    client.add_argument("--without", default="", help="what the client cannot, with commas: streams, together")
    client.add_argument("program", nargs="+", metavar="PROGRAM", help="the client and its first arguments")
    options = parser.parse_args()
    if (options.mode == "daemon" or options.daemon) and not options.server:
        parser.error("--server is missing: the simulator's URL")

    report, record = Report(), Record(options.record)
    try:
        if options.mode == "client" and not options.daemon:
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                for scenario in script("clients.ndjson"):
                    lacking = lacks(scenario["input"], options)
                    if lacking:
                        report.skip(scenario["name"], "the client has no " + lacking)
                    elif wanted(scenario["name"], options):
                        pool.submit(report.run, scenario["name"],
                                    lambda scenario=scenario: run_scenario(scenario, options.program, options))
            return report.code()
        target = (DaemonTarget if options.mode == "daemon" else ClientTarget)(options, record)
        try:
            run_exchanges(target, options, report)
            if options.mode == "client":
                report.run("what the client sends, and its end", target.finish)
        finally:
            target.close()
        return report.code()
    except (OSError, Failure) as e:
        print("kit.py: %s" % e, file=sys.stderr)
        return 2
    finally:
        record.close()


if __name__ == "__main__":
    sys.exit(main())
