"""Tests of the asyncio client against a daemon and a simulator, found by OPCUA_SOCKET_PATH and TEST_ENDPOINT_URL."""

import asyncio
import inspect
import json
import math
import os
import tempfile
import unittest

import opcua_session_manager as ua
from fake_daemon import HELLO, FakeDaemon, answer
from opcua_session_manager import AsyncClient, BuiltinType, Client, Variant

URL = os.environ["TEST_ENDPOINT_URL"]
SCALARS = "ns=2;s=Scalars/"
METHODS = "ns=2;s=Methods"
SLOW = (METHODS, METHODS + "/Slow", [Variant(BuiltinType.UINT32, 30_000)])


class Likeness(unittest.TestCase):
    def test_the_methods_are_those_of_the_blocking_client(self):
        blocking = {name: value for name, value in vars(Client).items() if name[0] != "_"}
        asynchronous = {name: value for name, value in vars(AsyncClient).items() if name[0] != "_"}

        self.assertEqual(sorted(blocking), sorted(asynchronous))
        for name, method in blocking.items():
            if inspect.isfunction(method):
                twin = asynchronous[name]
                self.assertTrue(inspect.iscoroutinefunction(twin), name)
                self.assertEqual(
                    list(inspect.signature(method).parameters.values()),
                    list(inspect.signature(twin).parameters.values()),
                    name,
                )

    def test_everything_public_is_named(self):
        for name in ua.__all__:
            self.assertTrue(getattr(ua, name).__doc__, name)


class Requests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = await AsyncClient(URL).connect()
        self.addAsyncCleanup(self.client.close)

    async def test_a_thousand_at_once(self):
        nodes = [SCALARS + name for name in ("Int32", "Double", "String", "Guid")]

        values = await asyncio.gather(*(self.client.read(nodes[at % 4], ua.AttributeId.NODE_ID) for at in range(1000)))

        self.assertEqual([str(value.value) for value in values], nodes * 250)

    async def test_values(self):
        for node, value in (
            ("Int64", 2**63 - 1),
            ("UInt64", 2**64 - 1),
            ("ByteString", bytes(range(256))),
            ("Double", math.inf),
        ):
            self.assertEqual(await self.client.write(SCALARS + node, value), 0)
            self.assertEqual((await self.client.read(SCALARS + node)).value, value)

    async def test_every_kind_of_method(self):
        client = self.client
        self.assertEqual((await client.ping())["status"], "ok")
        self.assertEqual(len(await client.read_multi(["i=2259", "i=2258"])), 2)
        self.assertEqual(await client.write_multi([(SCALARS + "Byte", 1)]), [0])
        self.assertEqual(await client.resolve("/Objects/2:Simulator"), ua.NodeId(2, "Simulator"))
        self.assertTrue(await client.browse_all("i=85"))
        self.assertTrue(await client.browse_recursive("ns=2;s=Scalars", max_depth=1))
        self.assertEqual((await client.call(METHODS, METHODS + "/Add", [1.0, 2.0])).outputs, [3.0])
        self.assertTrue(await client.get_endpoints(URL))
        self.assertIs(await client.query("isConnected"), True)

    async def test_errors(self):
        with self.assertRaises(ua.ServiceError) as refused:
            await self.client.browse("ns=2;s=nothing")
        with self.assertRaises(ua.WriteTypeMismatchError) as unfit:
            await self.client.write(SCALARS + "Byte", 256)

        self.assertEqual((refused.exception.code, unfit.exception.outcome), (0x80340000, "not_sent"))

    async def test_a_slow_call_does_not_hold_up_the_others_and_can_be_given_up(self):
        async with AsyncClient(URL, {"opcuaTimeout": 60}) as client:
            slow = asyncio.ensure_future(client.call(*SLOW))

            await asyncio.gather(*(client.read("i=2259") for _ in range(50)))

            self.assertFalse(slow.done())
            slow.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await slow
            self.assertEqual((await client.read("i=2259")).value, 0)

    async def test_too_slow_for_its_timeout(self):
        with self.assertRaises(ua.ServerConnectionError) as raised:
            await self.client.call(*SLOW, timeout=0.2)

        self.assertEqual(raised.exception.outcome, "unknown")

    async def test_many_tasks_open_one_session(self):
        client = AsyncClient(URL, {"sessionName": "once"}, force_new=True)
        try:
            await asyncio.gather(*(client.read("i=2259") for _ in range(20)))

            named = [s for s in (await client.list())["sessions"] if s["config"].get("sessionName") == "once"]
            self.assertEqual([s["id"] for s in named], [client.session_id])
        finally:
            await client.close()
        self.assertNotIn(client.session_id, [s["id"] for s in (await self.client.list())["sessions"]])

    async def test_cancel(self):
        async with AsyncClient(URL, {"opcuaTimeout": 60}) as client:
            arguments = [{"type": 7, "value": 30_000}]
            slow = asyncio.ensure_future(client.query("call", *SLOW[:2], arguments, id="slow"))
            await client.read("i=2259")

            self.assertTrue(await client.cancel("slow"))

            with self.assertRaises(ua.RequestCancelledError) as raised:
                await slow
            self.assertIn(raised.exception.outcome, ("not_sent", "unknown"))
            self.assertEqual((await client.query("read", "i=2259", id="slow"))["value"], 0)

    async def test_the_rest(self):
        self.assertIn("daemon", await self.client.stats())
        self.assertIn("read", (await self.client.describe())["methods"])
        self.assertIn(URL, (await self.client.find_servers(URL))[0].discovery_urls)

    async def test_a_connect_that_is_cancelled_leaves_no_connection(self):
        mark = "cancelled %s" % os.urandom(4).hex()
        for steps in (1, 3, 5, 8, 12, 20):
            client = AsyncClient(URL, {"sessionName": mark}, force_new=True)
            connecting = asyncio.ensure_future(client.connect())
            for _ in range(steps):
                await asyncio.sleep(0)
            connecting.cancel()
            await asyncio.wait({connecting})
            if not connecting.cancelled():  # it was faster
                await client.close()
            self.assertIsNone(client._connection)

    async def test_a_session_that_ended_is_opened_again(self):
        async with AsyncClient(URL, {"sessionName": "ends too"}) as client:
            before = client.session_id
            await self.client.close_session(before, force=True)

            self.assertEqual((await client.read("i=2259")).value, 0)

            self.assertNotEqual(client.session_id, before)
            await client.disconnect(force=True)

    def test_a_client_outlives_its_event_loop(self):
        client = AsyncClient(URL)
        for _ in range(2):
            self.assertEqual(asyncio.run(self.read_once(client)), 0)

    @staticmethod
    async def read_once(client):
        try:
            return (await client.read("i=2259")).value
        finally:
            await client.close()


class Streams(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = await AsyncClient(URL).connect()
        self.addAsyncCleanup(self.client.close)

    async def test_changes(self):
        node = SCALARS + "UInt64"
        await self.client.write(node, 2**64 - 1)
        async with await self.client.subscribe([node, "ns=2;s=nothing"], publishing_interval=50) as stream:
            self.assertEqual([item.status for item in stream.items], [0, 0x80340000])
            async for change in stream.changes():
                self.assertEqual((change.node, change.value), (node, 2**64 - 1))
                break

            await self.client.write(node, 1)

            self.assertEqual([change.value for change in await stream.next(10)], [1])
        self.assertTrue(stream.closed)
        self.assertIsNone(await stream.next(1))

    async def test_close_ends_the_iteration(self):
        stream = await self.client.subscribe([SCALARS + "Int32"], publishing_interval=50)
        asyncio.get_running_loop().call_later(0.2, stream.close)

        events = [event async for event in stream]

        self.assertTrue(events)

    async def test_nothing_within_the_time(self):
        async with await self.client.subscribe([SCALARS + "Int32"], publishing_interval=400) as stream:
            self.assertIsInstance(await stream.next(10), ua.Notifications)
            self.assertIsNone(await stream.next(0.01))

    async def test_the_end_of_the_session_ends_the_stream(self):
        async with AsyncClient(URL, {"sessionName": "async streams"}) as client:
            async with await client.subscribe([SCALARS + "Int32"], publishing_interval=50) as stream:
                await stream.next(10)
                await client.disconnect(force=True)

                with self.assertRaises(ua.OpcUaError):
                    while not stream.closed:
                        await stream.next(10)

    async def test_what_waits_for_a_slow_reader_is_bounded(self):
        with tempfile.TemporaryDirectory() as directory:
            granted = '{"id":1,"success":true,"data":{"subscriptionId":1,"revisedPublishingInterval":50.0,'
            granted += '"revisedLifetimeCount":2400,"revisedMaxKeepAliveCount":10,"items":[],"events":[]}}'
            keep_alive = '{"id":1,"event":{"type":"KeepAlive","padding":"%s"}}' % ("x" * 30_000)
            events = [keep_alive] * 999 + [
                '{"id":1,"event":{"type":"Later"}}',
                '{"id":1,"event":{"type":"End","error":null}}',
            ]
            daemon = FakeDaemon(os.path.join(directory, "d.sock"), granted, *events)
            try:
                client = AsyncClient(socket=daemon.path, session_id="s")
                async with await client.subscribe(["i=1"]) as stream:
                    await asyncio.wait_for(self.stops_reading(stream), 20)
                    self.assertLess(len(stream._waiting), 100)

                    self.assertEqual(len([event async for event in stream]), 999)
            finally:
                daemon.close()

    @staticmethod
    async def stops_reading(stream):
        while stream._connection.transport.is_reading():
            await asyncio.sleep(0.005)


class Daemons(unittest.IsolatedAsyncioTestCase):
    async def test_nobody_there(self):
        with self.assertRaises(ua.DaemonNotRunning) as raised:
            await AsyncClient(socket="/tmp/there/is/none.sock").ping()

        self.assertIn("opcua-session-manager --socket", str(raised.exception))

    async def test_no_answer_in_time_and_lost_connections(self):
        with tempfile.TemporaryDirectory() as directory:
            silent = FakeDaemon(os.path.join(directory, "silent.sock"))
            breaking = FakeDaemon(os.path.join(directory, "breaking.sock"), hang_up=True)
            try:
                client = AsyncClient(socket=silent.path, session_id="s")
                with self.assertRaises(ua.AnswerTimeout) as late:
                    await client.write("i=1", 1, timeout=0.1)
                self.assertEqual(late.exception.outcome, "unknown")
                await client.close()

                client = AsyncClient(socket=breaking.path, session_id="s")
                with self.assertRaises(ua.ConnectionLost) as read:
                    await client.read("i=1")
                reads = breaking.requests
                with self.assertRaises(ua.ConnectionLost) as write:
                    await client.write("i=1", 1)
                self.assertEqual((reads, breaking.requests), (2, 3))
                self.assertEqual((read.exception.outcome, write.exception.outcome), (None, "unknown"))
                await client.close()
            finally:
                silent.close()
                breaking.close()

    async def fake(self, *lines, **options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        daemon = FakeDaemon(os.path.join(directory.name, "d.sock"), *lines, **options)
        self.addCleanup(daemon.close)
        return daemon

    async def failure_of(self, awaitable):
        with self.assertRaises(ua.OpcUaError) as raised:
            await awaitable
        return raised.exception

    async def test_a_late_answer_is_not_the_next_ones_of_the_same_id(self):
        late = []

        def answers(request):
            late.append(answer(request, request["params"][0]))
            return late if len(late) == 2 else []

        daemon = await self.fake(answers=answers)
        client = AsyncClient(socket=daemon.path, session_id="s", timeout=10)
        first = asyncio.ensure_future(client.query("read", "first", id="mine"))
        while not late:
            await asyncio.sleep(0.005)
        first.cancel()
        await asyncio.wait({first})

        self.assertEqual(await client.query("read", "second", id="mine"), "second")
        await client.close()

    async def test_what_may_have_happened_to_a_write(self):
        error = {"success": False, "error": {"type": "invalid_json", "message": "Nested too deep"}}
        other = await self.fake(answers=lambda request: [json.dumps(error)])
        client = AsyncClient(socket=other.path, session_id="s")
        self.assertEqual((await self.failure_of(client.write("i=1", 1))).outcome, "unknown")
        self.assertIsNone((await self.failure_of(client.read("i=1"))).outcome)

        lost = await self.fake(hang_up=True)
        for force_new in (False, True):
            client = AsyncClient("opc.tcp://plc", force_new=force_new, socket=lost.path)
            self.assertEqual((await self.failure_of(client.write("i=1", 1))).outcome, "not_sent")
            self.assertIsNone((await self.failure_of(client.read("i=1"))).outcome)
            await client.close()

    async def test_a_shared_opening_has_the_time_of_none_of_those_who_wait_for_it(self):
        for hello, target in ((None, None), (HELLO, "opc.tcp://plc")):
            daemon = await self.fake(hello=hello)
            client = AsyncClient(target, socket=daemon.path, timeout=60)
            self.assertIsInstance(await self.failure_of(client.connect(timeout=0.01)), ua.AnswerTimeout)
            patient = asyncio.ensure_future(client.connect())
            self.assertIsInstance(await self.failure_of(client.connect(timeout=0.01)), ua.AnswerTimeout)
            self.assertFalse(patient.done())
            self.assertEqual(daemon.requests, 1)

            await client.close()

            self.assertIsInstance(await self.failure_of(patient), ua.ConnectionLost)
            while daemon.connections:
                await asyncio.sleep(0.005)

    async def test_a_token_file_that_is_not_there(self):
        client = AsyncClient(socket="/tmp/there/is/none.sock", token_file="/tmp/there/is/no/token", timeout=60)

        self.assertIn("/tmp/there/is/no/token", str(await self.failure_of(client.ping())))

    @unittest.skipUnless("OPCUA_AUTH_TOKEN" in os.environ, "the daemon has no token")
    async def test_tokens(self):
        async with AsyncClient(URL, token=os.environ["OPCUA_AUTH_TOKEN"]) as client:
            self.assertEqual((await client.read("i=2259")).value, 0)
        with self.assertRaises(ua.AuthFailedError):
            await AsyncClient(URL, token="wrong").connect()


if __name__ == "__main__":
    unittest.main()
