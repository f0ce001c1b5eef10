"""Tests of the blocking client against a daemon and a simulator, found by OPCUA_SOCKET_PATH and TEST_ENDPOINT_URL."""

import datetime
import decimal
import gc
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
import warnings
from contextlib import closing

import opcua_session_manager as ua
from fake_daemon import HELLO, FakeDaemon, answer
from opcua_session_manager import BuiltinType, Client, NodeId, Variant

URL = os.environ["TEST_ENDPOINT_URL"]
SCALARS = "ns=2;s=Scalars/"
ARRAYS = "ns=2;s=Arrays/"

# A value of each type that is easily spoilt on its way.
VALUES = {
    BuiltinType.BOOLEAN: [False, True],
    BuiltinType.SBYTE: [-128, 127],
    BuiltinType.BYTE: [0, 255],
    BuiltinType.INT16: [-(2**15), 2**15 - 1],
    BuiltinType.UINT16: [0, 2**16 - 1],
    BuiltinType.INT32: [-(2**31), 2**31 - 1],
    BuiltinType.UINT32: [0, 2**32 - 1],
    BuiltinType.INT64: [-(2**63), 2**63 - 1, 2**53 + 1],
    BuiltinType.UINT64: [0, 2**64 - 1, 2**53 + 1],
    BuiltinType.FLOAT: [0.5, -0.0, math.inf, -math.inf],
    BuiltinType.DOUBLE: [0.1, 5e-324, 1.7976931348623157e308, -0.0, math.inf, -math.inf],
    BuiltinType.STRING: ["", 'a "b" \\ $c \n\t\u0000 ü \U0001f6b0'],
    BuiltinType.DATETIME: ["2026-05-15T10:30:00.1234567+00:00"],
    BuiltinType.GUID: [uuid.UUID("72962b91-fa75-4ae6-8d28-b404dc7daf63")],
    BuiltinType.BYTESTRING: [b"", bytes(range(256))],
    BuiltinType.XML_ELEMENT: ["<a b='c'>ü</a>"],
    BuiltinType.NODE_ID: [
        NodeId(2, 'a b;c="d"'),
        NodeId(0, 2253),
        NodeId(2, uuid.UUID(int=1)),
        NodeId(2, b"\x00\xff/\xfb"),
    ],
    BuiltinType.EXPANDED_NODE_ID: [NodeId(2, "x")],
    BuiltinType.STATUS_CODE: [ua.StatusCode(0x80340000)],
    BuiltinType.QUALIFIED_NAME: [ua.QualifiedName(2, "n")],
    BuiltinType.LOCALIZED_TEXT: [ua.LocalizedText("de", "Förderband"), ua.LocalizedText(None, "x")],
}
NAMES = {
    BuiltinType.SBYTE: "SByte",
    BuiltinType.UINT16: "UInt16",
    BuiltinType.UINT32: "UInt32",
    BuiltinType.UINT64: "UInt64",
    BuiltinType.DATETIME: "DateTime",
    BuiltinType.BYTESTRING: "ByteString",
    BuiltinType.XML_ELEMENT: "XmlElement",
    BuiltinType.NODE_ID: "NodeId",
    BuiltinType.EXPANDED_NODE_ID: "ExpandedNodeId",
    BuiltinType.STATUS_CODE: "StatusCode",
    BuiltinType.QUALIFIED_NAME: "QualifiedName",
    BuiltinType.LOCALIZED_TEXT: "LocalizedText",
}


SLOW = ("ns=2;s=Methods", "ns=2;s=Methods/Slow", [Variant(BuiltinType.UINT32, 30_000)])


def failure_of(use):
    try:
        use()
    except ua.OpcUaError as failure:
        return failure
    return None


def await_call(client):
    """Returns when a request of the client is under way."""
    end = time.monotonic() + 20
    while client._connection is None or not client._connection._calls:
        assert time.monotonic() < end, "no request was made"
        time.sleep(0.005)


def name(type):
    return NAMES.get(type, type.name.capitalize())


class WithClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Client(URL).connect()
        cls.addClassCleanup(cls.client.close)


class Values(WithClient):
    def test_every_scalar_there_and_back(self):
        for type, values in VALUES.items():
            for value in values:
                with self.subTest(type=type, value=value):
                    self.assertEqual(self.client.write(SCALARS + name(type), value), 0)

                    read = self.client.read(SCALARS + name(type)).require_good()

                    self.assertEqual((read.value, read.type), (value, type))
                    self.assertIs(read.value.__class__, ua.Timestamp if type == 13 else value.__class__)
                    if isinstance(value, float):
                        self.assertEqual(math.copysign(1, read.value), math.copysign(1, value))

    def test_every_array_there_and_back(self):
        for type, values in VALUES.items():
            with self.subTest(type=type):
                self.assertEqual(self.client.write(ARRAYS + name(type), values, type), 0)

                self.assertEqual(self.client.read(ARRAYS + name(type)).value, values)

    def test_not_a_number(self):
        for node in (SCALARS + "Float", SCALARS + "Double"):
            self.client.write(node, math.nan).require_good()

            self.assertTrue(math.isnan(self.client.read(node).value))

    def test_a_null_among_others(self):
        self.client.write(ARRAYS + "ByteString", [b"a", None]).require_good()

        self.assertEqual(self.client.read(ARRAYS + "ByteString").value, [b"a", None])

    def test_null(self):
        self.client.write(SCALARS + "String", None, BuiltinType.STRING).require_good()

        self.assertIsNone(self.client.read(SCALARS + "String").value)

    def test_matrix(self):
        matrix = Variant(BuiltinType.INT32, [1, 2, 3, 4, 5, 6], [2, 3])
        self.client.write(ARRAYS + "Matrix", matrix).require_good()

        read = self.client.read(ARRAYS + "Matrix")

        self.assertEqual((read.value, read.dimensions), ([1, 2, 3, 4, 5, 6], [2, 3]))
        self.assertEqual(read.matrix, [[1, 2, 3], [4, 5, 6]])

    def test_variants_in_a_variant_array(self):
        values = [Variant(BuiltinType.INT64, 2**63 - 1), Variant(BuiltinType.BYTESTRING, b"\xff"), Variant(10, 0.5)]
        self.client.write(ARRAYS + "Variant", values).require_good()

        self.assertEqual(self.client.read(ARRAYS + "Variant").value, values)

    def test_structure_by_its_fields_and_as_it_was_read(self):
        node = "ns=2;s=Structures/Mixed"
        read = self.client.read(node)
        self.assertIsInstance(read.value, ua.ExtensionObject)
        fields = dict(read.value.value, Serial="SN-2")

        self.client.write(node, fields).require_good()

        changed = self.client.read(node).value
        self.assertEqual(changed.value["Serial"], "SN-2")
        self.assertNotEqual(changed.body, read.value.body)
        self.client.write(node, read).require_good()
        self.assertEqual(self.client.read(node).value, read.value)

    def test_what_python_has_for_it_can_be_written(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        written = [
            ("DateTime", datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, zone), "2026-01-02T01:04:05.6789010+00:00"),
            ("Int64", decimal.Decimal(2**62), 2**62),
            ("Byte", BuiltinType.INT32, 6),
            ("ByteString", bytearray(b"xyz"), b"xyz"),
        ]
        for node, value, expected in written:
            with self.subTest(node):
                self.client.write(SCALARS + node, value).require_good()
                self.assertEqual(self.client.read(SCALARS + node).value, expected)
        self.client.write(ARRAYS + "Byte", b"\x00\xff", BuiltinType.BYTE).require_good()
        self.assertEqual(self.client.read(ARRAYS + "Byte").value, [0, 255])

    def test_a_time_keeps_all_its_digits(self):
        text = "2026-05-15T10:30:00.1234567+00:00"
        self.client.write(SCALARS + "DateTime", text).require_good()

        value = self.client.read(SCALARS + "DateTime").value

        self.assertEqual(value, text)
        self.assertEqual(
            value.datetime, datetime.datetime(2026, 5, 15, 10, 30, 0, 123456, tzinfo=datetime.timezone.utc)
        )

    def test_times_of_a_value(self):
        read = self.client.read("i=2258")

        age = datetime.datetime.now(datetime.timezone.utc) - read.server_timestamp.datetime
        self.assertLess(abs(age.total_seconds()), 60)
        self.assertRegex(read.server_timestamp, r"\.\d{7}\+00:00$")

    def test_what_has_no_place_in_a_request_is_refused_here(self):
        with self.assertRaisesRegex(TypeError, "object"):
            self.client.write(SCALARS + "Int32", object())
        with self.assertRaisesRegex(ValueError, "time zone"):
            self.client.write(SCALARS + "DateTime", datetime.datetime(2026, 1, 1))
        with self.assertRaises(ua.PayloadTooLargeError) as raised:
            self.client.write(SCALARS + "String", "x" * 100_000)
        self.assertEqual(raised.exception.outcome, "not_sent")
        self.assertEqual(self.client.read("i=2259").value, 0)


class NodeIds(unittest.TestCase):
    def test_text_and_back(self):
        texts = ["i=2258", "ns=2;s=a;b=c d", "ns=1;g=72962b91-fa75-4ae6-8d28-b404dc7daf63", "ns=3;b=AP8v+w=="]
        others = ["nsu=http://example.org/;s=Speed", "ns=2;i=0", "svr=3;ns=2;s=Speed", "svr=1;nsu=urn:a%3Bb%25c;i=1"]
        for text in texts + others:
            with self.subTest(text):
                self.assertEqual(str(NodeId.parse(text)), text)

    def test_a_namespace_with_a_semicolon(self):
        node = NodeId(0, "Speed", "urn:a;b%3B")

        self.assertEqual(str(node), "nsu=urn:a%3Bb%253B;s=Speed")
        self.assertEqual(NodeId.parse(str(node)), node)
        self.assertEqual(ua._node(node)["nsu"], "urn:a;b%3B")

    def test_what_is_none(self):
        for text in ["nsu=;s=x", "svr=;s=x", "", "Speed", "ns=x;i=1", "i=", "i=-1", "i=²", "g=1", "b=*", "ns=2;"]:
            with self.subTest(text), self.assertRaisesRegex(ValueError, "Not a node id"):
                NodeId.parse(text)


class Services(WithClient):
    def test_read_multi_with_attributes_and_a_bad_one(self):
        values = self.client.read_multi([(SCALARS + "Int32", 4), "ns=2;s=nothing", NodeId(0, 2259)])

        self.assertEqual(str(values[0].value), "Int32")
        self.assertEqual(values[1].status, 0x80340000)
        self.assertTrue(values[1].is_bad)
        self.assertEqual(values[2].value, 0)
        with self.assertRaises(ua.BadStatusError) as raised:
            values[1].require_good()
        self.assertEqual(raised.exception.code, 0x80340000)

    def test_write_multi(self):
        results = self.client.write_multi(
            [
                (SCALARS + "Int16", 5),
                (SCALARS + "Int32", 6, BuiltinType.INT32),
                {"nodeId": "ns=2;s=nothing", "value": 1, "type": 6},
            ]
        )

        self.assertEqual([result.is_good for result in results], [True, True, False])
        self.assertEqual(
            [value.value for value in self.client.read_multi([SCALARS + "Int16", SCALARS + "Int32"])], [5, 6]
        )

    def test_browse(self):
        first = self.client.browse("i=85", reference_type="i=35", node_classes=[ua.NodeClass.OBJECT])
        every = self.client.browse_all("i=85")
        page = self.client.browse_page("i=85")

        self.assertIn("ns=2;s=Simulator", [str(reference.node_id) for reference in first])
        self.assertIn("ns=2;s=Simulator", [str(reference.node_id) for reference in every])
        self.assertIsNone(page.continuation_point)
        self.assertTrue(page.references)

    def test_browse_recursive(self):
        nodes = self.client.browse_recursive("ns=2;s=Scalars", max_depth=1)

        self.assertIn("Int32", [node.reference.browse_name.name for node in nodes])
        self.assertTrue(all(not node.children for node in nodes))

    def test_ids_of_every_kind(self):
        ids = [reference.node_id for reference in self.client.browse_all("ns=2;s=Ids", direction=0)]

        self.assertEqual({type(id.identifier) for id in ids}, {int, str, uuid.UUID, bytes})
        for id in ids:
            self.assertEqual(self.client.read(id, ua.AttributeId.NODE_ID).value, id)
            self.assertEqual(self.client.read(str(id), ua.AttributeId.NODE_ID).value, id)

    def test_paths(self):
        self.assertEqual(self.client.resolve("/Objects/2:Simulator"), NodeId(2, "Simulator"))

        found, missing = self.client.translate_browse_paths([("i=85", ["2:Simulator"]), ("i=85", ["nix"])])

        self.assertEqual(found.targets[0][0], NodeId(2, "Simulator"))
        self.assertTrue(missing.status.is_bad)

    def test_call(self):
        result = self.client.call("ns=2;s=Methods", "ns=2;s=Methods/Add", [1.5, 2.25])

        self.assertEqual((result.status, result.outputs), (0, [3.75]))
        with self.assertRaisesRegex(TypeError, "Variant"):
            self.client.call("ns=2;s=Methods", "ns=2;s=Methods/Echo", [5])
        big = Variant(BuiltinType.UINT64, 2**64 - 1)
        self.assertEqual(self.client.call("ns=2;s=Methods", "ns=2;s=Methods/Echo", [big]).output_arguments, [big])

    def test_history(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)

        values = self.client.history_read_raw("ns=2;s=History/Ramp", now - day, now + day, 3)
        processed = self.client.history_read_processed(
            "ns=2;s=History/Ramp", values[0].source_timestamp, values[-1].source_timestamp, 60_000, "i=2342"
        )
        at = self.client.history_read_at_time("ns=2;s=History/Ramp", [values[1].source_timestamp])

        self.assertEqual(len(values), 3)
        self.assertTrue(processed)
        self.assertEqual(at[0].value, values[1].value)

    def test_discovery_needs_no_session(self):
        with Client() as client:
            self.assertEqual(client.get_endpoints(URL)[0].security_mode, 1)
            self.assertIn(URL, client.find_servers(URL)[0].discovery_urls)
            self.assertIsNone(client.session_id)

    def test_subscription_by_publish(self):
        subscription = self.client.create_subscription(100)
        items = self.client.create_monitored_items(subscription.subscription_id, [SCALARS + "Int32"])
        self.assertTrue(items[0].status.is_good)

        message = self.client.publish(max_wait=5)

        self.assertEqual(message.notifications[0].data_value.status, 0)
        self.assertEqual(message.subscription_id, subscription.subscription_id)
        self.client.publish([message.acknowledgement], max_wait=0.05)
        modified = self.client.modify_monitored_items(
            subscription.subscription_id, [{"monitoredItemId": items[0].monitored_item_id, "queueSize": 5}]
        )
        deleted = self.client.delete_monitored_items(subscription.subscription_id, [items[0].monitored_item_id])
        self.assertEqual((modified, deleted), ([0], [0]))
        self.assertEqual(self.client.delete_subscription(subscription.subscription_id), 0)

    def test_the_rest_of_subscriptions(self):
        client = Client(URL, force_new=True).connect()
        self.addCleanup(client.close)
        subscription = client.create_subscription(50).subscription_id
        items = client.create_monitored_items(subscription, [SCALARS + "Int32", SCALARS + "Byte"])
        first, second = [item.monitored_item_id for item in items]

        links = client.set_triggering(subscription, first, [second, 4_000_000], [4_000_001])
        message = client.publish(max_wait=5)
        again = client.republish(subscription, message.sequence_number)
        with Client(URL, force_new=True) as other:
            transferred = other.transfer_subscriptions([subscription, 4_000_000])
            self.assertEqual([result.status.is_good for result in transferred], [True, False])

        self.assertEqual([status.is_good for status in links.add_results], [True, False])
        self.assertTrue(links.remove_results[0].is_bad)
        self.assertEqual(again.sequence_number, message.sequence_number)
        self.assertEqual(
            [change.value for change in again.notifications], [change.value for change in message.notifications]
        )

    def test_a_node_of_a_namespace_by_its_uri(self):
        uri = self.client.read("i=2255").value[2]

        self.assertEqual(self.client.read(NodeId(0, "Scalars/Byte", uri), ua.AttributeId.NODE_CLASS).value, 2)

    def test_anything_by_its_name(self):
        self.assertEqual(self.client.query("read", SCALARS + "Boolean", 1)["type"], 17)
        self.assertIs(self.client.query("isConnected"), True)
        self.assertEqual(self.client.invoke("read", {"__t": "NodeId", "v": "i=2259"})["__t"], "DataValue")
        self.assertEqual(self.client.command("ping")["status"], "ok")

    def test_one_shot_and_other_sessions(self):
        with Client() as client:
            self.assertEqual(client.query("read", "i=2259", endpoint_url=URL, config={})["value"], 0)
            opened = client.open_session(URL, force_new=True)
            self.assertFalse(opened.reused)
            self.assertEqual(client.query("read", "i=2259", session_id=opened.session_id)["value"], 0)
            client.close_session(opened.session_id, force=True)
            with self.assertRaisesRegex(ValueError, "no session"):
                client.read("i=2259")
            with self.assertRaises(ValueError):
                Client(config={"opcuaTimeout": 1})

    def test_about_the_daemon(self):
        self.assertEqual(self.client.ping()["status"], "ok")
        self.assertIn(self.client.session_id, [session["id"] for session in self.client.list()["sessions"]])
        self.assertIn("streams", self.client.hello()["features"])

    def test_stats(self):
        self.client.read("i=2259")

        stats = self.client.stats()

        self.assertGreater(stats["daemon"]["requests"], 0)
        mine = [one for one in stats["sessions"] if one["sessionId"] == self.client.session_id]
        self.assertGreater(mine[0]["requests"], 0)

    def test_describe(self):
        self.assertIn("read", self.client.describe()["methods"])

    def test_cancel(self):
        with Client(URL, {"opcuaTimeout": 60}) as client:
            failures = []
            params = [SLOW[0], SLOW[1], [ua._argument(argument) for argument in SLOW[2]]]
            thread = threading.Thread(
                target=lambda: failures.append(failure_of(lambda: client.query("call", *params, id="slow")))
            )
            thread.start()
            await_call(client)
            with self.assertRaises(ua.InvalidArgumentError):
                client.query("read", "i=2259", id="slow")

            self.assertTrue(client.cancel("slow"))

            thread.join(20)
            self.assertEqual([(type(failure), failure.type) for failure in failures], [(ua.RequestCancelledError, "cancelled")])
            self.assertIn(failures[0].outcome, ("not_sent", "unknown"))
            self.assertFalse(client.cancel("slow"))
            self.assertEqual(client.query("read", "i=2259", id="slow")["value"], 0)


class Sessions(unittest.TestCase):
    def test_a_session_is_left_to_whoever_comes_next(self):
        config = {"sessionName": "left open"}
        with Client(URL, config) as first:
            session = first.session_id

        with Client(URL, config) as second:
            self.assertEqual(second.session_id, session)
            self.assertTrue(second.was_session_reused)
            second.disconnect(force=True)
            self.assertIsNone(second.session_id)

    def test_a_session_of_ones_own_ends_with_its_client(self):
        with Client(URL, force_new=True) as own:
            session = own.session_id

        with Client(session_id=session) as other, self.assertRaises(ua.SessionNotFoundError):
            other.read("i=2259")

    def test_a_session_that_ended_is_opened_again(self):
        with Client(URL, {"sessionName": "ends"}) as client:
            before = client.session_id
            for use in (
                lambda: client.read("i=2259").value,
                lambda: client.write(SCALARS + "Byte", 1),
                lambda: client.subscribe(["i=2258"]).close() or 0,
            ):
                client.close_session(client.session_id, force=True)
                self.assertEqual(use(), 0)
            self.assertNotEqual(client.session_id, before)
            client.disconnect(force=True)


class Errors(WithClient):
    def test_each_type_has_its_class(self):
        failing = [
            (ua.ForbiddenMethodError, "forbidden_method", lambda: self.client.query("nix")),
            (ua.UnknownMethodError, "unknown_method", lambda: self.client.invoke("nix")),
            (ua.UnknownCommandError, "unknown_command", lambda: self.client.command("nix")),
            (ua.InvalidNodeIdError, "InvalidNodeIdException", lambda: self.client.read("nix")),
            (ua.InvalidArgumentError, "invalid_argument", lambda: self.client.read("i=1", 99)),
            (ua.WriteTypeMismatchError, "WriteTypeMismatchException", lambda: self.client.write(SCALARS + "Byte", 256)),
            (ua.ConfigurationError, "ConfigurationException", lambda: self.client.open_session("http://x")),
            (ua.SessionNotFoundError, "session_not_found", lambda: self.client.query("read", "i=1", session_id="nix")),
            (ua.EncodingError, "EncodingException", lambda: self.client.invoke("read", {"__t": "nix"})),
        ]
        for kind, type, use in failing:
            with self.subTest(type), self.assertRaises(kind) as raised:
                use()
            self.assertEqual(raised.exception.type, type)
            self.assertEqual(str(raised.exception), raised.exception.message)

    def test_code_and_outcome(self):
        with self.assertRaises(ua.ServiceError) as refused:
            self.client.browse("ns=2;s=nothing")
        with self.assertRaises(ua.WriteTypeMismatchError) as unfit:
            self.client.write(SCALARS + "Byte", 256)

        self.assertEqual((refused.exception.code, refused.exception.outcome), (0x80340000, None))
        self.assertEqual((unfit.exception.code, unfit.exception.outcome), (None, "not_sent"))

    def test_what_is_nested_too_deep_is_refused_here_and_nobody_else_fails(self):
        def nested(levels):
            return "x" if levels == 0 else [nested(levels - 1)]

        for levels, kind in ((30, ua.WriteTypeMismatchError), (31, ua.InvalidArgumentError)):
            with self.subTest(levels), self.assertRaises(kind) as raised:
                self.client.write(SCALARS + "Int32", nested(levels))
            self.assertEqual(raised.exception.outcome, "not_sent")
        self.assertEqual(self.client.write(SCALARS + "String", "[{" * 100), 0)

    def test_timeouts_are_within_what_the_daemon_takes(self):
        for timeout in (100_000, math.inf):
            self.assertEqual(self.client.read("i=2259", timeout=timeout).value, 0)
        with self.assertRaisesRegex(ValueError, "nan"):
            self.client.read("i=2259", timeout=math.nan)
        with self.client.subscribe(["i=2259"], publishing_interval=50) as stream:
            self.assertIsNotNone(stream.next(math.inf))

    def test_a_server_that_is_not_there(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = "opc.tcp://127.0.0.1:%d" % unused.getsockname()[1]
            with self.assertRaises(ua.ServerConnectionError), Client(url, timeout=5):
                pass

    def test_too_slow_for_its_timeout(self):
        with self.assertRaises(ua.ServerConnectionError) as raised:
            self.client.call(*SLOW, timeout=0.2)

        self.assertEqual((raised.exception.code, raised.exception.outcome), (0x800A0000, "unknown"))
        self.assertEqual(self.client.read("i=2259").value, 0)


class Threads(WithClient):
    def test_many_share_a_connection(self):
        nodes = [SCALARS + name(type) for type in VALUES]
        wrong = []

        def read_all(first):
            for at in range(60):
                node = nodes[(first + at) % len(nodes)]
                if str(self.client.read(node, ua.AttributeId.NODE_ID).value) != node:
                    wrong.append(node)

        threads = [threading.Thread(target=read_all, args=(first,)) for first in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        self.assertEqual((wrong, [thread.is_alive() for thread in threads]), ([], [False] * 12))

    def test_a_slow_call_does_not_hold_up_the_others_and_ends_with_its_client(self):
        with Client(URL, {"opcuaTimeout": 60}) as client:
            failures = []
            thread = threading.Thread(target=lambda: failures.append(failure_of(lambda: client.call(*SLOW))))
            thread.start()
            await_call(client)

            for _ in range(20):
                client.read("i=2259").require_good()

            self.assertEqual(failures, [])
            client.close()
            thread.join(20)
            self.assertEqual(
                [(failure.type, failure.outcome) for failure in failures], [("connection_lost", "unknown")]
            )

    def test_an_interrupt_in_a_call_leaves_the_client_usable(self):
        def interrupt():
            await_call(self.client)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        with self.assertRaises(KeyboardInterrupt):
            thread.start()
            self.client.call(*SLOW)

        thread.join(20)
        self.assertEqual(self.client.read("i=2259").value, 0)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork on this system")
    def test_a_child_gets_a_connection_of_its_own(self):
        self.client.read("i=2259")
        child = os.fork()
        if child == 0:
            os._exit(0 if self.client.read("i=2259").value == 0 else 1)

        _, status = os.waitpid(child, 0)

        self.assertEqual(status, 0)
        self.assertEqual(self.client.read("i=2259").value, 0)


    @unittest.skipUnless(hasattr(os, "fork"), "no fork on this system")
    def test_a_child_hangs_on_no_lock_and_ends_no_session_of_its_parent(self):
        client = Client(URL, force_new=True).connect()
        self.addCleanup(client.close)
        locks = [client._lock, client._opening, client._connection._lock, client._connection._write_lock]
        for lock in locks:  # as other threads may hold them
            lock.acquire()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            try:
                healthy = client.read("i=2259").value == 0
                client.close()
                os._exit(0 if healthy else 1)
            finally:
                os._exit(2)
        for lock in locks:
            lock.release()
        before = client.session_id

        _, status = os.waitpid(child, 0)

        self.assertEqual(status, 0)
        self.assertEqual((client.read("i=2259").value, client.session_id), (0, before))


class Streams(WithClient):
    def test_changes_and_their_nodes(self):
        nodes = [SCALARS + "Int64", SCALARS + "ByteString", "ns=2;s=nothing"]
        self.client.write(nodes[0], 2**53 + 1)
        self.client.write(nodes[1], b"\xff")
        with self.client.subscribe(nodes, publishing_interval=50) as stream:
            self.assertEqual([item.status for item in stream.items], [0, 0, 0x80340000])
            first = {}
            for change in stream.changes():
                first[change.node] = change.value
                if len(first) == 2:
                    break
            self.assertEqual(first, {nodes[0]: 2**53 + 1, nodes[1]: b"\xff"})

            self.client.write(nodes[0], -1)

            event = stream.next(10)
            self.assertIsInstance(event, ua.Notifications)
            self.assertEqual(list(event.values()), [(0, -1)])
            self.assertGreaterEqual(stream.granted.revised_publishing_interval, 50)
        self.assertTrue(stream.closed)
        self.assertIsNone(stream.next(1))

    def test_nothing_within_the_time(self):
        with self.client.subscribe([SCALARS + "Int32"], publishing_interval=400) as stream:
            self.assertIsInstance(stream.next(10), ua.Notifications)
            self.assertIsNone(stream.next(0.01))
            self.assertFalse(stream.closed)

    def test_close_from_another_thread_ends_the_iteration(self):
        with self.client.subscribe([SCALARS + "Int32"], publishing_interval=50) as stream:
            timer = threading.Timer(0.2, stream.close)
            timer.start()

            events = list(stream)

            self.assertTrue(events)

    def test_the_end_of_the_session_ends_the_stream(self):
        with Client(URL, {"sessionName": "streams"}) as client:
            with client.subscribe([SCALARS + "Int32"], publishing_interval=50) as stream:
                stream.next(10)
                client.disconnect(force=True)

                with self.assertRaises(ua.OpcUaError):
                    while not stream.closed:
                        stream.next(10)

    def test_a_request_that_is_wrong(self):
        with self.assertRaises(ua.InvalidArgumentError):
            self.client.subscribe([])

    def test_an_interrupt_ends_a_program_that_streams(self):
        program = (
            "import sys\n"
            "from opcua_session_manager import Client\n"
            "try:\n"
            "    with Client(sys.argv[1]) as client, client.subscribe(['ns=2;s=Dynamic/Counter']) as stream:\n"
            "        for change in stream.changes():\n"
            "            print('CHANGE', flush=True)\n"
            "except KeyboardInterrupt:\n"
            "    sys.exit(130)\n"
        )
        with subprocess.Popen([sys.executable, "-c", program, URL], stdout=subprocess.PIPE, text=True) as child:
            self.assertEqual(child.stdout.readline(), "CHANGE\n")
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(20), 130)


class Daemons(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = folder.name

    def fake(self, *behaviour, **options):
        daemon = FakeDaemon(os.path.join(self.directory, "d.sock"), *behaviour, **options)
        self.addCleanup(daemon.close)
        return daemon.path

    def test_nobody_there(self):
        path = os.path.join(self.directory, "none.sock")

        with self.assertRaises(ua.DaemonNotRunning) as raised:
            Client(socket=path).ping()

        self.assertIn("opcua-session-manager --socket unix://" + path, str(raised.exception))
        self.assertEqual(raised.exception.outcome, "not_sent")
        with self.assertRaises(ua.DaemonNotRunning):
            Client(socket="tcp://127.0.0.1:1").ping()
        with self.assertRaisesRegex(ValueError, "expected unix"):
            Client(socket="nonsense")

    def test_one_that_does_not_greet(self):
        path = self.fake(hello=None)

        with self.assertRaises(ua.AnswerTimeout):
            Client(socket=path, timeout=0.3).ping()

    def test_one_without_protocol_2(self):
        path = self.fake(
            '{"success":false,"error":{"type":"unknown_command","message":"Unknown command: hello"}}', hello=None
        )

        with self.assertRaisesRegex(ua.UnsupportedDaemonError, "protocol 2"):
            Client(socket=path).ping()

    def test_answers_in_any_order_and_in_pieces(self):
        path = self.fake(
            '{"id":2,"success":true,"data":{"at":2}}\n{"id":99,"success":true,"data":null}',
            '{"id":1,"success":true,"data":{"at":1}}',
            pieces=True,
            after=2,
        )
        with Client(socket=path, timeout=10) as client:
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(client.ping()["at"])) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)

            self.assertEqual(sorted(answers), [1, 2])

    def test_no_answer_in_time(self):
        path = self.fake()
        with Client(socket=path, session_id="s") as client:
            for use, outcome in (
                (lambda: client.read("i=1", timeout=0.1), None),
                (lambda: client.write("i=1", 1, timeout=0.1), "unknown"),
            ):
                with self.assertRaises(ua.AnswerTimeout) as raised:
                    use()
                self.assertEqual(raised.exception.outcome, outcome)

    def test_a_read_is_repeated_once_and_a_write_never(self):
        daemon = FakeDaemon(os.path.join(self.directory, "d.sock"), hang_up=True)
        self.addCleanup(daemon.close)
        with Client(socket=daemon.path, session_id="s") as client:
            with self.assertRaises(ua.ConnectionLost) as read:
                client.read("i=1")
            reads = daemon.requests
            with self.assertRaises(ua.ConnectionLost) as write:
                client.write("i=1", 1)

        self.assertEqual((reads, daemon.requests), (2, 3))
        self.assertEqual((read.exception.outcome, write.exception.outcome), (None, "unknown"))

    def test_an_answer_that_is_none(self):
        for answer in ("nonsense", "[1]", "[" * 100_000, '{"id":null}'):
            with self.subTest(answer[:10]):
                path = self.fake(answer)
                with Client(socket=path, timeout=5) as client, self.assertRaises(ua.OpcUaError):
                    client.ping()
                os.unlink(path)

    def test_an_answer_that_is_too_long(self):
        path = self.fake('{"id":1,"success":true,"data":"%s"}' % ("x" * 100_000))
        with Client(socket=path, max_answer_bytes=50_000) as client:
            with self.assertRaisesRegex(ua.ConnectionLost, "max_answer_bytes"):
                client.ping()

    def test_nothing_stays_open(self):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", ResourceWarning)
            with Client(URL) as client:
                client.subscribe([SCALARS + "Int32"]).close()
                with client.subscribe([SCALARS + "Int32"]) as stream:
                    stream.next(10)
            del client, stream
            gc.collect()

        self.assertEqual([str(warning.message) for warning in warned], [])


class Requests(unittest.TestCase):
    """Whose answer is whose, and what may have happened to what has none."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "d.sock")

    def daemon(self, answers, **options):
        daemon = FakeDaemon(self.path, answers=answers, **options)
        self.addCleanup(daemon.close)
        return daemon

    def test_a_late_answer_is_not_the_next_ones_of_the_same_id(self):
        late = []

        def answers(request):
            late.append(answer(request, request["params"][0]))
            return late[::-1] if len(late) == 2 else []

        self.daemon(answers)
        with Client(socket=self.path, session_id="s", timeout=10) as client:
            with self.assertRaises(ua.AnswerTimeout):
                client.query("read", "first", id="mine", timeout=0.01)

            self.assertEqual(client.query("read", "second", id="mine"), "second")

    def test_cancel_means_ones_own_request_and_no_other(self):
        daemon = self.daemon(lambda request: [answer(request, {"cancelled": False})])
        with Client(socket=self.path) as client:
            client.query("read", "i=1", session_id="s")
            for target in (1, "1", "nobody's"):
                client.cancel(target)

        self.assertEqual([request["target"] for request in daemon.received[1:]], [0, 0, 0])

    def test_an_error_of_somebody_elses_frame_leaves_a_write_unknown(self):
        error = json.dumps({"success": False, "error": {"type": "invalid_json", "message": "Nested too deep"}})
        self.daemon(lambda request: [error])
        with Client(socket=self.path, session_id="s") as client:
            for use, outcome in ((lambda: client.write("i=1", 1), "unknown"), (lambda: client.read("i=1"), None)):
                failure = failure_of(use)
                self.assertEqual((type(failure), failure.outcome), (ua.InvalidJsonError, outcome))

    def test_what_waits_for_a_session_that_cannot_be_opened_was_not_sent(self):
        refused = {"success": False, "error": {"type": "ConnectionException", "message": "It is off"}}
        daemon = self.daemon(lambda request: [json.dumps({"id": request["id"], **refused})])
        for force_new in (False, True):
            with closing(Client("opc.tcp://plc", force_new=force_new, socket=self.path)) as client:
                failure = failure_of(lambda: client.write("i=1", 1))
                self.assertEqual((type(failure), failure.outcome), (ua.ServerConnectionError, "not_sent"))
                self.assertIsNone(failure_of(lambda: client.read("i=1")).outcome)
        daemon.close()
        self.assertEqual(failure_of(lambda: Client(socket=self.path, session_id="s").write("i=1", 1)).outcome, "not_sent")

    def test_an_opening_that_is_lost_leaves_the_write_not_sent(self):
        self.addCleanup(FakeDaemon(self.path, hang_up=True).close)
        with closing(Client("opc.tcp://plc", force_new=True, socket=self.path)) as client:
            self.assertEqual(failure_of(lambda: client.write("i=1", 1)).outcome, "not_sent")
            self.assertIsNone(failure_of(lambda: client.read("i=1")).outcome)

    def test_what_is_a_sessions_own_does_not_move_to_another(self):
        lost = {"success": False, "error": {"type": "session_not_found", "message": "Session not found"}}

        def answers(request):
            if request["command"] == "open":
                return [answer(request, {"sessionId": str(request["id"]), "reused": False})]
            return [json.dumps({"id": request["id"], **lost})]

        daemon = self.daemon(answers)
        with Client("opc.tcp://plc", socket=self.path) as client:
            for use in (
                lambda: client.delete_subscription(1),
                lambda: client.browse_next("c"),
                lambda: client.query("publish"),
                lambda: client.republish(1, 1),
            ):
                daemon.received.clear()
                client.connect()
                self.assertIsInstance(failure_of(use), ua.SessionNotFoundError)
                self.assertEqual([request["command"] for request in daemon.received].count("query"), 1)
                self.assertIsNone(client.session_id)

    def test_one_who_waits_for_anothers_connection_or_opening_waits_no_longer_than_asked(self):
        for hello, target in ((None, None), (HELLO, "opc.tcp://plc")):
            daemon = FakeDaemon(self.path, hello=hello)
            client = Client(target, socket=self.path, timeout=60)
            slow = threading.Thread(target=lambda: failure_of(client.connect))
            slow.start()
            while not daemon.requests:
                time.sleep(0.005)

            started = time.monotonic()
            with self.assertRaises(ua.AnswerTimeout):
                client.connect(timeout=0.001)

            self.assertLess(time.monotonic() - started, 20)
            daemon.close()
            slow.join(20)
            self.assertFalse(slow.is_alive())

    def test_each_request_tells_its_time(self):
        daemon = self.daemon(lambda request: [answer(request, None)])
        with Client(socket=self.path, timeout=7) as client:
            for timeout in (None, 0.25, 1e9):
                client.command("ping", timeout=timeout)

        self.assertEqual([request["timeoutMs"] for request in daemon.received], [7000, 250, 86_400_000])


class TokenFiles(unittest.TestCase):
    def test_one_that_cannot_be_used_is_named_at_once(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "d.sock")
            daemon = FakeDaemon(path)
            self.addCleanup(daemon.close)
            files = {"none": None, "empty": b" \n", "no-text": b"\xff\xfe"}
            for name, content in files.items():
                file = os.path.join(directory, name)
                if content is not None:
                    with open(file, "wb") as stream:
                        stream.write(content)
                with self.subTest(name), self.assertRaisesRegex(ua.AuthFailedError, file) as raised:
                    Client(socket=path, token_file=file, timeout=60).ping()
                self.assertEqual(raised.exception.outcome, "not_sent")


@unittest.skipUnless("OPCUA_AUTH_TOKEN" in os.environ, "the daemon has no token")
class Tokens(unittest.TestCase):
    def setUp(self):
        self.token = os.environ.pop("OPCUA_AUTH_TOKEN")
        self.addCleanup(os.environ.__setitem__, "OPCUA_AUTH_TOKEN", self.token)

    def test_the_right_one(self):
        with Client(URL, token=self.token) as client:
            self.assertEqual(client.read("i=2259").value, 0)
            with client.subscribe(["i=2259"], publishing_interval=50) as stream:
                self.assertIsNotNone(stream.next(10))

    def test_from_a_file_and_from_the_environment(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("  %s \n" % self.token)
            file.flush()
            with Client(token_file=file.name) as client:
                self.assertEqual(client.ping()["status"], "ok")
            os.environ["OPCUA_AUTH_TOKEN_FILE"] = file.name
            self.addCleanup(os.environ.pop, "OPCUA_AUTH_TOKEN_FILE")
            with Client() as client:
                self.assertEqual(client.ping()["status"], "ok")

    def test_a_wrong_one_and_none(self):
        for token in ("wrong", None):
            with self.subTest(token), self.assertRaises(ua.AuthFailedError) as raised:
                Client(URL, token=token).connect()
            self.assertNotIn("wrong'", str(raised.exception))
        self.assertNotIn(self.token, repr(Client(URL, token=self.token)))


if __name__ == "__main__":
    unittest.main()
