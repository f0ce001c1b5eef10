"""Client of opcua-session-manager, in one file, with the standard library alone (Python 3.8 and newer).

The daemon holds OPC UA sessions; this module talks to it over a Unix socket or a loopback port (docs/protocol.md,
protocol 2). ``Client`` blocks, ``AsyncClient`` is for asyncio; both have the same methods::

    from opcua_session_manager import Client

    with Client("opc.tcp://plc1:4840") as plc:          # or Client(connection="plc1")
        print(plc.read("ns=2;s=Speed").value)
        with plc.subscribe(["ns=2;s=Speed"]) as stream:
            for change in stream.changes():
                print(change.node, change.value)

How it is built: ``_Frames`` (bytes to JSON and back), ``_Request`` (one command and what its answer means) and
``_Session`` (which request comes next, what is repeated) know nothing of sockets and are shared; the two clients only
move bytes. A stream has a connection of its own, so a reader that is slow slows nobody else, and what waits for it is
bounded by the daemon, which says what it dropped.

What is repeated: a request that only reads, once, after its connection was lost. What changes the plant never is. A
session that the daemon does not know any more (it was idle, or the daemon was started anew) is opened again, and the
request that was refused for it is sent then: the daemon had not acted on it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import collections
import contextlib
import dataclasses
import datetime as _datetime
import decimal
import enum
import errno
import io
import itertools
import json
import math
import operator
import os
import select
import socket as _socket
import threading
import time
import uuid
import warnings
import weakref
from typing import (
    Any,
    AsyncIterator,
    BinaryIO,
    Callable,
    Deque,
    Dict,
    Generator,
    Generic,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
    cast,
)

__all__ = [
    "AccessDeniedError",
    "AddedNode",
    "AggregateFunction",
    "AnswerTimeout",
    "Application",
    "AsyncClient",
    "AsyncRemoteFile",
    "AsyncSubscription",
    "AttributeId",
    "AuthFailedError",
    "AutoPublishActiveError",
    "BadStatusError",
    "BrowseNode",
    "BrowsePage",
    "BuildInfo",
    "BuiltinType",
    "CallResult",
    "Client",
    "ConfigurationError",
    "ConnectionLost",
    "ConnectionTimeoutError",
    "CreatedFile",
    "DaemonNotRunning",
    "DataChange",
    "DataValue",
    "EncodingError",
    "Endpoint",
    "EventNotification",
    "ExtensionObject",
    "ForbiddenMethodError",
    "Gap",
    "InternalError",
    "InvalidArgumentError",
    "InvalidJsonError",
    "InvalidNodeIdError",
    "InvalidPathError",
    "ItemResult",
    "KeepAlive",
    "LocalizedText",
    "MaxSessionsReachedError",
    "ModifiedValue",
    "NodeClass",
    "NodeId",
    "Notifications",
    "OpcUaError",
    "OpenFileMode",
    "OpenedSession",
    "Overflow",
    "OverloadedError",
    "PathResult",
    "PayloadTooLargeError",
    "PublishResult",
    "QualifiedName",
    "RateLimitedError",
    "Reference",
    "RemoteFile",
    "RepublishResult",
    "RequestCancelledError",
    "SecurityError",
    "ServerConnectionError",
    "ServiceError",
    "ServiceUnsupportedError",
    "SessionBudgetError",
    "SessionNotFoundError",
    "ShuttingDownError",
    "State",
    "StatusCode",
    "Subscription",
    "SubscriptionResult",
    "Timestamp",
    "TooManyConnectionsError",
    "TransferResult",
    "TriggeringResult",
    "UnknownCommandError",
    "UnknownMethodError",
    "UnsupportedDaemonError",
    "UntrustedCertificateError",
    "Variant",
    "WriteTypeDetectionError",
    "WriteTypeMismatchError",
]

DEFAULT_SOCKET = "/tmp/opcua-session-manager.sock"
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_ANSWER_BYTES = 256 * 1024 * 1024

_CHUNK_BYTES = 256 * 1024
_MAX_FRAME_BYTES = 65_536
# A request may be 32 levels deep, itself included.
_MAX_DEPTH = 32
_MAX_SECONDS = 86_400.0
_MAX_NAMES = 256
# The daemon says itself that a request took too long, and knows more about it; it gets this long to do so.
_GRACE_SECONDS = 0.5
_CLOSE_SECONDS = 2.0
_MIN_SILENCE_SECONDS = 30.0
_WAITING_MESSAGES = 64
_CONNECT_PAUSE_SECONDS = 0.005
# What a file gives and takes at a time; a write leaves room for the rest of its frame, after base64.
_FILE_READ_BYTES = 256 * 1024
_FILE_WRITE_BYTES = 44 * 1024

T = TypeVar("T")
Json = Dict[str, Any]


# --------------------------------------------------------------------------------------------------------- errors


class OpcUaError(Exception):
    """A call that has no result. The text is one line and names the way out where there is one.

    ``type`` is the protocol's ``error.type``, or ``daemon_not_running``, ``connection_lost``, ``answer_timeout``,
    ``unsupported_daemon`` or ``bad_status`` for what this module found out itself; a newer daemon may have more.
    ``code`` is the OPC UA status code where there is one. ``outcome`` says of a request that would have changed
    something whether it may have: ``"not_sent"`` is safe to repeat, ``"unknown"`` is not; None where nothing could.
    """

    def __init__(
        self,
        type: str,
        message: str,
        code: Optional[int] = None,
        outcome: Optional[str] = None,
        retry_after_ms: Optional[int] = None,
    ) -> None:
        super().__init__(type, message, code, outcome, retry_after_ms)
        self.type = type
        self.message = message
        self.code = None if code is None else StatusCode(code)
        self.outcome = outcome
        self.retry_after_ms = retry_after_ms

    def __str__(self) -> str:
        return self.message

    def _again(self) -> "OpcUaError":
        """A new one that says the same: each caller gets its own, with its own traceback."""
        return self.__class__(self.type, self.message, self.code, self.outcome, self.retry_after_ms)

    def _with(self, outcome: Optional[str]) -> "OpcUaError":
        """The same with this outcome."""
        self.outcome = outcome
        self.args = (self.type, self.message, self.code, outcome, self.retry_after_ms)
        return self

    def _before(self, repeatable: bool) -> "OpcUaError":
        """The same, of a request that was not sent yet when this came in its way."""
        if not repeatable:
            return self._with("not_sent")
        return self._with(None) if self.outcome == "unknown" else self


class DaemonNotRunning(OpcUaError):
    """Nobody listens where the daemon was looked for, or it may not be reached. Nothing was sent."""


class ConnectionLost(OpcUaError):
    """The daemon closed the connection, or what it sent is no answer, before there was one."""


class AnswerTimeout(OpcUaError):
    """The daemon did not answer in time. What was sent may still be carried out."""


class UnsupportedDaemonError(OpcUaError):
    """What listens there does not speak protocol 2."""


class BadStatusError(OpcUaError):
    """A value or result whose status is bad, where a good one was demanded."""


class InvalidJsonError(OpcUaError):
    """invalid_json"""


class PayloadTooLargeError(OpcUaError):
    """payload_too_large: the request exceeds the daemon's ``--max-frame-bytes``."""


class ConnectionTimeoutError(OpcUaError):
    """connection_timeout"""


class TooManyConnectionsError(OpcUaError):
    """too_many_connections"""


class AuthFailedError(OpcUaError):
    """auth_failed: the token is wrong or missing, or its file cannot be read."""


class UnknownCommandError(OpcUaError):
    """unknown_command: this daemon has no such command."""


class ForbiddenMethodError(OpcUaError):
    """forbidden_method: ``query`` has no such method."""


class UnknownMethodError(OpcUaError):
    """unknown_method: ``invoke`` has no such method."""


class InvalidArgumentError(OpcUaError):
    """invalid_argument: a member or parameter is missing, of the wrong type or out of range."""


class SessionNotFoundError(OpcUaError):
    """session_not_found"""


class MaxSessionsReachedError(OpcUaError):
    """max_sessions_reached"""


class SessionBudgetError(OpcUaError):
    """session_budget: no session was free on the server in time."""


class OverloadedError(OpcUaError):
    """overloaded: a queue or the memory bound is full; nothing was sent."""


class AccessDeniedError(OpcUaError):
    """access_denied: a rule, a scope or the read-only socket is against it."""


class RateLimitedError(OpcUaError):
    """rate_limited: too often; ``retry_after_ms`` says when to come back."""


class AutoPublishActiveError(OpcUaError):
    """auto_publish_active: the daemon itself takes the messages of this session."""


class RequestCancelledError(OpcUaError):
    """cancelled"""


class ShuttingDownError(OpcUaError):
    """shutting_down: the daemon is ending."""


class ConfigurationError(OpcUaError):
    """ConfigurationException: the URL is not opc.tcp://host[:port][/path]."""


class InvalidPathError(OpcUaError):
    """InvalidArgumentException: a file path that is refused."""


class SecurityError(OpcUaError):
    """SecurityException: a policy, identity or key that is not accepted."""


class UntrustedCertificateError(SecurityError):
    """UntrustedCertificateException: the server's certificate is not trusted."""


class ServerConnectionError(OpcUaError):
    """ConnectionException: the server is not reachable, did not answer in time, or the connection to it broke."""


class ServiceError(OpcUaError):
    """ServiceException: the server refused the service call as a whole; ``code`` says why."""


class ServiceUnsupportedError(ServiceError):
    """ServiceUnsupportedException: the server does not have the service."""


class InvalidNodeIdError(OpcUaError):
    """InvalidNodeIdException: a NodeId that cannot be read."""


class WriteTypeMismatchError(OpcUaError):
    """WriteTypeMismatchException: the value does not fit the variable's type; nothing was sent."""


class WriteTypeDetectionError(OpcUaError):
    """WriteTypeDetectionException: the variable's type cannot be found out; nothing was sent."""


class EncodingError(OpcUaError):
    """EncodingException: a typed value that is none."""


class InternalError(OpcUaError):
    """internal_error: a defect of the daemon; its log has the trace under the incident id in the message."""


_ERRORS: Dict[str, Type[OpcUaError]] = {
    "invalid_json": InvalidJsonError,
    "payload_too_large": PayloadTooLargeError,
    "connection_timeout": ConnectionTimeoutError,
    "too_many_connections": TooManyConnectionsError,
    "auth_failed": AuthFailedError,
    "unknown_command": UnknownCommandError,
    "forbidden_method": ForbiddenMethodError,
    "unknown_method": UnknownMethodError,
    "invalid_argument": InvalidArgumentError,
    "session_not_found": SessionNotFoundError,
    "max_sessions_reached": MaxSessionsReachedError,
    "session_budget": SessionBudgetError,
    "overloaded": OverloadedError,
    "access_denied": AccessDeniedError,
    "rate_limited": RateLimitedError,
    "auto_publish_active": AutoPublishActiveError,
    "cancelled": RequestCancelledError,
    "shutting_down": ShuttingDownError,
    "ConfigurationException": ConfigurationError,
    "InvalidArgumentException": InvalidPathError,
    "SecurityException": SecurityError,
    "UntrustedCertificateException": UntrustedCertificateError,
    "ConnectionException": ServerConnectionError,
    "ServiceException": ServiceError,
    "ServiceUnsupportedException": ServiceUnsupportedError,
    "InvalidNodeIdException": InvalidNodeIdError,
    "WriteTypeMismatchException": WriteTypeMismatchError,
    "WriteTypeDetectionException": WriteTypeDetectionError,
    "EncodingException": EncodingError,
    "internal_error": InternalError,
}


def _error(error: Mapping[str, Any]) -> OpcUaError:
    """The exception for an answer's ``error``."""
    kind = error.get("type", "")
    return _ERRORS.get(kind, OpcUaError)(
        kind, error.get("message", ""), error.get("code"), error.get("outcome"), error.get("retryAfterMs")
    )


# --------------------------------------------------------------------------------------------------------- values


class BuiltinType(enum.IntEnum):
    """The built-in types of OPC UA (Part 6, 5.1.2)."""

    BOOLEAN = 1
    SBYTE = 2
    BYTE = 3
    INT16 = 4
    UINT16 = 5
    INT32 = 6
    UINT32 = 7
    INT64 = 8
    UINT64 = 9
    FLOAT = 10
    DOUBLE = 11
    STRING = 12
    DATETIME = 13
    GUID = 14
    BYTESTRING = 15
    XML_ELEMENT = 16
    NODE_ID = 17
    EXPANDED_NODE_ID = 18
    STATUS_CODE = 19
    QUALIFIED_NAME = 20
    LOCALIZED_TEXT = 21
    EXTENSION_OBJECT = 22
    DATA_VALUE = 23
    VARIANT = 24
    DIAGNOSTIC_INFO = 25


class AttributeId(enum.IntEnum):
    """The attributes of nodes (Part 4, 7.6; Part 6, A.1)."""

    NODE_ID = 1
    NODE_CLASS = 2
    BROWSE_NAME = 3
    DISPLAY_NAME = 4
    DESCRIPTION = 5
    WRITE_MASK = 6
    USER_WRITE_MASK = 7
    IS_ABSTRACT = 8
    SYMMETRIC = 9
    INVERSE_NAME = 10
    CONTAINS_NO_LOOPS = 11
    EVENT_NOTIFIER = 12
    VALUE = 13
    DATA_TYPE = 14
    VALUE_RANK = 15
    ARRAY_DIMENSIONS = 16
    ACCESS_LEVEL = 17
    USER_ACCESS_LEVEL = 18
    MINIMUM_SAMPLING_INTERVAL = 19
    HISTORIZING = 20
    EXECUTABLE = 21
    USER_EXECUTABLE = 22
    DATA_TYPE_DEFINITION = 23
    ROLE_PERMISSIONS = 24
    USER_ROLE_PERMISSIONS = 25
    ACCESS_RESTRICTIONS = 26
    ACCESS_LEVEL_EX = 27


class NodeClass(enum.IntEnum):
    """The classes of nodes (Part 3, 8.29)."""

    OBJECT = 1
    VARIABLE = 2
    METHOD = 4
    OBJECT_TYPE = 8
    VARIABLE_TYPE = 16
    REFERENCE_TYPE = 32
    DATA_TYPE = 64
    VIEW = 128


class OpenFileMode(enum.IntFlag):
    """How a file is opened (Part 20, 4.2.2), added up: ``OpenFileMode.WRITE | OpenFileMode.APPEND``."""

    READ = 1
    WRITE = 2
    ERASE_EXISTING = 4
    APPEND = 8


class AggregateFunction(str, enum.Enum):
    """What is made of the values of an interval (Part 13, 5.4.3)."""

    INTERPOLATE = "interpolate"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    AVERAGE = "average"
    COUNT = "count"
    TIME_AVERAGE = "timeAverage"
    TOTAL = "total"
    RANGE = "range"
    DELTA = "delta"
    START = "start"
    END = "end"
    DURATION_GOOD = "durationGood"
    DURATION_BAD = "durationBad"
    PERCENT_GOOD = "percentGood"
    STANDARD_DEVIATION = "standardDeviation"


class StatusCode(int):
    """An OPC UA status code: an unsigned 32-bit number that knows its severity (Part 4, 7.39)."""

    @property
    def is_good(self) -> bool:
        return self >> 30 == 0

    @property
    def is_uncertain(self) -> bool:
        return self >> 30 == 1

    @property
    def is_bad(self) -> bool:
        return self >> 30 >= 2

    def require_good(self, what: str = "The request") -> "StatusCode":
        """This, unless it is bad: then BadStatusError, whose text begins with ``what``."""
        if self.is_bad:
            raise BadStatusError("bad_status", "%s has the status %s" % (what, self), self)
        return self

    def __str__(self) -> str:
        return "0x%08X" % int(self)

    def __repr__(self) -> str:
        return "StatusCode(0x%08X)" % int(self)


class Timestamp(str):
    """A time as the daemon wrote it: UTC, to 100 ns, ``2026-05-15T10:30:00.1234567+00:00``.

    ``datetime`` has microseconds, so the last digit is lost there, and only there.
    """

    @property
    def datetime(self) -> _datetime.datetime:
        text = str(self)
        head, dot, tail = text.partition(".")
        if not dot:
            return _datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        digits = len(tail) - len(tail.lstrip("0123456789"))
        offset = tail[digits:].replace("Z", "+00:00")
        return _datetime.datetime.fromisoformat("%s.%s%s" % (head, tail[:digits][:6].ljust(6, "0"), offset))


@dataclasses.dataclass(frozen=True)
class NodeId:
    """The id of a node: ``NodeId(2, "Speed")`` is ``ns=2;s=Speed``.

    The identifier is an int, a str, a uuid.UUID or bytes. ``namespace_uri`` and ``server_index`` are for nodes of a
    namespace or server that the session does not know. Wherever a node is asked for, text does as well.
    """

    namespace: int = 0
    identifier: Union[int, str, uuid.UUID, bytes] = 0
    namespace_uri: Optional[str] = None
    server_index: int = 0

    @classmethod
    def parse(cls, text: str) -> "NodeId":
        """Reads ``ns=2;s=Speed``, ``i=2258``, ``ns=1;g=…``, ``ns=1;b=BASE64`` or ``nsu=URI;s=Speed``.

        In a URI ``%`` and ``;`` are written ``%25`` and ``%3B``; ``svr=1;`` in front names another server.
        """
        namespace, uri, server, rest = 0, None, 0, text
        if rest.startswith("svr="):
            number, _, rest = rest[4:].partition(";")
            if not (number.isascii() and number.isdigit()):
                raise ValueError("Not a node id: %r; write it like ns=2;s=Speed or i=2258" % text)
            server = int(number)
        if rest.startswith("ns="):
            number, _, rest = rest[3:].partition(";")
            if not (number.isascii() and number.isdigit()):
                raise ValueError("Not a node id: %r; write it like ns=2;s=Speed or i=2258" % text)
            namespace = int(number)
        elif rest.startswith("nsu="):
            escaped, _, rest = rest[4:].partition(";")
            if not escaped:
                raise ValueError("Not a node id: %r; write it like ns=2;s=Speed or i=2258" % text)
            uri = escaped.replace("%3B", ";").replace("%3b", ";").replace("%25", "%")
        kind, value = rest[:2], rest[2:]
        try:
            if kind == "i=" and value.isascii() and value.isdigit():
                return cls(namespace, int(value), uri, server)
            if kind == "s=":
                return cls(namespace, value, uri, server)
            if kind == "g=":
                return cls(namespace, uuid.UUID(value), uri, server)
            if kind == "b=":
                return cls(namespace, base64.b64decode(value, validate=True), uri, server)
        except ValueError:
            pass
        raise ValueError("Not a node id: %r; write it like ns=2;s=Speed or i=2258" % text)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "NodeId":
        identifier = raw["id"]
        kind = raw.get("type")
        if kind == "guid":
            identifier = uuid.UUID(identifier)
        elif kind == "opaque":
            identifier = bytes.fromhex(identifier)
        return cls(raw.get("ns", 0), identifier, raw.get("nsu"), raw.get("serverIndex") or 0)

    def _json(self) -> Json:
        value = self.identifier
        raw: Json = {"ns": self.namespace}
        if isinstance(value, int):
            raw.update(id=value, type="numeric")
        elif isinstance(value, uuid.UUID):
            raw.update(id=str(value), type="guid")
        elif isinstance(value, bytes):
            raw.update(id=value.hex(), type="opaque")
        else:
            raw.update(id=value, type="string")
        if self.namespace_uri is not None or self.server_index:
            raw.update(nsu=self.namespace_uri, serverIndex=self.server_index)
        return raw

    @property
    def is_null(self) -> bool:
        return self.namespace == 0 and self.identifier == 0 and self.namespace_uri is None and not self.server_index

    def __str__(self) -> str:
        value = self.identifier
        if isinstance(value, int):
            text = "i=%d" % value
        elif isinstance(value, uuid.UUID):
            text = "g=%s" % value
        elif isinstance(value, bytes):
            text = "b=" + base64.b64encode(value).decode("ascii")
        else:
            text = "s=" + value
        if self.namespace_uri is not None:
            text = "nsu=%s;%s" % (self.namespace_uri.replace("%", "%25").replace(";", "%3B"), text)
        elif self.namespace:
            text = "ns=%d;%s" % (self.namespace, text)
        return "svr=%d;%s" % (self.server_index, text) if self.server_index else text


@dataclasses.dataclass(frozen=True)
class QualifiedName:
    """A name in a namespace."""

    namespace: int
    name: str

    def __str__(self) -> str:
        return "%d:%s" % (self.namespace, self.name) if self.namespace else self.name


@dataclasses.dataclass(frozen=True)
class LocalizedText:
    """A text and its language; either may be None."""

    locale: Optional[str]
    text: Optional[str]

    def __str__(self) -> str:
        return self.text or ""


@dataclasses.dataclass(frozen=True)
class ExtensionObject:
    """A structure: its fields in ``value`` if the daemon knows the type, and the ``body`` as it was sent.

    The fields are as the protocol writes them (base64 for a ByteString, ``"NaN"``), since their types are the
    server's. To write a changed value, leave ``body`` out: ``dataclasses.replace(it, body=None, value=…)``.
    """

    type_id: NodeId
    encoding: int = 0
    body: Optional[bytes] = None
    value: Any = None

    def _json(self) -> Json:
        raw: Json = {"typeId": self.type_id._json()}
        if self.body is not None or self.value is None:
            raw["encoding"] = self.encoding
            raw["body"] = None if self.body is None else base64.b64encode(self.body).decode("ascii")
        if self.value is not None:
            raw["value"] = _encode(self.value)
        return raw


@dataclasses.dataclass(frozen=True)
class Variant:
    """A value and its built-in type, and the dimensions of a matrix, whose ``value`` is flat, row by row."""

    type: int
    value: Any
    dimensions: Optional[Sequence[int]] = None

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Variant":
        return cls(_type(raw["type"]) or 0, _decode(raw["type"], raw["value"]), raw.get("dimensions"))

    def _json(self) -> Json:
        raw: Json = {"type": int(self.type), "value": _encode(self.value, self.type)}
        if self.dimensions is not None:
            raw["dimensions"] = list(self.dimensions)
        return raw


class DataValue:
    """A value, its status and its times. What is asked for is decoded when it is asked for.

    ``value`` has the Python type that fits: int for all integers (exact), float (NaN and the infinities too), bool,
    str, bytes for a ByteString, uuid.UUID, Timestamp, NodeId, QualifiedName, LocalizedText, StatusCode,
    ExtensionObject, Variant, DataValue; a list of these for an array; None for null.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @property
    def value(self) -> Any:
        raw = self._raw
        return _decode(raw["type"], raw["value"])

    @property
    def type(self) -> Optional[int]:
        """The BuiltinType; None without a value."""
        return _type(self._raw["type"])

    @property
    def dimensions(self) -> Optional[List[int]]:
        """Of a matrix, whose ``value`` is flat, row by row; else None."""
        return self._raw.get("dimensions")

    @property
    def matrix(self) -> Any:
        """The value with a list in a list for each dimension of a matrix; the value itself if it is none."""
        value, dimensions = self.value, self.dimensions
        for size in reversed((dimensions or [])[1:]):
            value = [value[at : at + size] for at in range(0, len(value), size)] if size else []
        return value

    @property
    def status(self) -> StatusCode:
        return StatusCode(self._raw["statusCode"])

    @property
    def is_good(self) -> bool:
        return self._raw["statusCode"] >> 30 == 0

    @property
    def is_bad(self) -> bool:
        return self._raw["statusCode"] >> 30 >= 2

    @property
    def source_timestamp(self) -> Optional[Timestamp]:
        return _timestamp(self._raw.get("sourceTimestamp"))

    @property
    def server_timestamp(self) -> Optional[Timestamp]:
        return _timestamp(self._raw.get("serverTimestamp"))

    def require_good(self) -> "DataValue":
        """This, unless its status is bad: then BadStatusError."""
        self.status.require_good("The value")
        return self

    @property
    def raw(self) -> Mapping[str, Any]:
        """As it came."""
        return self._raw

    def _json(self) -> Any:
        return dict(self._raw)

    def __eq__(self, other: object) -> bool:
        return self._raw == other._raw if isinstance(other, DataValue) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._raw["statusCode"], self._raw.get("sourceTimestamp")))

    def __repr__(self) -> str:
        return "DataValue(%r, type=%s, status=%s, source_timestamp=%s)" % (
            self.value,
            self._raw["type"],
            self.status,
            self._raw.get("sourceTimestamp"),
        )


def _timestamp(text: Optional[str]) -> Optional[Timestamp]:
    return None if text is None else Timestamp(text)


def _type(number: Optional[int]) -> Optional[int]:
    try:
        return None if number is None else BuiltinType(number)
    except ValueError:
        return number


def _extension_object(raw: Mapping[str, Any]) -> ExtensionObject:
    body = raw.get("body")
    return ExtensionObject(
        NodeId._of(raw["typeId"]),
        raw.get("encoding", 0),
        None if body is None else binascii.a2b_base64(body),
        raw.get("value"),
    )


# Types that are not here are what JSON made of them.
_DECODERS: Dict[int, Callable[[Any], Any]] = {
    BuiltinType.INT64: int,
    BuiltinType.UINT64: int,
    BuiltinType.FLOAT: float,
    BuiltinType.DOUBLE: float,
    BuiltinType.DATETIME: Timestamp,
    BuiltinType.GUID: uuid.UUID,
    BuiltinType.BYTESTRING: binascii.a2b_base64,
    BuiltinType.NODE_ID: NodeId._of,
    BuiltinType.EXPANDED_NODE_ID: NodeId._of,
    BuiltinType.STATUS_CODE: StatusCode,
    BuiltinType.QUALIFIED_NAME: lambda raw: QualifiedName(raw["ns"], raw["name"]),
    BuiltinType.LOCALIZED_TEXT: lambda raw: LocalizedText(raw["locale"], raw["text"]),
    BuiltinType.EXTENSION_OBJECT: _extension_object,
    BuiltinType.DATA_VALUE: DataValue,
    BuiltinType.VARIANT: Variant._of,
}


def _decode(type: Optional[int], value: Any) -> Any:
    decoder = _DECODERS.get(type)  # type: ignore[arg-type]
    if decoder is None or value is None:
        return value
    if value.__class__ is list:
        return [None if element is None else decoder(element) for element in value]
    return decoder(value)


def _encode(value: Any, type: Optional[int] = None) -> Any:
    """Any value of this module's shapes as the protocol writes it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (bytes, bytearray, memoryview)):
        if type == BuiltinType.BYTE:
            return list(bytes(value))
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, _datetime.datetime):
        return _time_text(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, QualifiedName):
        return {"ns": value.namespace, "name": value.name}
    if isinstance(value, LocalizedText):
        return {"locale": value.locale, "text": value.text}
    if isinstance(value, (NodeId, ExtensionObject, Variant, DataValue)):
        return value._json()
    if isinstance(value, Mapping):
        return {str(key): _encode(element) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encode(element, type) for element in value]
    if hasattr(value, "tolist"):  # an array or a number of numpy
        return _encode(value.tolist(), type)
    if hasattr(value, "__index__"):
        return operator.index(value)
    raise TypeError("A value of %s has no place in a request" % value.__class__.__name__)


def _time_text(value: Union[None, str, _datetime.datetime]) -> Optional[str]:
    if isinstance(value, _datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("%r has no time zone: use datetime.now(timezone.utc), or astimezone()" % value)
        return value.isoformat()
    return value


NodeLike = Union[str, NodeId, Mapping[str, Any]]
TimeLike = Union[None, str, _datetime.datetime]


def _node(node: NodeLike) -> Any:
    if isinstance(node, NodeId):
        return node._json()
    return node if isinstance(node, str) else _encode(node)


def _argument(value: Any) -> Json:
    """An argument of a call: a Variant, or a value whose type is beyond doubt."""
    if isinstance(value, Variant):
        return value._json()
    if isinstance(value, Mapping):
        return _encode(value)
    for python, builtin in _ARGUMENT_TYPES:
        if isinstance(value, python):
            return {"type": int(builtin), "value": _encode(value)}
    raise TypeError(
        "The type of the argument %r is open: give a Variant, such as Variant(BuiltinType.INT32, 5)" % (value,)
    )


_ARGUMENT_TYPES: Tuple[Tuple[type, BuiltinType], ...] = (
    (bool, BuiltinType.BOOLEAN),
    (float, BuiltinType.DOUBLE),
    (Timestamp, BuiltinType.DATETIME),
    (str, BuiltinType.STRING),
    (bytes, BuiltinType.BYTESTRING),
    (_datetime.datetime, BuiltinType.DATETIME),
    (uuid.UUID, BuiltinType.GUID),
    (NodeId, BuiltinType.NODE_ID),
    (QualifiedName, BuiltinType.QUALIFIED_NAME),
    (LocalizedText, BuiltinType.LOCALIZED_TEXT),
    (StatusCode, BuiltinType.STATUS_CODE),
    (ExtensionObject, BuiltinType.EXTENSION_OBJECT),
)


# -------------------------------------------------------------------------------------------------------- results


class OpenedSession(NamedTuple):
    """What ``open_session`` gives: the handle's id, and whether it was there already."""

    session_id: str
    reused: bool


@dataclasses.dataclass(frozen=True)
class Reference:
    """A reference that ``browse`` found, and the node at its other end."""

    reference_type_id: NodeId
    is_forward: bool
    node_id: NodeId
    browse_name: QualifiedName
    display_name: LocalizedText
    node_class: int
    type_definition: NodeId

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Reference":
        return cls(
            NodeId._of(raw["referenceTypeId"]),
            raw["isForward"],
            NodeId._of(raw["nodeId"]),
            QualifiedName(raw["browseName"]["ns"], raw["browseName"]["name"]),
            LocalizedText(raw["displayName"]["locale"], raw["displayName"]["text"]),
            raw["nodeClass"],
            NodeId._of(raw["typeDefinition"]),
        )


@dataclasses.dataclass(frozen=True)
class BrowseNode:
    """A reference and those of its node, as far down as ``browse_recursive`` went."""

    reference: Reference
    children: List["BrowseNode"]

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "BrowseNode":
        return cls(Reference._of(raw["reference"]), [cls._of(child) for child in raw["children"]])


class BrowsePage(NamedTuple):
    """References, and the continuation point of the next page; None on the last one."""

    references: List[Reference]
    continuation_point: Optional[str]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "BrowsePage":
        return cls([Reference._of(reference) for reference in raw["references"]], raw["continuationPoint"])


class PathResult(NamedTuple):
    """Where a browse path leads: (node, index of the first step that is left or 0xFFFFFFFF) for each target."""

    status: StatusCode
    targets: List[Tuple[NodeId, int]]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "PathResult":
        targets = [(NodeId._of(target["targetId"]), target["remainingPathIndex"]) for target in raw["targets"]]
        return cls(StatusCode(raw["statusCode"]), targets)


@dataclasses.dataclass(frozen=True)
class CallResult:
    """What a method gave. A bad ``status`` is the method's verdict, not an exception."""

    status: StatusCode
    input_argument_results: List[StatusCode]
    output_arguments: List[Variant]

    @property
    def outputs(self) -> List[Any]:
        """The values of the output arguments."""
        return [argument.value for argument in self.output_arguments]

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "CallResult":
        return cls(
            StatusCode(raw["statusCode"]),
            [StatusCode(code) for code in raw["inputArgumentResults"]],
            [Variant._of(argument) for argument in raw["outputArguments"]],
        )


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """What a server offers. ``raw`` has all of it, the user tokens too."""

    url: str
    security_policy_uri: str
    security_mode: int
    security_level: int
    server_certificate: Optional[bytes]
    raw: Mapping[str, Any] = dataclasses.field(repr=False)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Endpoint":
        certificate = raw["serverCertificate"]
        return cls(
            raw["endpointUrl"],
            raw["securityPolicyUri"],
            raw["securityMode"],
            raw["securityLevel"],
            None if certificate is None else binascii.a2b_base64(certificate),
            raw,
        )


@dataclasses.dataclass(frozen=True)
class Application:
    """A server that FindServers told of. ``raw`` has all of it."""

    application_uri: Optional[str]
    product_uri: Optional[str]
    name: LocalizedText
    type: int
    discovery_urls: List[str]
    raw: Mapping[str, Any] = dataclasses.field(repr=False)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Application":
        name = raw["applicationName"]
        return cls(
            raw["applicationUri"],
            raw["productUri"],
            LocalizedText(name["locale"], name["text"]),
            raw["applicationType"],
            raw["discoveryUrls"] or [],
            raw,
        )


class BuildInfo(NamedTuple):
    """What a server says of itself."""

    product_name: Optional[str]
    manufacturer_name: Optional[str]
    software_version: Optional[str]
    build_number: Optional[str]
    build_date: Optional[Timestamp]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "BuildInfo":
        return cls(
            raw["productName"],
            raw["manufacturerName"],
            raw["softwareVersion"],
            raw["buildNumber"],
            _timestamp(raw["buildDate"]),
        )


class AddedNode(NamedTuple):
    """What became of a node that was to be added: its id is a null one if ``status`` is bad."""

    status: StatusCode
    node_id: NodeId

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "AddedNode":
        return cls(StatusCode(raw["statusCode"]), NodeId._of(raw["addedNodeId"]))


class ModifiedValue(NamedTuple):
    """A value that history had before it was changed: 1 inserted, 2 replaced, 3 updated, 4 deleted, 0 not known."""

    value: DataValue
    modification_time: Optional[Timestamp]
    update_type: int
    user_name: Optional[str]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "ModifiedValue":
        return cls(DataValue(raw["value"]), _timestamp(raw["modificationTime"]), raw["updateType"], raw["userName"])


class CreatedFile(NamedTuple):
    """A file that a directory made; ``handle`` is 0 if it was not opened."""

    node_id: NodeId
    handle: int

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "CreatedFile":
        return cls(NodeId._of(raw["fileNodeId"]), raw["fileHandle"])


class SubscriptionResult(NamedTuple):
    """What the server granted; intervals in milliseconds."""

    subscription_id: int
    revised_publishing_interval: float
    revised_lifetime_count: int
    revised_max_keep_alive_count: int

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "SubscriptionResult":
        return cls(
            raw["subscriptionId"],
            raw["revisedPublishingInterval"],
            raw["revisedLifetimeCount"],
            raw["revisedMaxKeepAliveCount"],
        )


@dataclasses.dataclass(frozen=True)
class ItemResult:
    """What became of one monitored item; it alone fails if its ``status`` is bad."""

    status: StatusCode
    monitored_item_id: Optional[int]
    revised_sampling_interval: float
    revised_queue_size: int
    filter_errors: List[str]

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "ItemResult":
        return cls(
            StatusCode(raw["statusCode"]),
            raw.get("monitoredItemId"),
            raw["revisedSamplingInterval"],
            raw["revisedQueueSize"],
            list(raw.get("filterErrors") or ()),
        )


class DataChange:
    """One new value of a monitored item."""

    __slots__ = ("_raw", "_nodes")

    def __init__(self, raw: Mapping[str, Any], nodes: Mapping[int, str]) -> None:
        self._raw = raw
        self._nodes = nodes

    @property
    def client_handle(self) -> int:
        return self._raw["clientHandle"]

    @property
    def node(self) -> Optional[str]:
        """The node as ``subscribe`` was given it; None where ``publish`` brought this."""
        return self._nodes.get(self._raw["clientHandle"])

    @property
    def data_value(self) -> DataValue:
        return DataValue(self._raw["dataValue"])

    @property
    def value(self) -> Any:
        raw = self._raw["dataValue"]
        return _decode(raw["type"], raw["value"])

    def __repr__(self) -> str:
        return "DataChange(%r, %r)" % (self.node or self.client_handle, self.data_value)


class EventNotification:
    """One event: the values of the fields that were selected, in their order."""

    __slots__ = ("_raw", "_nodes")

    def __init__(self, raw: Mapping[str, Any], nodes: Mapping[int, str]) -> None:
        self._raw = raw
        self._nodes = nodes

    @property
    def client_handle(self) -> int:
        return self._raw["clientHandle"]

    @property
    def node(self) -> Optional[str]:
        return self._nodes.get(self._raw["clientHandle"])

    @property
    def fields(self) -> List[Any]:
        return [_decode(field["type"], field["value"]) for field in self._raw["eventFields"]]

    @property
    def variants(self) -> List[Variant]:
        return [Variant._of(field) for field in self._raw["eventFields"]]

    def __repr__(self) -> str:
        return "EventNotification(%r, %r)" % (self.node or self.client_handle, self.fields)


def _notification(raw: Mapping[str, Any], items: Mapping[int, str], events: Mapping[int, str]) -> Any:
    return EventNotification(raw, events) if raw["type"] == "Event" else DataChange(raw, items)


@dataclasses.dataclass(frozen=True)
class PublishResult:
    """One message of a subscription, or a keep-alive, whose ``notifications`` are empty."""

    subscription_id: int
    sequence_number: int
    more_notifications: bool
    notifications: List[Union[DataChange, EventNotification]]
    available_sequence_numbers: List[int]
    epoch: int
    dropped: int
    gap: Optional["Gap"]

    @property
    def acknowledgement(self) -> Json:
        """What the next ``publish`` takes so that this message is not told again."""
        return {
            "subscriptionId": self.subscription_id,
            "sequenceNumber": self.sequence_number,
            "epoch": self.epoch,
        }

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "PublishResult":
        gap = raw.get("gap")
        return cls(
            raw["subscriptionId"],
            raw["sequenceNumber"],
            raw["moreNotifications"],
            [_notification(notification, {}, {}) for notification in raw["notifications"]],
            raw["availableSequenceNumbers"],
            raw.get("epoch") or 0,
            raw.get("dropped") or 0,
            None if gap is None else Gap._of(gap),
        )


class RepublishResult(NamedTuple):
    """A message that was told already, once more."""

    sequence_number: int
    publish_time: Optional[Timestamp]
    notifications: List[Union[DataChange, EventNotification]]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "RepublishResult":
        notifications = [_notification(notification, {}, {}) for notification in raw["notifications"]]
        return cls(raw["sequenceNumber"], _timestamp(raw["publishTime"]), notifications)


class TriggeringResult(NamedTuple):
    """What became of each link."""

    add_results: List[StatusCode]
    remove_results: List[StatusCode]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "TriggeringResult":
        return cls([StatusCode(code) for code in raw["addResults"]], [StatusCode(code) for code in raw["removeResults"]])


class TransferResult(NamedTuple):
    """What became of one subscription, and which of its messages can be had by ``republish``."""

    status: StatusCode
    available_sequence_numbers: List[int]

    @classmethod
    def _from(cls, raw: Mapping[str, Any]) -> "TransferResult":
        return cls(StatusCode(raw["statusCode"]), raw["availableSequenceNumbers"])


# -------------------------------------------------------------------------------------------------- stream events


class Notifications:
    """What one message of the server brought: iterate over it for DataChange and EventNotification.

    ``sequence_number`` is the stream's own: 1, 2, 3 … What is missing was dropped, and an Overflow before it said so.
    """

    __slots__ = ("_raw", "_items", "_events")

    def __init__(self, raw: Mapping[str, Any], items: Mapping[int, str], events: Mapping[int, str]) -> None:
        self._raw = raw
        self._items = items
        self._events = events

    @property
    def subscription_id(self) -> int:
        return self._raw["subscriptionId"]

    @property
    def sequence_number(self) -> int:
        return self._raw["sequenceNumber"]

    @property
    def epoch(self) -> int:
        return self._raw["epoch"]

    @property
    def publish_time(self) -> Optional[Timestamp]:
        return _timestamp(self._raw["publishTime"])

    def __len__(self) -> int:
        return len(self._raw["notifications"])

    def __iter__(self) -> Iterator[Union[DataChange, EventNotification]]:
        items, events = self._items, self._events
        return (_notification(raw, items, events) for raw in self._raw["notifications"])

    def values(self) -> Iterator[Tuple[int, Any]]:
        """(client handle, value) of each changed value: the cheapest way through many of them."""
        for raw in self._raw["notifications"]:
            if raw["type"] == "DataChange":
                value = raw["dataValue"]
                yield raw["clientHandle"], _decode(value["type"], value["value"])

    def __repr__(self) -> str:
        return "Notifications(sequence_number=%d, %d of them)" % (self.sequence_number, len(self))


class Overflow(NamedTuple):
    """The reader was too slow: so many of its oldest messages were dropped, here."""

    dropped: int


class Gap(NamedTuple):
    """Values between these times, by the server's clock, may be missing; None where a time is not known."""

    start: Optional[Timestamp]
    end: Optional[Timestamp]
    reason: Optional[str]

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Gap":
        return cls(_timestamp(raw.get("from")), _timestamp(raw.get("to")), raw.get("reason"))


class State(NamedTuple):
    """How the stream fares: ``Live``, ``Interrupted``, ``Silent`` or ``Healing``."""

    state: str
    reason: Optional[str]


class KeepAlive(NamedTuple):
    """Nothing changed, and the server said so."""


StreamEvent = Union[Notifications, Overflow, Gap, State, KeepAlive]


class _StreamRequest:
    """What ``subscribe`` sends, and what its events mean. Knows nothing of sockets."""

    def __init__(
        self,
        items: Iterable[Union[NodeLike, Mapping[str, Any]]],
        events: Iterable[Union[NodeLike, Mapping[str, Any]]],
        subscription: Mapping[str, Any],
    ) -> None:
        self._item_nodes: Dict[int, str] = {}
        self._event_nodes: Dict[int, str] = {}
        self.items = [self._item(item, at, self._item_nodes) for at, item in enumerate(items)]
        self.events = [self._item(event, at, self._event_nodes) for at, event in enumerate(events)]
        self.subscription = dict(subscription)

    @staticmethod
    def _item(item: Any, at: int, nodes: Dict[int, str]) -> Json:
        raw = dict(item) if isinstance(item, Mapping) and "nodeId" in item else {"nodeId": item}
        handle = raw.setdefault("clientHandle", at)
        node = raw["nodeId"]
        nodes[handle] = str(node if not isinstance(node, Mapping) else NodeId._of(node))
        raw["nodeId"] = _node(node)
        return _encode(raw)

    def members(self) -> Json:
        return {"subscription": self.subscription, "items": self.items, "events": self.events}

    def event(self, message: Mapping[str, Any]) -> Optional[StreamEvent]:
        """The event; None for one that this module does not know. At the end StopIteration, or what ended it."""
        raw = message["event"]
        kind = raw["type"]
        if kind == "Notifications":
            return Notifications(raw, self._item_nodes, self._event_nodes)
        if kind == "Overflow":
            return Overflow(raw["dropped"])
        if kind == "Gap":
            return Gap._of(raw)
        if kind == "State":
            return State(raw["state"], raw.get("reason"))
        if kind == "KeepAlive":
            return KeepAlive()
        if kind == "End":
            if raw.get("error") is not None:
                raise _error(raw["error"])
            raise _StreamEnd()
        return None


class _StreamEnd(Exception):
    """The stream ended as it was asked to."""


class _Granted:
    """What the server granted to a stream."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.result = SubscriptionResult._from(raw)
        self.items = [ItemResult._of(item) for item in raw["items"]]
        self.events = [ItemResult._of(item) for item in raw["events"]]

    @property
    def silence(self) -> float:
        """Seconds without a sign of life after which the daemon is taken for dead."""
        keep_alive = self.result.revised_publishing_interval * self.result.revised_max_keep_alive_count / 1000.0
        return max(_MIN_SILENCE_SECONDS, 3 * keep_alive)


# ------------------------------------------------------------------------------------------------------- protocol


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and arrays are nested in each other more often than this."""
    if isinstance(value, Mapping):
        return levels == 0 or any(_is_deeper(element, levels - 1) for element in value.values())
    if isinstance(value, (list, tuple)):
        return levels == 0 or any(_is_deeper(element, levels - 1) for element in value)
    return False


class _Frames:
    """Frames of one connection: bytes to messages and messages to bytes."""

    def __init__(self, max_answer_bytes: int) -> None:
        self.max_frame_bytes = _MAX_FRAME_BYTES
        self._max_answer_bytes = max_answer_bytes
        self._buffer = bytearray()
        self._scanned = 0

    def frame(self, members: Mapping[str, Any]) -> bytes:
        text = json.dumps(members, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
        # One that the daemon cannot read ends the connection, and with it whatever others have under way there.
        if text.count(b"[") + text.count(b"{") > _MAX_DEPTH and _is_deeper(members, _MAX_DEPTH):
            raise InvalidArgumentError(
                "invalid_argument",
                "A request may be nested %d levels deep, itself included, and this one is deeper" % _MAX_DEPTH,
                None,
                "not_sent",
            )
        if len(text) > self.max_frame_bytes:
            raise PayloadTooLargeError(
                "payload_too_large",
                "A request of %d bytes exceeds the daemon's %d: send less at a time, or raise --max-frame-bytes"
                % (len(text), self.max_frame_bytes),
                None,
                "not_sent",
            )
        return text + b"\n"

    def feed(self, data: bytes) -> List[Json]:
        """The messages that are complete now; ValueError for what is none."""
        buffer = self._buffer
        buffer += data
        messages: List[Json] = []
        start = 0
        end = buffer.find(b"\n", self._scanned)
        while end >= 0:
            self._check(end - start)
            messages.append(self._message(bytes(buffer[start:end])))
            start = end + 1
            end = buffer.find(b"\n", start)
        if start:
            del buffer[:start]
        self._scanned = len(buffer)
        self._check(len(buffer))
        return messages

    def _check(self, length: int) -> None:
        if length > self._max_answer_bytes:
            raise ValueError(
                "an answer exceeds %d bytes: raise max_answer_bytes or ask for less at a time" % self._max_answer_bytes
            )

    @staticmethod
    def _message(line: bytes) -> Json:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError("what it sent is no answer") from None
        if not isinstance(message, dict):
            raise ValueError("what it sent is no answer")
        return message


class _Request(Generic[T]):
    """One command, and what its answer means."""

    __slots__ = ("members", "needs_session", "repeatable", "decode", "id", "is_bound", "session_id")

    def __init__(
        self,
        members: Json,
        decode: Callable[[Any], T],
        needs_session: bool = False,
        repeatable: bool = True,
        id: Union[None, int, str] = None,
    ) -> None:
        self.members = members
        self.decode = decode
        self.needs_session = needs_session
        self.repeatable = repeatable
        self.id = id
        self.is_bound = members.get("method") in _BOUND
        # On which session it went out, for what has to stay there.
        self.session_id: Optional[str] = None


def _same(value: T) -> T:
    return value


def _nothing(value: Any) -> None:
    return None


def _list_of(decode: Callable[[Any], T]) -> Callable[[Any], List[T]]:
    return lambda values: [decode(value) for value in values]


# Reading twice does no harm. Everything else may take something away or change it.
_REPEATABLE = frozenset(
    """read readMulti browse browseAll browseRecursive translateBrowsePaths resolveNodeId getEndpoints findServers
    historyReadRaw historyReadProcessed historyReadAtTime discoverDataTypes isConnected getConnectionState getTimeout
    getAutoRetry getBatchSize getDefaultBrowseMaxDepth getServerMaxNodesPerRead getServerMaxNodesPerWrite
    getTrustPolicy getTrustStore getEventDispatcher getLogger republish getServerProductName
    getServerManufacturerName getServerSoftwareVersion getServerBuildNumber getServerBuildDate
    getServerBuildInfo historyReadModified historyReadEvents getFilePosition aggregate historyAggregate""".split()
)
# Of what these ask about, a session that is opened anew has nothing, or something else under the same number.
_BOUND = frozenset(
    """browseNext publish republish createMonitoredItems createEventMonitoredItem modifyMonitoredItems setTriggering
    deleteMonitoredItems deleteSubscription readFile writeFile getFilePosition setFilePosition closeFile""".split()
)
_REPEATABLE_COMMANDS = frozenset(["ping", "list", "stats", "hello", "describe", "explain"])
_WITHOUT_SESSION = frozenset(["getEndpoints", "findServers"])


def _query(method: str, params: Sequence[Any], decode: Callable[[Any], T]) -> _Request[T]:
    return _Request(
        {"command": "query", "method": method, "params": list(params)},
        decode,
        needs_session=True,
        repeatable=method in _REPEATABLE,
    )


def _any_query(
    command: str,
    method: str,
    params: Sequence[Any],
    id: Union[None, int, str],
    server: Mapping[str, Any],
    has_target: bool,
) -> _Request[Any]:
    """A ``query`` or ``invoke`` of anything, on the client's session or on another server."""
    members: Json = {"command": command, "method": method}
    members["params" if command == "query" else "args"] = [_encode(param) for param in params]
    members.update((name, value) for name, value in server.items() if value is not None)
    named = any(name in members for name in ("sessionId", "endpointUrl", "connection"))
    needs_session = not named and (has_target or method not in _WITHOUT_SESSION)
    decode = _same if command == "query" else lambda data: data["data"]
    return _Request(members, decode, needs_session, method in _REPEATABLE, id)


def _read(node: NodeLike, attribute: int, refresh: bool) -> _Request[DataValue]:
    return _query("read", [_node(node), int(attribute), refresh], DataValue)


def _read_multi(nodes: Iterable[Any]) -> _Request[List[DataValue]]:
    wanted = []
    for node in nodes:
        if isinstance(node, tuple):
            wanted.append({"nodeId": _node(node[0]), "attributeId": int(node[1])})
        else:
            is_item = isinstance(node, Mapping) and "nodeId" in node
            wanted.append(_encode(node) if is_item else {"nodeId": _node(node)})
    return _query("readMulti", [wanted], _list_of(DataValue))


def _typed(value: Any, type: Optional[int]) -> Tuple[Any, Optional[int]]:
    """What a write sends: a Variant brings its type, and a matrix its dimensions."""
    if isinstance(value, DataValue):
        value = value.value if value.type is None else Variant(value.type, value.value, value.dimensions)
    if isinstance(value, Variant):
        encoded = _encode(value.value, value.type)
        if value.dimensions is not None and len(value.dimensions) > 1:
            encoded = {"value": encoded, "dimensions": list(value.dimensions)}
        return encoded, int(value.type if type is None else type)
    return _encode(value, type), None if type is None else int(type)


def _write(node: NodeLike, value: Any, type: Optional[int]) -> _Request[StatusCode]:
    encoded, number = _typed(value, type)
    return _query("write", [_node(node), encoded, number or None], StatusCode)


def _write_multi(writes: Iterable[Any]) -> _Request[List[StatusCode]]:
    wanted = []
    for write in writes:
        if isinstance(write, Mapping):
            item = dict(write)
            node, value, type = item.pop("nodeId"), item.pop("value"), item.pop("type", None)
        else:
            item = {}
            node, value, type = tuple(write) if len(write) == 3 else (*write, None)
        encoded, number = _typed(value, type)
        wanted.append({**_encode(item), "nodeId": _node(node), "value": encoded, "type": number})
    return _query("writeMulti", [wanted], _list_of(StatusCode))


def _browse_params(
    node: NodeLike, direction: int, reference_type: Optional[NodeLike], subtypes: bool, classes: Sequence[int]
) -> List[Any]:
    reference = None if reference_type is None else _node(reference_type)
    return [_node(node), int(direction), reference, subtypes, [int(number) for number in classes]]


def _browse(
    method: str,
    node: NodeLike,
    direction: int,
    reference_type: Optional[NodeLike],
    subtypes: bool,
    classes: Sequence[int],
    use_cache: bool,
) -> _Request[List[Reference]]:
    params = _browse_params(node, direction, reference_type, subtypes, classes)
    return _query(method, [*params, use_cache], _list_of(Reference._of))


def _browse_page(
    node: NodeLike, direction: int, reference_type: Optional[NodeLike], subtypes: bool, classes: Sequence[int]
) -> _Request[BrowsePage]:
    params = _browse_params(node, direction, reference_type, subtypes, classes)
    return _query("browseWithContinuation", params, BrowsePage._from)


def _browse_recursive(
    node: NodeLike,
    direction: int,
    max_depth: Optional[int],
    reference_type: Optional[NodeLike],
    subtypes: bool,
    classes: Sequence[int],
) -> _Request[List[BrowseNode]]:
    params = _browse_params(node, direction, reference_type, subtypes, classes)
    params.insert(2, max_depth)
    return _query("browseRecursive", params, _list_of(BrowseNode._of))


def _translate(paths: Iterable[Any]) -> _Request[List[PathResult]]:
    wanted = []
    for path in paths:
        if isinstance(path, Mapping):
            wanted.append(_encode(path))
        else:
            start, names = path
            steps = [{"targetName": name if isinstance(name, str) else _encode(name)} for name in names]
            wanted.append({"startingNodeId": _node(start), "relativePath": [_step(step) for step in steps]})
    return _query("translateBrowsePaths", [wanted], _list_of(PathResult._from))


def _step(step: Json) -> Json:
    name = step["targetName"]
    if isinstance(name, str):
        number, colon, rest = name.partition(":")
        is_qualified = bool(colon) and number.isascii() and number.isdigit()
        step["targetName"] = {"ns": int(number), "name": rest} if is_qualified else {"ns": 0, "name": name}
    return step


def _call(object_id: NodeLike, method_id: NodeLike, arguments: Iterable[Any]) -> _Request[CallResult]:
    arguments = [_argument(argument) for argument in arguments]
    return _query("call", [_node(object_id), _node(method_id), arguments], CallResult._of)


def _history_raw(node: NodeLike, start: TimeLike, end: TimeLike, count: int, bounds: bool) -> _Request[List[DataValue]]:
    params = [_node(node), _time_text(start), _time_text(end), count, bounds]
    return _query("historyReadRaw", params, _list_of(DataValue))


def _history_processed(
    node: NodeLike, start: TimeLike, end: TimeLike, interval: float, aggregate: NodeLike
) -> _Request[List[DataValue]]:
    params = [_node(node), _time_text(start), _time_text(end), interval, _node(aggregate)]
    return _query("historyReadProcessed", params, _list_of(DataValue))


def _history_at_time(node: NodeLike, times: Iterable[TimeLike]) -> _Request[List[DataValue]]:
    return _query("historyReadAtTime", [_node(node), [_time_text(at) for at in times]], _list_of(DataValue))


def _history_update(method: str, node: NodeLike, values: Iterable[Any]) -> _Request[List[StatusCode]]:
    return _query(method, [_node(node), [_sample(value) for value in values]], _list_of(StatusCode))


def _sample(value: Any) -> Json:
    """A DataValue, a mapping as the protocol has it, or (time, value) or (time, value, type)."""
    if isinstance(value, DataValue):
        return value._json()
    if isinstance(value, Mapping):
        return _encode(value)
    at, what, *type = value
    variant = Variant(type[0], what)._json() if type else _argument(what)
    return {**variant, "sourceTimestamp": _time_text(at)}


def _history_delete(node: NodeLike, start: TimeLike, end: TimeLike, modified: bool) -> _Request[StatusCode]:
    return _query("historyDeleteRawModified", [_node(node), _time_text(start), _time_text(end), modified], StatusCode)


def _history_delete_at(node: NodeLike, times: Iterable[TimeLike]) -> _Request[List[StatusCode]]:
    return _query("historyDeleteAtTime", [_node(node), [_time_text(at) for at in times]], _list_of(StatusCode))


def _history_event(
    method: str, node: NodeLike, fields: Sequence[str], events: Iterable[Iterable[Any]]
) -> _Request[List[StatusCode]]:
    rows = [[_field(value) for value in event] for event in events]
    return _query(method, [_node(node), list(fields), rows], _list_of(StatusCode))


def _field(value: Any) -> Json:
    return {"type": int(BuiltinType.VARIANT), "value": None} if value is None else _argument(value)


def _history_delete_event(node: NodeLike, event_ids: Iterable[bytes]) -> _Request[List[StatusCode]]:
    return _query("historyDeleteEvent", [_node(node), [_encode(one) for one in event_ids]], _list_of(StatusCode))


def _history_modified(node: NodeLike, start: TimeLike, end: TimeLike, count: int) -> _Request[List[ModifiedValue]]:
    params = [_node(node), _time_text(start), _time_text(end), count]
    return _query("historyReadModified", params, _list_of(ModifiedValue._from))


def _history_events(
    node: NodeLike,
    start: TimeLike,
    end: TimeLike,
    count: int,
    fields: Optional[Sequence[str]],
    where: Optional[str],
) -> _Request[List[List[Any]]]:
    names = None if fields is None else list(fields)
    params = [_node(node), _time_text(start), _time_text(end), count, names, where]
    return _query("historyReadEvents", params, _list_of(_list_of(lambda raw: Variant._of(raw).value)))


def _aggregate(
    method: str,
    source: Any,
    start: TimeLike,
    end: TimeLike,
    interval: float,
    function: str,
    configuration: Optional[Mapping[str, Any]],
) -> _Request[List[DataValue]]:
    name = function.value if isinstance(function, AggregateFunction) else function
    params = [source, _time_text(start), _time_text(end), interval, name]
    if configuration is not None:
        params.append(_encode(configuration))
    return _query(method, params, _list_of(DataValue))


def _add_nodes(nodes: Iterable[Mapping[str, Any]]) -> _Request[List[AddedNode]]:
    return _query("addNodes", [[_encode(node) for node in nodes]], _list_of(AddedNode._from))


def _delete_nodes(nodes: Iterable[NodeLike], target_references: bool) -> _Request[List[StatusCode]]:
    wanted = [{"nodeId": _node(node), "deleteTargetReferences": target_references} for node in nodes]
    return _query("deleteNodes", [wanted], _list_of(StatusCode))


def _references(method: str, references: Iterable[Mapping[str, Any]]) -> _Request[List[StatusCode]]:
    return _query(method, [[_encode(one) for one in references]], _list_of(StatusCode))


def _build_info() -> _Request[BuildInfo]:
    return _query("getServerBuildInfo", [], BuildInfo._from)


def _read_file(node: NodeLike, handle: int, length: int) -> _Request[bytes]:
    return _query("readFile", [_node(node), handle, length], binascii.a2b_base64)


def _write_file(node: NodeLike, handle: int, data: Any) -> _Request[None]:
    return _query("writeFile", [_node(node), handle, base64.b64encode(data).decode("ascii")], _nothing)


def _create_file(directory: NodeLike, name: str, open: bool) -> _Request[CreatedFile]:
    return _query("createFileInDirectory", [_node(directory), name, open], CreatedFile._from)


_FILE_OPENING = frozenset(("openFile", "createFileInDirectory"))


def _closing_of(members: Json, answer: Json) -> Optional[Json]:
    """What closes the file that this request has opened, if it has."""
    if members.get("command") != "query" or not answer.get("success"):
        return None
    params, data = members["params"], answer.get("data")
    if members["method"] == "openFile":
        node, handle = params[0], data
    elif len(params) > 2 and params[2] and isinstance(data, dict):
        node, handle = data.get("fileNodeId"), data.get("fileHandle")
    else:
        return None
    return {**members, "method": "closeFile", "params": [node, handle]}


def _move_or_copy(
    directory: NodeLike, node: NodeLike, target: NodeLike, copy: bool, new_name: str
) -> _Request[NodeId]:
    params = [_node(directory), _node(node), _node(target), copy, new_name]
    return _query("moveOrCopyFileSystemObject", params, NodeId._of)


def _discovery(method: str, url: str, decode: Callable[[Any], T]) -> _Request[List[T]]:
    # One-shot: asked of the URL without a session, so that a server that refuses sessions still tells.
    members = {"command": "query", "endpointUrl": url, "config": {}, "method": method, "params": [url]}
    return _Request(members, _list_of(decode))


def _create_subscription(
    interval: float, lifetime: int, keep_alive: int, notifications: int, enabled: bool, priority: int
) -> _Request[SubscriptionResult]:
    params = [float(interval), lifetime, keep_alive, notifications, enabled, priority]
    return _query("createSubscription", params, SubscriptionResult._from)


def _create_event_item(
    subscription_id: int, node: NodeLike, fields: Optional[Sequence[str]], handle: int, where: Optional[str]
) -> _Request[ItemResult]:
    params = [subscription_id, _node(node), None if fields is None else list(fields), handle, where]
    return _query("createEventMonitoredItem", params, ItemResult._of)


def _create_items(subscription_id: int, items: Iterable[Any]) -> _Request[List[ItemResult]]:
    wanted = _StreamRequest(items, (), {}).items
    return _query("createMonitoredItems", [subscription_id, wanted], _list_of(ItemResult._of))


def _modify_items(subscription_id: int, items: Iterable[Mapping[str, Any]]) -> _Request[List[StatusCode]]:
    params = [subscription_id, [_encode(item) for item in items]]
    return _query("modifyMonitoredItems", params, _list_of(lambda raw: StatusCode(raw["statusCode"])))


def _publish(
    acknowledgements: Iterable[Mapping[str, Any]], subscription_ids: Optional[Iterable[int]], max_wait: Optional[float]
) -> _Request[PublishResult]:
    ids = None if subscription_ids is None else list(subscription_ids)
    wait = None if max_wait is None else int(max_wait * 1000)
    return _query("publish", [[dict(one) for one in acknowledgements], ids, wait], PublishResult._of)


def _set_triggering(
    subscription_id: int, item_id: int, add: Iterable[int], remove: Iterable[int]
) -> _Request[TriggeringResult]:
    return _query("setTriggering", [subscription_id, item_id, list(add), list(remove)], TriggeringResult._from)


def _republish(subscription_id: int, sequence_number: int) -> _Request[RepublishResult]:
    return _query("republish", [subscription_id, sequence_number], RepublishResult._from)


def _transfer(ids: Iterable[int], initial_values: bool) -> _Request[List[TransferResult]]:
    return _query("transferSubscriptions", [list(ids), initial_values], _list_of(TransferResult._from))


def _describe() -> _Request[Json]:
    return _Request({"command": "describe"}, _same, needs_session=True)


def _command(name: str, members: Mapping[str, Any], id: Union[None, int, str]) -> _Request[Any]:
    return _Request({**_encode(members), "command": name}, _same, repeatable=name in _REPEATABLE_COMMANDS, id=id)


def _open(target: Mapping[str, Any], force_new: bool) -> _Request[OpenedSession]:
    members: Json = {"command": "open", **target}
    if force_new:
        members["forceNew"] = True
    decode = lambda raw: OpenedSession(raw["sessionId"], raw["reused"])  # noqa: E731
    return _Request(members, decode, repeatable=not force_new)


def _close(session_id: str, force: bool) -> _Request[None]:
    members: Json = {"command": "close", "sessionId": session_id}
    if force:
        members["force"] = True
    return _Request(members, _nothing, repeatable=False)


def _cancel(target: Union[int, str]) -> _Request[bool]:
    return _Request({"command": "cancel", "target": target}, lambda raw: raw["cancelled"], repeatable=False)


def _target(
    endpoint_url: Optional[str], config: Optional[Mapping[str, Any]], connection: Optional[str]
) -> Optional[Json]:
    if connection is not None:
        if endpoint_url is not None or config:
            raise ValueError("A connection has its URL and config in the daemon's configuration: give it alone")
        return {"connection": connection}
    if endpoint_url is None:
        if config:
            raise ValueError("A config belongs to an endpoint URL, and none is given")
        return None
    return {"endpointUrl": endpoint_url, "config": _encode(dict(config or {}))}


class _Daemon:
    """Where the daemon is, and with what token it is spoken to."""

    def __init__(self, socket: Optional[str], token: Optional[str], token_file: Optional[str]) -> None:
        where = socket or os.environ.get("OPCUA_SOCKET_PATH") or DEFAULT_SOCKET
        self.path: Optional[str] = None
        self.address: Tuple[str, int] = ("", 0)
        if where.startswith("tcp://"):
            host, _, port = where[len("tcp://") :].rpartition(":")
            if not (host and port.isdigit()):
                raise ValueError("socket: got %r, expected unix:///path, /path or tcp://127.0.0.1:PORT" % where)
            self.address = (host.strip("[]"), int(port))
            self.uri = where
        else:
            self.path = where[len("unix://") :] if where.startswith("unix://") else where
            if not self.path.startswith("/"):
                raise ValueError("socket: got %r, expected unix:///path, /path or tcp://127.0.0.1:PORT" % where)
            self.uri = "unix://" + self.path
        self._token = token
        self._token_file = token_file

    def hello(self) -> Json:
        """The first request of a connection. A token's file is read each time: tokens change."""
        members: Json = {"id": 0, "command": "hello"}
        token = self._read_token()
        if token is not None:
            members["authToken"] = token
        return members

    def _read_token(self) -> Optional[str]:
        if self._token is not None:
            return self._token
        file = self._token_file
        if file is None:
            if os.environ.get("OPCUA_AUTH_TOKEN"):
                return os.environ["OPCUA_AUTH_TOKEN"]
            file = os.environ.get("OPCUA_AUTH_TOKEN_FILE") or None
        if file is None:
            return None
        try:
            with open(file, encoding="utf-8") as stream:
                token = stream.read().strip()
        except OSError as failure:
            raise self._no_token(file, _reason(failure)) from failure
        except UnicodeDecodeError as failure:
            raise self._no_token(file, "it is no text in UTF-8") from failure
        if not token:
            raise self._no_token(file, "it is empty")
        return token

    @staticmethod
    def _no_token(file: str, reason: str) -> AuthFailedError:
        message = "No token in the file %s (%s): see token_file, OPCUA_AUTH_TOKEN_FILE" % (file, reason)
        return AuthFailedError("auth_failed", message, None, "not_sent")

    def take_hello(self, answer: Json, frames: _Frames) -> Json:
        """What the daemon said about itself; anything else but a daemon of protocol 2 is an error."""
        if not answer.get("success"):
            failure = _error(answer.get("error") or {})
            if isinstance(failure, UnknownCommandError):
                raise UnsupportedDaemonError(
                    "unsupported_daemon",
                    "The daemon on %s does not speak protocol 2: this client needs opcua-session-manager 0.1 or newer"
                    % self.uri,
                    None,
                    "not_sent",
                )
            raise failure
        data = answer["data"]
        frames.max_frame_bytes = data.get("limits", {}).get("maxFrameBytes", _MAX_FRAME_BYTES)
        return data

    def not_running(self, failure: OSError) -> DaemonNotRunning:
        reason = failure.strerror or str(failure) or failure.__class__.__name__
        if failure.errno in (errno.EACCES, errno.EPERM):
            way_out = "this user may not open it: see --socket-mode in docs/daemon.md"
        else:
            way_out = "start it with `opcua-session-manager --socket %s`, or set OPCUA_SOCKET_PATH" % self.uri
        message = "No daemon is listening on %s (%s): %s" % (self.uri, reason, way_out)
        return DaemonNotRunning("daemon_not_running", message, None, "not_sent")

    def lost(self, reason: str, outcome: Optional[str]) -> ConnectionLost:
        message = "Lost the connection to the daemon on %s: %s" % (self.uri, reason)
        return ConnectionLost("connection_lost", message, None, outcome)

    def late(self, seconds: float, repeatable: bool) -> AnswerTimeout:
        message = "The daemon on %s did not answer within %.3g s" % (self.uri, seconds)
        return AnswerTimeout("answer_timeout", message, None, None if repeatable else "unknown")


class _Ids:
    """The ids of one connection's requests, and what callers call theirs.

    No id goes out twice on a connection: a caller may give up a request, by its timeout for example, and use its own id
    again while the old answer is still on its way. What callers chose stays here, until the answer has come.
    """

    def __init__(self, first: int) -> None:
        self._ids = itertools.count(first)
        self._of_names: Dict[Union[int, str], int] = {}
        self._names: Dict[int, Union[int, str]] = {}

    def new(self, name: Union[None, int, str], under_way: Mapping[int, Any]) -> int:
        id = next(self._ids)
        if name is not None:
            before = self._of_names.get(name)
            if before is not None:
                if before in under_way:
                    message = "id: %r is under way already" % (name,)
                    raise InvalidArgumentError("invalid_argument", message, None, "not_sent")
                self.answered(before)
            if len(self._names) >= _MAX_NAMES:  # requests that were given up, and a daemon that never answers them
                for given_up in [old for old in self._names if old not in under_way]:
                    self.answered(given_up)
            self._of_names[name] = id
            self._names[id] = name
        return id

    def of(self, name: Any) -> Optional[int]:
        return self._of_names.get(name)

    def answered(self, id: Any) -> None:
        name = self._names.pop(id, None) if id.__class__ is int else None
        if name is not None:
            del self._of_names[name]

    def on_the_wire(self, members: Json) -> Json:
        """The members as they go out: a ``cancel`` names its target as the daemon knows it; 0 is never under way."""
        if members.get("command") != "cancel":
            return members
        target = members.get("target")
        return {**members, "target": self._of_names.get(target, 0) if isinstance(target, (int, str)) else target}


class _Session:
    """One client's session: what comes next, and what is repeated. Knows nothing of sockets.

    ``steps`` is a generator that both clients drive: it yields ``_OPEN`` (make sure of a session and send its id back)
    or the members of a request (send them and send the answer back, or throw what became of it).
    """

    def __init__(self, target: Optional[Json], session_id: Optional[str], force_new: bool) -> None:
        self.target = target
        self.force_new = force_new
        self.id = session_id
        self.reused = False
        self._can_open = target is not None

    @property
    def can_open(self) -> bool:
        return self._can_open

    def opened(self, opened: OpenedSession) -> str:
        self.id, self.reused = opened
        return self.id

    def after_fork(self) -> None:
        """The session is the parent's; a child that can opens one, or finds the same one, for itself."""
        self.forget(self.id)

    def forget(self, session_id: Optional[str]) -> None:
        if self.id == session_id and self._can_open:
            self.id = None

    def open_request(self) -> _Request[OpenedSession]:
        if self.target is None:
            raise ValueError(
                "This client has no session: give it an endpoint URL or a connection, or name a server in the query"
            )
        return _open(self.target, self.force_new)

    def steps(self, request: _Request[T]) -> Generator[Any, Any, T]:
        repeated = reopened = False
        while True:
            members = request.members
            session_id = None
            if request.needs_session:
                session_id = request.session_id = self.id or (yield _OPEN)
                members = {**members, "sessionId": session_id}
            try:
                data = yield members
            except ConnectionLost:
                if repeated or not request.repeatable:
                    raise
                repeated = True
            except SessionNotFoundError:
                if session_id is not None:
                    self.forget(session_id)
                if reopened or session_id is None or not self._can_open or request.is_bound:
                    raise
                reopened = True
            else:
                return request.decode(data)


_OPEN = object()


def _data(answer: Json) -> Any:
    if answer.get("success"):
        return answer.get("data")
    raise _error(answer.get("error") or {})


def _with_timeout(members: Json, seconds: float) -> Json:
    return {**members, "timeoutMs": max(1, int(seconds * 1000))}


def _seconds(timeout: float) -> float:
    """A timeout within the daemon's bounds, a day at most."""
    if math.isnan(timeout):
        raise ValueError("timeout: got nan, expected seconds")
    return min(_MAX_SECONDS, max(0.0, timeout))


def _deadline(seconds: float) -> float:
    return time.monotonic() + seconds + _GRACE_SECONDS


# ------------------------------------------------------------------------------------------------ blocking client


def _wait_for(sock: _socket.socket, writing: bool, seconds: float) -> None:
    """Waits until the socket can be read or written, or the time, a day at most, is over."""
    seconds = min(seconds, _MAX_SECONDS)
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLOUT if writing else select.POLLIN)
        poll.poll(max(1, math.ceil(seconds * 1000)))
    elif writing:
        select.select([], [sock], [], seconds)
    else:
        select.select([sock], [], [], seconds)


def _connected(daemon: _Daemon, deadline: float) -> _socket.socket:
    """A connected socket that does not block."""
    while True:
        family = _socket.AF_UNIX if daemon.path else _socket.AF_INET6 if ":" in daemon.address[0] else _socket.AF_INET
        sock = _socket.socket(family, _socket.SOCK_STREAM)
        try:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            if daemon.path:
                sock.connect(daemon.path)
            else:
                sock.connect(daemon.address)
                sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            return sock
        except BlockingIOError as full:  # the queue of its listener is full
            sock.close()
            if time.monotonic() >= deadline:
                raise daemon.not_running(full) from full
            time.sleep(_CONNECT_PAUSE_SECONDS)
        except OSError as failure:
            sock.close()
            raise daemon.not_running(failure) from failure
        except BaseException:
            sock.close()
            raise


class _Link:
    """A socket with its frames, for one reader at a time and one writer at a time."""

    def __init__(self, daemon: _Daemon, max_answer_bytes: int, deadline: float) -> None:
        self.daemon = daemon
        self.frames = _Frames(max_answer_bytes)
        self.sock = _connected(daemon, deadline)
        self.pid = os.getpid()
        try:
            self.about = self._greet(deadline)
        except BaseException:
            self.sock.close()
            raise

    def _greet(self, deadline: float) -> Json:
        started = time.monotonic()
        greeting = self.frames.frame(self.daemon.hello())
        try:
            self.write(greeting, deadline)
        except (OSError, ValueError):
            pass  # why it hung up is in what it sent
        while True:
            try:
                messages = self.read(deadline - time.monotonic())
            except (OSError, ValueError) as failure:
                raise self.daemon.lost(str(failure), "not_sent") from failure
            if messages:
                return self.daemon.take_hello(messages[0], self.frames)
            if time.monotonic() >= deadline:
                raise self.daemon.late(deadline - started, True)

    def write(self, frame: bytes, deadline: float) -> None:
        """OSError if not all of it could be sent."""
        view = memoryview(frame)
        while view:
            try:
                view = view[self.sock.send(view) :]
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise _socket.timeout("it does not take the whole request in time") from None
                _wait_for(self.sock, True, left)

    def read(self, seconds: float) -> List[Json]:
        """Waits for bytes and gives the messages that are complete; OSError at the end, ValueError for garbage."""
        if seconds > 0:
            _wait_for(self.sock, False, seconds)
        try:
            data = self.sock.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionResetError("it closed the connection")
        return self.frames.feed(data)

    def hang_up(self) -> None:
        """Wakes whoever waits on it."""
        try:
            if self.pid == os.getpid():
                self.sock.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        self.hang_up()
        self.sock.close()


class _Call:
    __slots__ = ("answer", "ready")

    def __init__(self, ready: threading.Condition) -> None:
        self.answer: Optional[Json] = None
        self.ready = ready


class _Connection:
    """One kept connection that many threads share, without a thread of its own: of those who wait one reads for all.

    The reader hands every answer to the caller whose id it carries; when its own has come, or its time is up, it names
    another waiting caller. ``_calls``, ``_reading`` and ``_broken`` are touched under ``_lock`` only; the socket's
    reading side belongs to the reader, its writing side to the holder of ``_write_lock``. A request that could not be
    written whole breaks the connection: the daemon drops a frame without its end.
    """

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._ids = _Ids(1)
        self._calls: Dict[int, _Call] = {}
        self._reading = False
        self._broken: Optional[OpcUaError] = None

    @property
    def about(self) -> Json:
        return self._link.about

    def is_usable(self) -> bool:
        """Whether calls may be made on it. Notices that the daemon hung up while nothing was under way."""
        if self._link.pid != os.getpid():  # a child's: its parent goes on with this connection
            return False
        with self._lock:
            if self._broken is None and not self._reading and not self._calls:
                self._take_in()
            return self._broken is None

    def exchange(
        self, name: Union[None, int, str], members: Json, repeatable: bool, deadline: float, seconds: float
    ) -> Json:
        with self._lock:
            if self._broken is not None:
                raise self._why(None if repeatable else "not_sent")
            id = self._ids.new(name, self._calls)
            call = self._calls[id] = _Call(threading.Condition(self._lock))
            members = {**self._ids.on_the_wire(members), "id": id}
        try:
            frame = self._link.frames.frame(members)
        except BaseException:
            with self._lock:
                del self._calls[id]
                self._ids.answered(id)
            raise
        try:
            self._send(frame, deadline, repeatable, seconds)
            return self._await(call, deadline, repeatable, seconds)
        finally:
            with self._lock:
                del self._calls[id]
                self._name_next_reader()

    def _send(self, frame: bytes, deadline: float, repeatable: bool, seconds: float) -> None:
        if not self._write_lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            message = "The daemon on %s takes no requests" % self._link.daemon.uri
            raise AnswerTimeout("answer_timeout", message, None, None if repeatable else "not_sent")
        try:
            self._link.write(frame, deadline)
        except OSError as failure:
            # The daemon may have said why before it hung up: that is read first.
            with self._lock:
                while not self._reading and self._broken is None and self._take_in():
                    pass
                self._break(self._link.daemon.lost(_reason(failure), "not_sent"))
                raise self._why(None if repeatable else "not_sent") from failure
        except BaseException:  # a KeyboardInterrupt in the middle of a frame
            with self._lock:
                self._break(self._link.daemon.lost("a request was interrupted while it was sent", "not_sent"))
            raise
        finally:
            self._write_lock.release()

    def _await(self, call: _Call, deadline: float, repeatable: bool, seconds: float) -> Json:
        while True:
            mine = False
            try:
                with self._lock:
                    if call.answer is not None:
                        return call.answer
                    if self._broken is not None:
                        raise self._why(None if repeatable else "unknown")
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise self._link.daemon.late(seconds, repeatable)
                    if self._reading:
                        call.ready.wait(left)
                        continue
                    self._reading = mine = True
                _wait_for(self._link.sock, False, left)
            finally:
                if mine:
                    with self._lock:
                        self._reading = False
                        if self._broken is None:
                            self._take_in()
                        else:
                            self._link.sock.close()

    def _take_in(self) -> bool:
        """Reads what has come; under the lock, by the reader."""
        try:
            messages = self._link.read(0)
        except (OSError, ValueError) as failure:
            self._break(self._link.daemon.lost(_reason(failure), "unknown"))
            return False
        for message in messages:
            id = message.get("id")
            if id is None:
                # Only an error that ends the connection carries no id: it is everybody's.
                self._break(_error(message.get("error") or {}))
                return False
            self._ids.answered(id)
            call = self._calls.get(id) if id.__class__ is int else None
            if call is not None and "success" in message:
                call.answer = message
                call.ready.notify()
        return bool(messages)

    def _name_next_reader(self) -> None:
        if not self._reading:
            for call in self._calls.values():
                if call.answer is None:
                    call.ready.notify()
                    return

    def _why(self, outcome: Optional[str]) -> OpcUaError:
        assert self._broken is not None
        return self._broken._again()._with(outcome)

    def _break(self, why: OpcUaError) -> None:
        if self._broken is None:
            self._broken = why
            self._link.hang_up()
            if not self._reading:
                self._link.sock.close()
        for call in self._calls.values():
            call.ready.notify()

    def close(self) -> None:
        with self._lock:
            self._break(_closed())

    def leave_to_parent(self) -> None:
        """In a forked child: this descriptor of it is closed, and nothing is said to the daemon."""
        self._link.sock.close()


def _closed() -> ConnectionLost:
    return ConnectionLost("connection_lost", "This client was closed", None, "not_sent")


def _reason(failure: BaseException) -> str:
    if isinstance(failure, OSError) and failure.strerror:
        return failure.strerror
    return str(failure) or failure.__class__.__name__


# What a forked child must not go on with: locks that a thread of its parent held, sessions that are its parent's.
_forked: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _after_fork() -> None:
    for one in list(_forked):
        one._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Subscription:
    """A stream of events, on a connection of its own: iterate over it, leave its ``with`` or ``close`` it to end it.

    For one reading thread; ``close`` may come from any other. A reader that takes too long loses its oldest messages in
    the daemon, and an Overflow says so; one that takes nothing for 30 s while there is something is disconnected.
    In a forked child it has ended.
    """

    def __init__(self, link: _Link, request: _StreamRequest, granted: Json, waiting: Iterable[Json]) -> None:
        self._link = link
        self._request = request
        self._granted = _Granted(granted)
        self._waiting: Deque[Json] = collections.deque(waiting)
        self._lock = threading.Lock()
        self._reading = False
        self._closed = False
        _forked.add(self)

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self._reading = False
        self._closed = True
        self._link.sock.close()

    @property
    def granted(self) -> SubscriptionResult:
        return self._granted.result

    @property
    def items(self) -> List[ItemResult]:
        """What became of each item, in the order of the request."""
        return self._granted.items

    @property
    def events(self) -> List[ItemResult]:
        return self._granted.events

    @property
    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self._closed

    def next(self, timeout: Optional[float] = None) -> Optional[StreamEvent]:
        """The next event; None if ``timeout`` seconds pass first, or after the end (``closed``).

        Without a timeout it waits as long as the daemon gives signs of life (keep-alives), then it is ConnectionLost.
        """
        end = time.monotonic() + (self._granted.silence if timeout is None else timeout)
        while True:
            while self._waiting:
                try:
                    event = self._request.event(self._waiting.popleft())
                except _StreamEnd:
                    self.close()
                    return None
                except OpcUaError:
                    self.close()
                    raise
                if event is not None:
                    return event
            left = end - time.monotonic()
            if left <= 0 and not self._closed:
                if timeout is not None:
                    return None
                self.close()
                raise self._link.daemon.lost("the stream is silent", None)
            with self._lock:
                if self._closed:
                    return None
                self._reading = True
            try:
                self._waiting.extend(_stream_messages(self._link.read(left)))
            except OpcUaError:
                self.close()
                raise
            except (OSError, ValueError) as failure:
                if not self._closed:
                    self.close()
                    raise self._link.daemon.lost(_reason(failure), None) from failure
            finally:
                with self._lock:
                    self._reading = False
                    if self._closed:
                        self._link.sock.close()

    def changes(self) -> Iterator[DataChange]:
        """The changed values alone. What tells of losses and interruptions is passed over: iterate for that."""
        for event in self:
            if isinstance(event, Notifications):
                for notification in event:
                    if isinstance(notification, DataChange):
                        yield notification

    def close(self) -> None:
        """Ends the stream; what it had on the server goes with it. May be repeated."""
        with self._lock:
            self._closed = True
            self._link.hang_up()
            if not self._reading:
                self._link.sock.close()

    def __iter__(self) -> Iterator[StreamEvent]:
        return self

    def __next__(self) -> StreamEvent:
        event = self.next()
        if event is None:
            raise StopIteration
        return event

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *unused: Any) -> None:
        self.close()


def _stream_messages(messages: List[Json]) -> List[Json]:
    """Those that are events; an error without an id is what ended the connection."""
    for message in messages:
        if message.get("id") is None:
            raise _error(message.get("error") or {})
    return [message for message in messages if "event" in message]


class Client:
    """A daemon's client that blocks. Many threads may share one; they share its connection too.

    ``endpoint_url`` and ``config`` (docs/protocol.md, open), or a ``connection`` of the daemon's configuration, or the
    ``session_id`` of an open session, say which server is meant; without any of them the daemon alone can be asked. The
    session is opened when it is first needed, or by ``connect``. ``close``, and the end of a ``with``, leave it to the
    daemon for whoever comes next, unless ``force_new`` asked for one that nobody else has; ``disconnect`` gives it back.

    ``socket`` is ``unix:///path``, a path or ``tcp://127.0.0.1:PORT`` (else OPCUA_SOCKET_PATH, else
    /tmp/opcua-session-manager.sock), the token ``token``, or what is in ``token_file`` (else OPCUA_AUTH_TOKEN or
    OPCUA_AUTH_TOKEN_FILE). ``timeout`` bounds each call, in seconds; each method takes one of its own, which the daemon
    is told too; a day at most. A child that is forked opens a connection, and a use of the session, of its own.
    """

    def __init__(
        self,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        *,
        connection: Optional[str] = None,
        session_id: Optional[str] = None,
        force_new: bool = False,
        socket: Optional[str] = None,
        token: Optional[str] = None,
        token_file: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        self._daemon = _Daemon(socket, token, token_file)
        self._session = _Session(_target(endpoint_url, config, connection), session_id, force_new)
        self._timeout = timeout
        self._max_answer_bytes = max_answer_bytes
        self._connection: Optional[_Connection] = None
        self._closings = 0
        self._new_locks()
        _forked.add(self)

    def _new_locks(self) -> None:
        # _lock guards the two fields above and is never held for long; of those who need a connection, or the session,
        # one at a time makes it, and the others wait as long as they have time.
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        self._opening = threading.Lock()

    def _after_fork(self) -> None:
        self._new_locks()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.leave_to_parent()
        self._session.after_fork()

    def connect(self, *, timeout: Optional[float] = None) -> "Client":
        """Opens the session now, or finds it open in the daemon; without a server, reaches the daemon."""
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        if self._session.can_open:
            if self._session.id is None:
                self._open(deadline, seconds)
        else:
            self._connected(deadline, seconds)
        return self

    @property
    def session_id(self) -> Optional[str]:
        """The daemon's id of the session; None before it is needed."""
        return self._session.id

    @property
    def was_session_reused(self) -> bool:
        """Whether the daemon had the session already."""
        return self._session.reused

    def disconnect(self, *, force: bool = False, timeout: Optional[float] = None) -> None:
        """Gives the session back and closes the connection. The last who gives it back ends it; ``force`` does too."""
        try:
            session_id = self._session.id
            if session_id is not None:
                self._session.forget(session_id)
                try:
                    self._run(_close(session_id, force), timeout)
                except SessionNotFoundError:
                    pass
        finally:
            self._hang_up()

    def close(self) -> None:
        """Closes the connection; the session stays open in the daemon unless ``force_new`` asked for it."""
        if self._session.force_new and self._session.id is not None and self._connection is not None:
            try:
                self.disconnect(timeout=_CLOSE_SECONDS)
            except OpcUaError:
                pass  # it ends by itself, by the daemon's --timeout
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            self._closings += 1
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> "Client":
        try:
            return self.connect()
        except BaseException:
            self._hang_up()
            raise

    def __exit__(self, *unused: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return "Client(socket=%r, session_id=%r)" % (self._daemon.uri, self._session.id)

    def read(
        self,
        node: NodeLike,
        attribute: int = AttributeId.VALUE,
        refresh: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> DataValue:
        """Reads an attribute. ``refresh`` asks the server where the daemon would remember (``readMetadataCache``)."""
        return self._run(_read(node, attribute, refresh), timeout)

    def read_multi(
        self,
        nodes: Iterable[Union[NodeLike, Tuple[NodeLike, int]]],
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """Reads many: node ids, or (node id, attribute). A bad one concerns its own DataValue."""
        return self._run(_read_multi(nodes), timeout)

    def write(
        self,
        node: NodeLike,
        value: Any,
        type: Optional[int] = None,
        *,
        timeout: Optional[float] = None,
    ) -> StatusCode:
        """Writes a value; the server's verdict is the result. Without a ``type`` the daemon asks for the variable's.

        A Variant brings its type, and its dimensions. Never repeated: see ``outcome`` of what is raised.
        """
        return self._run(_write(node, value, type), timeout)

    def write_multi(self, writes: Iterable[Any], *, timeout: Optional[float] = None) -> List[StatusCode]:
        """Writes many: (node, value), (node, value, type) or mappings as the protocol has them."""
        return self._run(_write_multi(writes), timeout)

    def browse(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> List[Reference]:
        """The references of a node, the server's first page. ``direction`` is 0 forward, 1 inverse, 2 both."""
        request = _browse("browse", node, direction, reference_type, include_subtypes, node_classes, use_cache)
        return self._run(request, timeout)

    def browse_all(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> List[Reference]:
        """As ``browse``, every page."""
        request = _browse("browseAll", node, direction, reference_type, include_subtypes, node_classes, use_cache)
        return self._run(request, timeout)

    def browse_recursive(
        self,
        node: NodeLike,
        direction: int = 0,
        max_depth: Optional[int] = None,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> List[BrowseNode]:
        """A tree: depth 1 is the direct references, -1 all. A node met before appears without children."""
        request = _browse_recursive(node, direction, max_depth, reference_type, include_subtypes, node_classes)
        return self._run(request, timeout)

    def browse_page(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> BrowsePage:
        """One page of references; ``browse_next`` has the others."""
        return self._run(_browse_page(node, direction, reference_type, include_subtypes, node_classes), timeout)

    def browse_next(self, continuation_point: str, *, timeout: Optional[float] = None) -> BrowsePage:
        """The next page. A continuation point works once."""
        return self._run(_query("browseNext", [continuation_point], BrowsePage._from), timeout)

    def resolve(
        self,
        path: str,
        start: Optional[NodeLike] = None,
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> NodeId:
        """The node at the end of a path of browse names: ``/Objects/2:Line1/2:Speed``."""
        request = _query("resolveNodeId", [path, None if start is None else _node(start), use_cache], NodeId._of)
        return self._run(request, timeout)

    def translate_browse_paths(self, paths: Iterable[Any], *, timeout: Optional[float] = None) -> List[PathResult]:
        """Where paths lead: (start, [browse names such as ``"2:Line1"``]), or mappings as the protocol has them."""
        return self._run(_translate(paths), timeout)

    def call(
        self,
        object_id: NodeLike,
        method_id: NodeLike,
        arguments: Iterable[Any] = (),
        *,
        timeout: Optional[float] = None,
    ) -> CallResult:
        """Calls a method. Arguments are Variants, or values whose type is beyond doubt (bool, float, str, …).

        Never repeated. A bad status is part of the result.
        """
        return self._run(_call(object_id, method_id, arguments), timeout)

    def history_read_raw(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        bounds: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """What a variable was: all of it, or at most ``count`` values. A time is a datetime with a zone or ISO text."""
        return self._run(_history_raw(node, start, end, count, bounds), timeout)

    def history_read_processed(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        interval: float,
        aggregate: NodeLike,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """One value for each ``interval`` (ms) by an aggregate such as ``i=2342`` (Average)."""
        return self._run(_history_processed(node, start, end, interval, aggregate), timeout)

    def history_read_at_time(
        self,
        node: NodeLike,
        times: Iterable[TimeLike],
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """What a variable was at these times."""
        return self._run(_history_at_time(node, times), timeout)

    def history_insert_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Puts values into a history that has none at their times; what the server says of each is the result.

        A value is a DataValue, as it is read; ``(time, value)``, or ``(time, value, type)`` where the type of the value is
        open; or a mapping as the protocol has it. Never repeated, as nothing is that changes history.
        """
        return self._run(_history_update("historyInsertData", node, values), timeout)

    def history_replace_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Replaces the values at these times, where there are some."""
        return self._run(_history_update("historyReplaceData", node, values), timeout)

    def history_update_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Inserts or replaces."""
        return self._run(_history_update("historyUpdateData", node, values), timeout)

    def history_delete_raw_modified(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        modified: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> StatusCode:
        """Deletes the values from ``start`` to before ``end``; with ``modified`` those that were changed before."""
        return self._run(_history_delete(node, start, end, modified), timeout)

    def history_delete_at_time(
        self, node: NodeLike, times: Iterable[TimeLike], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Deletes the values at these times."""
        return self._run(_history_delete_at(node, times), timeout)

    def history_insert_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """Puts events into a history: for each the values of ``fields``, in their order, as arguments of ``call``."""
        return self._run(_history_event("historyInsertEvent", node, fields, events), timeout)

    def history_replace_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """Replaces the events of the same EventId."""
        return self._run(_history_event("historyReplaceEvent", node, fields, events), timeout)

    def history_update_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """Inserts or replaces events."""
        return self._run(_history_event("historyUpdateEvent", node, fields, events), timeout)

    def history_delete_event(
        self, node: NodeLike, event_ids: Iterable[bytes], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Deletes events by their EventIds."""
        return self._run(_history_delete_event(node, event_ids), timeout)

    def history_read_modified(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        *,
        timeout: Optional[float] = None,
    ) -> List[ModifiedValue]:
        """What was changed in a history: the values as they were."""
        return self._run(_history_modified(node, start, end, count), timeout)

    def history_read_events(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        fields: Optional[Sequence[str]] = None,
        where: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[List[Any]]:
        """Events of the past: for each the values of ``fields`` (as ``selectFields`` of a monitored item)."""
        return self._run(_history_events(node, start, end, count, fields, where), timeout)

    def history_aggregate(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        interval: float,
        function: Union[AggregateFunction, str],
        configuration: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """One value for each ``interval`` (ms; 0 is one interval) of a history, by the server or else by the daemon.

        ``configuration`` has the protocol's members: ``{"treatUncertainAsBad": False, "calculatedBy": "daemon"}``.
        """
        request = _aggregate("historyAggregate", _node(node), start, end, interval, function, configuration)
        return self._run(request, timeout)

    def aggregate(
        self,
        values: Iterable[Any],
        start: TimeLike,
        end: TimeLike,
        interval: float,
        function: Union[AggregateFunction, str],
        configuration: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """The same of values that are here, as ``history_insert_data`` takes them. The daemon computes."""
        samples = [_sample(value) for value in values]
        return self._run(_aggregate("aggregate", samples, start, end, interval, function, configuration), timeout)

    def add_nodes(self, nodes: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None) -> List[AddedNode]:
        """Adds nodes, given as mappings as the protocol has them: ``{"parentNodeId", "referenceTypeId", "browseName",
        "nodeClass", "typeDefinition", …}``. What became of each is its own ``status``. Never repeated.
        """
        return self._run(_add_nodes(nodes), timeout)

    def delete_nodes(
        self, nodes: Iterable[NodeLike], delete_target_references: bool = True, *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Deletes nodes, and the references of others to them. Never repeated."""
        return self._run(_delete_nodes(nodes, delete_target_references), timeout)

    def add_references(
        self, references: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Adds references: ``{"sourceNodeId", "referenceTypeId", "targetNodeId", "targetNodeClass", …}``."""
        return self._run(_references("addReferences", references), timeout)

    def delete_references(
        self, references: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """Deletes references: ``{"sourceNodeId", "referenceTypeId", "targetNodeId", …}``."""
        return self._run(_references("deleteReferences", references), timeout)

    def get_server_build_info(self, *, timeout: Optional[float] = None) -> BuildInfo:
        """What the server says of itself."""
        return self._run(_build_info(), timeout)

    def open_file(
        self, node: NodeLike, mode: int = OpenFileMode.READ, *, timeout: Optional[float] = None
    ) -> int:
        """Opens a file and gives its handle, which belongs to the session; ``open_remote`` is the comfortable way."""
        return self._run(_query("openFile", [_node(node), int(mode)], int), timeout)

    def close_file(self, node: NodeLike, handle: int, *, timeout: Optional[float] = None) -> None:
        """Closes a handle."""
        self._run(_query("closeFile", [_node(node), handle], _nothing), timeout)

    def read_file(self, node: NodeLike, handle: int, length: int, *, timeout: Optional[float] = None) -> bytes:
        """At most ``length`` bytes from the position on, which moves; ``b""`` at the end of the file. Never repeated."""
        return self._run(_read_file(node, handle, length), timeout)

    def write_file(self, node: NodeLike, handle: int, data: bytes, *, timeout: Optional[float] = None) -> None:
        """Writes at the position, some 48,000 bytes at most (``--max-frame-bytes``). Never repeated."""
        self._run(_write_file(node, handle, data), timeout)

    def get_file_position(self, node: NodeLike, handle: int, *, timeout: Optional[float] = None) -> int:
        """Where the next read or write begins."""
        return self._run(_query("getFilePosition", [_node(node), handle], int), timeout)

    def set_file_position(
        self, node: NodeLike, handle: int, position: int, *, timeout: Optional[float] = None
    ) -> None:
        """Moves the position; beyond the end it is the end."""
        self._run(_query("setFilePosition", [_node(node), handle, position], _nothing), timeout)

    def create_directory(self, directory: NodeLike, name: str, *, timeout: Optional[float] = None) -> NodeId:
        """Makes a directory in a directory."""
        return self._run(_query("createDirectory", [_node(directory), name], NodeId._of), timeout)

    def create_file_in_directory(
        self, directory: NodeLike, name: str, open: bool = False, *, timeout: Optional[float] = None
    ) -> CreatedFile:
        """Makes an empty file in a directory; with ``open`` it is open for reading and writing."""
        return self._run(_create_file(directory, name, open), timeout)

    def delete_file_system_object(
        self, directory: NodeLike, node: NodeLike, *, timeout: Optional[float] = None
    ) -> None:
        """Deletes a file of a directory, or a directory with all that is in it."""
        request = _query("deleteFileSystemObject", [_node(directory), _node(node)], _nothing)
        self._run(request, timeout)

    def move_or_copy_file_system_object(
        self,
        directory: NodeLike,
        node: NodeLike,
        target_directory: NodeLike,
        copy: bool = False,
        new_name: str = "",
        *,
        timeout: Optional[float] = None,
    ) -> NodeId:
        """Moves a file or directory, or copies it; without a ``new_name`` it keeps its own."""
        return self._run(_move_or_copy(directory, node, target_directory, copy, new_name), timeout)

    def open_remote(self, node: NodeLike, mode: str = "rb", *, timeout: Optional[float] = None) -> BinaryIO:
        """Opens a file of the server as Python opens its own: ``with plc.open_remote(node, "wb") as file: …``

        ``mode`` is "rb", "wb" (erases what is there), "ab", or one of them with "+"; ``io.TextIOWrapper`` makes text of
        the bytes. The result is buffered (``io.BufferedReader`` and its like) around a ``RemoteFile``, its ``raw``. Each
        request to the daemon has this ``timeout``. What fails is an OpcUaError.
        """
        flags = _open_flags(mode)
        request = _query("openFile", [_node(node), int(flags)], int)
        handle = self._run(request, timeout)
        file = RemoteFile(self, _RemoteHandle(node, handle, request.session_id, flags), mode, timeout)
        try:
            return _buffered(file, flags)
        except BaseException:
            file.close()
            raise

    def get_endpoints(self, url: str, *, timeout: Optional[float] = None) -> List[Endpoint]:
        """What the server at this URL offers. Needs no session."""
        return self._run(_discovery("getEndpoints", url, Endpoint._of), timeout)

    def find_servers(self, url: str, *, timeout: Optional[float] = None) -> List[Application]:
        """The servers that the one at this URL knows. Needs no session."""
        return self._run(_discovery("findServers", url, Application._of), timeout)

    def create_subscription(
        self,
        publishing_interval: float = 500.0,
        lifetime_count: int = 2400,
        max_keep_alive_count: int = 10,
        max_notifications: int = 0,
        enabled: bool = True,
        priority: int = 0,
        *,
        timeout: Optional[float] = None,
    ) -> SubscriptionResult:
        """A subscription that is read by ``publish``. ``subscribe`` is simpler, where a stream will do."""
        request = _create_subscription(
            publishing_interval,
            lifetime_count,
            max_keep_alive_count,
            max_notifications,
            enabled,
            priority,
        )
        return self._run(request, timeout)

    def create_monitored_items(
        self,
        subscription_id: int,
        items: Iterable[Union[NodeLike, Mapping[str, Any]]],
        *,
        timeout: Optional[float] = None,
    ) -> List[ItemResult]:
        """Items as ``subscribe`` takes them."""
        return self._run(_create_items(subscription_id, items), timeout)

    def create_event_monitored_item(
        self,
        subscription_id: int,
        node: NodeLike,
        select_fields: Optional[Sequence[str]] = None,
        client_handle: int = 1,
        where: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
    ) -> ItemResult:
        """An item for events; fields and ``where`` as in docs/filters.md."""
        return self._run(_create_event_item(subscription_id, node, select_fields, client_handle, where), timeout)

    def modify_monitored_items(
        self,
        subscription_id: int,
        items: Iterable[Mapping[str, Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """Changes items: mappings with ``monitoredItemId`` and what is to change."""
        return self._run(_modify_items(subscription_id, items), timeout)

    def delete_monitored_items(
        self,
        subscription_id: int,
        ids: Iterable[int],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """Deletes items."""
        return self._run(_query("deleteMonitoredItems", [subscription_id, list(ids)], _list_of(StatusCode)), timeout)

    def delete_subscription(self, subscription_id: int, *, timeout: Optional[float] = None) -> StatusCode:
        """Deletes a subscription and what waits for it."""
        return self._run(_query("deleteSubscription", [subscription_id], StatusCode), timeout)

    def set_triggering(
        self,
        subscription_id: int,
        triggering_item_id: int,
        links_to_add: Iterable[int] = (),
        links_to_remove: Iterable[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> TriggeringResult:
        """Links items to one whose changes make them report (Part 4, 5.12.5), or unlinks them."""
        return self._run(_set_triggering(subscription_id, triggering_item_id, links_to_add, links_to_remove), timeout)

    def transfer_subscriptions(
        self,
        subscription_ids: Iterable[int],
        send_initial_values: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> List[TransferResult]:
        """Takes subscriptions over from another session."""
        return self._run(_transfer(subscription_ids, send_initial_values), timeout)

    def republish(
        self, subscription_id: int, sequence_number: int, *, timeout: Optional[float] = None
    ) -> RepublishResult:
        """A message that ``publish`` gave and that was not acknowledged, once more."""
        return self._run(_republish(subscription_id, sequence_number), timeout)

    def publish(
        self,
        acknowledgements: Iterable[Mapping[str, Any]] = (),
        subscription_ids: Optional[Iterable[int]] = None,
        max_wait: Optional[float] = None,
        *,
        timeout: Optional[float] = None,
    ) -> PublishResult:
        """The next message of any subscription of this session, or a keep-alive after ``max_wait`` seconds.

        Takes the ``acknowledgement`` of what has been dealt with.
        """
        return self._run(_publish(acknowledgements, subscription_ids, max_wait), timeout)

    def ping(self, *, timeout: Optional[float] = None) -> Json:
        """The daemon's clock and the number of open sessions."""
        return self._run(_command("ping", {}, None), timeout)

    def list(self, *, timeout: Optional[float] = None) -> Json:
        """The open sessions, as docs/protocol.md has them."""
        return self._run(_command("list", {}, None), timeout)

    def stats(self, *, timeout: Optional[float] = None) -> Json:
        """Counters and latencies of the daemon and its sessions."""
        return self._run(_command("stats", {}, None), timeout)

    def describe(self, *, timeout: Optional[float] = None) -> Json:
        """What ``invoke`` has for this client's session: ``methods``, ``modules``, the types of its values."""
        return self._run(_describe(), timeout)

    def hello(self, *, timeout: Optional[float] = None) -> Json:
        """What the daemon is: ``product``, ``version``, ``limits``, ``features``."""
        return self._run(_command("hello", {}, None), timeout)

    def cancel(self, target: Union[int, str], *, timeout: Optional[float] = None) -> bool:
        """Gives up the request of this ``id`` (see ``query``) on this client's connection; False if there is none."""
        return self._run(_cancel(target), timeout)

    def query(
        self,
        method: str,
        *params: Any,
        session_id: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        connection: Optional[str] = None,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """Any query method by its name in the protocol, its result as JSON.

        On this client's session, or on another one: by its id, or by URL and config or a connection, which is opened or
        reused and left open. ``id`` is for ``cancel``.
        """
        server = {"sessionId": session_id, "endpointUrl": endpoint_url, "config": config, "connection": connection}
        request = _any_query("query", method, params, id, _encode(server), self._session.can_open)
        return self._run(request, timeout)

    def invoke(
        self,
        method: str,
        *args: Any,
        session_id: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        connection: Optional[str] = None,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """As ``query``, with the typed values of ``invoke``."""
        server = {"sessionId": session_id, "endpointUrl": endpoint_url, "config": config, "connection": connection}
        request = _any_query("invoke", method, args, id, _encode(server), self._session.can_open)
        return self._run(request, timeout)

    def command(
        self,
        name: str,
        members: Mapping[str, Any] = {},
        *,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """Any command of the daemon by its name, its ``data`` as JSON."""
        return self._run(_command(name, members, id), timeout)

    def open_session(
        self,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        *,
        connection: Optional[str] = None,
        force_new: bool = False,
        timeout: Optional[float] = None,
    ) -> OpenedSession:
        """Opens another session than this client's, for ``query(…, session_id=…)``."""
        target = _target(endpoint_url, config, connection)
        if target is None:
            raise ValueError("Which server: an endpoint URL, or a connection")
        return self._run(_open(target, force_new), timeout)

    def close_session(self, session_id: str, *, force: bool = False, timeout: Optional[float] = None) -> None:
        """Ends one use of a session; with ``force`` the session itself."""
        self._run(_close(session_id, force), timeout)

    def subscribe(
        self,
        items: Iterable[Union[NodeLike, Mapping[str, Any]]] = (),
        events: Iterable[Union[NodeLike, Mapping[str, Any]]] = (),
        *,
        publishing_interval: float = 500.0,
        subscription: Optional[Mapping[str, Any]] = None,
        timeout: Optional[float] = None,
    ) -> Subscription:
        """A stream of what changes: values of ``items``, events of the nodes in ``events``.

        Each is a node id, or a mapping as the protocol has it: ``{"nodeId", "samplingInterval", "queueSize", "filter",
        …}`` and ``{"nodeId", "selectFields", "filter", …}``. Without a ``clientHandle`` an item gets its index.
        ``publishing_interval`` is in milliseconds; ``subscription`` has what else the protocol takes. An item that the
        server refuses fails alone: look at ``Subscription.items``.
        """
        request = _StreamRequest(
            items, events, {"publishingInterval": float(publishing_interval), **(subscription or {})}
        )
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        for attempt in (1, 2):
            session_id = self._session.id or self._open(deadline, seconds)
            link = _Link(self._daemon, self._max_answer_bytes, deadline)
            try:
                return self._subscribe(link, request, session_id, deadline, seconds)
            except SessionNotFoundError:
                link.close()
                self._session.forget(session_id)
                if attempt == 2 or self._session.id is not None:
                    raise
            except BaseException:
                link.close()
                raise
        raise AssertionError("unreachable")

    def _subscribe(
        self, link: _Link, request: _StreamRequest, session_id: str, deadline: float, seconds: float
    ) -> Subscription:
        members = {"id": 1, "command": "subscribe", "sessionId": session_id, **request.members()}
        try:
            link.write(link.frames.frame(_with_timeout(members, seconds)), deadline)
            while True:
                messages = link.read(deadline - time.monotonic())
                if messages:
                    granted = _data(messages[0])
                    return Subscription(link, request, granted, _stream_messages(messages[1:]))
                if time.monotonic() >= deadline:
                    raise self._daemon.late(seconds, True)
        except _socket.timeout as failure:
            raise self._daemon.late(seconds, True) from failure
        except OSError as failure:
            raise self._daemon.lost(_reason(failure), None) from failure

    def _run(self, request: _Request[T], timeout: Optional[float]) -> T:
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        steps = self._session.steps(request)
        try:
            step = next(steps)
            while True:
                try:
                    result: Any
                    if step is _OPEN:
                        try:
                            result = self._open(deadline, seconds)
                        except OpcUaError as failure:
                            raise failure._before(request.repeatable)
                    else:
                        result = self._exchange(step, request.id, request.repeatable, deadline, seconds)
                except OpcUaError as failure:
                    step = steps.throw(failure)
                else:
                    step = steps.send(result)
        except StopIteration as end:
            return end.value

    def _exchange(
        self, members: Json, id: Union[None, int, str], repeatable: bool, deadline: float, seconds: float
    ) -> Any:
        try:
            connection = self._connected(deadline, seconds)
        except OpcUaError as failure:
            raise failure._before(repeatable)
        return _data(connection.exchange(id, _with_timeout(members, seconds), repeatable, deadline, seconds))

    def _open(self, deadline: float, seconds: float) -> str:
        """The session's id; of many threads that need it one opens it."""
        if not self._opening.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise self._daemon.late(seconds, True)
        try:
            if self._session.id is not None:
                return self._session.id
            request = self._session.open_request()
            for attempt in (1, 2):
                try:
                    data = self._exchange(request.members, None, request.repeatable, deadline, seconds)
                    return self._session.opened(request.decode(data))
                except ConnectionLost:
                    if attempt == 2 or not request.repeatable:
                        raise
            raise AssertionError("unreachable")
        finally:
            self._opening.release()

    def _usable(self) -> Optional[_Connection]:
        with self._lock:
            connection = self._connection
        return connection if connection is not None and connection.is_usable() else None

    def _connected(self, deadline: float, seconds: float) -> _Connection:
        connection = self._usable()
        if connection is not None:
            return connection
        if not self._connecting.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise self._daemon.late(seconds, True)
        try:
            connection = self._usable()
            if connection is not None:
                return connection
            with self._lock:
                closings = self._closings
            connection = _Connection(_Link(self._daemon, self._max_answer_bytes, deadline))
            with self._lock:
                is_wanted = closings == self._closings
                if is_wanted:
                    before, self._connection = self._connection, connection
                else:
                    before = connection
            if before is not None:
                before.close()
            if not is_wanted:
                raise _closed()
            return connection
        finally:
            self._connecting.release()

    def _limit(self, timeout: Optional[float]) -> float:
        return _seconds(self._timeout if timeout is None else timeout)


# ---------------------------------------------------------------------------------------------------------- files


_OPEN_FLAGS = {
    "rb": OpenFileMode.READ,
    "r+b": OpenFileMode.READ | OpenFileMode.WRITE,
    "wb": OpenFileMode.WRITE | OpenFileMode.ERASE_EXISTING,
    "w+b": OpenFileMode.READ | OpenFileMode.WRITE | OpenFileMode.ERASE_EXISTING,
    "ab": OpenFileMode.WRITE | OpenFileMode.APPEND,
    "a+b": OpenFileMode.READ | OpenFileMode.WRITE | OpenFileMode.APPEND,
}


def _open_flags(mode: str) -> OpenFileMode:
    flags = _OPEN_FLAGS.get(mode[:1] + "".join(sorted(mode[1:])))
    if flags is None:
        raise ValueError(
            "mode: got %r, expected one of %s; io.TextIOWrapper makes text of bytes" % (mode, ", ".join(_OPEN_FLAGS))
        )
    return flags


class _RemoteHandle:
    """An open file of a server, and what comes next with it. Knows nothing of sockets: its generators yield requests.

    It keeps the position itself. ``seek`` only notes one; before the next read or write the server is told, and so it is
    after a read that failed, since the server may have moved on: what is read next is what would have come. A read of
    many pieces that fails in one of them begins anew with the first. A write that failed and may have been carried out
    ends the writing: to send the same bytes again is not this module's to decide.

    Beyond the end is the end (Part 20, 4.2.6). So the server is asked where it is when it was sent to a position further
    on than all that it was known to have had. If the file is appended to, the furthest of them is the end, and every
    write begins there: the server goes there once, when it opens the file.

    Its requests name the session that the handle belongs to. Were that one opened anew, the number would mean another
    file, or none.
    """

    def __init__(self, node: NodeLike, handle: int, session_id: Optional[str], flags: OpenFileMode) -> None:
        self.node = node
        self.flags = flags
        self._handle = handle
        self._session_id = session_id
        # Where it is if it is appended to, the server alone knows.
        self._position: Optional[int] = None if flags & OpenFileMode.APPEND else 0
        self._furthest = 0
        self._is_moved = False
        self._failure: Optional[OpcUaError] = None

    def _here(self, request: _Request[T]) -> _Request[T]:
        request.members["sessionId"] = self._session_id
        request.needs_session = False
        return request

    def _positioned(self) -> Generator[Any, Any, int]:
        position = self._position
        if position is not None and self._is_moved:
            yield self._here(_query("setFilePosition", [_node(self.node), self._handle, position], _nothing))
        if position is None or self._is_moved and position > self._furthest:
            position = yield self._here(_query("getFilePosition", [_node(self.node), self._handle], int))
        return self._at(position)

    def _at(self, position: int) -> int:
        """The server is there now."""
        self._position = position
        self._furthest = max(self._furthest, position)
        self._is_moved = False
        return position

    def _move(self, position: int) -> None:
        if position != self._position:
            self._position = position
            self._is_moved = True

    def reading(self, size: int) -> Generator[Any, Any, bytes]:
        """Reads what one request gives."""
        position = yield from self._positioned()
        self._is_moved = True
        data: bytes = yield self._here(_read_file(self.node, self._handle, min(size, _FILE_READ_BYTES)))
        if len(data) > size:
            raise ConnectionLost("connection_lost", "%d bytes were asked for, and %d came" % (size, len(data)))
        self._at(position + len(data))
        return data

    def filling(self, size: int) -> Generator[Any, Any, bytes]:
        """Reads ``size`` bytes, fewer at the end of the file, all that is left if it is negative: all of that or nothing."""
        start = yield from self._positioned()
        parts = bytearray()
        try:
            while size < 0 or len(parts) < size:
                data = yield from self.reading(_FILE_READ_BYTES if size < 0 else size - len(parts))
                if not data:
                    break
                parts += data
        except BaseException:  # a task that was cancelled among them
            self._position = start
            self._is_moved = True
            raise
        return bytes(parts)

    def writing(self, data: memoryview) -> Generator[Any, Any, int]:
        """Writes what one request takes, and gives the number of bytes."""
        if self._failure is not None:
            raise self._failure._again()
        if self.flags & OpenFileMode.APPEND and self._position is not None:
            self._move(self._furthest)
        position = yield from self._positioned()
        chunk = data[:_FILE_WRITE_BYTES]
        try:
            yield self._here(_write_file(self.node, self._handle, chunk))
        except OpcUaError as failure:
            if failure.outcome != "not_sent":
                self._failure = failure
            raise
        except BaseException:  # a task that was cancelled
            self._failure = ConnectionLost("connection_lost", "A write was given up", None, "unknown")
            raise
        self._at(position + len(chunk))
        return len(chunk)

    def seeking(self, offset: int, whence: int) -> Generator[Any, Any, int]:
        if whence == io.SEEK_SET:
            base = 0
        elif whence == io.SEEK_CUR:
            base = yield from self.telling()
        elif whence == io.SEEK_END:
            base = yield from self.sizing()
        else:
            raise ValueError("whence: got %r, expected 0, 1 or 2" % (whence,))
        if base + offset < 0:
            raise ValueError("offset: %d is before the beginning of the file" % offset)
        yield from self.telling()  # the end, before it is left
        self._move(base + offset)
        return base + offset

    def telling(self) -> Generator[Any, Any, int]:
        if self._position is None:
            yield from self._positioned()
        return cast(int, self._position)

    def sizing(self) -> Generator[Any, Any, int]:
        """The file's Size, a property of its node (Part 20, 4.2.1)."""
        found = yield self._here(_query("resolveNodeId", ["/Size", _node(self.node)], NodeId._of))
        size: DataValue = yield self._here(_read(found, AttributeId.VALUE, True))
        if size.require_good().value is None:
            raise BadStatusError("bad_status", "The Size of the file %s has no value" % (self.node,), size.status)
        return int(size.value)

    def closing(self) -> Generator[Any, Any, None]:
        try:
            yield self._here(_query("closeFile", [_node(self.node), self._handle], _nothing))
        except OpcUaError:
            # A reader loses nothing, and the daemon closes what a session leaves open.
            if self.flags & OpenFileMode.WRITE:
                raise


class RemoteFile(io.RawIOBase):
    """A file of a server, unbuffered: ``Client.open_remote`` makes it. For one thread.

    One read or write is one request: 256 KiB are read and 44 KiB written at most, and the number of bytes is the result.
    ``seek`` costs nothing by itself, and may go beyond the end; the next read or write is at the end then, and ``tell``
    says so. A file that is dropped without ``close`` is closed by the daemon when the session
    ends; that is a ResourceWarning, and what a buffer still held is lost.
    """

    def __init__(self, client: "Client", handle: _RemoteHandle, mode: str, timeout: Optional[float]) -> None:
        super().__init__()
        self._client = client
        self._remote = handle
        self._mode = mode
        self._timeout = timeout
        self._is_abandoned = False

    @property
    def mode(self) -> str:
        """As it was opened: ``"rb"``."""
        return self._mode

    @property
    def name(self) -> str:
        """The text of the node's id."""
        return str(self._remote.node)

    def readable(self) -> bool:
        return bool(self._remote.flags & OpenFileMode.READ)

    def writable(self) -> bool:
        return bool(self._remote.flags & OpenFileMode.WRITE)

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._check(self.readable(), "reading")
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        data = self._drive(self._remote.reading(len(view)))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        self._check(self.readable(), "reading")
        return self._drive(self._remote.filling(-1))

    def write(self, data: Any) -> int:
        self._check(self.writable(), "writing")
        view = memoryview(data).cast("B")
        return self._drive(self._remote.writing(view)) if len(view) else 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._check(True, "seeking")
        return self._drive(self._remote.seeking(offset, whence))

    def tell(self) -> int:
        self._check(True, "seeking")
        return self._drive(self._remote.telling())

    def close(self) -> None:
        if self.closed:
            return
        try:
            if not self._is_abandoned:
                self._drive(self._remote.closing())
        finally:
            super().close()

    def __del__(self) -> None:
        # Nothing is sent from here: a collection may come in the middle of another request of this very thread.
        try:
            if not self.closed:
                self._dealloc_warn(self)
                super().close()
        except AttributeError:
            pass  # it was never opened

    def _dealloc_warn(self, source: Any) -> None:
        """io's buffers call this when they are collected, before they close this file."""
        if not self._is_abandoned:
            self._is_abandoned = True
            warnings.warn("unclosed %r" % self, ResourceWarning, stacklevel=2, source=source)

    def __repr__(self) -> str:
        return "RemoteFile(%s, %r)" % (self.name, self._mode)

    def _check(self, can: bool, what: str) -> None:
        if self.closed or self._is_abandoned:
            raise ValueError("I/O operation on closed file")
        if not can:
            raise io.UnsupportedOperation("The file is open by %r, not for %s" % (self._mode, what))

    def _drive(self, steps: Generator[Any, Any, T]) -> T:
        try:
            request = next(steps)
            while True:
                try:
                    result = self._client._run(request, self._timeout)
                except BaseException as failure:
                    request = steps.throw(failure)
                else:
                    request = steps.send(result)
        except StopIteration as end:
            return cast(T, end.value)


class _WholeReads:
    """Goes before a buffer of ``io``, which drops what it has when a read fails half-way: this one begins anew with it."""

    def _whole(self, read: Callable[..., T], *arguments: Any) -> T:
        buffer = cast(BinaryIO, self)
        start = buffer.tell()
        try:
            return read(*arguments)
        except BaseException:
            with contextlib.suppress(OpcUaError):  # which only what is still to be written may cause
                buffer.seek(start)
            raise

    def read(self, size: Optional[int] = -1) -> bytes:
        return self._whole(cast(Any, super()).read, size)

    def readinto(self, buffer: Any) -> int:
        return self._whole(cast(Any, super()).readinto, buffer)

    def readline(self, size: Optional[int] = -1) -> bytes:
        return self._whole(cast(Any, super()).readline, size)


class _Reader(_WholeReads, io.BufferedReader):  # type: ignore[misc]
    pass


class _Random(_WholeReads, io.BufferedRandom):  # type: ignore[misc]
    pass


def _buffered(file: RemoteFile, flags: OpenFileMode) -> BinaryIO:
    if not flags & OpenFileMode.WRITE:
        return cast(BinaryIO, _Reader(file, _FILE_READ_BYTES))
    if not flags & OpenFileMode.READ:
        return io.BufferedWriter(file, _FILE_WRITE_BYTES)
    return cast(BinaryIO, _Random(cast(Any, file), _FILE_WRITE_BYTES))


class AsyncRemoteFile:
    """A file of a server, for asyncio: ``AsyncClient.open_remote`` makes it. For one task at a time.

    Nothing is buffered here: ``write`` returns when the server has all of it. Iterating gives the rest of the file in
    pieces of at most 256 KiB. A file that is dropped without ``close`` is closed by the daemon when the session ends;
    that is a ResourceWarning.
    """

    _closed = True  # so far

    def __init__(self, client: "AsyncClient", handle: _RemoteHandle, mode: str, timeout: Optional[float]) -> None:
        self._client = client
        self._remote = handle
        self._mode = mode
        self._timeout = timeout
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    async def read(self, size: int = -1) -> bytes:
        """``size`` bytes, fewer at the end of the file, all that is left if it is negative.

        One that fails or is cancelled has read nothing: the next one gives the same bytes.
        """
        self._check(OpenFileMode.READ, "reading")
        return await self._drive(self._remote.filling(size))

    async def write(self, data: Any) -> int:
        """All of it, as many requests as it takes."""
        self._check(OpenFileMode.WRITE, "writing")
        view = memoryview(data).cast("B")
        written = 0
        while written < len(view):
            written += await self._drive(self._remote.writing(view[written:]))
        return written

    async def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position; the server is told when it matters, and ``tell`` then says where the end stopped it."""
        self._check(OpenFileMode(0), "seeking")
        return await self._drive(self._remote.seeking(offset, whence))

    async def tell(self) -> int:
        self._check(OpenFileMode(0), "seeking")
        return await self._drive(self._remote.telling())

    async def close(self) -> None:
        """Once is enough; more often does no harm."""
        if not self._closed:
            self._closed = True
            await self._drive(self._remote.closing())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._check(OpenFileMode.READ, "reading")
        data = await self._drive(self._remote.reading(_FILE_READ_BYTES))
        if not data:
            raise StopAsyncIteration
        return data

    async def __aenter__(self) -> "AsyncRemoteFile":
        return self

    async def __aexit__(self, *unused: Any) -> None:
        await self.close()

    def __del__(self) -> None:
        if not self._closed:
            warnings.warn("unclosed %r" % self, ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        return "AsyncRemoteFile(%s, %r)" % (self._remote.node, self._mode)

    def _check(self, needed: OpenFileMode, what: str) -> None:
        if self._closed:
            raise ValueError("I/O operation on closed file")
        if self._remote.flags & needed != needed:
            raise io.UnsupportedOperation("The file is open by %r, not for %s" % (self._mode, what))

    async def _drive(self, steps: Generator[Any, Any, T]) -> T:
        try:
            request = next(steps)
            while True:
                try:
                    result = await self._client._run(request, self._timeout)
                except BaseException as failure:
                    request = steps.throw(failure)
                else:
                    request = steps.send(result)
        except StopIteration as end:
            return cast(T, end.value)


# ------------------------------------------------------------------------------------------------- asyncio client


class _AsyncConnection(asyncio.Protocol):
    """One kept connection in an event loop: answers go to the futures of their ids, events to ``on_events``."""

    def __init__(self, daemon: _Daemon, max_answer_bytes: int) -> None:
        self.daemon = daemon
        self.frames = _Frames(max_answer_bytes)
        self.about: Json = {}
        self.transport: Optional[asyncio.Transport] = None
        self.early: List[Json] = []
        self.on_events: Callable[[List[Json]], None] = self.early.extend
        self.broken: Optional[OpcUaError] = None
        self._ids = _Ids(0)  # which is the greeting
        self._calls: Dict[int, "asyncio.Future[Json]"] = {}
        self._opening: Dict[int, Json] = {}  # by id, until somebody has the file
        self._loop = asyncio.get_running_loop()
        self._writable = asyncio.Event()
        self._writable.set()

    @classmethod
    async def connect(cls, daemon: _Daemon, max_answer_bytes: int, deadline: float) -> "_AsyncConnection":
        loop = asyncio.get_running_loop()

        def protocol() -> "_AsyncConnection":
            return cls(daemon, max_answer_bytes)

        hello = daemon.hello()
        while True:
            left = max(0.001, deadline - time.monotonic())
            try:
                if daemon.path:
                    opening = loop.create_unix_connection(protocol, daemon.path)
                else:
                    opening = loop.create_connection(protocol, *daemon.address)
                connection = await _connection_within(opening, left)
                break
            except BlockingIOError as full:  # the queue of its listener is full
                if time.monotonic() >= deadline:
                    raise daemon.not_running(full) from full
                await asyncio.sleep(_CONNECT_PAUSE_SECONDS)
            except asyncio.TimeoutError as late:
                raise daemon.not_running(OSError(errno.ETIMEDOUT, "it does not accept in time")) from late
            except OSError as failure:
                raise daemon.not_running(failure) from failure
        try:
            answer = await connection.exchange(None, hello, True, deadline, left)
            connection.about = daemon.take_hello(answer, connection.frames)
        except BaseException:
            connection.close()
            raise
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        try:
            messages = self.frames.feed(data)
        except ValueError as failure:
            self.fail(self.daemon.lost(_reason(failure), "unknown"))
            return
        events = []
        for message in messages:
            if "event" in message:
                events.append(message)
                continue
            id = message.get("id")
            if id is None:
                # Only an error that ends the connection carries no id: it is everybody's.
                self.fail(_error(message.get("error") or {}))
                break
            self._ids.answered(id)
            future = self._calls.get(id) if id.__class__ is int else None
            if future is not None and not future.done():
                future.set_result(message)
            else:
                self._close_unwanted_file(id, message)
        if events:
            self.on_events(events)

    def connection_lost(self, failure: Optional[Exception]) -> None:
        reason = "it closed the connection" if failure is None else _reason(failure)
        self.fail(self.daemon.lost(reason, "unknown"))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def fail(self, why: OpcUaError) -> None:
        if self.broken is None:
            self.broken = why
            if self.transport is not None:
                self.transport.abort()
        self._writable.set()
        for future in self._calls.values():
            if not future.done():
                future.set_exception(self.broken._again())
        self.on_events([])

    def close(self) -> None:
        self.fail(_closed())

    @property
    def is_idle(self) -> bool:
        return not self._calls

    def is_usable(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self.broken is None and self._loop is loop

    async def exchange(
        self, name: Union[None, int, str], members: Json, repeatable: bool, deadline: float, seconds: float
    ) -> Json:
        id = self._ids.new(name, self._calls)
        try:
            frame = self.frames.frame({**self._ids.on_the_wire(members), "id": id})
        except BaseException:
            self._ids.answered(id)
            raise
        future: "asyncio.Future[Json]" = self._loop.create_future()
        self._calls[id] = future
        timer = self._loop.call_later(max(0.0, deadline - time.monotonic()), self._late, future, seconds)
        sent = False
        try:
            if not self._writable.is_set():
                await asyncio.wait_for(self._writable.wait(), max(0.0, deadline - time.monotonic()))
            if self.broken is not None:
                raise self.broken._again()
            if not future.done():
                assert self.transport is not None
                self.transport.write(frame)
                sent = True
                if members.get("method") in _FILE_OPENING:
                    self._opening[id] = members
            answer = await future
            self._opening.pop(id, None)
            return answer
        except asyncio.TimeoutError:
            raise self.daemon.late(seconds, True)._with(None if repeatable else "not_sent") from None
        except OpcUaError as failure:
            raise failure._with(None if repeatable else "unknown" if sent else "not_sent") from None
        except asyncio.CancelledError:
            if sent:
                self._give_up(id)
            raise
        finally:
            timer.cancel()
            del self._calls[id]
            if not sent:
                self._ids.answered(id)
            if future.done() and not future.cancelled() and future.exception() is None:  # seen, whoever asked
                self._close_unwanted_file(id, future.result())

    def _why(self, outcome: Optional[str]) -> OpcUaError:
        assert self.broken is not None
        return self.broken._again()._with(outcome)

    def _late(self, future: "asyncio.Future[Json]", seconds: float) -> None:
        if not future.done():
            future.set_exception(self.daemon.late(seconds, True))

    def _give_up(self, id: int) -> None:
        """Nobody waits for this answer any more: the daemon need not work for it."""
        if self.broken is None and "cancel" in self.about.get("features", ()) and self.transport is not None:
            cancel = {"id": self._ids.new(None, self._calls), "command": "cancel", "target": id}
            self.transport.write(self.frames.frame(cancel))

    def _close_unwanted_file(self, id: Any, answer: Json) -> None:
        """Of an open file that nobody knows of any more the server would keep the handle as long as the session."""
        members = self._opening.pop(id, None) if id.__class__ is int else None
        closing = None if members is None else _closing_of(members, answer)
        if closing is not None and self.broken is None and self.transport is not None:
            self.transport.write(self.frames.frame({**closing, "id": self._ids.new(None, self._calls)}))

    def cancel(self, name: Any) -> bool:
        """Asks the daemon to end the request of this name; False if that one was not sent, or is over."""
        id = self._ids.of(name)
        if id is None or id not in self._calls or self.broken is not None:
            return False
        self._give_up(id)
        return True


async def _connection_within(opening: Any, seconds: float) -> _AsyncConnection:
    """The connection that asyncio opens; one that is too late, or that nobody wants any more, is closed."""
    task = asyncio.ensure_future(opening)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.add_done_callback(_close_unwanted)
        task.cancel()
        raise
    if not done:
        task.add_done_callback(_close_unwanted)
        task.cancel()
        raise asyncio.TimeoutError
    return task.result()[1]


def _close_unwanted(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and task.exception() is None:
        task.result()[1].close()


class _Shared(Generic[T]):
    """What many tasks wait for and one of them began. It goes on until the last of them is cancelled."""

    def __init__(self, work: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: "asyncio.Task[T]" = asyncio.ensure_future(work)
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())  # seen, whoever waits
        self._given_up = False
        self.waiting = 0

    def can_be_joined(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self._loop is loop and not self._given_up and not self._task.done()

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def within(self, seconds: float) -> T:
        """Its result; asyncio.TimeoutError if it takes longer."""
        self.waiting += 1
        try:
            await asyncio.wait({self._task}, timeout=max(0.0, seconds))
        except asyncio.CancelledError:
            if self.waiting == 1:
                self._given_up = True
                self._task.cancel()
            raise
        finally:
            self.waiting -= 1
        if not self._task.done():
            raise asyncio.TimeoutError
        if self._task.cancelled():
            raise _closed()
        try:
            return self._task.result()
        except OpcUaError as failure:
            raise failure._again() from None

    async def give_up(self) -> None:
        """Cancels it, and waits until it has cleared away what it had begun."""
        if self.can_be_joined(asyncio.get_running_loop()):
            self._given_up = True
            self._task.cancel()
        if self._loop is asyncio.get_running_loop() and not self._task.done():
            await asyncio.wait({self._task}, timeout=_CLOSE_SECONDS)


class AsyncSubscription:
    """A stream of events for one reading task: ``async for``, ``async with``; else as ``Subscription``."""

    def __init__(self, connection: _AsyncConnection, request: _StreamRequest, granted: Json) -> None:
        self._connection = connection
        self._request = request
        self._granted = _Granted(granted)
        self._waiting: Deque[Json] = collections.deque()
        self._arrived = asyncio.Event()
        self._paused = False
        self._closed = False
        connection.on_events = self._take
        self._take(connection.early)

    @property
    def granted(self) -> SubscriptionResult:
        return self._granted.result

    @property
    def items(self) -> List[ItemResult]:
        """What became of each item, in the order of the request."""
        return self._granted.items

    @property
    def events(self) -> List[ItemResult]:
        return self._granted.events

    @property
    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self._closed

    def _take(self, messages: List[Json]) -> None:
        self._waiting.extend(messages)
        # What waits here is bounded: beyond it the daemon's own bounds, and its Overflow, come in.
        if len(self._waiting) >= _WAITING_MESSAGES and not self._paused and self._connection.broken is None:
            assert self._connection.transport is not None
            self._connection.transport.pause_reading()
            self._paused = True
        self._arrived.set()

    async def next(self, timeout: Optional[float] = None) -> Optional[StreamEvent]:
        """The next event; None if ``timeout`` seconds pass first, or after the end (``closed``)."""
        seconds = self._granted.silence if timeout is None else timeout
        end = time.monotonic() + seconds
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                self._resume()
                try:
                    event = self._request.event(message)
                except _StreamEnd:
                    self.close()
                    return None
                except OpcUaError:
                    self.close()
                    raise
                if event is not None:
                    return event
            if self._closed:
                return None
            if self._connection.broken is not None:
                self._closed = True
                raise self._connection._why(None)
            left = end - time.monotonic()
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), max(0.0, left))
            except asyncio.TimeoutError:
                if timeout is not None:
                    return None
                self.close()
                raise self._connection.daemon.lost("the stream is silent", None) from None

    def _resume(self) -> None:
        if self._paused and len(self._waiting) < _WAITING_MESSAGES // 2 and self._connection.broken is None:
            assert self._connection.transport is not None
            self._connection.transport.resume_reading()
            self._paused = False

    async def changes(self) -> AsyncIterator[DataChange]:
        """The changed values alone. What tells of losses and interruptions is passed over: iterate for that."""
        async for event in self:
            if isinstance(event, Notifications):
                for notification in event:
                    if isinstance(notification, DataChange):
                        yield notification

    def close(self) -> None:
        """Ends the stream; what it had on the server goes with it. May be repeated."""
        self._closed = True
        self._connection.close()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        event = await self.next()
        if event is None:
            raise StopAsyncIteration
        return event

    async def __aenter__(self) -> "AsyncSubscription":
        return self

    async def __aexit__(self, *unused: Any) -> None:
        self.close()


class AsyncClient:
    """As ``Client``, for asyncio: every method is a coroutine. Any number of tasks of one event loop may share it.

    Requests of several tasks are pipelined on one connection. A task that is cancelled takes its request back, if the
    daemon has ``cancel``.
    """

    def __init__(
        self,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        *,
        connection: Optional[str] = None,
        session_id: Optional[str] = None,
        force_new: bool = False,
        socket: Optional[str] = None,
        token: Optional[str] = None,
        token_file: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        self._daemon = _Daemon(socket, token, token_file)
        self._session = _Session(_target(endpoint_url, config, connection), session_id, force_new)
        self._timeout = timeout
        self._max_answer_bytes = max_answer_bytes
        self._connection: Optional[_AsyncConnection] = None
        self._connecting: Optional[_Shared[_AsyncConnection]] = None
        self._opening: Optional[_Shared[str]] = None
        _forked.add(self)

    def _after_fork(self) -> None:
        # Not closed: a transport that is would tell the parent's event loop, whose descriptors these are.
        self._connection = self._connecting = self._opening = None
        self._session.after_fork()

    async def connect(self, *, timeout: Optional[float] = None) -> "AsyncClient":
        """As ``Client.connect``."""
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        try:
            if self._session.can_open:
                if self._session.id is None:
                    await self._open(deadline, seconds)
            else:
                await self._connected(deadline, seconds)
        except asyncio.CancelledError:
            # Whoever cancels this may not even have the client: nothing of it stays unless others use it.
            for begun in (self._opening, self._connecting):  # in this order: an opening may wait for the connection
                if begun is not None and not begun.waiting:
                    await begun.give_up()
            if all(begun is None or begun.is_over for begun in (self._opening, self._connecting)):
                if self._connection is None or self._connection.is_idle:
                    await self.close()
            raise
        return self

    @property
    def session_id(self) -> Optional[str]:
        """The daemon's id of the session; None before it is needed."""
        return self._session.id

    @property
    def was_session_reused(self) -> bool:
        """Whether the daemon had the session already."""
        return self._session.reused

    async def disconnect(self, *, force: bool = False, timeout: Optional[float] = None) -> None:
        """As ``Client.disconnect``."""
        try:
            session_id = self._session.id
            if session_id is not None:
                self._session.forget(session_id)
                try:
                    await self._run(_close(session_id, force), timeout)
                except SessionNotFoundError:
                    pass
        finally:
            await self._hang_up()

    async def close(self) -> None:
        """As ``Client.close``."""
        if self._session.force_new and self._session.id is not None and self._connection is not None:
            try:
                await self.disconnect(timeout=_CLOSE_SECONDS)
            except OpcUaError:
                pass  # it ends by itself, by the daemon's --timeout
        await self._hang_up()

    async def _hang_up(self) -> None:
        opening, self._opening = self._opening, None
        connecting, self._connecting = self._connecting, None
        connection, self._connection = self._connection, None
        try:
            for begun in (opening, connecting):  # in this order: who opens a session takes that back first
                if begun is not None:
                    await begun.give_up()
        finally:
            if connection is not None:
                connection.close()

    async def __aenter__(self) -> "AsyncClient":
        try:
            return await self.connect()
        except BaseException:
            await self.close()
            raise

    async def __aexit__(self, *unused: Any) -> None:
        await self.close()

    def __repr__(self) -> str:
        return "AsyncClient(socket=%r, session_id=%r)" % (self._daemon.uri, self._session.id)

    async def read(
        self,
        node: NodeLike,
        attribute: int = AttributeId.VALUE,
        refresh: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> DataValue:
        """As ``Client.read``."""
        return await self._run(_read(node, attribute, refresh), timeout)

    async def read_multi(
        self,
        nodes: Iterable[Union[NodeLike, Tuple[NodeLike, int]]],
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.read_multi``."""
        return await self._run(_read_multi(nodes), timeout)

    async def write(
        self,
        node: NodeLike,
        value: Any,
        type: Optional[int] = None,
        *,
        timeout: Optional[float] = None,
    ) -> StatusCode:
        """As ``Client.write``."""
        return await self._run(_write(node, value, type), timeout)

    async def write_multi(self, writes: Iterable[Any], *, timeout: Optional[float] = None) -> List[StatusCode]:
        """As ``Client.write_multi``."""
        return await self._run(_write_multi(writes), timeout)

    async def browse(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> List[Reference]:
        """As ``Client.browse``."""
        request = _browse("browse", node, direction, reference_type, include_subtypes, node_classes, use_cache)
        return await self._run(request, timeout)

    async def browse_all(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> List[Reference]:
        """As ``Client.browse_all``."""
        request = _browse("browseAll", node, direction, reference_type, include_subtypes, node_classes, use_cache)
        return await self._run(request, timeout)

    async def browse_recursive(
        self,
        node: NodeLike,
        direction: int = 0,
        max_depth: Optional[int] = None,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> List[BrowseNode]:
        """As ``Client.browse_recursive``."""
        request = _browse_recursive(node, direction, max_depth, reference_type, include_subtypes, node_classes)
        return await self._run(request, timeout)

    async def browse_page(
        self,
        node: NodeLike,
        direction: int = 0,
        reference_type: Optional[NodeLike] = None,
        include_subtypes: bool = True,
        node_classes: Sequence[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> BrowsePage:
        """As ``Client.browse_page``."""
        return await self._run(_browse_page(node, direction, reference_type, include_subtypes, node_classes), timeout)

    async def browse_next(self, continuation_point: str, *, timeout: Optional[float] = None) -> BrowsePage:
        """As ``Client.browse_next``."""
        return await self._run(_query("browseNext", [continuation_point], BrowsePage._from), timeout)

    async def resolve(
        self,
        path: str,
        start: Optional[NodeLike] = None,
        use_cache: bool = True,
        *,
        timeout: Optional[float] = None,
    ) -> NodeId:
        """As ``Client.resolve``."""
        request = _query("resolveNodeId", [path, None if start is None else _node(start), use_cache], NodeId._of)
        return await self._run(request, timeout)

    async def translate_browse_paths(
        self,
        paths: Iterable[Any],
        *,
        timeout: Optional[float] = None,
    ) -> List[PathResult]:
        """As ``Client.translate_browse_paths``."""
        return await self._run(_translate(paths), timeout)

    async def call(
        self,
        object_id: NodeLike,
        method_id: NodeLike,
        arguments: Iterable[Any] = (),
        *,
        timeout: Optional[float] = None,
    ) -> CallResult:
        """As ``Client.call``."""
        return await self._run(_call(object_id, method_id, arguments), timeout)

    async def history_read_raw(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        bounds: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.history_read_raw``."""
        return await self._run(_history_raw(node, start, end, count, bounds), timeout)

    async def history_read_processed(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        interval: float,
        aggregate: NodeLike,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.history_read_processed``."""
        return await self._run(_history_processed(node, start, end, interval, aggregate), timeout)

    async def history_read_at_time(
        self,
        node: NodeLike,
        times: Iterable[TimeLike],
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.history_read_at_time``."""
        return await self._run(_history_at_time(node, times), timeout)

    async def history_insert_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.history_insert_data``."""
        return await self._run(_history_update("historyInsertData", node, values), timeout)

    async def history_replace_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.history_replace_data``."""
        return await self._run(_history_update("historyReplaceData", node, values), timeout)

    async def history_update_data(
        self, node: NodeLike, values: Iterable[Any], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.history_update_data``."""
        return await self._run(_history_update("historyUpdateData", node, values), timeout)

    async def history_delete_raw_modified(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        modified: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> StatusCode:
        """As ``Client.history_delete_raw_modified``."""
        return await self._run(_history_delete(node, start, end, modified), timeout)

    async def history_delete_at_time(
        self, node: NodeLike, times: Iterable[TimeLike], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.history_delete_at_time``."""
        return await self._run(_history_delete_at(node, times), timeout)

    async def history_insert_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """As ``Client.history_insert_event``."""
        return await self._run(_history_event("historyInsertEvent", node, fields, events), timeout)

    async def history_replace_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """As ``Client.history_replace_event``."""
        return await self._run(_history_event("historyReplaceEvent", node, fields, events), timeout)

    async def history_update_event(
        self,
        node: NodeLike,
        fields: Sequence[str],
        events: Iterable[Iterable[Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """As ``Client.history_update_event``."""
        return await self._run(_history_event("historyUpdateEvent", node, fields, events), timeout)

    async def history_delete_event(
        self, node: NodeLike, event_ids: Iterable[bytes], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.history_delete_event``."""
        return await self._run(_history_delete_event(node, event_ids), timeout)

    async def history_read_modified(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        *,
        timeout: Optional[float] = None,
    ) -> List[ModifiedValue]:
        """As ``Client.history_read_modified``."""
        return await self._run(_history_modified(node, start, end, count), timeout)

    async def history_read_events(
        self,
        node: NodeLike,
        start: TimeLike = None,
        end: TimeLike = None,
        count: int = 0,
        fields: Optional[Sequence[str]] = None,
        where: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[List[Any]]:
        """As ``Client.history_read_events``."""
        return await self._run(_history_events(node, start, end, count, fields, where), timeout)

    async def history_aggregate(
        self,
        node: NodeLike,
        start: TimeLike,
        end: TimeLike,
        interval: float,
        function: Union[AggregateFunction, str],
        configuration: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.history_aggregate``."""
        request = _aggregate("historyAggregate", _node(node), start, end, interval, function, configuration)
        return await self._run(request, timeout)

    async def aggregate(
        self,
        values: Iterable[Any],
        start: TimeLike,
        end: TimeLike,
        interval: float,
        function: Union[AggregateFunction, str],
        configuration: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
    ) -> List[DataValue]:
        """As ``Client.aggregate``."""
        samples = [_sample(value) for value in values]
        return await self._run(_aggregate("aggregate", samples, start, end, interval, function, configuration), timeout)

    async def add_nodes(self, nodes: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None) -> List[AddedNode]:
        """As ``Client.add_nodes``."""
        return await self._run(_add_nodes(nodes), timeout)

    async def delete_nodes(
        self, nodes: Iterable[NodeLike], delete_target_references: bool = True, *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.delete_nodes``."""
        return await self._run(_delete_nodes(nodes, delete_target_references), timeout)

    async def add_references(
        self, references: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.add_references``."""
        return await self._run(_references("addReferences", references), timeout)

    async def delete_references(
        self, references: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None
    ) -> List[StatusCode]:
        """As ``Client.delete_references``."""
        return await self._run(_references("deleteReferences", references), timeout)

    async def get_server_build_info(self, *, timeout: Optional[float] = None) -> BuildInfo:
        """As ``Client.get_server_build_info``."""
        return await self._run(_build_info(), timeout)

    async def open_file(
        self, node: NodeLike, mode: int = OpenFileMode.READ, *, timeout: Optional[float] = None
    ) -> int:
        """As ``Client.open_file``."""
        return await self._run(_query("openFile", [_node(node), int(mode)], int), timeout)

    async def close_file(self, node: NodeLike, handle: int, *, timeout: Optional[float] = None) -> None:
        """As ``Client.close_file``."""
        await self._run(_query("closeFile", [_node(node), handle], _nothing), timeout)

    async def read_file(self, node: NodeLike, handle: int, length: int, *, timeout: Optional[float] = None) -> bytes:
        """As ``Client.read_file``."""
        return await self._run(_read_file(node, handle, length), timeout)

    async def write_file(self, node: NodeLike, handle: int, data: bytes, *, timeout: Optional[float] = None) -> None:
        """As ``Client.write_file``."""
        await self._run(_write_file(node, handle, data), timeout)

    async def get_file_position(self, node: NodeLike, handle: int, *, timeout: Optional[float] = None) -> int:
        """As ``Client.get_file_position``."""
        return await self._run(_query("getFilePosition", [_node(node), handle], int), timeout)

    async def set_file_position(
        self, node: NodeLike, handle: int, position: int, *, timeout: Optional[float] = None
    ) -> None:
        """As ``Client.set_file_position``."""
        await self._run(_query("setFilePosition", [_node(node), handle, position], _nothing), timeout)

    async def create_directory(self, directory: NodeLike, name: str, *, timeout: Optional[float] = None) -> NodeId:
        """As ``Client.create_directory``."""
        return await self._run(_query("createDirectory", [_node(directory), name], NodeId._of), timeout)

    async def create_file_in_directory(
        self, directory: NodeLike, name: str, open: bool = False, *, timeout: Optional[float] = None
    ) -> CreatedFile:
        """As ``Client.create_file_in_directory``."""
        return await self._run(_create_file(directory, name, open), timeout)

    async def delete_file_system_object(
        self, directory: NodeLike, node: NodeLike, *, timeout: Optional[float] = None
    ) -> None:
        """As ``Client.delete_file_system_object``."""
        request = _query("deleteFileSystemObject", [_node(directory), _node(node)], _nothing)
        await self._run(request, timeout)

    async def move_or_copy_file_system_object(
        self,
        directory: NodeLike,
        node: NodeLike,
        target_directory: NodeLike,
        copy: bool = False,
        new_name: str = "",
        *,
        timeout: Optional[float] = None,
    ) -> NodeId:
        """As ``Client.move_or_copy_file_system_object``."""
        return await self._run(_move_or_copy(directory, node, target_directory, copy, new_name), timeout)

    async def open_remote(
        self, node: NodeLike, mode: str = "rb", *, timeout: Optional[float] = None
    ) -> "AsyncRemoteFile":
        """Opens a file of the server: ``async with await plc.open_remote(node, "wb") as file: await file.write(…)``"""
        flags = _open_flags(mode)
        request = _query("openFile", [_node(node), int(flags)], int)
        handle = await self._run(request, timeout)
        return AsyncRemoteFile(self, _RemoteHandle(node, handle, request.session_id, flags), mode, timeout)

    async def get_endpoints(self, url: str, *, timeout: Optional[float] = None) -> List[Endpoint]:
        """As ``Client.get_endpoints``."""
        return await self._run(_discovery("getEndpoints", url, Endpoint._of), timeout)

    async def find_servers(self, url: str, *, timeout: Optional[float] = None) -> List[Application]:
        """As ``Client.find_servers``."""
        return await self._run(_discovery("findServers", url, Application._of), timeout)

    async def create_subscription(
        self,
        publishing_interval: float = 500.0,
        lifetime_count: int = 2400,
        max_keep_alive_count: int = 10,
        max_notifications: int = 0,
        enabled: bool = True,
        priority: int = 0,
        *,
        timeout: Optional[float] = None,
    ) -> SubscriptionResult:
        """As ``Client.create_subscription``."""
        request = _create_subscription(
            publishing_interval,
            lifetime_count,
            max_keep_alive_count,
            max_notifications,
            enabled,
            priority,
        )
        return await self._run(request, timeout)

    async def create_monitored_items(
        self,
        subscription_id: int,
        items: Iterable[Union[NodeLike, Mapping[str, Any]]],
        *,
        timeout: Optional[float] = None,
    ) -> List[ItemResult]:
        """As ``Client.create_monitored_items``."""
        return await self._run(_create_items(subscription_id, items), timeout)

    async def create_event_monitored_item(
        self,
        subscription_id: int,
        node: NodeLike,
        select_fields: Optional[Sequence[str]] = None,
        client_handle: int = 1,
        where: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
    ) -> ItemResult:
        """As ``Client.create_event_monitored_item``."""
        return await self._run(_create_event_item(subscription_id, node, select_fields, client_handle, where), timeout)

    async def modify_monitored_items(
        self,
        subscription_id: int,
        items: Iterable[Mapping[str, Any]],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """As ``Client.modify_monitored_items``."""
        return await self._run(_modify_items(subscription_id, items), timeout)

    async def delete_monitored_items(
        self,
        subscription_id: int,
        ids: Iterable[int],
        *,
        timeout: Optional[float] = None,
    ) -> List[StatusCode]:
        """As ``Client.delete_monitored_items``."""
        request = _query("deleteMonitoredItems", [subscription_id, list(ids)], _list_of(StatusCode))
        return await self._run(request, timeout)

    async def delete_subscription(self, subscription_id: int, *, timeout: Optional[float] = None) -> StatusCode:
        """As ``Client.delete_subscription``."""
        return await self._run(_query("deleteSubscription", [subscription_id], StatusCode), timeout)

    async def set_triggering(
        self,
        subscription_id: int,
        triggering_item_id: int,
        links_to_add: Iterable[int] = (),
        links_to_remove: Iterable[int] = (),
        *,
        timeout: Optional[float] = None,
    ) -> TriggeringResult:
        """As ``Client.set_triggering``."""
        return await self._run(_set_triggering(subscription_id, triggering_item_id, links_to_add, links_to_remove), timeout)

    async def transfer_subscriptions(
        self,
        subscription_ids: Iterable[int],
        send_initial_values: bool = False,
        *,
        timeout: Optional[float] = None,
    ) -> List[TransferResult]:
        """As ``Client.transfer_subscriptions``."""
        return await self._run(_transfer(subscription_ids, send_initial_values), timeout)

    async def republish(
        self, subscription_id: int, sequence_number: int, *, timeout: Optional[float] = None
    ) -> RepublishResult:
        """As ``Client.republish``."""
        return await self._run(_republish(subscription_id, sequence_number), timeout)

    async def publish(
        self,
        acknowledgements: Iterable[Mapping[str, Any]] = (),
        subscription_ids: Optional[Iterable[int]] = None,
        max_wait: Optional[float] = None,
        *,
        timeout: Optional[float] = None,
    ) -> PublishResult:
        """As ``Client.publish``."""
        return await self._run(_publish(acknowledgements, subscription_ids, max_wait), timeout)

    async def ping(self, *, timeout: Optional[float] = None) -> Json:
        """As ``Client.ping``."""
        return await self._run(_command("ping", {}, None), timeout)

    async def list(self, *, timeout: Optional[float] = None) -> Json:
        """As ``Client.list``."""
        return await self._run(_command("list", {}, None), timeout)

    async def stats(self, *, timeout: Optional[float] = None) -> Json:
        """As ``Client.stats``."""
        return await self._run(_command("stats", {}, None), timeout)

    async def describe(self, *, timeout: Optional[float] = None) -> Json:
        """As ``Client.describe``."""
        return await self._run(_describe(), timeout)

    async def hello(self, *, timeout: Optional[float] = None) -> Json:
        """As ``Client.hello``."""
        return await self._run(_command("hello", {}, None), timeout)

    async def cancel(self, target: Union[int, str], *, timeout: Optional[float] = None) -> bool:
        """As ``Client.cancel``."""
        return await self._run(_cancel(target), timeout)

    async def query(
        self,
        method: str,
        *params: Any,
        session_id: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        connection: Optional[str] = None,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """As ``Client.query``."""
        server = {"sessionId": session_id, "endpointUrl": endpoint_url, "config": config, "connection": connection}
        request = _any_query("query", method, params, id, _encode(server), self._session.can_open)
        return await self._run(request, timeout)

    async def invoke(
        self,
        method: str,
        *args: Any,
        session_id: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        connection: Optional[str] = None,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """As ``Client.invoke``."""
        server = {"sessionId": session_id, "endpointUrl": endpoint_url, "config": config, "connection": connection}
        request = _any_query("invoke", method, args, id, _encode(server), self._session.can_open)
        return await self._run(request, timeout)

    async def command(
        self,
        name: str,
        members: Mapping[str, Any] = {},
        *,
        id: Union[None, int, str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """As ``Client.command``."""
        return await self._run(_command(name, members, id), timeout)

    async def open_session(
        self,
        endpoint_url: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        *,
        connection: Optional[str] = None,
        force_new: bool = False,
        timeout: Optional[float] = None,
    ) -> OpenedSession:
        """As ``Client.open_session``."""
        target = _target(endpoint_url, config, connection)
        if target is None:
            raise ValueError("Which server: an endpoint URL, or a connection")
        return await self._run(_open(target, force_new), timeout)

    async def close_session(self, session_id: str, *, force: bool = False, timeout: Optional[float] = None) -> None:
        """As ``Client.close_session``."""
        await self._run(_close(session_id, force), timeout)

    async def subscribe(
        self,
        items: Iterable[Union[NodeLike, Mapping[str, Any]]] = (),
        events: Iterable[Union[NodeLike, Mapping[str, Any]]] = (),
        *,
        publishing_interval: float = 500.0,
        subscription: Optional[Mapping[str, Any]] = None,
        timeout: Optional[float] = None,
    ) -> AsyncSubscription:
        """As ``Client.subscribe``."""
        request = _StreamRequest(
            items, events, {"publishingInterval": float(publishing_interval), **(subscription or {})}
        )
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        for attempt in (1, 2):
            session_id = self._session.id or await self._open(deadline, seconds)
            members = {"command": "subscribe", "sessionId": session_id, **request.members()}
            connection = await _AsyncConnection.connect(self._daemon, self._max_answer_bytes, deadline)
            try:
                answer = await connection.exchange(None, _with_timeout(members, seconds), True, deadline, seconds)
                return AsyncSubscription(connection, request, _data(answer))
            except SessionNotFoundError:
                connection.close()
                self._session.forget(session_id)
                if attempt == 2 or self._session.id is not None:
                    raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError("unreachable")

    async def _run(self, request: _Request[T], timeout: Optional[float]) -> T:
        seconds = self._limit(timeout)
        deadline = _deadline(seconds)
        steps = self._session.steps(request)
        try:
            step = next(steps)
            while True:
                try:
                    result: Any
                    if step is _OPEN:
                        try:
                            result = await self._open(deadline, seconds)
                        except OpcUaError as failure:
                            raise failure._before(request.repeatable)
                    else:
                        result = await self._exchange(step, request.id, request.repeatable, deadline, seconds)
                except OpcUaError as failure:
                    step = steps.throw(failure)
                else:
                    step = steps.send(result)
        except StopIteration as end:
            return end.value

    async def _exchange(
        self, members: Json, id: Union[None, int, str], repeatable: bool, deadline: float, seconds: float
    ) -> Any:
        try:
            connection = await self._connected(deadline, seconds)
        except OpcUaError as failure:
            raise failure._before(repeatable)
        return _data(await connection.exchange(id, _with_timeout(members, seconds), repeatable, deadline, seconds))

    async def _open(self, deadline: float, seconds: float) -> str:
        """The session's id; of many tasks that need it one opens it, and its end is not the others'."""
        loop = asyncio.get_running_loop()
        if self._opening is None or not self._opening.can_be_joined(loop):
            self._opening = _Shared(self._open_once(max(seconds, self._limit(None))), loop)
        return await self._within(self._opening, deadline, seconds)

    async def _open_once(self, seconds: float) -> str:
        if self._session.id is not None:
            return self._session.id
        deadline = _deadline(seconds)
        request = self._session.open_request()
        for attempt in (1, 2):
            name: Any = object()  # no caller has chosen it
            opening = asyncio.ensure_future(
                self._exchange(request.members, name, request.repeatable, deadline, seconds)
            )
            try:
                return self._session.opened(request.decode(await asyncio.shield(opening)))
            except ConnectionLost:
                if attempt == 2 or not request.repeatable:
                    raise
            except asyncio.CancelledError:
                await self._take_back(opening, name)
                raise
        raise AssertionError("unreachable")

    async def _take_back(self, opening: "asyncio.Task[Any]", name: Any) -> None:
        """Nobody wants this session any more: its opening is cancelled, or undone if the daemon was faster."""
        connection = self._connection
        if not opening.done() and (connection is None or not connection.cancel(name)):
            opening.cancel()
        await asyncio.wait({opening}, timeout=_CLOSE_SECONDS)
        if not opening.done():
            opening.cancel()
        elif not opening.cancelled() and opening.exception() is None and connection is not None:
            request = _close(opening.result()["sessionId"], False)
            try:
                await connection.exchange(None, request.members, False, _deadline(_CLOSE_SECONDS), _CLOSE_SECONDS)
            except OpcUaError:
                pass  # it ends by itself, by the daemon's --timeout

    async def _connected(self, deadline: float, seconds: float) -> _AsyncConnection:
        loop = asyncio.get_running_loop()
        if self._connection is not None and self._connection.is_usable(loop):
            return self._connection
        if self._connecting is None or not self._connecting.can_be_joined(loop):
            self._connecting = _Shared(self._connect(max(seconds, self._limit(None))), loop)
        return await self._within(self._connecting, deadline, seconds)

    async def _connect(self, seconds: float) -> _AsyncConnection:
        me = self._connecting
        connection = await _AsyncConnection.connect(self._daemon, self._max_answer_bytes, _deadline(seconds))
        if self._connecting is not me:  # closed meanwhile
            connection.close()
            raise _closed()
        self._connection = connection
        return connection

    async def _within(self, shared: _Shared[T], deadline: float, seconds: float) -> T:
        try:
            return await shared.within(deadline - time.monotonic())
        except asyncio.TimeoutError:
            raise self._daemon.late(seconds, True) from None

    def _limit(self, timeout: Optional[float]) -> float:
        return _seconds(self._timeout if timeout is None else timeout)
