"""Tests of nodes, history, aggregates and files, against a daemon and a simulator as test_client.py finds them."""

import asyncio
import base64
import datetime
import gc
import io
import itertools
import json
import os
import tempfile
import unittest
import warnings

import opcua_session_manager as ua
from fake_daemon import FakeDaemon, answer
from opcua_session_manager import AggregateFunction, AsyncClient, BuiltinType, Client, OpenFileMode, Variant

URL = os.environ["TEST_ENDPOINT_URL"]
MANAGED = "ns=2;s=Managed"
EDITABLE = "ns=2;s=History/Editable"
HISTORIAN = "ns=2;s=History/Historian1"
EVENTS = "ns=2;s=Events/History"
FILES = "ns=2;s=Files"
README = FILES + "/readme.txt"
CONTENT = bytes(range(256)) * 1024  # more than one read, and several writes
LONG = bytes(i % 255 + (i % 255 >= 10) for i in range(600 * 1024))  # three reads, and no line's end


def at(second, day=1):
    return datetime.datetime(2026, 3, day, 12, 0, second, tzinfo=datetime.timezone.utc)


class WithClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Client(URL).connect()
        cls.addClassCleanup(cls.client.close)


class Nodes(WithClient):
    def test_a_variable_is_added_referenced_and_deleted(self):
        node = MANAGED + "/Python"
        added, lost = self.client.add_nodes(
            [
                {
                    "parentNodeId": ua.NodeId(2, "Managed"),
                    "referenceTypeId": "i=35",
                    "requestedNewNodeId": node,
                    "browseName": "2:Python",
                    "nodeClass": ua.NodeClass.VARIABLE,
                    "typeDefinition": "i=63",
                    "dataType": "i=11",
                    "value": Variant(BuiltinType.DOUBLE, 7.5),
                },
                {
                    "parentNodeId": "ns=2;s=NoSuchNode",
                    "referenceTypeId": "i=35",
                    "browseName": ua.QualifiedName(2, "Lost"),
                    "nodeClass": 1,
                    "typeDefinition": "i=61",
                },
            ]
        )
        reference = {"sourceNodeId": MANAGED, "referenceTypeId": "i=47", "targetNodeId": node}

        self.assertEqual((added.status, str(added.node_id)), (0, node))
        self.assertTrue(lost.status.is_bad and lost.node_id.is_null)
        self.assertEqual(self.client.read(node).value, 7.5)
        self.assertEqual(self.client.add_references([{**reference, "targetNodeClass": 2}]), [0])
        self.assertEqual(self.client.delete_references([reference]), [0])
        self.assertEqual(self.client.delete_nodes([node, "ns=2;s=NoSuchNode"]), [0, 0x80340000])
        self.assertTrue(self.client.read(node).is_bad)

    def test_what_the_server_refuses_is_the_items_status(self):
        folder = {"referenceTypeId": "i=35", "browseName": "2:x", "nodeClass": 1, "typeDefinition": "i=61"}

        refused = self.client.add_nodes([{**folder, "parentNodeId": MANAGED + "/Locked"}])[0]

        self.assertEqual(refused.status, 0x801F0000)

    def test_what_the_server_says_of_itself(self):
        info = self.client.get_server_build_info()

        self.assertTrue(info.product_name and info.manufacturer_name)
        self.assertIsInstance(info.build_date, (ua.Timestamp, type(None)))


class History(WithClient):
    def test_values_are_inserted_replaced_and_deleted(self):
        values = [(at(0), 1.5), (at(1), 2, BuiltinType.DOUBLE)]

        self.assertEqual(self.client.history_insert_data(EDITABLE, values), [0, 0])
        self.assertTrue(all(code.is_bad for code in self.client.history_insert_data(EDITABLE, values)))
        self.assertFalse(self.client.history_replace_data(EDITABLE, [(at(1), 2.5)])[0].is_bad)
        read = self.client.history_read_raw(EDITABLE, at(0), at(10))
        self.assertEqual([value.value for value in read], [1.5, 2.5])
        self.assertFalse(any(code.is_bad for code in self.client.history_update_data(EDITABLE, read)))
        changed = self.client.history_read_modified(EDITABLE, at(0), at(10))
        self.assertIn((2.0, 2), [(one.value.value, one.update_type) for one in changed])
        self.assertIsInstance(changed[0].modification_time, ua.Timestamp)
        self.assertEqual(self.client.history_delete_at_time(EDITABLE, [at(0)]), [0])
        self.assertFalse(self.client.history_delete_raw_modified(EDITABLE, at(0), at(10)).is_bad)
        self.assertEqual(self.client.history_read_raw(EDITABLE, at(0), at(10)), [])

    def test_a_node_without_the_right_is_an_error(self):
        with self.assertRaises(ua.ServiceError) as raised:
            self.client.history_insert_data("ns=2;s=History/ReadOnly", [(at(0), 1.5)])

        self.assertTrue(raised.exception.code.is_bad)

    def test_events_are_inserted_read_and_deleted(self):
        fields = ["EventId", "EventType", "SourceName", "Time", "Message", "Severity"]
        event = [b"python", ua.NodeId(0, 2041), "press", at(0), ua.LocalizedText("en", "too hot"), Variant(5, 700)]

        inserted = self.client.history_insert_event(EVENTS, fields, [event])

        self.assertFalse(inserted[0].is_bad)
        found = self.client.history_read_events(EVENTS, at(0), at(10), 0, ["EventId", "Severity"], "Severity > 600")
        self.assertEqual(found, [[b"python", 700]])
        self.assertFalse(self.client.history_delete_event(EVENTS, [b"python"])[0].is_bad)
        self.assertEqual(self.client.history_read_events(EVENTS, at(0), at(10)), [])

    def test_aggregates_of_history_and_of_values_agree(self):
        start, end = "2026-01-01T12:00:10Z", "2026-01-01T12:00:40Z"
        raw = self.client.history_read_raw(HISTORIAN, start, end, bounds=True)

        for function in (AggregateFunction.AVERAGE, AggregateFunction.MAXIMUM, "interpolate"):
            with self.subTest(function):
                here = self.client.aggregate(raw, start, end, 10_000, function, {"treatUncertainAsBad": False})
                there = self.client.history_aggregate(HISTORIAN, start, end, 10_000, function)

                self.assertEqual([one.value for one in here], [10.0, 20.0, 30.0])
                self.assertEqual([one.value for one in there], [10.0, 20.0, 30.0])
        with self.assertRaisesRegex(ua.InvalidArgumentError, "average"):
            self.client.aggregate(raw, start, end, 0, "averge")


class Files(WithClient):
    def setUp(self):
        name = "python-%s" % self._testMethodName
        self.directory = self.client.create_directory(FILES, name)
        self.addCleanup(self.client.delete_file_system_object, FILES, self.directory)
        self.file = self.client.create_file_in_directory(self.directory, "data").node_id

    def test_bytes_go_there_and_come_back(self):
        with self.client.open_remote(self.file, "wb") as file:
            self.assertEqual(file.write(CONTENT), len(CONTENT))
        with self.client.open_remote(self.file) as file:
            self.assertEqual(file.read(), CONTENT)
            self.assertEqual(file.read(1), b"")
            file.seek(255)
            self.assertEqual(file.read(2), b"\xff\x00")
            self.assertEqual(file.seek(-1, io.SEEK_END), len(CONTENT) - 1)
            self.assertEqual(file.read(), b"\xff")
            self.assertEqual(file.tell(), len(CONTENT))
        self.assertTrue(file.closed)

    def test_appending_and_both_ways(self):
        with self.client.open_remote(self.file, "wb") as file:
            file.write(b"one\n")
        with self.client.open_remote(self.file, "ab") as file:
            self.assertEqual(file.tell(), 4)
            file.write(b"two\n")
        with self.client.open_remote(self.file, "r+b") as file:
            self.assertEqual(file.readline(), b"one\n")
            file.write(b"TWO")
            file.seek(0)
            self.assertEqual(list(file), [b"one\n", b"TWO\n"])

    def test_text_by_the_libraries_own_wrapper(self):
        with io.TextIOWrapper(self.client.open_remote(README), "utf-8") as file:
            self.assertEqual(file.read(), "Grüße aus der Anlage\n")

    def test_what_is_not_possible(self):
        with self.assertRaisesRegex(ValueError, "rb"):
            self.client.open_remote(self.file, "r")
        with self.assertRaises(ua.ServiceError) as raised:
            self.client.open_remote(FILES + "/locked.txt", "wb")
        self.assertIn("locked.txt", str(raised.exception))
        with self.client.open_remote(self.file, "rb") as file, self.assertRaises(io.UnsupportedOperation):
            file.write(b"x")
        with self.assertRaises(ValueError):
            file.read()
        with self.client.open_remote(self.file, "wb"), self.assertRaises(ua.ServiceError):
            self.client.open_remote(self.file, "rb")

    def test_an_error_in_the_block_closes_the_file(self):
        with self.assertRaises(ZeroDivisionError), self.client.open_remote(self.file, "wb"):
            raise ZeroDivisionError

        self.client.open_remote(self.file, "wb").close()

    def test_handles_by_hand(self):
        handle = self.client.open_file(self.file, OpenFileMode.READ | OpenFileMode.WRITE)
        self.client.write_file(self.file, handle, b"hello")
        self.client.set_file_position(self.file, handle, 1)

        self.assertEqual(self.client.read_file(self.file, handle, 100), b"ello")
        self.assertEqual(self.client.get_file_position(self.file, handle), 5)
        self.client.close_file(self.file, handle)
        with self.assertRaises(ua.ServiceError):
            self.client.read_file(self.file, handle, 1)

    def test_directories(self):
        inner = self.client.create_directory(self.directory, "inner")

        copied = self.client.move_or_copy_file_system_object(self.directory, self.file, inner, copy=True, new_name="copy")
        moved = self.client.move_or_copy_file_system_object(self.directory, self.file, inner)

        names = sorted(reference.browse_name.name for reference in self.client.browse(inner, use_cache=False))
        self.assertTrue({"copy", "data"} <= set(names), names)
        self.assertNotEqual(copied, moved)
        self.client.delete_file_system_object(inner, copied)


class LostFiles(unittest.TestCase):
    """What a daemon that goes away leaves of an open file."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "d.sock")
        self.failing = set()

    def fake(self):
        def answers(request):
            method = request.get("method", request["command"])
            if method in self.failing:
                self.failing.remove(method)
                raise OSError("hang up")
            data = {
                "open": {"sessionId": "a" * 32, "reused": False},
                "openFile": 7,
                "readFile": base64.b64encode(b"some bytes").decode(),
                "getFilePosition": 100,
            }
            return [answer(request, data.get(method))]

        daemon = FakeDaemon(self.path, answers=answers)
        self.addCleanup(daemon.close)
        return daemon

    def sent(self, daemon):
        return [request["method"] for request in daemon.received if "method" in request]

    def test_a_read_is_not_repeated_and_the_next_one_says_where(self):
        daemon = self.fake()
        with Client("opc.tcp://plc1", socket=self.path) as client:
            file = client.open_remote("i=1", "rb")
            self.assertEqual(file.raw.read(10), b"some bytes")
            self.failing.add("readFile")
            with self.assertRaises(ua.ConnectionLost):
                file.raw.read(10)
            self.assertEqual(self.sent(daemon), ["openFile", "readFile", "readFile"])

            self.assertEqual(file.raw.read(10), b"some bytes")

            self.assertEqual(self.sent(daemon)[3:], ["setFilePosition", "readFile"])
            self.assertEqual(daemon.received[-2]["params"], ["i=1", 7, 10])
            self.assertEqual({request["sessionId"] for request in daemon.received[1:]}, {"a" * 32})
            file.close()

    def test_a_write_that_may_have_arrived_is_the_last_one(self):
        daemon = self.fake()
        with Client("opc.tcp://plc1", socket=self.path) as client:
            file = client.open_remote("i=1", "wb")
            file.write(b"x")
            self.failing.add("writeFile")
            with self.assertRaises(ua.ConnectionLost) as raised:
                file.flush()
            self.assertEqual(raised.exception.outcome, "unknown")

            with self.assertRaises(ua.ConnectionLost):
                file.close()

            self.assertEqual(self.sent(daemon), ["openFile", "writeFile", "closeFile"])

    def test_one_that_is_dropped_sends_nothing_and_warns(self):
        daemon = self.fake()
        with Client("opc.tcp://plc1", socket=self.path) as client:
            file = client.open_remote("i=1", "ab")
            file.write(b"x")

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                del file
                gc.collect()

            self.assertIn("unclosed RemoteFile(i=1, 'ab')", [str(warning.message) for warning in caught])
            self.assertEqual(self.sent(daemon), ["openFile", "getFilePosition"])


class FakeFile:
    """The file of a fake daemon, by Part 20: beyond its end is its end, and only opening goes there to append."""

    def __init__(self, path, content):
        self.content = bytearray(content)
        self.position = 0
        self.until_failure = {}
        self.asked = []
        self.daemon = FakeDaemon(path, answers=self.answers)

    def fail(self, method, after):
        """The connection breaks at a call of the method, after so many that succeed."""
        self.until_failure[method] = after

    def answers(self, request):
        if request["command"] != "query":
            return [answer(request, {"sessionId": "a" * 32, "reused": False})]
        method, params = request["method"], request["params"]
        self.asked.append(method)
        data = getattr(self, method)(*params[1:])
        left = self.until_failure.pop(method, None)
        if left == 0:
            raise OSError("hang up")
        if left is not None:
            self.until_failure[method] = left - 1
        return [answer(request, data)]

    def openFile(self, mode):
        self.position = len(self.content) if mode & OpenFileMode.APPEND else 0
        return 7

    def readFile(self, handle, length):
        data = self.content[self.position : self.position + length]
        self.position += len(data)
        return base64.b64encode(data).decode()

    def writeFile(self, handle, data):
        data = base64.b64decode(data)
        self.content[self.position : self.position + len(data)] = data
        self.position += len(data)

    def getFilePosition(self, handle):
        return self.position

    def setFilePosition(self, handle, position):
        self.position = min(position, len(self.content))

    def closeFile(self, handle):
        pass


class FakeFiles(unittest.TestCase):
    def file(self, content):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "d.sock")
        file = FakeFile(path, content)
        self.addCleanup(file.daemon.close)
        client = Client("opc.tcp://plc1", socket=path)
        self.addCleanup(client.close)
        return file, client

    def test_a_read_that_fails_half_way_is_read_again_from_its_beginning(self):
        reads = {
            "the rest": lambda file: file.read(),
            "more than the buffer has": lambda file: file.read(len(LONG) - 100),
            "into a buffer": lambda file: file.readinto(bytearray(len(LONG))),
            "a line": lambda file: file.readline(),
            "the rest, without a buffer": lambda file: file.raw.readall(),
        }
        for name, read in reads.items():
            for start in (0, 1):
                with self.subTest(name, start=start):
                    file, client = self.file(LONG)
                    with client.open_remote("i=1") as remote:
                        source = remote.raw if "without" in name else remote
                        self.assertEqual(source.read(start), LONG[:start])
                        file.fail("readFile", after=1)
                        with self.assertRaises(ua.ConnectionLost):
                            read(remote)

                        self.assertEqual(source.tell(), start)
                        self.assertEqual(source.read(), LONG[start:])

    def test_what_is_appended_is_at_the_end_wherever_was_read(self):
        file, client = self.file(b"0123456789")

        with client.open_remote("i=1", "a+b") as remote:
            remote.seek(0)
            self.assertEqual(remote.read(4), b"0123")
            remote.write(b"x")
            remote.flush()
            self.assertEqual(remote.tell(), 11)
            remote.seek(2)
            remote.write(b"y")
            remote.seek(9)
            self.assertEqual(remote.read(), b"9xy")
        with client.open_remote("i=1", "ab") as remote:
            remote.seek(3)
            remote.write(b"z")

        self.assertEqual(file.content, b"0123456789xyz")

    def test_appending_without_a_seek_asks_for_the_position_once(self):
        file, client = self.file(b"0123456789")

        with client.open_remote("i=1", "ab") as remote:
            for _ in range(3):
                remote.raw.write(b"x")

        self.assertEqual(file.asked, ["openFile", "getFilePosition"] + ["writeFile"] * 3 + ["closeFile"])

    def test_beyond_the_end_is_the_end(self):
        file, client = self.file(b"0123456789")

        with client.open_remote("i=1", "r+b") as remote:
            self.assertEqual(remote.seek(1000), 1000)
            self.assertEqual(remote.read(1), b"")
            self.assertEqual(remote.tell(), 10)
            remote.seek(1000)
            remote.write(b"x")
            remote.flush()
            self.assertEqual(remote.tell(), 11)
            file.asked.clear()
            remote.raw.seek(3)
            self.assertEqual(remote.raw.read(1), b"3")
            self.assertEqual(file.asked, ["setFilePosition", "readFile"])

        self.assertEqual(file.content, b"0123456789x")


class AsyncFakeFiles(unittest.IsolatedAsyncioTestCase):
    async def file(self, content):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "d.sock")
        file = FakeFile(path, content)
        self.addCleanup(file.daemon.close)
        client = AsyncClient("opc.tcp://plc1", socket=path)
        self.addAsyncCleanup(client.close)
        return file, client

    async def test_a_read_that_fails_half_way_is_read_again_from_its_beginning(self):
        for size in (-1, len(LONG)):
            with self.subTest(size=size):
                file, client = await self.file(LONG)
                async with await client.open_remote("i=1") as remote:
                    await remote.read(1)
                    file.fail("readFile", after=1)
                    with self.assertRaises(ua.ConnectionLost):
                        await remote.read(size)

                    self.assertEqual(await remote.read(size), LONG[1:])

    async def test_what_is_appended_is_at_the_end_wherever_was_read(self):
        file, client = await self.file(b"0123456789")

        async with await client.open_remote("i=1", "a+b") as remote:
            await remote.seek(0)
            self.assertEqual(await remote.read(4), b"0123")
            await remote.write(b"x")
            await remote.seek(1000)
            self.assertEqual(await remote.read(4), b"")
            self.assertEqual(await remote.tell(), 11)

        self.assertEqual(file.content, b"0123456789x")

    async def test_one_that_is_dropped_warns(self):
        file, client = await self.file(b"")
        remote = await client.open_remote("i=1")

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del remote
            gc.collect()

        self.assertIn("unclosed AsyncRemoteFile(i=1, 'rb')", [str(warning.message) for warning in caught])
        self.assertNotIn("closeFile", file.asked)

    async def test_a_file_that_was_opened_for_a_task_that_is_gone_is_closed(self):
        """However far its opening was when the task was cancelled."""
        hello = {"product": "x", "protocol": 2, "features": ["id", "cancel"], "limits": {"maxFrameBytes": 65536}}
        created = {"fileNodeId": {"ns": 2, "id": "x", "type": "string"}, "fileHandle": 7}
        opened = {"openFile": 7, "createFileInDirectory": created}
        session = {"sessionId": "a" * 32, "reused": False}
        asked = []
        serving = []

        async def serve(reader, writer):
            serving.append(asyncio.current_task())
            async for line in reader:
                request = json.loads(line)
                asked.append(request)
                data = hello if request["command"] == "hello" else opened.get(request.get("method"), session)
                writer.write((answer(request, data) + "\n").encode())
            writer.close()

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "d.sock")
        server = await asyncio.start_unix_server(serve, path)
        self.addCleanup(server.close)
        self.addAsyncCleanup(asyncio.wait, serving)
        client = await AsyncClient("opc.tcp://plc1", socket=path).connect()
        self.addAsyncCleanup(client.close)
        openings = [
            lambda: client.open_remote("i=1"),
            lambda: client.create_file_in_directory("i=1", "x", open=True),
        ]
        for opening in openings:
            given_up = taken = 0
            for turns in itertools.count(1):
                asked.clear()
                task = asyncio.ensure_future(opening())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                try:
                    file = await task
                except asyncio.CancelledError:
                    given_up += 1
                    await client.ping()  # behind whatever it left, and its answer behind theirs
                    await client.ping()
                    methods = [request.get("method") for request in asked]
                    self.assertEqual(methods.count("closeFile"), len(set(methods) & set(opened)), (turns, asked))
                    for request in asked:
                        if request.get("method") == "closeFile":
                            self.assertEqual((request["sessionId"], request["params"][1]), ("a" * 32, 7))
                else:
                    taken += 1
                    if isinstance(file, ua.AsyncRemoteFile):
                        await file.close()
                    break
            self.assertGreater(given_up, 2)
            self.assertEqual(taken, 1)


class AsyncFiles(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = await AsyncClient(URL).connect()
        self.addAsyncCleanup(self.client.close)

    async def test_bytes_go_there_and_come_back(self):
        created = await self.client.create_file_in_directory(FILES, "async")
        self.addAsyncCleanup(self.client.delete_file_system_object, FILES, created.node_id)
        async with await self.client.open_remote(created.node_id, "wb") as file:
            self.assertEqual(await file.write(CONTENT), len(CONTENT))
        parts = []
        async with await self.client.open_remote(created.node_id) as file:
            async for part in file:
                parts.append(part)
            await file.seek(-3, io.SEEK_END)
            self.assertEqual(await file.read(2), b"\xfd\xfe")
            self.assertEqual(await file.tell(), len(CONTENT) - 1)
            with self.assertRaises(io.UnsupportedOperation):
                await file.write(b"x")
        self.assertEqual(b"".join(parts), CONTENT)
        with self.assertRaises(ValueError):
            await file.read()

    async def test_many_files_at_once(self):
        async def content(name):
            async with await self.client.open_remote(FILES + "/" + name) as file:
                return await file.read()

        one, other = await asyncio.gather(content("readme.txt"), content("data.bin"))

        self.assertEqual(one.decode(), "Grüße aus der Anlage\n")
        self.assertEqual(other, bytes(range(256)) * 4)

    async def test_history_and_nodes(self):
        self.assertEqual(await self.client.history_insert_data(EDITABLE, [(at(0, day=2), 1.5)]), [0])
        values = await self.client.history_read_raw(EDITABLE, at(0, day=2), at(10, day=2))
        self.assertEqual([value.value for value in values], [1.5])
        self.assertFalse((await self.client.history_delete_raw_modified(EDITABLE, at(0, day=2), at(1, day=2))).is_bad)
        self.assertEqual(await self.client.delete_nodes(["ns=2;s=NoSuchNode"]), [0x80340000])


if __name__ == "__main__":
    unittest.main()
