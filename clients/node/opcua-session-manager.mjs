/**
 * A client of the OPC UA session manager, the daemon that holds OPC UA sessions for short-lived programs. One file, no
 * dependency, Node.js 18 or later. The protocol is described in docs/protocol.md, this client in README.md beside it.
 *
 * From the bottom up: values and their JSON (`NodeId`, `DateTime`, `Variant`, `DataValue`, `encode`, `decodeValue`); `Wire`,
 * a socket cut into frames; `Channel`, one connection of protocol 2 with many requests under way; `Link`, which makes a new
 * channel when one was lost; `Handle`, an open session that is opened again when the daemon lost it; `Client`, what
 * programs use; `Subscription`, a stream on a connection of its own.
 *
 * Every wait has a bound: 30 seconds unless the caller says otherwise. So has every buffer: see `LIMITS`.
 */
import { readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { Readable, Writable } from 'node:stream';

/** The numbers of OPC UA's built-in types (Part 6, 5.1.2). */
export const BuiltinType = Object.freeze({
  Boolean: 1, SByte: 2, Byte: 3, Int16: 4, UInt16: 5, Int32: 6, UInt32: 7, Int64: 8, UInt64: 9, Float: 10, Double: 11,
  String: 12, DateTime: 13, Guid: 14, ByteString: 15, XmlElement: 16, NodeId: 17, ExpandedNodeId: 18, StatusCode: 19,
  QualifiedName: 20, LocalizedText: 21, ExtensionObject: 22, DataValue: 23, Variant: 24, DiagnosticInfo: 25,
});

/** The numbers of a node's attributes (Part 6, A.1). */
export const AttributeId = Object.freeze({
  NodeId: 1, NodeClass: 2, BrowseName: 3, DisplayName: 4, Description: 5, WriteMask: 6, UserWriteMask: 7, IsAbstract: 8,
  Symmetric: 9, InverseName: 10, ContainsNoLoops: 11, EventNotifier: 12, Value: 13, DataType: 14, ValueRank: 15,
  ArrayDimensions: 16, AccessLevel: 17, UserAccessLevel: 18, MinimumSamplingInterval: 19, Historizing: 20,
  Executable: 21, UserExecutable: 22, DataTypeDefinition: 23, RolePermissions: 24, UserRolePermissions: 25,
  AccessRestrictions: 26, AccessLevelEx: 27,
});

/** How a file is opened (Part 20, 4.2.2), added up. */
export const OpenFileMode = Object.freeze({ Read: 1, Write: 2, EraseExisting: 4, Append: 8 });

/** What is made of the values of an interval (Part 13, 5.4.3). */
export const AggregateFunction = Object.freeze({
  Interpolate: 'interpolate', Minimum: 'minimum', Maximum: 'maximum', Average: 'average', Count: 'count',
  TimeAverage: 'timeAverage', Total: 'total', Range: 'range', Delta: 'delta', Start: 'start', End: 'end',
  DurationGood: 'durationGood', DurationBad: 'durationBad', PercentGood: 'percentGood', StandardDeviation: 'standardDeviation',
});

/** `direction` of a browse. */
export const BrowseDirection = Object.freeze({ Forward: 0, Inverse: 1, Both: 2 });

const TYPE_NAMES = Object.freeze(Object.fromEntries(Object.entries(BuiltinType).map(([name, type]) => [type, name])));

const LIMITS = Object.freeze({
  /** Milliseconds for a request. */
  timeout: 30_000,
  /** Milliseconds until the daemon has accepted a connection and answered `hello`. */
  connectTimeout: 5_000,
  /** What a request waits longer than it told the daemon, whose own answer says more than a timeout here. */
  grace: 1_000,
  /** Bytes of one frame of the daemon. */
  maxAnswerBytes: 256 * 1024 * 1024,
  /** Requests that wait here because the daemon has as many as it takes. */
  maxQueued: 10_000,
  /** Bytes of a stream that wait for a slow reader before the socket is left alone. */
  highWaterMark: 4 * 1024 * 1024,
  /** Bytes that may come although the socket was told to pause. */
  chunk: 128 * 1024,
  /** The daemon disconnects who reads nothing for 30 s; a slow reader's socket is read once in this time. */
  stalledReadEvery: 10_000,
  /** Milliseconds without a frame after which a stream's daemon is asked whether it is there, or three keep-alives. */
  silence: 30_000,
  /** Milliseconds for the orderly end of a session or a stream. */
  closing: 5_000,
  /** Levels of objects and arrays that the daemon takes, of a whole request. */
  depth: 32,
  /** The daemon's bound on `timeoutMs`: a day. */
  maxTimeout: 86_400_000,
  /** Bytes of a file that are read at a time. */
  fileRead: 256 * 1024,
  /** Bytes of a file that are written at a time: base64 makes a third more of them, and they share a frame with the rest. */
  fileWrite: 44 * 1024,
});

// ---------------------------------------------------------------------------------------------------------------- errors

/**
 * What every failure is: of the daemon, of the OPC UA server, or of the connection to the daemon.
 *
 * `type` is the protocol's error type, `code` OPC UA's status code where there is one. `outcome` is set for what changes the
 * plant: `not_sent`, and it is safe to repeat it, or `unknown`.
 */
export class OpcUaError extends Error {
  constructor(message, { type = 'error', code, outcome, retryAfterMs, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.type = type;
    this.code = code;
    this.outcome = outcome;
    this.retryAfterMs = retryAfterMs;
  }
}

// Errors that the daemon sends. Their classes exist so that `instanceof` works; what they mean is in docs/protocol.md.
export class InvalidJsonError extends OpcUaError {}
export class PayloadTooLargeError extends OpcUaError {}
export class ConnectionTimeoutError extends OpcUaError {}
export class TooManyConnectionsError extends OpcUaError {}
export class AuthFailedError extends OpcUaError {}
export class UnknownCommandError extends OpcUaError {}
export class ForbiddenMethodError extends OpcUaError {}
export class UnknownMethodError extends OpcUaError {}
export class InvalidArgumentError extends OpcUaError {}
export class SessionNotFoundError extends OpcUaError {}
export class MaxSessionsReachedError extends OpcUaError {}
export class SessionBudgetError extends OpcUaError {}
export class OverloadedError extends OpcUaError {}
export class AccessDeniedError extends OpcUaError {}
export class RateLimitedError extends OpcUaError {}
export class AutoPublishActiveError extends OpcUaError {}
export class ShuttingDownError extends OpcUaError {}
export class ConfigurationError extends OpcUaError {}
export class InvalidPathError extends OpcUaError {}
export class SecurityError extends OpcUaError {}
export class UntrustedCertificateError extends SecurityError {}
export class ServerConnectionError extends OpcUaError {}
export class ServiceError extends OpcUaError {}
export class ServiceUnsupportedError extends ServiceError {}
export class InvalidNodeIdError extends OpcUaError {}
export class WriteTypeMismatchError extends OpcUaError {}
export class WriteTypeDetectionError extends OpcUaError {}
export class EncodingError extends OpcUaError {}
export class InternalError extends OpcUaError {}

/** The request was given up by its `AbortSignal`, whose reason is the `cause`, or by the daemon. */
export class CancelledError extends OpcUaError {
  constructor(message, details) {
    super(message, details);
    // What programs look for after `controller.abort()`.
    this.name = 'AbortError';
  }
}

/** Nobody listens where the daemon was looked for, or it may not be reached. Nothing was sent. */
export class DaemonNotRunningError extends OpcUaError {}
/** The connection to the daemon broke before the answer came. */
export class ConnectionLostError extends OpcUaError {}
/** The daemon did not answer in time. */
export class TimeoutError extends OpcUaError {}
/** What listens there is no daemon of protocol 2. */
export class UnsupportedDaemonError extends OpcUaError {}
/** The client or the stream was closed by this program. */
export class ClosedError extends OpcUaError {}

const ERRORS = new Map(Object.entries({
  invalid_json: InvalidJsonError, payload_too_large: PayloadTooLargeError, connection_timeout: ConnectionTimeoutError,
  too_many_connections: TooManyConnectionsError, auth_failed: AuthFailedError, unknown_command: UnknownCommandError,
  forbidden_method: ForbiddenMethodError, unknown_method: UnknownMethodError, invalid_argument: InvalidArgumentError,
  session_not_found: SessionNotFoundError, max_sessions_reached: MaxSessionsReachedError,
  session_budget: SessionBudgetError, overloaded: OverloadedError, access_denied: AccessDeniedError,
  rate_limited: RateLimitedError, auto_publish_active: AutoPublishActiveError, cancelled: CancelledError,
  shutting_down: ShuttingDownError, ConfigurationException: ConfigurationError,
  InvalidArgumentException: InvalidPathError, SecurityException: SecurityError,
  UntrustedCertificateException: UntrustedCertificateError, ConnectionException: ServerConnectionError,
  ServiceException: ServiceError, ServiceUnsupportedException: ServiceUnsupportedError,
  InvalidNodeIdException: InvalidNodeIdError, WriteTypeMismatchException: WriteTypeMismatchError,
  WriteTypeDetectionException: WriteTypeDetectionError, EncodingException: EncodingError, internal_error: InternalError,
}));

/** The error that the daemon tells; of a type that this version does not know: `OpcUaError` itself. */
function errorOf(error, cause) {
  const type = typeof error?.type === 'string' ? error.type : 'error';
  return new (ERRORS.get(type) ?? OpcUaError)(String(error?.message ?? type), {
    type,
    code: error?.code ?? undefined,
    outcome: error?.outcome ?? undefined,
    retryAfterMs: error?.retryAfterMs ?? undefined,
    cause,
  });
}

/** An argument that is wrong before anything is sent. */
function invalid(message) {
  return new InvalidArgumentError(message, { type: 'invalid_argument', outcome: 'not_sent' });
}

const closedError = what => new ClosedError(`${what} is closed`, { type: 'closed', outcome: 'not_sent' });

// ---------------------------------------------------------------------------------------------------------------- values

const TEXT_TAGS = { numeric: 'i', string: 's', guid: 'g', opaque: 'b' };
const NODE_ID = /^(?:svr=(\d+);)?(?:(?:ns=(\d+)|nsu=([^;]*));)?([isgb])=(.*)$/s;

/** A NodeId, or with `namespaceUri` or `serverIndex` an ExpandedNodeId. Opaque identifiers are Buffers. */
export class NodeId {
  constructor(namespace, identifier, { namespaceUri, serverIndex = 0, type } = {}) {
    this.namespace = namespace;
    this.identifier = identifier;
    this.type = type ?? (typeof identifier === 'number' ? 'numeric' : typeof identifier === 'string' ? 'string' : 'opaque');
    this.namespaceUri = namespaceUri ?? null;
    this.serverIndex = serverIndex;
    if (!Object.hasOwn(TEXT_TAGS, this.type)) {
      throw invalid(`The type of a NodeId is numeric, string, guid or opaque, was ${this.type}`);
    }
  }

  /** Of the daemon's JSON, or of text as `ns=2;s=Speed`. */
  static of(value) {
    if (value instanceof NodeId || value === null || value === undefined) {
      return value ?? null;
    }
    if (typeof value === 'string') {
      return NodeId.parse(value);
    }
    const type = value.type ?? 'numeric';
    const identifier = type === 'opaque' ? Buffer.from(value.id, 'hex') : value.id;
    return new NodeId(value.ns ?? 0, identifier, { type, namespaceUri: value.nsu, serverIndex: value.serverIndex ?? 0 });
  }

  /** Of OPC UA's text (Part 6, 5.3.1.10): `i=2258`, `ns=2;s=Speed`, `nsu=urn:plant;s=Speed`, `ns=1;b=` and base64. */
  static parse(text) {
    const parts = NODE_ID.exec(text);
    if (parts === null || (parts[4] === 'i' && !(/^\d+$/.test(parts[5]) && Number(parts[5]) < 2 ** 32))) {
      throw new InvalidNodeIdError(`Not a NodeId: ${JSON.stringify(text)}, expected one as "ns=2;s=Speed" or "i=2258"`, {
        type: 'InvalidNodeIdException', outcome: 'not_sent',
      });
    }
    const [, server, namespace, uri, tag, rest] = parts;
    const type = Object.keys(TEXT_TAGS).find(it => TEXT_TAGS[it] === tag);
    const identifier = tag === 'i' ? Number(rest) : tag === 'b' ? Buffer.from(rest, 'base64') : tag === 'g' ? rest.toLowerCase() : rest;
    const namespaceUri = uri?.replace(/%3B/gi, ';').replaceAll('%25', '%');
    return new NodeId(Number(namespace ?? 0), identifier, { type, namespaceUri, serverIndex: Number(server ?? 0) });
  }

  get isNull() {
    return this.namespace === 0 && this.namespaceUri === null && (this.identifier === 0 || this.identifier.length === 0);
  }

  equals(other) {
    return other instanceof NodeId && this.toString() === other.toString();
  }

  toString() {
    const server = this.serverIndex > 0 ? `svr=${this.serverIndex};` : '';
    const uri = this.namespaceUri?.replaceAll('%', '%25').replaceAll(';', '%3B');
    const space = this.namespaceUri !== null ? `nsu=${uri};` : this.namespace > 0 ? `ns=${this.namespace};` : '';
    const identifier = this.type === 'opaque' ? this.identifier.toString('base64') : this.identifier;
    return `${server}${space}${TEXT_TAGS[this.type]}=${identifier}`;
  }

  toJSON() {
    const id = this.type === 'opaque' ? Buffer.from(this.identifier).toString('hex') : this.identifier;
    const json = { ns: this.namespace, id, type: this.type };
    return this.namespaceUri === null && this.serverIndex === 0
      ? json
      : { ...json, nsu: this.namespaceUri, serverIndex: this.serverIndex };
  }
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** A time in steps of 100 ns, as its text. `date` is a JavaScript Date, which has milliseconds only. */
export class DateTime {
  constructor(text) {
    if (!TIME.test(text)) {
      throw invalid(`Not a time: ${JSON.stringify(text)}, expected one as "2026-05-15T10:30:00.1234567+00:00"`);
    }
    this.text = text;
  }

  /** Of a Date, text or DateTime; null stays null. */
  static of(value) {
    if (value === null || value === undefined || value instanceof DateTime) {
      return value ?? null;
    }
    return new DateTime(value instanceof Date ? isoOf(value) : value);
  }

  /** Cut to milliseconds. */
  get date() {
    return new Date(this.text.replace(/(\.\d{3})\d+/, '$1'));
  }

  /** Nanoseconds since 1970, exactly. */
  get epochNanoseconds() {
    const [, , , , , , , fraction = ''] = TIME.exec(this.text);
    const seconds = BigInt(Math.floor(new Date(this.text.replace(/\.\d+/, '')).getTime() / 1000));
    return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  }

  valueOf() {
    return this.date.getTime();
  }

  toString() {
    return this.text;
  }

  toJSON() {
    return this.text;
  }
}

function isoOf(date) {
  if (Number.isNaN(date.getTime())) {
    throw invalid('An invalid Date cannot be sent');
  }
  return date.toISOString();
}

/**
 * A structure. `value` has its fields as the daemon's JSON has them, null if the daemon does not know the type: a field
 * does not tell its type there, so Int64 and UInt64 are decimal strings, ByteStrings base64 and times text. `field` reads
 * one as a type that the caller knows.
 */
export class ExtensionObject {
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  /** A structure to be written, by the id of its type or encoding. */
  static of(typeId, fields) {
    return new ExtensionObject({ typeId: NodeId.of(typeId).toJSON(), value: fields });
  }

  get typeId() {
    return NodeId.of(this.#raw.typeId);
  }

  /** 0 without a body, 1 binary, 2 XML. */
  get encoding() {
    return this.#raw.encoding ?? 0;
  }

  get body() {
    return this.#raw.body === null || this.#raw.body === undefined ? null : Buffer.from(this.#raw.body, 'base64');
  }

  get value() {
    return this.#raw.value ?? null;
  }

  /** The field of this name, or path as `Motor.Speed`, decoded as the type; undefined if it is absent. */
  field(path, type) {
    let field = this.#raw.value;
    for (const step of path.split('.')) {
      field = field === null || field === undefined ? undefined : field[step];
    }
    return field === undefined ? undefined : decodeValue(type, field);
  }

  /** The same structure with these fields instead of its own ones of those names. Its body is left out: it would contradict. */
  with(fields) {
    return new ExtensionObject({ typeId: this.#raw.typeId, value: { ...this.#raw.value, ...fields } });
  }

  toJSON() {
    return this.#raw;
  }
}

/** A value with its built-in type; a matrix has `dimensions` and a flat array, row by row. */
export class Variant {
  constructor(type, value, dimensions = null) {
    if (TYPE_NAMES[type] === undefined) {
      throw invalid(`The type of a Variant is a BuiltinType, 1 to 25, was ${type}`);
    }
    this.type = type;
    this.value = value;
    this.dimensions = dimensions;
  }

  /** Of the daemon's JSON. */
  static of(raw) {
    return raw === null || raw === undefined
      ? null
      : new Variant(raw.type ?? BuiltinType.Variant, decodeValue(raw.type, raw.value), raw.dimensions ?? null);
  }

  get typeName() {
    return TYPE_NAMES[this.type];
  }

  toJSON() {
    return { type: this.type, value: this.value, dimensions: this.dimensions };
  }
}

/** A value with its quality and times. It is decoded when it is first looked at. */
export class DataValue {
  #raw;
  #value;

  constructor(raw) {
    this.#raw = raw;
  }

  static of(raw) {
    return raw === null || raw === undefined ? null : new DataValue(raw);
  }

  /** Int64 and UInt64 are BigInt, ByteStrings Buffers, times DateTime; null without a value. */
  get value() {
    if (this.#value === undefined) {
      this.#value = decodeValue(this.#raw.type, this.#raw.value);
    }
    return this.#value;
  }

  /** The BuiltinType, null without a value. */
  get type() {
    return this.#raw.type ?? null;
  }

  get typeName() {
    return TYPE_NAMES[this.#raw.type] ?? null;
  }

  get dimensions() {
    return this.#raw.dimensions ?? null;
  }

  get statusCode() {
    return this.#raw.statusCode ?? 0;
  }

  /** Part 4, 7.39.1: the two highest bits say how good a value is. */
  get isGood() {
    return this.statusCode < 0x4000_0000;
  }

  get isUncertain() {
    return this.statusCode >= 0x4000_0000 && this.statusCode < 0x8000_0000;
  }

  get isBad() {
    return this.statusCode >= 0x8000_0000;
  }

  get sourceTimestamp() {
    return DateTime.of(this.#raw.sourceTimestamp);
  }

  get serverTimestamp() {
    return DateTime.of(this.#raw.serverTimestamp);
  }

  /** As the daemon wrote it: nothing of it is lost in JSON.stringify. */
  toJSON() {
    return this.#raw;
  }
}

/** How console.log shows what has its parts behind getters. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

function inspectable(type, partsOf) {
  Object.defineProperty(type.prototype, INSPECT, {
    value(depth, options, inspect) {
      return depth < 0 ? `[${type.name}]` : `${type.name} ${inspect(partsOf(this), { ...options, depth: options.depth - 1 })}`;
    },
  });
}

inspectable(NodeId, it => it.toString());
inspectable(DateTime, it => it.text);
inspectable(ExtensionObject, it => ({ typeId: it.typeId, encoding: it.encoding, value: it.value }));
inspectable(DataValue, it => ({
  value: it.value, type: it.typeName, statusCode: it.statusCode, sourceTimestamp: it.sourceTimestamp,
}));

const SPECIAL_NUMBERS = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };

/** Of decimal text; a number is good as long as JSON.parse cannot have rounded it. */
function exactInteger(json) {
  if (typeof json === 'number' && !Number.isSafeInteger(json)) {
    throw new EncodingError(
      `A 64-bit integer came as the number ${json}, which may have lost digits: hello has to ask for "int64":"string"`,
      { type: 'EncodingException' },
    );
  }
  return BigInt(json);
}

const DECODERS = new Map([
  [BuiltinType.Int64, exactInteger],
  [BuiltinType.UInt64, exactInteger],
  [BuiltinType.Float, number => (typeof number === 'string' ? SPECIAL_NUMBERS[number] : number)],
  [BuiltinType.Double, number => (typeof number === 'string' ? SPECIAL_NUMBERS[number] : number)],
  [BuiltinType.DateTime, text => new DateTime(text)],
  [BuiltinType.ByteString, text => Buffer.from(text, 'base64')],
  [BuiltinType.NodeId, NodeId.of],
  [BuiltinType.ExpandedNodeId, NodeId.of],
  [BuiltinType.ExtensionObject, raw => new ExtensionObject(raw)],
  [BuiltinType.DataValue, DataValue.of],
  [BuiltinType.Variant, Variant.of],
]);

/** The JavaScript value of the daemon's JSON for a value, or an array of values, of this BuiltinType. */
export function decodeValue(type, json) {
  const decode = DECODERS.get(type);
  if (decode === undefined || json === null || json === undefined) {
    return json ?? null;
  }
  return Array.isArray(json) ? json.map(element => (element === null ? null : decode(element))) : decode(json);
}

const INTEGERS = new Set([2, 3, 4, 5, 6, 7, 8, 9, 19]);
const FLOATS = new Set([BuiltinType.Float, BuiltinType.Double]);

/**
 * JSON for the daemon. Unlike JSON.stringify it writes a BigInt with all its digits, bytes in base64 (an array of
 * numbers if the type is Byte), NaN and the infinities as strings, and -0 with its sign.
 *
 * A number that is whole and beyond 2^53 has lost digits already, or may have: it is refused unless the type says that it is
 * a Float or Double.
 *
 * @param type the BuiltinType, if it is known
 * @param depth the levels of objects and arrays around it
 */
export function encode(value, type, path = 'value', depth = 0) {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'number':
      return encodeNumber(value, type, path);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : encodeObject(value, type, path, depth + 1);
    default:
      throw invalid(`${path}: a ${typeof value} cannot be sent`);
  }
}

function encodeNumber(value, type, path) {
  if (!Number.isFinite(value)) {
    return `"${value}"`;
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    if (INTEGERS.has(type)) {
      throw invalid(`${path}: ${value} is beyond 2^53, where numbers lose digits: give a BigInt, as ${BigInt(value)}n`);
    }
    if (!FLOATS.has(type) && Math.abs(value) < 2 ** 64) {
      throw invalid(`${path}: ${value} is beyond 2^53, where numbers lose digits: give a BigInt, or the type Double`);
    }
  }
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The levels inside of a request, and of its `params`. */
const IN_REQUEST = 1;
const IN_PARAMS = 2;

/** @param depth its own level */
function encodeObject(value, type, path, depth, isJson = false) {
  if (depth > LIMITS.depth) {
    throw invalid(`${path}: the request is deeper than ${LIMITS.depth} levels, or it contains itself`);
  }
  if (Array.isArray(value)) {
    return `[${value.map((element, i) => encode(element, type, `${path}[${i}]`, depth)).join()}]`;
  }
  if (value instanceof ArrayBuffer) {
    return encodeObject(new Uint8Array(value), type, path, depth);
  }
  if (ArrayBuffer.isView(value)) {
    if (value instanceof Uint8Array && type !== BuiltinType.Byte) {
      return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
    }
    if (value instanceof DataView) {
      throw invalid(`${path}: a DataView cannot be sent, give a Buffer`);
    }
    return encodeObject(Array.from(value), type, path, depth);
  }
  if (value instanceof Date) {
    return `"${isoOf(value)}"`;
  }
  if (!isJson && typeof value.toJSON === 'function') {
    const json = value.toJSON();
    return typeof json === 'object' && json !== null
      ? encodeObject(json, type, path, depth, true)
      : encode(json, type, path, depth);
  }
  const own = Number.isInteger(value.type) && 'value' in value ? value.type : isMatrix(value) ? type : undefined;
  const members = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) {
      members.push(`${JSON.stringify(name)}:${encode(member, name === 'value' ? own : undefined, `${path}.${name}`, depth)}`);
    }
  }
  return `{${members.join()}}`;
}

const isMatrix = value => Object.keys(value).length === 2 && 'dimensions' in value && 'value' in value;

/** What `write` takes as value: a plain one, or one that brings its type and dimensions. */
function typedValue(value, type, path = 'value') {
  if (value === undefined || (value instanceof Variant && value.value === undefined)) {
    throw invalid(`${path}: undefined cannot be written, give null to write a null value`);
  }
  if (value instanceof Variant || value instanceof DataValue) {
    const inner = { value: value.value, type: type ?? value.type };
    return value.dimensions === null ? inner : { ...inner, value: { value: value.value, dimensions: value.dimensions } };
  }
  return { value, type };
}

// ------------------------------------------------------------------------------------------------------------ the socket

/** Where the daemon listens, as `net.connect` wants it: `unix:///path`, `/path` or `tcp://127.0.0.1:PORT`. */
function addressOf(socket) {
  const tcp = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(socket);
  if (tcp !== null) {
    return { host: tcp[1] ?? tcp[2], port: Number(tcp[3]) };
  }
  const path = socket.startsWith('unix://') ? socket.slice('unix://'.length) : socket;
  if (path === '' || path.includes('://')) {
    throw invalid(`Not a socket: ${JSON.stringify(socket)}, expected unix:///path, /path or tcp://127.0.0.1:PORT`);
  }
  return { path };
}

const NEWLINE = 10;

/** First in, first out; taking one costs the same however many there are. */
class Queue {
  #items = [];
  #head = 0;

  get length() {
    return this.#items.length - this.#head;
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Keeps those of which `isKept` is true, asked from the oldest on. */
  retain(isKept) {
    this.#items = this.#items.slice(this.#head).filter(isKept);
    this.#head = 0;
  }

  clear() {
    this.#items = [];
    this.#head = 0;
  }
}

/**
 * Cuts what arrives into frames. Pieces of a frame that is not complete are kept as they came and joined once, and each byte
 * is looked at once: the work is linear in the bytes however they were cut, and no text is decoded before its frame is
 * complete, so that no character is.
 */
class FrameSplitter {
  #pieces = [];
  #bytes = 0;
  #maxBytes;

  constructor(maxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Calls `take` with each frame that this chunk completes. */
  push(chunk, take) {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, begin)) {
      const piece = chunk.subarray(begin, end);
      begin = end + 1;
      if (this.#bytes === 0) {
        take(piece);
      } else {
        this.#pieces.push(piece);
        const frame = Buffer.concat(this.#pieces, this.#bytes + piece.length);
        this.#pieces = [];
        this.#bytes = 0;
        take(frame);
      }
    }
    if (begin < chunk.length) {
      this.#pieces.push(chunk.subarray(begin));
      this.#bytes += chunk.length - begin;
      if (this.#bytes > this.#maxBytes) {
        throw new ConnectionLostError(
          `The daemon sent a frame of more than ${this.#maxBytes} bytes: ask for less at a time, or give maxAnswerBytes`,
          { type: 'connection_lost' },
        );
      }
    }
  }
}

/** A socket that gives and takes frames. `onEnd` is called once, with the reason if there is one. */
class Wire {
  #socket;
  #ended = false;
  #corked = false;

  constructor(socket, maxAnswerBytes, onFrame, onEnd) {
    this.#socket = socket;
    const splitter = new FrameSplitter(maxAnswerBytes);
    const end = error => {
      if (!this.#ended) {
        this.#ended = true;
        onEnd(error);
      }
    };
    socket.on('data', chunk => {
      try {
        splitter.push(chunk, frame => {
          if (!this.#ended) {
            onFrame(frame);
          }
        });
      } catch (error) {
        end(error);
        socket.destroy();
      }
    });
    socket.on('error', end);
    socket.on('close', () => end());
  }

  /** Connects; fails with DaemonNotRunningError. */
  static connect(options, onFrame, onEnd) {
    return new Promise((resolve, reject) => {
      const socket = connectSocket(addressOf(options.socket));
      const timer = setTimeout(
        () => socket.destroy(Object.assign(new Error(`no answer within ${options.connectTimeout} ms`), { code: 'ETIMEDOUT' })),
        options.connectTimeout,
      );
      const refused = error => {
        clearTimeout(timer);
        reject(notRunning(options.socket, error));
      };
      socket.once('error', refused);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', refused);
        socket.setNoDelay(true);
        resolve(new Wire(socket, options.maxAnswerBytes, onFrame, onEnd));
      });
    });
  }

  /** Requests of one turn leave together. */
  send(frame) {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(`${frame}\n`);
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Whether the program stays alive for this connection. */
  hold(held) {
    if (held) {
      this.#socket.ref();
    } else {
      this.#socket.unref();
    }
  }

  destroy() {
    this.#socket.destroy();
  }
}

function notRunning(socket, error) {
  const wayOut = error.code === 'EACCES' || error.code === 'EPERM'
    ? 'this user may not open it: run as the user of the daemon, or start it with --socket-mode'
    : 'start it with `opcua-session-manager`, or say where it listens with the option socket or OPCUA_SOCKET_PATH';
  return new DaemonNotRunningError(`No daemon is listening on ${socket} (${error.code ?? error.message}): ${wayOut}`, {
    type: 'daemon_not_running', outcome: 'not_sent', cause: error,
  });
}

// ------------------------------------------------------------------------------------------------------------- requests

/** What may be asked twice without harm. Whatever else there is, now or in a later daemon, may change something. */
const REPEATABLE = new Set([
  'read', 'readMulti', 'browse', 'browseAll', 'browseRecursive', 'translateBrowsePaths', 'resolveNodeId', 'getEndpoints',
  'findServers', 'historyReadRaw', 'historyReadProcessed', 'historyReadAtTime', 'discoverDataTypes', 'isConnected',
  'getConnectionState', 'getTimeout', 'getAutoRetry', 'getBatchSize', 'getDefaultBrowseMaxDepth', 'getServerMaxNodesPerRead',
  'getServerMaxNodesPerWrite', 'getTrustPolicy', 'getTrustStore', 'getEventDispatcher', 'getLogger', 'republish',
  'getServerProductName', 'getServerManufacturerName', 'getServerSoftwareVersion', 'getServerBuildNumber',
  'getServerBuildDate', 'getServerBuildInfo', 'historyReadModified', 'historyReadEvents', 'getFilePosition', 'aggregate',
  'historyAggregate',
]);

/** What moves on when it is asked, or belongs to a session that is gone with it. */
const BOUND = new Set([
  'browseNext', 'publish', 'republish', 'createSubscription', 'createMonitoredItems', 'createEventMonitoredItem',
  'modifyMonitoredItems', 'setTriggering', 'deleteMonitoredItems', 'deleteSubscription', 'transferSubscriptions',
  'readFile', 'writeFile', 'getFilePosition', 'setFilePosition', 'closeFile',
]);

/** Commands that may be sent again when the connection broke before their answer came. */
const REPEATABLE_COMMANDS = new Set(['ping', 'list', 'stats', 'describe', 'explain']);

/** Commands of the connection and its sessions: not sent again, and they change nothing in the plant. */
const OWN_COMMANDS = new Set(['hello', 'open', 'close', 'cancel']);

const isRepeatable = (command, method) =>
  command === 'query' || command === 'invoke' ? REPEATABLE.has(method) : REPEATABLE_COMMANDS.has(command);

/** The same error for a request that did not leave: it was its session or its connection that failed. */
function notSent(error) {
  if (!(error instanceof OpcUaError) || error.outcome === 'not_sent') {
    return error;
  }
  const { type, code, retryAfterMs, cause } = error;
  return new error.constructor(error.message, { type, code, retryAfterMs, cause, outcome: 'not_sent' });
}

const abortsOf = new WeakMap();

/**
 * Calls `onAbort` when the signal fires; what it returns undoes that. However many requests share a signal, it has one
 * listener: Node.js takes eleven for a leak.
 */
function whenAborted(signal, onAbort) {
  let shared = abortsOf.get(signal);
  if (shared === undefined) {
    const actions = new Set();
    const listener = () => {
      abortsOf.delete(signal);
      [...actions].forEach(action => action());
    };
    shared = { actions, listener };
    abortsOf.set(signal, shared);
    signal.addEventListener('abort', listener, { once: true });
  }
  const { actions, listener } = shared;
  actions.add(onAbort);
  return () => {
    actions.delete(onAbort);
    if (actions.size === 0 && abortsOf.get(signal) === shared) {
      abortsOf.delete(signal);
      signal.removeEventListener('abort', listener);
    }
  };
}

/** What many wait for, for one of them: until its own deadline, and its own signal. Nothing of its request was sent so far. */
function within(promise, { deadline, signal }, name) {
  return new Promise((resolve, reject) => {
    const settle = how => value => {
      clearTimeout(timer);
      forgetSignal?.();
      how(value);
    };
    const abort = () => settle(reject)(abortedBefore(name, signal));
    const timer = setTimeout(() => settle(reject)(new TimeoutError(
      `${name} was not sent in time: its session or its connection to the daemon was still being opened`,
      { type: 'answer_timeout', outcome: 'not_sent' },
    )), timerMillis(deadline - performance.now()));
    const forgetSignal = signal && whenAborted(signal, abort);
    promise.then(settle(resolve), error => settle(reject)(notSent(error)));
    if (signal?.aborted) {
      abort();
    }
  });
}

const abortedBefore = (name, signal) => new CancelledError(`${name} was aborted`, {
  type: 'cancelled', outcome: 'not_sent', cause: signal.reason,
});

/** What setTimeout takes: more than 2^31-1 would be 1. */
const timerMillis = millis => Math.min(Math.max(0, millis), 2 ** 31 - 1);

const deadlineIn = timeout => {
  if (typeof timeout !== 'number' || !(timeout > 0)) {
    throw invalid(`timeout: ${timeout}, expected milliseconds above 0`);
  }
  return performance.now() + timeout;
};

/**
 * One request, from the caller's wish to its answer. It is `waiting` until it is on the wire, `sent` until there is an answer,
 * and `settled` from then on, or from when the caller was told that none is waited for: an answer that comes later is
 * passed over.
 */
class Request {
  state = 'waiting';
  id = 0;
  #resolve;
  #reject;
  #timer;
  #signal;
  #forgetSignal;

  constructor(members, { command, method, deadline, signal }, onGivenUp) {
    this.members = members;
    this.command = command;
    this.name = method ?? command;
    this.changing = !isRepeatable(command, method) && !OWN_COMMANDS.has(command);
    this.deadline = deadline;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(
      () => onGivenUp(this, 'timeout'),
      timerMillis(deadline - performance.now() + LIMITS.grace),
    );
    if (signal) {
      this.#signal = signal;
      this.#forgetSignal = whenAborted(signal, () => onGivenUp(this, 'abort'));
    }
  }

  /** What is known of a change that has no answer. */
  get outcome() {
    if (this.state === 'waiting') {
      return 'not_sent';
    }
    return this.changing ? 'unknown' : undefined;
  }

  get abortReason() {
    return this.#signal?.reason;
  }

  get wasAborted() {
    return this.#signal?.aborted === true;
  }

  /** Gives the daemon so long to answer; less than before, never more. */
  waitOnly(millis, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, millis);
  }

  resolve(data) {
    this.#settle();
    this.#resolve(data);
  }

  reject(error) {
    this.#settle();
    this.#reject(error);
  }

  #settle() {
    this.state = 'settled';
    clearTimeout(this.#timer);
    this.#forgetSignal?.();
  }
}

/**
 * One connection of protocol 2: from `hello` to its end. Requests leave in the order of their coming; as many are under way
 * as the daemon takes, less two places for what ends others (`cancel`): a daemon that has its fill reads nothing more.
 */
class Channel {
  #wire;
  #options;
  #waiting = new Set();
  #underWay = new Map();
  #nextId = 1;
  #places = 1;
  #lastWords;
  #held = true;
  limits = {};
  features = new Set();
  hello;
  ended = false;

  static async connect(options) {
    const channel = new Channel();
    channel.#options = options;
    channel.#wire = await Wire.connect(
      options,
      frame => channel.#take(frame),
      error => channel.#end(error),
    );
    try {
      await channel.#greet();
    } catch (error) {
      channel.close();
      throw error;
    }
    return channel;
  }

  async #greet() {
    const token = this.#options.token === null ? '' : `,"authToken":${JSON.stringify(this.#options.token)}`;
    const deadline = performance.now() + this.#options.connectTimeout;
    let hello;
    try {
      hello = await this.request(`"command":"hello","int64":"string"${token}`, { command: 'hello', deadline });
    } catch (error) {
      throw error instanceof UnknownCommandError ? unsupported(this.#options.socket) : error;
    }
    const features = new Set(Array.isArray(hello?.features) ? hello.features : []);
    if (!features.has('id') || !features.has('int64')) {
      throw unsupported(this.#options.socket);
    }
    this.hello = hello;
    this.features = features;
    this.limits = hello.limits ?? {};
    this.#places = Math.max(1, (this.limits.maxInflight ?? 3) - 2);
    this.#pump();
  }

  /** @param members JSON of the request's members without braces, id and timeoutMs */
  request(members, details) {
    if (this.ended) {
      return Promise.reject(this.#lost(undefined, 'not_sent'));
    }
    if (this.#waiting.size >= LIMITS.maxQueued) {
      return Promise.reject(new OverloadedError(
        `${LIMITS.maxQueued} requests wait already on this connection: await some of them first`,
        { type: 'overloaded', outcome: 'not_sent' },
      ));
    }
    const request = new Request(members, details, (it, why) => this.#giveUp(it, why));
    this.#waiting.add(request);
    this.#pump();
    return request.promise;
  }

  #pump() {
    while (this.#waiting.size > 0 && this.#underWay.size < this.#places && !this.ended) {
      const [request] = this.#waiting;
      this.#waiting.delete(request);
      this.#send(request);
    }
    this.#hold();
  }

  #send(request) {
    const timeoutMs = Math.min(LIMITS.maxTimeout, Math.max(1, Math.round(request.deadline - performance.now())));
    const id = this.#nextId++;
    const frame = `{"id":${id},${request.members}${request.command === 'hello' ? '' : `,"timeoutMs":${timeoutMs}`}}`;
    const most = this.limits.maxFrameBytes ?? Number.POSITIVE_INFINITY;
    // A character has at most three bytes for each of its UTF-16 units.
    if (frame.length * 3 > most && Buffer.byteLength(frame) > most) {
      request.reject(new PayloadTooLargeError(
        `The request has ${Buffer.byteLength(frame)} bytes, the daemon takes ${most}: `
          + 'split it, or start the daemon with a larger --max-frame-bytes',
        { type: 'payload_too_large', outcome: 'not_sent' },
      ));
      return;
    }
    request.id = id;
    request.state = 'sent';
    this.#underWay.set(id, request);
    this.#wire.send(frame);
  }

  #take(frame) {
    const answer = JSON.parse(frame.toString('utf8'));
    const request = this.#underWay.get(answer.id);
    if (request === undefined) {
      if (answer.id === undefined && answer.error) {
        // It is about the connection, which ends now.
        this.#lastWords = answer.error;
      }
      return;
    }
    this.#underWay.delete(answer.id);
    if (request.state === 'settled' && answer.success === true) {
      this.#closeUnwantedFile(request, answer.data);
    }
    if (request.state === 'sent') {
      if (answer.success === true) {
        request.resolve(answer.data);
      } else {
        const cause = answer.error?.type === 'cancelled' && request.wasAborted ? request.abortReason : undefined;
        request.reject(errorOf(answer.error, cause));
      }
    }
    this.#pump();
  }

  /** Of an open file that nobody knows of any more the server would keep the handle as long as the session. */
  #closeUnwantedFile(request, data) {
    const isFile = request.name === 'openFile' || request.name === 'createFileInDirectory';
    if (request.command !== 'query' || !isFile) {
      return;
    }
    const { sessionId, params } = JSON.parse(`{${request.members}}`);
    if (request.name === 'createFileInDirectory' && params[2] !== true) {
      return;
    }
    const opened = request.name === 'openFile' ? [params[0], data] : [data.fileNodeId, data.fileHandle];
    const details = { command: 'query', method: 'closeFile', deadline: deadlineIn(LIMITS.closing) };
    // If the connection breaks, the session's end closes it.
    this.request(`"command":"query"${membersOf({ sessionId, method: 'closeFile', params: opened })}`, details).catch(() => {});
  }

  /** Whoever asked has given up; the place stays taken until the daemon answers, since the daemon counts it too. */
  #giveUp(request, why) {
    if (request.state === 'settled') {
      return;
    }
    if (why === 'timeout') {
      request.reject(new TimeoutError(`The daemon did not answer ${request.name} in time`, {
        type: 'answer_timeout', outcome: request.outcome,
      }));
    } else if (request.state === 'sent' && this.features.has('cancel')) {
      // The daemon knows whether a change has left it, and answers the request at once.
      const giveUp = () => request.state === 'settled' || request.reject(cancelled(request));
      request.waitOnly(LIMITS.grace, giveUp);
      this.#wire.send(`{"id":${this.#nextId++},"command":"cancel","target":${request.id}}`);
      return;
    } else {
      request.reject(cancelled(request));
    }
    if (this.#waiting.delete(request)) {
      this.#hold();
    }
  }

  #end(error) {
    this.ended = true;
    const requests = [...this.#underWay.values(), ...this.#waiting];
    this.#underWay.clear();
    this.#waiting.clear();
    for (const request of requests) {
      if (request.state !== 'settled') {
        request.reject(this.#lost(error, request.outcome));
      }
    }
  }

  #lost(error, outcome) {
    if (this.#lastWords !== undefined) {
      const { type, message, code, retryAfterMs } = errorOf(this.#lastWords);
      return new (ERRORS.get(type) ?? OpcUaError)(message, { type, code, retryAfterMs, outcome });
    }
    const why = error === undefined ? 'it was closed' : error.code ?? error.message;
    return new ConnectionLostError(`The connection to the daemon on ${this.#options.socket} broke (${why})`, {
      type: 'connection_lost', outcome, cause: error,
    });
  }

  /** A program that waits for nothing may end, though its connection is open. */
  #hold() {
    const held = this.#underWay.size > 0 || this.#waiting.size > 0;
    if (held !== this.#held) {
      this.#held = held;
      this.#wire.hold(held);
    }
  }

  close() {
    this.#wire.destroy();
    this.#end(undefined);
  }
}

const unsupported = socket => new UnsupportedDaemonError(
  `What listens on ${socket} does not speak protocol 2 with int64: this client needs the daemon opcua-session-manager 0.1 or later`,
  { type: 'unsupported_daemon', outcome: 'not_sent' },
);

const cancelled = request => new CancelledError(`${request.name} was aborted`, {
  type: 'cancelled', outcome: request.outcome, cause: request.abortReason,
});

/** The daemon, through one channel at a time: a new one when the last was lost. */
class Link {
  #options;
  #channel = null;
  #connecting = null;
  #users = 0;
  #closed = false;

  constructor(options) {
    this.#options = options;
  }

  get options() {
    return this.#options;
  }

  async channel() {
    if (this.#closed) {
      throw closedError('The client');
    }
    if (this.#channel !== null && !this.#channel.ended) {
      return this.#channel;
    }
    this.#connecting ??= Channel.connect(this.#options).finally(() => {
      this.#connecting = null;
    });
    const channel = await this.#connecting;
    if (this.#closed) {
      channel.close();
      throw closedError('The client');
    }
    this.#channel = channel;
    return channel;
  }

  /** Sent once; what may be repeated once more if the connection broke before the answer came. */
  async request(members, { command, method, deadline = deadlineIn(this.#options.timeout), signal }) {
    const details = { command, method, signal, deadline };
    try {
      return await this.#requestOnce(members, details);
    } catch (error) {
      if (!(error instanceof ConnectionLostError) || !isRepeatable(command, method) || this.#closed || signal?.aborted) {
        throw error;
      }
      return this.#requestOnce(members, details);
    }
  }

  async #requestOnce(members, details) {
    const name = details.method ?? details.command;
    if (details.signal?.aborted) {
      throw abortedBefore(name, details.signal);
    }
    if (this.#channel !== null && !this.#channel.ended) {
      return this.#channel.request(members, details);
    }
    const channel = await within(this.channel(), details, name);
    if (details.signal?.aborted) {
      throw abortedBefore(name, details.signal);
    }
    return channel.request(members, details);
  }

  use() {
    this.#users++;
  }

  release() {
    if (--this.#users <= 0) {
      this.#closed = true;
      this.#channel?.close();
    }
  }
}

/** `"name":JSON` of members that are there, with a comma before each. */
function membersOf(members) {
  let json = '';
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== null) {
      json += `,${JSON.stringify(name)}:${encode(value, undefined, name, IN_REQUEST)}`;
    }
  }
  return json;
}

/** Which server is meant: a URL and how to open it, or a name in the daemon's configuration. */
function targetOf({ endpoint, connection, config, forceNew }) {
  if (endpoint !== undefined && connection !== undefined) {
    throw invalid('Give endpoint or connection, not both');
  }
  if (connection !== undefined && config !== undefined) {
    throw invalid('A named connection has its config in the daemon: leave config out');
  }
  return endpoint === undefined && connection === undefined
    ? null
    : { endpointUrl: endpoint, connection, config, forceNew: forceNew || undefined };
}

/**
 * A session: opened when it is first needed, and once more when the daemon does not know it any longer (it was started anew,
 * or the session was idle for too long). That error says that nothing was done, so whatever was asked is asked again, unless
 * it was about something that went with the session: subscriptions, continuation points.
 */
class Handle {
  #target;
  #opening = null;
  #openingUntil = 0;
  #opened = null;
  #closed = false;

  constructor(link, target) {
    this.link = link;
    this.#target = target;
    link.use();
  }

  get opened() {
    return this.#opened;
  }

  async open() {
    if (this.#closed) {
      throw closedError('The session');
    }
    if (this.#target === null) {
      throw invalid('This client has no session: give endpoint or connection to Client.connect, or use client.session(…)');
    }
    if (this.#opened !== null) {
      return this.#opened;
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** For whoever waits, so with the client's time and not that of the first who asked. */
  async #open() {
    const deadline = deadlineIn(this.link.options.timeout);
    this.#openingUntil = deadline;
    const opened = await this.link.request(`"command":"open"${membersOf(this.#target)}`, { command: 'open', deadline });
    if (this.#closed) {
      throw closedError('The session');
    }
    this.#opened = opened;
    return opened;
  }

  /** Whoever has as much time as the opening hears from the daemon why it failed. */
  #openWithin({ deadline, signal }, name) {
    const opening = this.open();
    const grace = deadline + LIMITS.grace >= this.#openingUntil ? LIMITS.grace : 0;
    return within(opening, { deadline: deadline + grace, signal }, name);
  }

  /** @param ask gets the session's id */
  async ask(ask, details, mayReopen) {
    const name = details.method;
    const { sessionId } = this.#opened ?? (await this.#openWithin(details, name));
    try {
      return await ask(sessionId);
    } catch (error) {
      if (!(error instanceof SessionNotFoundError)) {
        throw error;
      }
      if (this.#opened?.sessionId === sessionId) {
        this.#opened = null;
      }
      if (!mayReopen) {
        throw error;
      }
      return ask((this.#opened ?? (await this.#openWithin(details, name))).sessionId);
    }
  }

  /** Gives the session back to the daemon, if there is one; what is asked later opens it again. */
  async giveBack() {
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) {
      return;
    }
    try {
      await this.link.request(`"command":"close","sessionId":${JSON.stringify(opened.sessionId)}`, {
        command: 'close', deadline: deadlineIn(LIMITS.closing),
      });
    } catch (error) {
      // Whatever ended the session or the daemon before has done what was wanted.
      if (!(error instanceof OpcUaError)) {
        throw error;
      }
    }
  }

  async close() {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    try {
      // Others look for one that they may share, so nobody would find this one.
      if (this.#target?.forceNew) {
        await this.giveBack();
      }
    } finally {
      this.#opened = null;
      this.link.release();
    }
  }
}

// --------------------------------------------------------------------------------------------------------------- streams

/** A value that changed. */
export class DataChange {
  #dataValue;
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  get type() {
    return 'DataChange';
  }

  get clientHandle() {
    return this.#raw.clientHandle;
  }

  get dataValue() {
    this.#dataValue ??= new DataValue(this.#raw.dataValue);
    return this.#dataValue;
  }

  /** `dataValue.value` */
  get value() {
    return this.dataValue.value;
  }

  toJSON() {
    return this.#raw;
  }
}

/** An event of the server; its fields are those that were selected, in their order. */
export class EventNotification {
  #eventFields;
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  get type() {
    return 'Event';
  }

  get clientHandle() {
    return this.#raw.clientHandle;
  }

  get eventFields() {
    this.#eventFields ??= this.#raw.eventFields.map(Variant.of);
    return this.#eventFields;
  }

  toJSON() {
    return this.#raw;
  }
}

inspectable(DataChange, it => ({ clientHandle: it.clientHandle, dataValue: it.dataValue }));
inspectable(EventNotification, it => ({ clientHandle: it.clientHandle, eventFields: it.eventFields }));

const notificationOf = raw => {
  switch (raw.type) {
    case 'DataChange':
      return new DataChange(raw);
    case 'Event':
      return new EventNotification(raw);
    default:
      return raw;
  }
};

/** What a stream tells: see `Streams` in docs/protocol.md. */
class Notifications {
  #notifications;
  #raw;

  constructor(raw) {
    this.#raw = raw;
    this.type = 'Notifications';
    this.subscriptionId = raw.subscriptionId;
    this.sequenceNumber = raw.sequenceNumber;
    this.epoch = raw.epoch;
  }

  get publishTime() {
    return DateTime.of(this.#raw.publishTime);
  }

  get notifications() {
    this.#notifications ??= this.#raw.notifications.map(notificationOf);
    return this.#notifications;
  }

  toJSON() {
    return this.#raw;
  }
}

/**
 * What changes, as it changes: an async iterator on a connection of its own, so that a slow reader holds up nothing else.
 *
 * Frames wait here undecoded. When they are more than `highWaterMark` bytes, the socket is left alone until half of them are
 * read; the daemon then keeps what comes, within its bounds, and tells by an `Overflow` what it had to drop. Since it would
 * take a reader that reads nothing at all for dead, a little is read every ten seconds all the same. If that makes twice
 * `highWaterMark` bytes, the oldest notifications are dropped here, and an `Overflow` says how many messages; the newest
 * stays, however large it is.
 */
export class Subscription {
  #wire;
  #options;
  #frames = new Queue();
  #bytes = 0;
  #dropped = 0;
  #paused = false;
  #prodding = null;
  #silence = null;
  #heard = 0;
  #readers = [];
  #answers = new Map();
  #lostWith;
  #error = null;
  #done = false;
  #closing = null;
  #forgetSignal;

  /** @internal */
  static async begin(options, members, { signal, deadline, highWaterMark = LIMITS.highWaterMark }) {
    const subscription = new Subscription();
    subscription.#options = { ...options, highWaterMark };
    subscription.#wire = await Wire.connect(
      options,
      frame => subscription.#take(frame),
      error => subscription.#lose(error),
    );
    try {
      const token = options.token === null ? '' : `,"authToken":${JSON.stringify(options.token)}`;
      const left = () => timerMillis(deadline - performance.now());
      await subscription.#ask(1, `"command":"hello","int64":"string"${token}`, Math.min(options.connectTimeout, left()), signal);
      const granted = await subscription.#ask(STREAM, `"command":"subscribe"${members}`, left(), signal);
      Object.assign(subscription, granted);
      subscription.#listen(granted);
    } catch (error) {
      subscription.#finish(error);
      throw error;
    }
    if (signal) {
      subscription.#forgetSignal = whenAborted(signal, () => subscription.#finish(streamAborted(signal)));
    }
    return subscription;
  }

  /** The answer to one of the few requests of this connection; until the stream runs, whatever comes is looked at. */
  #ask(id, members, timeout, signal) {
    return new Promise((resolve, reject) => {
      const settle = how => value => {
        clearTimeout(timer);
        forgetSignal?.();
        this.#answers.delete(id);
        how(value);
      };
      const answer = { resolve: settle(resolve), reject: settle(reject) };
      const abort = () => answer.reject(streamAborted(signal));
      const timer = setTimeout(
        () => answer.reject(new TimeoutError('The daemon did not answer in time', { type: 'answer_timeout' })),
        timeout,
      );
      const forgetSignal = signal && whenAborted(signal, abort);
      this.#answers.set(id, answer);
      if (signal?.aborted) {
        abort();
      } else if (this.#done) {
        answer.reject(this.#error ?? closedError('The stream'));
      } else {
        this.#wire.send(`{"id":${id},${members}}`);
      }
    });
  }

  /**
   * A daemon that has said nothing for three keep-alives, or 30 s, is asked whether it is there: a server that is away for
   * hours is no reason to end the stream. While the socket is left alone, nobody wants to hear anything.
   */
  #listen({ revisedPublishingInterval, revisedMaxKeepAliveCount }) {
    const silence = Math.max(LIMITS.silence, 3 * revisedPublishingInterval * revisedMaxKeepAliveCount || 0);
    this.#silence = setTimeout(() => this.#probe(), timerMillis(silence));
    if (this.#done || this.#lostWith !== undefined) {
      clearTimeout(this.#silence);
    }
  }

  async #probe() {
    if (this.#paused || this.#done || this.#closing !== null || this.#lostWith !== undefined) {
      return;
    }
    const heard = this.#heard;
    try {
      await this.#ask(PROBE, '"command":"ping"', this.#options.connectTimeout);
    } catch {
      if (heard === this.#heard && !this.#paused && this.#closing === null && this.#lostWith === undefined) {
        this.#lose(new Error('the daemon is silent'));
        this.#wire.destroy();
      }
    }
  }

  #take(frame) {
    this.#heard++;
    if (!this.#paused) {
      this.#silence?.refresh();
    }
    if (this.#answers.size > 0) {
      const message = JSON.parse(frame.toString('utf8'));
      if (message.event === undefined) {
        this.#answer(message);
        return;
      }
    }
    if (this.#closing !== null) {
      return;
    }
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#readers.length > 0) {
      this.#serve();
    }
    if (this.#bytes > 2 * this.#options.highWaterMark + LIMITS.chunk) {
      this.#dropOldest();
    }
    if (this.#bytes > this.#options.highWaterMark) {
      this.#pause();
    }
  }

  #answer(message) {
    const asked = this.#answers.get(message.id);
    if (message.success === true) {
      asked?.resolve(message.data);
    } else if (asked !== undefined) {
      asked.reject(errorOf(message.error));
    } else if (message.id !== PROBE) {
      this.#finish(errorOf(message.error));
    }
  }

  #pause() {
    if (!this.#paused) {
      this.#paused = true;
      this.#prodding = setInterval(() => this.#wire.resume(), LIMITS.stalledReadEvery);
      this.#prodding.unref();
    }
    this.#wire.pause();
  }

  #resumeWhenRead() {
    if (this.#paused && this.#bytes < this.#options.highWaterMark / 2) {
      this.#paused = false;
      clearInterval(this.#prodding);
      this.#silence?.refresh();
      this.#wire.resume();
    }
  }

  #dropOldest() {
    let left = this.#frames.length;
    this.#frames.retain(frame => {
      left--;
      const isOld = left > 0 && this.#bytes > this.#options.highWaterMark;
      if (isOld && JSON.parse(frame.toString('utf8')).event?.type === 'Notifications') {
        this.#bytes -= frame.length;
        this.#dropped++;
        return false;
      }
      return true;
    });
  }

  /** Gives the next event to the reader that waits longest. */
  #serve() {
    while (this.#readers.length > 0) {
      let next;
      try {
        next = this.#next();
      } catch (error) {
        this.#finish(error);
        return;
      }
      if (next === null) {
        return;
      }
      this.#readers.shift().resolve({ done: false, value: next });
    }
  }

  /** The next event, null if there is none yet. */
  #next() {
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { type: 'Overflow', dropped, reason: 'this program read too slowly' };
    }
    while (this.#frames.length > 0) {
      const frame = this.#frames.shift();
      this.#bytes -= frame.length;
      this.#resumeWhenRead();
      const message = JSON.parse(frame.toString('utf8'));
      if (message.event === undefined) {
        this.#answer(message);
      } else if (message.event.type === 'End') {
        this.#finish(message.event.error ? errorOf(message.event.error) : null);
        return null;
      } else {
        return message.event.type === 'Notifications' ? new Notifications(message.event) : eventOf(message.event);
      }
    }
    if (this.#lostWith !== undefined) {
      this.#finish(this.#lostWith);
    }
    return null;
  }

  /** The connection broke; what came before is still to be read. */
  #lose(error) {
    clearInterval(this.#prodding);
    clearTimeout(this.#silence);
    if (this.#lostWith !== undefined) {
      return;
    }
    const why = error === undefined ? 'it was closed' : error.code ?? error.message;
    const lost = new ConnectionLostError(`The stream's connection to the daemon on ${this.#options.socket} broke (${why})`, {
      type: 'connection_lost', cause: error,
    });
    for (const answer of this.#answers.values()) {
      answer.reject(lost);
    }
    if (!this.#done) {
      this.#lostWith = lost;
      if (this.#readers.length > 0) {
        this.#serve();
      }
    }
  }

  /** Nothing more comes: readers that wait are told why, and so is the next one; after that the stream is over. */
  #finish(error) {
    if (this.#done) {
      return;
    }
    this.#done = true;
    clearInterval(this.#prodding);
    clearTimeout(this.#silence);
    this.#forgetSignal?.();
    this.#frames.clear();
    this.#bytes = 0;
    const readers = this.#readers;
    this.#readers = [];
    if (error !== null && readers.length > 0) {
      readers.shift().reject(error);
    } else {
      this.#error = error;
    }
    for (const reader of readers) {
      reader.resolve({ done: true, value: undefined });
    }
    this.#wire.destroy();
  }

  /** The next event; `done` when the stream is over. Fails with the error that ended it, once. */
  next() {
    if (!this.#done && this.#closing === null && this.#readers.length === 0) {
      let event;
      try {
        event = this.#next();
      } catch (error) {
        this.#finish(error);
      }
      if (event) {
        return Promise.resolve({ done: false, value: event });
      }
    }
    if (this.#done || this.#closing !== null) {
      const error = this.#error;
      this.#error = null;
      return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  /** What `for await` calls when it is left. */
  async return(value) {
    await this.close();
    return { done: true, value };
  }

  /** Ends the stream and returns when the daemon has deleted on the server what was created for it; within five seconds. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    if (this.#done) {
      return;
    }
    this.#frames.clear();
    this.#bytes = 0;
    clearInterval(this.#prodding);
    if (this.#lostWith !== undefined) {
      this.#finish(null);
      return;
    }
    this.#wire.resume();
    try {
      await this.#ask(STREAM + 1, `"command":"unsubscribe","target":${STREAM}`, LIMITS.closing);
    } catch {
      // Then the end of the connection, which follows, is its end.
    }
    this.#finish(null);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const STREAM = 2;
const PROBE = 4;

const streamAborted = signal => new CancelledError('The stream was aborted', { type: 'cancelled', cause: signal.reason });

const eventOf = raw => (raw.type === 'Gap' ? { ...raw, from: DateTime.of(raw.from), to: DateTime.of(raw.to) } : raw);

// ----------------------------------------------------------------------------------------------------------------- files

const OPEN_FLAGS = new Map([
  ['r', OpenFileMode.Read],
  ['r+', OpenFileMode.Read | OpenFileMode.Write],
  ['w', OpenFileMode.Write | OpenFileMode.EraseExisting],
  ['w+', OpenFileMode.Read | OpenFileMode.Write | OpenFileMode.EraseExisting],
  ['a', OpenFileMode.Write | OpenFileMode.Append],
  ['a+', OpenFileMode.Read | OpenFileMode.Write | OpenFileMode.Append],
]);

/** Servers count in 64 bits, JavaScript in 53: what it had to round would be another place of the file. */
function exactPosition(given) {
  const position = Number(given);
  if (!Number.isSafeInteger(position)) {
    throw new EncodingError(`The position ${given} of a file is no whole number up to 2^53 - 1, so it cannot be told exactly`, {
      type: 'EncodingException',
    });
  }
  return position;
}

/** What is written to a file; text is UTF-8. */
function bytesOf(data) {
  if (typeof data === 'string') {
    return Buffer.from(data, 'utf8');
  }
  if (data instanceof ArrayBuffer) {
    return Buffer.from(data);
  }
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }
  throw invalid(`data: a ${data === null ? 'null' : typeof data} is no content of a file, give a Buffer or a string`);
}

/**
 * An open file of a server: `Client.openRemote` makes one. What it is asked for is done in turn, in pieces that are bounded.
 *
 * It keeps the position itself. `seek` only notes one; before the next read or write the server is told, and so it is after a read
 * that failed, since the server may have moved on: what is read next is what would have come. A `readAll` that fails in one of its
 * pieces begins anew with the first. A write that failed and may have been carried out ends the writing; whether to send the same
 * bytes again is not decided here.
 *
 * Beyond the end is the end (Part 20, 4.2.6). So the server is asked where it is when it was sent to a position further on than
 * all that it was known to have had. If the file is appended to, the furthest of them is the end, and every write begins there:
 * the server goes there once, when it opens the file.
 */
export class RemoteFile {
  #nodeId;
  #handle;
  #mode;
  #ask;
  #position;
  #furthest = 0;
  #isMoved = false;
  #failure = null;
  #turn = Promise.resolve();
  #closing = null;

  /** @internal Use Client.openRemote. */
  constructor(nodeId, handle, mode, ask) {
    this.#nodeId = nodeId;
    this.#handle = handle;
    this.#mode = mode;
    this.#ask = ask;
    // Where it is if it is appended to, the server alone knows.
    this.#position = (mode & OpenFileMode.Append) === 0 ? 0 : null;
  }

  get nodeId() {
    return this.#nodeId;
  }

  get closed() {
    return this.#closing !== null;
  }

  /** At most `length` bytes; an empty Buffer at the end of the file, and for a `length` of 0. */
  read(length = LIMITS.fileRead) {
    return this.#inTurn(OpenFileMode.Read, async () => (length === 0 ? Buffer.alloc(0) : this.#read(length)));
  }

  async #read(length) {
    const position = await this.#positioned();
    this.#isMoved = true;
    const wanted = Math.min(length, LIMITS.fileRead);
    const data = Buffer.from(await this.#ask('readFile', [this.#nodeId, this.#handle, wanted]), 'base64');
    this.#at(position + data.length);
    return data;
  }

  /** The rest of the file. */
  readAll() {
    return this.#inTurn(OpenFileMode.Read, async () => {
      const start = await this.#positioned();
      const parts = [];
      try {
        for (let data = await this.#read(LIMITS.fileRead); data.length > 0; data = await this.#read(LIMITS.fileRead)) {
          parts.push(data);
        }
      } catch (error) {
        this.#position = start;
        this.#isMoved = true;
        throw error;
      }
      return Buffer.concat(parts);
    });
  }

  /** All of it, as many requests as it takes, as it is now: the Buffer may be used again at once. Text is written as UTF-8. */
  async write(data) {
    const bytes = Buffer.from(bytesOf(data));
    return this.#inTurn(OpenFileMode.Write, async () => {
      for (let at = 0; at < bytes.length; at += LIMITS.fileWrite) {
        await this.#write(bytes.subarray(at, at + LIMITS.fileWrite));
      }
    });
  }

  async #write(bytes) {
    if (this.#failure !== null) {
      const { type, code, outcome } = this.#failure;
      throw new this.#failure.constructor(this.#failure.message, { type, code, outcome, cause: this.#failure });
    }
    if ((this.#mode & OpenFileMode.Append) !== 0 && this.#position !== null) {
      this.#move(this.#furthest);
    }
    const position = await this.#positioned();
    try {
      await this.#ask('writeFile', [this.#nodeId, this.#handle, bytes]);
    } catch (error) {
      if (error.outcome !== 'not_sent') {
        this.#failure = error;
      }
      throw error;
    }
    this.#at(position + bytes.length);
  }

  async #positioned() {
    let position = this.#position;
    if (position !== null && this.#isMoved) {
      await this.#ask('setFilePosition', [this.#nodeId, this.#handle, position]);
    }
    if (position === null || (this.#isMoved && position > this.#furthest)) {
      position = exactPosition(await this.#ask('getFilePosition', [this.#nodeId, this.#handle]));
    }
    return this.#at(position);
  }

  /** The server is there now. */
  #at(position) {
    this.#position = position;
    this.#furthest = Math.max(this.#furthest, position);
    this.#isMoved = false;
    return position;
  }

  #move(position) {
    this.#isMoved ||= position !== this.#position;
    this.#position = position;
  }

  /** From the beginning of the file. It may be beyond the end; the next read or write is at the end then, and `tell` says so. */
  seek(position) {
    return this.#inTurn(0, async () => {
      if (!Number.isSafeInteger(position) || position < 0) {
        throw invalid(`position: got ${position}, expected a whole number from 0`);
      }
      if (this.#position === null) {
        await this.#positioned(); // the end, before it is left
      }
      this.#move(position);
    });
  }

  /** The position of the next read or write. */
  tell() {
    return this.#inTurn(0, async () => this.#position ?? this.#positioned());
  }

  /** The file's Size, a property of its node (Part 20, 4.2.1). */
  size() {
    return this.#inTurn(0, async () => {
      const property = await this.#ask('resolveNodeId', ['/Size', this.#nodeId]);
      const value = DataValue.of(await this.#ask('read', [property, AttributeId.Value, true]));
      if (value.isBad || value.value === null) {
        throw new ServiceError(`The size of ${this.#nodeId} cannot be read: its property Size has the status 0x${
          value.statusCode.toString(16).toUpperCase().padStart(8, '0')}${value.isBad ? '' : ' and no value'}`, {
          type: 'ServiceException', code: value.statusCode,
        });
      }
      return exactPosition(value.value);
    });
  }

  /** Once is enough; more often does no harm. */
  close() {
    this.#closing ??= this.#turn.then(async () => {
      try {
        // Whoever gave up reading still wants it closed.
        await this.#ask('closeFile', [this.#nodeId, this.#handle], { signal: undefined });
      } catch (error) {
        // A reader loses nothing, and the daemon closes what a session leaves open.
        if ((this.#mode & OpenFileMode.Write) !== 0 || !(error instanceof OpcUaError)) {
          throw error;
        }
      }
    });
    return this.#closing;
  }

  /** The rest of the file in pieces. Leaving the loop leaves the file open. */
  async *[Symbol.asyncIterator]() {
    for (let data = await this.read(); data.length > 0; data = await this.read()) {
      yield data;
    }
  }

  /** The rest of the file; its end, or that of the stream, closes the file. */
  readable() {
    const file = this;
    return new Readable({
      highWaterMark: LIMITS.fileRead,
      read() {
        file.read().then(data => this.push(data.length > 0 ? data : null), error => this.destroy(error));
      },
      destroy: (error, then) => file.close().then(() => then(error), failure => then(error ?? failure)),
    });
  }

  /** A stream whose end writes the last byte and closes the file. */
  writable() {
    return new Writable({
      highWaterMark: LIMITS.fileWrite,
      write: (data, encoding, then) => this.write(data).then(() => then(), then),
      final: then => this.close().then(() => then(), then),
      destroy: (error, then) => this.close().then(() => then(error), failure => then(error ?? failure)),
    });
  }

  #inTurn(needed, work) {
    if (this.#closing !== null) {
      return Promise.reject(closedError('The file'));
    }
    if ((this.#mode & needed) !== needed) {
      const what = needed === OpenFileMode.Read ? 'reading' : 'writing';
      return Promise.reject(invalid(`The file ${this.#nodeId} is not open for ${what}`));
    }
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

// ---------------------------------------------------------------------------------------------------------------- client

function tokenOf({ token, tokenFile }) {
  if (token !== undefined && tokenFile !== undefined) {
    throw invalid('Give token or tokenFile, not both');
  }
  if (token !== undefined) {
    return token;
  }
  const { OPCUA_AUTH_TOKEN: fromEnvironment, OPCUA_AUTH_TOKEN_FILE: fileOfEnvironment } = process.env;
  if (tokenFile === undefined && fromEnvironment) {
    return fromEnvironment;
  }
  const file = tokenFile ?? fileOfEnvironment;
  if (!file) {
    return null;
  }
  let text;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw invalid(`The token file ${file} cannot be read (${error.code}): check its path and permissions`);
  }
  if (text === '') {
    throw invalid(`The token file ${file} is empty`);
  }
  return text;
}

const defaultSocket = () =>
  process.env.OPCUA_SOCKET_PATH
  || (process.platform === 'win32' ? 'tcp://127.0.0.1:9990' : '/tmp/opcua-session-manager.sock');

const nodeIdOf = value => {
  if (typeof value === 'string' || value instanceof NodeId || (typeof value === 'object' && value !== null && 'id' in value)) {
    return value;
  }
  throw invalid(`Not a NodeId: ${String(value)}, expected text as "ns=2;s=Speed" or a NodeId`);
};

const readItemOf = item =>
  typeof item === 'string' || item instanceof NodeId
    ? { nodeId: item }
    : { nodeId: nodeIdOf(item.nodeId), attributeId: item.attribute ?? item.attributeId };

const referenceOf = raw => ({
  ...raw,
  referenceTypeId: NodeId.of(raw.referenceTypeId),
  nodeId: NodeId.of(raw.nodeId),
  typeDefinition: NodeId.of(raw.typeDefinition),
});

const browseNodeOf = raw => ({ reference: referenceOf(raw.reference), children: raw.children.map(browseNodeOf) });

const monitoredItemOf = item => {
  const { attribute, ...rest } = typeof item === 'string' || item instanceof NodeId ? { nodeId: item } : item;
  return attribute === undefined ? rest : { ...rest, attributeId: attribute };
};

/** Positional parameters without those at the end that have their default. */
function upTo(params) {
  let length = params.length;
  while (length > 0 && params[length - 1] === undefined) {
    length--;
  }
  return params.slice(0, length);
}

/**
 * The daemon, and one OPC UA session that it holds. `Client.connect` makes one; all its methods may be called at any time,
 * without waiting for others.
 */
export class Client {
  #handle;
  #defaults;

  /** @internal Use Client.connect. */
  constructor(handle, defaults = {}) {
    this.#handle = handle;
    this.#defaults = defaults;
  }

  /** Connects to the daemon, and opens the session if `endpoint` or `connection` says which. */
  static async connect(options = {}) {
    const target = targetOf(options);
    const link = new Link({
      socket: options.socket ?? defaultSocket(),
      token: tokenOf(options),
      timeout: options.timeout ?? LIMITS.timeout,
      connectTimeout: options.connectTimeout ?? LIMITS.connectTimeout,
      maxAnswerBytes: options.maxAnswerBytes ?? LIMITS.maxAnswerBytes,
    });
    const client = new Client(new Handle(link, target));
    try {
      await link.channel();
      if (target !== null) {
        await client.#handle.open();
      }
    } catch (error) {
      link.release();
      throw error;
    }
    return client;
  }

  /** Another session over the same connection to the daemon; closed by itself. */
  async session(options) {
    const target = targetOf(options);
    if (target === null) {
      throw invalid('session: give endpoint or connection');
    }
    const handle = new Handle(this.#handle.link, target);
    try {
      await handle.open();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new Client(handle, this.#defaults);
  }

  /** The same client, with another `timeout` or `signal` for whatever is asked through it. */
  with(options) {
    return new Client(this.#handle, { ...this.#defaults, ...options });
  }

  /** The daemon's id of the session, null while there is none. */
  get sessionId() {
    return this.#handle.opened?.sessionId ?? null;
  }

  /** Whether the session was open already when it was asked for. */
  get wasSessionReused() {
    return this.#handle.opened?.reused ?? false;
  }

  /** Gives the session up; the daemon ends it with its last user. What is asked later opens it again. */
  disconnect() {
    return this.#handle.giveBack();
  }

  /**
   * Ends the connection to the daemon, unless another session uses it. The OPC UA session stays with the daemon, warm for the next
   * program, until it was idle for too long; one that was opened with `forceNew` is given up.
   */
  close() {
    return this.#handle.close();
  }

  // -- the daemon

  /** When a request has to be done, and what gives it up. */
  #bounds(options) {
    const { timeout, signal } = { ...this.#defaults, ...options };
    return { deadline: deadlineIn(timeout ?? this.#handle.link.options.timeout), signal };
  }

  #command(command, members, bounds, method) {
    return this.#handle.link.request(`"command":${JSON.stringify(command)}${members}`, { command, method, ...bounds });
  }

  /** Any command of the protocol, with its members. */
  command(command, members = {}, options = {}) {
    return settled(() => {
      const { timeoutMs, ...rest } = members;
      for (const own of ['id', 'command']) {
        if (rest[own] !== undefined) {
          throw invalid(`${own}: not among the members, the client gives it`);
        }
      }
      if (command === 'hello') {
        // Without it the connection would go back to numbers, which JSON.parse rounds.
        rest.int64 = 'string';
      }
      const timeout = options.timeout ?? timeoutMs ?? undefined;
      return this.#command(command, membersOf(rest), this.#bounds(timeout === undefined ? options : { ...options, timeout }), rest.method);
    });
  }

  ping(options) {
    return this.command('ping', {}, options);
  }

  async list(options) {
    return (await this.command('list', {}, options)).sessions;
  }

  stats(options) {
    return this.command('stats', {}, options);
  }

  /** What the daemon said of itself: version, limits, features. */
  async hello() {
    return (await this.#handle.link.channel()).hello;
  }

  describe(options) {
    return settled(() => {
      const bounds = this.#bounds(options);
      return this.#handle.ask(
        sessionId => this.#command('describe', membersOf({ sessionId }), bounds),
        { ...bounds, method: 'describe' },
        true,
      );
    });
  }

  // -- any method

  #ask(command, method, members, options, onSession) {
    const bounds = this.#bounds(options);
    return this.#handle.ask(
      sessionId => {
        onSession?.(sessionId);
        return this.#askIn(sessionId, command, method, members, bounds);
      },
      { ...bounds, method },
      !BOUND.has(method),
    );
  }

  #askIn(sessionId, command, method, members, bounds) {
    const fields = `,"sessionId":${JSON.stringify(sessionId)},"method":${JSON.stringify(method)}${members}`;
    return this.#command(command, fields, bounds, method);
  }

  #query(method, params, options, onSession) {
    return settled(() => this.#ask('query', method, paramsOf(params), options, onSession));
  }

  /** A method of `query`, with its positional parameters; the result as the daemon's JSON has it. */
  query(method, ...params) {
    return this.#query(method, params);
  }

  /** A method of `invoke`, whose values carry their types. */
  async invoke(method, ...args) {
    const answer = await this.#ask('invoke', method, `,"args":${encode(upTo(args), undefined, 'args', IN_REQUEST)}`);
    return answer?.data ?? null;
  }

  /** A method of `query` on a server whose session the daemon opens or reuses for it, and leaves open. */
  oneShot(server, method, ...params) {
    return settled(() => {
      const target = targetOf(server);
      if (target === null) {
        throw invalid('oneShot: give endpoint or connection');
      }
      const members = membersOf({ ...target, forceNew: undefined, method, params: upTo(params) });
      return this.#command('query', members, this.#bounds({}), method);
    });
  }

  // -- attributes

  async read(nodeId, options = {}) {
    return new DataValue(await this.#query('read', [nodeIdOf(nodeId), options.attribute ?? 13, options.refresh], options));
  }

  /** In order; items are node ids or `{nodeId, attribute}`. What is wrong with one is in its `statusCode`. */
  async readMulti(items, options) {
    return (await this.#query('readMulti', [items.map(readItemOf)], options)).map(DataValue.of);
  }

  /** @returns the server's status code */
  write(nodeId, value, type, options) {
    return settled(() => {
      const typed = typedValue(value, type);
      const params = [
        encode(nodeIdOf(nodeId), undefined, 'nodeId', IN_PARAMS), encode(typed.value, typed.type, 'value', IN_PARAMS),
      ];
      if (typed.type !== undefined && typed.type !== null) {
        params.push(encode(typed.type, undefined, 'type', IN_PARAMS));
      }
      return this.#ask('query', 'write', `,"params":[${params}]`, options);
    });
  }

  /** In order: `{nodeId, value, type, attribute}`. */
  writeMulti(items, options) {
    return settled(() => this.#query('writeMulti', [items.map(({ nodeId, value, type, attribute, attributeId }, i) => ({
      nodeId: nodeIdOf(nodeId), ...typedValue(value, type, `items[${i}].value`), attributeId: attribute ?? attributeId,
    }))], options));
  }

  async historyReadRaw(nodeId, { start, end, limit, bounds, ...options } = {}) {
    const values = await this.#query('historyReadRaw', [nodeIdOf(nodeId), start ?? null, end ?? null, limit ?? 0, bounds], options);
    return values.map(DataValue.of);
  }

  /** @param aggregate a NodeId, as `i=2342` for Average */
  async historyReadProcessed(nodeId, { start, end, interval, aggregate, ...options }) {
    const params = [nodeIdOf(nodeId), start, end, interval, nodeIdOf(aggregate)];
    return (await this.#query('historyReadProcessed', params, options)).map(DataValue.of);
  }

  async historyReadAtTime(nodeId, times, options) {
    return (await this.#query('historyReadAtTime', [nodeIdOf(nodeId), times], options)).map(DataValue.of);
  }

  /** One value for each `interval` (ms; 0 is one interval) of a history, by the server or else by the daemon. */
  async historyAggregate(nodeId, options) {
    return (await this.#query('historyAggregate', aggregateParams(nodeIdOf(nodeId), options), options)).map(DataValue.of);
  }

  /** The same of values that are here. The daemon computes. */
  async aggregate(values, options) {
    return (await this.#query('aggregate', aggregateParams(values, options), options)).map(DataValue.of);
  }

  /** What was changed in a history: `{value, modificationTime, updateType, userName}`, the values as they were. */
  async historyReadModified(nodeId, { start, end, limit, ...options } = {}) {
    const values = await this.#query('historyReadModified', [nodeIdOf(nodeId), start ?? null, end ?? null, limit ?? 0], options);
    return values.map(raw => ({ ...raw, value: DataValue.of(raw.value), modificationTime: DateTime.of(raw.modificationTime) }));
  }

  /** Events of the past: for each the Variants of `selectFields`, in their order. */
  async historyReadEvents(nodeId, { start, end, limit, selectFields, where, ...options } = {}) {
    const params = [nodeIdOf(nodeId), start ?? null, end ?? null, limit ?? 0, selectFields ?? null, where];
    return (await this.#query('historyReadEvents', params, options)).map(row => row.map(Variant.of));
  }

  /** Values are DataValues, or `{value, type, sourceTimestamp, statusCode}`. @returns a status code for each */
  historyInsertData(nodeId, values, options) {
    return settled(() => this.#query('historyInsertData', [nodeIdOf(nodeId), values], options));
  }

  historyReplaceData(nodeId, values, options) {
    return settled(() => this.#query('historyReplaceData', [nodeIdOf(nodeId), values], options));
  }

  /** Inserts or replaces. */
  historyUpdateData(nodeId, values, options) {
    return settled(() => this.#query('historyUpdateData', [nodeIdOf(nodeId), values], options));
  }

  /** From `start` to before `end`; with `isDeleteModified` what was changed before. @returns a status code */
  historyDeleteRawModified(nodeId, { start, end, isDeleteModified, ...options }) {
    return settled(() => this.#query('historyDeleteRawModified', [nodeIdOf(nodeId), start, end, isDeleteModified], options));
  }

  historyDeleteAtTime(nodeId, times, options) {
    return settled(() => this.#query('historyDeleteAtTime', [nodeIdOf(nodeId), times], options));
  }

  /** For each event the Variants of the fields, in their order. @returns a status code for each event */
  historyInsertEvent(nodeId, fields, events, options) {
    return settled(() => this.#query('historyInsertEvent', [nodeIdOf(nodeId), fields, events], options));
  }

  historyReplaceEvent(nodeId, fields, events, options) {
    return settled(() => this.#query('historyReplaceEvent', [nodeIdOf(nodeId), fields, events], options));
  }

  historyUpdateEvent(nodeId, fields, events, options) {
    return settled(() => this.#query('historyUpdateEvent', [nodeIdOf(nodeId), fields, events], options));
  }

  /** @param eventIds Buffers */
  historyDeleteEvent(nodeId, eventIds, options) {
    return settled(() => this.#query('historyDeleteEvent', [nodeIdOf(nodeId), eventIds], options));
  }

  // -- nodes

  /** Nodes as the protocol has them. What became of each: `{statusCode, addedNodeId}`. */
  async addNodes(nodes, options) {
    const results = await this.#query('addNodes', [nodes], options);
    return results.map(raw => ({ ...raw, addedNodeId: NodeId.of(raw.addedNodeId) }));
  }

  /** @returns a status code for each */
  deleteNodes(nodeIds, { deleteTargetReferences, ...options } = {}) {
    return settled(() => {
      const items = nodeIds.map(nodeId => ({ nodeId: nodeIdOf(nodeId), deleteTargetReferences }));
      return this.#query('deleteNodes', [items], options);
    });
  }

  addReferences(references, options) {
    return this.#query('addReferences', [references], options);
  }

  deleteReferences(references, options) {
    return this.#query('deleteReferences', [references], options);
  }

  async getServerBuildInfo(options) {
    const info = await this.#query('getServerBuildInfo', [], options);
    return { ...info, buildDate: DateTime.of(info.buildDate) };
  }

  // -- files

  /** Opens a file of the server; see RemoteFile. `flags` are those of `fs.open`: r, r+, w, w+, a, a+. */
  async openRemote(nodeId, flags = 'r', options = {}) {
    const mode = OPEN_FLAGS.get(flags);
    if (mode === undefined) {
      throw invalid(`flags: got ${flags}, expected one of ${[...OPEN_FLAGS.keys()].join(', ')}`);
    }
    const id = nodeIdOf(nodeId);
    let session;
    const handle = await this.#query('openFile', [id, mode], options, sessionId => {
      session = sessionId;
    });
    // The handle belongs to this session. In one that is opened anew the number would mean another file, or none.
    const ask = (method, params, more) =>
      this.#askIn(session, 'query', method, paramsOf(params), this.#bounds({ ...options, ...more }));
    return new RemoteFile(id, handle, mode, ask);
  }

  /** @returns the handle, which belongs to the session */
  openFile(nodeId, mode = OpenFileMode.Read, options) {
    return settled(() => this.#query('openFile', [nodeIdOf(nodeId), mode], options));
  }

  closeFile(nodeId, fileHandle, options) {
    return settled(() => this.#query('closeFile', [nodeIdOf(nodeId), fileHandle], options));
  }

  /** At most `length` bytes from the position on, which moves; an empty Buffer at the end of the file. */
  async readFile(nodeId, fileHandle, length, options) {
    return Buffer.from(await this.#query('readFile', [nodeIdOf(nodeId), fileHandle, length], options), 'base64');
  }

  /** Writes at the position, some 48,000 bytes at most (`--max-frame-bytes`). */
  writeFile(nodeId, fileHandle, data, options) {
    return settled(() => this.#query('writeFile', [nodeIdOf(nodeId), fileHandle, bytesOf(data)], options));
  }

  async getFilePosition(nodeId, fileHandle, options) {
    return exactPosition(await this.#query('getFilePosition', [nodeIdOf(nodeId), fileHandle], options));
  }

  setFilePosition(nodeId, fileHandle, position, options) {
    return settled(() => this.#query('setFilePosition', [nodeIdOf(nodeId), fileHandle, position], options));
  }

  async createDirectory(directoryNodeId, name, options) {
    return NodeId.of(await this.#query('createDirectory', [nodeIdOf(directoryNodeId), name], options));
  }

  /** `{fileNodeId, fileHandle}`; with `open` the file is open for reading and writing, else the handle is 0. */
  async createFileInDirectory(directoryNodeId, name, { open, ...options } = {}) {
    const raw = await this.#query('createFileInDirectory', [nodeIdOf(directoryNodeId), name, open], options);
    return { fileNodeId: NodeId.of(raw.fileNodeId), fileHandle: raw.fileHandle };
  }

  deleteFileSystemObject(directoryNodeId, nodeId, options) {
    return settled(() => this.#query('deleteFileSystemObject', [nodeIdOf(directoryNodeId), nodeIdOf(nodeId)], options));
  }

  /** Moves, or with `copy` copies; without a `newName` it keeps its own. */
  async moveOrCopyFileSystemObject(directoryNodeId, nodeId, targetDirectory, { copy, newName, ...options } = {}) {
    const params = [nodeIdOf(directoryNodeId), nodeIdOf(nodeId), nodeIdOf(targetDirectory), copy ?? false, newName];
    return NodeId.of(await this.#query('moveOrCopyFileSystemObject', params, options));
  }

  // -- looking around

  /** The server's first page. */
  async browse(nodeId, options = {}) {
    return (await this.#query('browse', browseParams(nodeId, options), options)).map(referenceOf);
  }

  /** Every page. */
  async browseAll(nodeId, options = {}) {
    return (await this.#query('browseAll', browseParams(nodeId, options), options)).map(referenceOf);
  }

  async browseRecursive(nodeId, options = {}) {
    const [id, direction, ...rest] = browseParams(nodeId, { ...options, useCache: undefined });
    const nodes = await this.#query('browseRecursive', [id, direction, options.maxDepth ?? null, ...rest], options);
    return nodes.map(browseNodeOf);
  }

  async browseWithContinuation(nodeId, options = {}) {
    return pageOf(await this.#query('browseWithContinuation', browseParams(nodeId, { ...options, useCache: undefined }), options));
  }

  async browseNext(continuationPoint, options) {
    return pageOf(await this.#query('browseNext', [continuationPoint], options));
  }

  /** The node that a path of browse names leads to, as `/Objects/2:Line1/2:Speed`. */
  async resolve(path, { from, useCache, ...options } = {}) {
    return NodeId.of(await this.#query('resolveNodeId', [path, from ?? null, useCache], options));
  }

  async translateBrowsePaths(paths, options) {
    const results = await this.#query('translateBrowsePaths', [paths], options);
    return results.map(({ statusCode, targets }) => ({
      statusCode,
      targets: targets.map(it => ({ ...it, targetId: NodeId.of(it.targetId) })),
    }));
  }

  /** What the server at this URL offers; needs no session. */
  getEndpoints(endpointUrl, options = {}) {
    return this.#discover('getEndpoints', endpointUrl, [options.useCache], options);
  }

  /** The servers that the one at this URL knows; needs no session. */
  findServers(endpointUrl, options = {}) {
    return this.#discover('findServers', endpointUrl, [], options);
  }

  #discover(method, endpointUrl, more, options) {
    return settled(() => {
      const members = membersOf({ endpointUrl, method, params: upTo([endpointUrl, ...more]) });
      return this.#command('query', members, this.#bounds(options), method);
    });
  }

  discoverDataTypes({ namespaceIndex, useCache, ...options } = {}) {
    return this.#query('discoverDataTypes', [namespaceIndex ?? null, useCache], options);
  }

  // -- methods

  /** Arguments are Variants. A bad `statusCode` is part of the result. */
  async call(objectId, methodId, args = [], options) {
    const result = await this.#query('call', [nodeIdOf(objectId), nodeIdOf(methodId), args], options);
    return { ...result, outputArguments: result.outputArguments.map(Variant.of) };
  }

  // -- subscriptions

  /** A stream of what changes; see Subscription. `items` are node ids or objects as createMonitoredItems takes them. */
  async subscribe({ items, events, subscription, highWaterMark, ...options }) {
    const { deadline, signal } = this.#bounds(options);
    if (signal?.aborted) {
      throw streamAborted(signal);
    }
    const { link } = this.#handle;
    const stream = membersOf({ subscription, items: items?.map(monitoredItemOf), events });
    return this.#handle.ask(
      sessionId => Subscription.begin(link.options, `,"sessionId":${JSON.stringify(sessionId)}${stream}`, {
        signal, highWaterMark, deadline,
      }),
      { deadline, signal, method: 'subscribe' },
      true,
    );
  }

  createSubscription(parameters = {}, options) {
    const { publishingInterval, lifetimeCount, maxKeepAliveCount, maxNotificationsPerPublish, publishingEnabled, priority } = {
      publishingInterval: 500, lifetimeCount: 2400, maxKeepAliveCount: 10, maxNotificationsPerPublish: 0,
      publishingEnabled: true, priority: 0, ...parameters,
    };
    return this.#query('createSubscription', [
      publishingInterval, lifetimeCount, maxKeepAliveCount, maxNotificationsPerPublish, publishingEnabled, priority,
    ], options);
  }

  createMonitoredItems(subscriptionId, items, options) {
    return this.#query('createMonitoredItems', [subscriptionId, items.map(monitoredItemOf)], options);
  }

  createEventMonitoredItem(subscriptionId, nodeId, { selectFields, clientHandle, where, ...options } = {}) {
    return this.#query('createEventMonitoredItem', [
      subscriptionId,
      nodeIdOf(nodeId),
      selectFields ?? ['EventId', 'EventType', 'SourceName', 'Time', 'Message', 'Severity'],
      clientHandle ?? 1,
      where,
    ], options);
  }

  modifyMonitoredItems(subscriptionId, items, options) {
    return this.#query('modifyMonitoredItems', [subscriptionId, items], options);
  }

  setTriggering(subscriptionId, triggeringItemId, { add = [], remove = [], ...options } = {}) {
    return this.#query('setTriggering', [subscriptionId, triggeringItemId, add, remove], options);
  }

  deleteMonitoredItems(subscriptionId, monitoredItemIds, options) {
    return this.#query('deleteMonitoredItems', [subscriptionId, monitoredItemIds], options);
  }

  deleteSubscription(subscriptionId, options) {
    return this.#query('deleteSubscription', [subscriptionId], options);
  }

  /** The next message of any subscription of the session, or of those given. */
  async publish({ acknowledgements = [], subscriptionIds, maxWait, ...options } = {}) {
    const message = await this.#query('publish', [acknowledgements, subscriptionIds ?? null, maxWait], options);
    return { ...message, notifications: message.notifications.map(notificationOf) };
  }

  async republish(subscriptionId, sequenceNumber, options) {
    const message = await this.#query('republish', [subscriptionId, sequenceNumber], options);
    return { ...message, publishTime: DateTime.of(message.publishTime), notifications: message.notifications.map(notificationOf) };
  }

  transferSubscriptions(subscriptionIds, { sendInitialValues, ...options } = {}) {
    return this.#query('transferSubscriptions', [subscriptionIds, sendInitialValues], options);
  }
}

const paramsOf = params => `,"params":${encode(upTo(params), undefined, 'params', IN_REQUEST)}`;

const aggregateParams = (source, { start, end, interval, function: name, configuration }) => [
  source, start, end, interval, name, configuration,
];

/** What throws on the way rejects. */
const settled = async ask => ask();

const browseParams = (nodeId, { direction, referenceType, includeSubtypes, nodeClasses, useCache }) => [
  nodeIdOf(nodeId), direction ?? 0, referenceType ?? null, includeSubtypes ?? true, nodeClasses ?? [], useCache,
];

const pageOf = raw => ({ references: raw.references.map(referenceOf), continuationPoint: raw.continuationPoint ?? null });

// `await using` closes them, where the language has it (Node.js 24).
if (Symbol.asyncDispose !== undefined) {
  Object.defineProperty(Client.prototype, Symbol.asyncDispose, { value() { return this.close(); } });
  Object.defineProperty(Subscription.prototype, Symbol.asyncDispose, { value() { return this.close(); } });
  Object.defineProperty(RemoteFile.prototype, Symbol.asyncDispose, { value() { return this.close(); } });
}
