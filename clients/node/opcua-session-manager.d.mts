// Types of opcua-session-manager.mjs; what everything does is described there and in README.md.

import type { Readable, Writable } from 'node:stream';

export declare const BuiltinType: Readonly<{
  Boolean: 1; SByte: 2; Byte: 3; Int16: 4; UInt16: 5; Int32: 6; UInt32: 7; Int64: 8; UInt64: 9; Float: 10; Double: 11;
  String: 12; DateTime: 13; Guid: 14; ByteString: 15; XmlElement: 16; NodeId: 17; ExpandedNodeId: 18; StatusCode: 19;
  QualifiedName: 20; LocalizedText: 21; ExtensionObject: 22; DataValue: 23; Variant: 24; DiagnosticInfo: 25;
}>;
export type BuiltinType = (typeof BuiltinType)[keyof typeof BuiltinType];
export type BuiltinTypeName = keyof typeof BuiltinType;

export declare const AttributeId: Readonly<{
  NodeId: 1; NodeClass: 2; BrowseName: 3; DisplayName: 4; Description: 5; WriteMask: 6; UserWriteMask: 7; IsAbstract: 8;
  Symmetric: 9; InverseName: 10; ContainsNoLoops: 11; EventNotifier: 12; Value: 13; DataType: 14; ValueRank: 15;
  ArrayDimensions: 16; AccessLevel: 17; UserAccessLevel: 18; MinimumSamplingInterval: 19; Historizing: 20;
  Executable: 21; UserExecutable: 22; DataTypeDefinition: 23; RolePermissions: 24; UserRolePermissions: 25;
  AccessRestrictions: 26; AccessLevelEx: 27;
}>;
export type AttributeId = (typeof AttributeId)[keyof typeof AttributeId];

export declare const BrowseDirection: Readonly<{ Forward: 0; Inverse: 1; Both: 2 }>;
export type BrowseDirection = (typeof BrowseDirection)[keyof typeof BrowseDirection];

// Errors

/** How a file is opened, added up. */
export declare const OpenFileMode: { readonly Read: 1; readonly Write: 2; readonly EraseExisting: 4; readonly Append: 8 };

/** What is made of the values of an interval (Part 13, 5.4.3). */
export declare const AggregateFunction: {
  readonly Interpolate: 'interpolate';
  readonly Minimum: 'minimum';
  readonly Maximum: 'maximum';
  readonly Average: 'average';
  readonly Count: 'count';
  readonly TimeAverage: 'timeAverage';
  readonly Total: 'total';
  readonly Range: 'range';
  readonly Delta: 'delta';
  readonly Start: 'start';
  readonly End: 'end';
  readonly DurationGood: 'durationGood';
  readonly DurationBad: 'durationBad';
  readonly PercentGood: 'percentGood';
  readonly StandardDeviation: 'standardDeviation';
};
export type AggregateFunction = (typeof AggregateFunction)[keyof typeof AggregateFunction];

export type Outcome = 'not_sent' | 'unknown';

export interface ErrorDetails {
  type?: string;
  code?: number;
  outcome?: Outcome;
  retryAfterMs?: number;
  cause?: unknown;
}

export declare class OpcUaError extends Error {
  constructor(message: string, details?: ErrorDetails);
  /** The protocol's error type, or `connection_lost`, `answer_timeout`, `daemon_not_running`, `unsupported_daemon`, `closed`. */
  readonly type: string;
  /** The OPC UA status code, if there is one. */
  readonly code?: number;
  /** What is known of a change that failed; of all that is not simply read. */
  readonly outcome?: Outcome;
  /** When to come back after `rate_limited`. */
  readonly retryAfterMs?: number;
}

export declare class InvalidJsonError extends OpcUaError {}
export declare class PayloadTooLargeError extends OpcUaError {}
export declare class ConnectionTimeoutError extends OpcUaError {}
export declare class TooManyConnectionsError extends OpcUaError {}
export declare class AuthFailedError extends OpcUaError {}
export declare class UnknownCommandError extends OpcUaError {}
export declare class ForbiddenMethodError extends OpcUaError {}
export declare class UnknownMethodError extends OpcUaError {}
export declare class InvalidArgumentError extends OpcUaError {}
export declare class SessionNotFoundError extends OpcUaError {}
export declare class MaxSessionsReachedError extends OpcUaError {}
export declare class SessionBudgetError extends OpcUaError {}
export declare class OverloadedError extends OpcUaError {}
export declare class AccessDeniedError extends OpcUaError {}
export declare class RateLimitedError extends OpcUaError {}
export declare class AutoPublishActiveError extends OpcUaError {}
export declare class ShuttingDownError extends OpcUaError {}
export declare class ConfigurationError extends OpcUaError {}
export declare class InvalidPathError extends OpcUaError {}
export declare class SecurityError extends OpcUaError {}
export declare class UntrustedCertificateError extends SecurityError {}
export declare class ServerConnectionError extends OpcUaError {}
export declare class ServiceError extends OpcUaError {}
export declare class ServiceUnsupportedError extends ServiceError {}
export declare class InvalidNodeIdError extends OpcUaError {}
export declare class WriteTypeMismatchError extends OpcUaError {}
export declare class WriteTypeDetectionError extends OpcUaError {}
export declare class EncodingError extends OpcUaError {}
export declare class InternalError extends OpcUaError {}
/** Its `name` is `AbortError`. */
export declare class CancelledError extends OpcUaError {}
export declare class DaemonNotRunningError extends OpcUaError {}
export declare class ConnectionLostError extends OpcUaError {}
export declare class TimeoutError extends OpcUaError {}
export declare class UnsupportedDaemonError extends OpcUaError {}
export declare class ClosedError extends OpcUaError {}

// Values

export type NodeIdType = 'numeric' | 'string' | 'guid' | 'opaque';

export interface NodeIdJson {
  ns?: number;
  id: number | string;
  type?: NodeIdType;
  nsu?: string | null;
  serverIndex?: number;
}

export declare class NodeId {
  constructor(
    namespace: number,
    identifier: number | string | Buffer,
    options?: { namespaceUri?: string | null; serverIndex?: number; type?: NodeIdType },
  );
  static of(value: NodeIdLike): NodeId;
  static of(value: NodeIdLike | null | undefined): NodeId | null;
  static parse(text: string): NodeId;
  readonly namespace: number;
  /** A Buffer for `opaque`. */
  readonly identifier: number | string | Buffer;
  readonly type: NodeIdType;
  readonly namespaceUri: string | null;
  readonly serverIndex: number;
  get isNull(): boolean;
  equals(other: unknown): boolean;
  toString(): string;
  toJSON(): NodeIdJson;
}

/** A NodeId, its text (`ns=2;s=Speed`), or the daemon's JSON of one. */
export type NodeIdLike = NodeId | string | NodeIdJson;

export declare class DateTime {
  constructor(text: string);
  static of(value: Date | string | DateTime): DateTime;
  static of(value: Date | string | DateTime | null | undefined): DateTime | null;
  /** With seven fractional digits when it comes from the daemon. */
  readonly text: string;
  /** Cut to milliseconds. */
  get date(): Date;
  get epochNanoseconds(): bigint;
  valueOf(): number;
  toString(): string;
  toJSON(): string;
}

export interface QualifiedName {
  ns: number;
  name: string;
}

export interface LocalizedText {
  locale: string | null;
  text: string | null;
}

export declare class ExtensionObject {
  /** @internal */
  constructor(raw: unknown);
  static of(typeId: NodeIdLike, fields: Record<string, unknown>): ExtensionObject;
  get typeId(): NodeId;
  get encoding(): number;
  get body(): Buffer | null;
  get value(): Record<string, unknown> | null;
  field(path: string, type: BuiltinType): unknown;
  with(fields: Record<string, unknown>): ExtensionObject;
  toJSON(): unknown;
}

export declare class Variant<T = unknown> {
  constructor(type: BuiltinType, value: T, dimensions?: number[] | null);
  static of(raw: unknown): Variant | null;
  readonly type: BuiltinType;
  readonly value: T;
  readonly dimensions: number[] | null;
  get typeName(): BuiltinTypeName;
  toJSON(): unknown;
}

export declare class DataValue<T = any> {
  /** @internal */
  constructor(raw: unknown);
  static of(raw: unknown): DataValue | null;
  get value(): T;
  get type(): BuiltinType | null;
  get typeName(): BuiltinTypeName | null;
  get dimensions(): number[] | null;
  get statusCode(): number;
  get isGood(): boolean;
  get isUncertain(): boolean;
  get isBad(): boolean;
  get sourceTimestamp(): DateTime | null;
  get serverTimestamp(): DateTime | null;
  toJSON(): unknown;
}

export declare function decodeValue(type: BuiltinType | null | undefined, json: unknown): any;
export declare function encode(value: unknown, type?: BuiltinType | null): string;

// What is asked and answered

/** How long a request may take, in milliseconds, and what gives it up. */
export interface RequestOptions {
  timeout?: number;
  signal?: AbortSignal;
}

/** `config` of `open` in docs/protocol.md. */
export interface SessionConfig {
  opcuaTimeout?: number;
  autoRetry?: number;
  batchSize?: number | null;
  defaultBrowseMaxDepth?: number;
  readMetadataCache?: boolean;
  autoDetectWriteType?: boolean;
  sessionName?: string;
  applicationName?: string;
  sessionTimeout?: number;
  securityPolicy?: string;
  securityMode?: 1 | 2 | 3;
  username?: string;
  password?: string;
  userCertPath?: string;
  userKeyPath?: string;
  userKeyPassphrase?: string;
  allowPlaintextPassword?: boolean;
  clientCertPath?: string;
  clientKeyPath?: string;
  clientKeyPassphrase?: string;
  caCertPath?: string;
  trustStorePath?: string;
  trustPolicy?: 'fingerprint' | 'fingerprint+expiry' | 'full';
  autoAccept?: boolean;
  autoAcceptForce?: boolean;
  [member: string]: unknown;
}

export interface ServerOptions {
  endpoint?: string;
  config?: SessionConfig;
  /** A name in the daemon's configuration, instead of `endpoint` and `config`. */
  connection?: string;
  forceNew?: boolean;
}

export interface ClientOptions extends ServerOptions {
  /** `/path`, `unix:///path` or `tcp://127.0.0.1:PORT`; else OPCUA_SOCKET_PATH, else the daemon's default. */
  socket?: string;
  /** Else OPCUA_AUTH_TOKEN, else the file in OPCUA_AUTH_TOKEN_FILE. */
  token?: string;
  tokenFile?: string;
  /** Milliseconds for a request that does not say it: 30,000. */
  timeout?: number;
  /** Milliseconds for a connection to the daemon: 5,000. */
  connectTimeout?: number;
  /** Bytes of one answer: 256 MiB. */
  maxAnswerBytes?: number;
}

export interface ReadItem {
  nodeId: NodeIdLike;
  attribute?: AttributeId;
}

export interface WriteItem {
  nodeId: NodeIdLike;
  value: unknown;
  type?: BuiltinType | null;
  attribute?: AttributeId;
}

export interface BrowseOptions extends RequestOptions {
  direction?: BrowseDirection;
  referenceType?: NodeIdLike;
  includeSubtypes?: boolean;
  nodeClasses?: number[];
  useCache?: boolean;
}

export interface ReferenceDescription {
  referenceTypeId: NodeId;
  isForward: boolean;
  nodeId: NodeId;
  browseName: QualifiedName;
  displayName: LocalizedText;
  nodeClass: number;
  typeDefinition: NodeId;
}

export interface BrowseNode {
  reference: ReferenceDescription;
  children: BrowseNode[];
}

export interface BrowsePage {
  references: ReferenceDescription[];
  continuationPoint: string | null;
}

export interface BrowsePath {
  startingNodeId: NodeIdLike;
  relativePath: {
    referenceTypeId?: NodeIdLike;
    isInverse?: boolean;
    includeSubtypes?: boolean;
    targetName: QualifiedName | string;
  }[];
}

export interface BrowsePathResult {
  statusCode: number;
  targets: { targetId: NodeId; remainingPathIndex: number }[];
}

export interface EndpointDescription {
  endpointUrl: string;
  serverCertificate: string | null;
  securityMode: number;
  securityPolicyUri: string;
  securityLevel: number;
  transportProfileUri: string;
  userIdentityTokens: {
    policyId: string;
    tokenType: number;
    issuedTokenType: string | null;
    issuerEndpointUrl: string | null;
    securityPolicyUri: string | null;
  }[];
}

export interface ApplicationDescription {
  applicationUri: string;
  productUri: string;
  applicationName: LocalizedText;
  applicationType: number;
  gatewayServerUri: string | null;
  discoveryProfileUri: string | null;
  discoveryUrls: string[];
}

export interface CallResult {
  statusCode: number;
  inputArgumentResults: number[];
  outputArguments: Variant[];
}

export interface SubscriptionParameters {
  publishingInterval?: number;
  lifetimeCount?: number;
  maxKeepAliveCount?: number;
  maxNotificationsPerPublish?: number;
  publishingEnabled?: boolean;
  priority?: number;
}

export interface MonitoredItemRequest {
  nodeId: NodeIdLike;
  attribute?: AttributeId;
  samplingInterval?: number;
  queueSize?: number;
  clientHandle?: number;
  monitoringMode?: 0 | 1 | 2;
  discardOldest?: boolean;
  filter?: Record<string, unknown>;
}

export interface EventItemRequest {
  nodeId: NodeIdLike;
  selectFields?: string[];
  clientHandle?: number;
  where?: string;
}

export interface MonitoredItemResult {
  statusCode: number;
  monitoredItemId: number;
  revisedSamplingInterval: number;
  revisedQueueSize: number;
  filterErrors?: string[];
}

export interface SubscriptionResult {
  subscriptionId: number;
  revisedPublishingInterval: number;
  revisedLifetimeCount: number;
  revisedMaxKeepAliveCount: number;
}

export declare class DataChange {
  /** @internal */
  constructor(raw: unknown);
  get type(): 'DataChange';
  get clientHandle(): number;
  get dataValue(): DataValue;
  get value(): any;
  toJSON(): unknown;
}

export declare class EventNotification {
  /** @internal */
  constructor(raw: unknown);
  get type(): 'Event';
  get clientHandle(): number;
  get eventFields(): Variant[];
  toJSON(): unknown;
}

export type Notification = DataChange | EventNotification;

export interface PublishResult {
  subscriptionId: number;
  sequenceNumber: number;
  moreNotifications: boolean;
  notifications: Notification[];
  availableSequenceNumbers: number[];
  epoch: number;
  dropped: number;
  gap: { from: string | null; to: string | null; reason: string } | null;
}

// Streams

export interface NotificationsEvent {
  readonly type: 'Notifications';
  readonly subscriptionId: number;
  readonly sequenceNumber: number;
  readonly epoch: number;
  readonly publishTime: DateTime | null;
  readonly notifications: Notification[];
}

export interface OverflowEvent {
  readonly type: 'Overflow';
  readonly dropped: number;
}

export interface GapEvent {
  readonly type: 'Gap';
  readonly from: DateTime | null;
  readonly to: DateTime | null;
  readonly reason: string;
}

export interface StateEvent {
  readonly type: 'State';
  readonly state: string;
  readonly reason: string;
}

export interface KeepAliveEvent {
  readonly type: 'KeepAlive';
}

/** Later versions of the daemon add some: pass over types that you do not know. */
export type StreamEvent = NotificationsEvent | OverflowEvent | GapEvent | StateEvent | KeepAliveEvent;

export interface SubscribeRequest extends RequestOptions {
  items?: (NodeIdLike | MonitoredItemRequest)[];
  events?: EventItemRequest[];
  subscription?: SubscriptionParameters;
  /** Bytes that wait here for a slow reader before the socket is left alone: 4 MiB. */
  highWaterMark?: number;
}

export declare class Subscription implements AsyncIterableIterator<StreamEvent> {
  private constructor();
  readonly subscriptionId: number;
  readonly revisedPublishingInterval: number;
  readonly revisedLifetimeCount: number;
  readonly revisedMaxKeepAliveCount: number;
  readonly items: MonitoredItemResult[];
  readonly events: MonitoredItemResult[];
  next(): Promise<IteratorResult<StreamEvent, undefined>>;
  return(value?: unknown): Promise<IteratorResult<StreamEvent, undefined>>;
  close(): Promise<void>;
  /** For `await using`; Node.js 20 or later. */
  [Symbol.asyncDispose](): Promise<void>;
  [Symbol.asyncIterator](): this;
}

// History, nodes, files

/** A time that is sent. */
export type TimeLike = Date | DateTime | string;

/** A value of a history that is sent: as it was read, or its parts. */
export type Sample =
  | DataValue
  | {
      value: unknown;
      type?: BuiltinType;
      dimensions?: number[] | null;
      statusCode?: number;
      sourceTimestamp?: TimeLike | null;
      serverTimestamp?: TimeLike | null;
    };

/** A sample where no variable says what type it has. */
export type TypedSample = DataValue | (Exclude<Sample, DataValue> & ({ type: BuiltinType } | { value: null }));

export interface ModifiedValue {
  value: DataValue;
  modificationTime: DateTime | null;
  /** 1 inserted, 2 replaced, 3 updated, 4 deleted, 0 not known. */
  updateType: number;
  userName: string | null;
}

export interface AggregateConfiguration {
  treatUncertainAsBad?: boolean;
  percentDataBad?: number;
  percentDataGood?: number;
  useSlopedExtrapolation?: boolean;
  stepped?: boolean;
  calculatedBy?: 'server' | 'daemon';
}

export interface AggregateOptions extends RequestOptions {
  start: TimeLike;
  end: TimeLike;
  /** Milliseconds; 0 is one interval. */
  interval: number;
  function: AggregateFunction;
  configuration?: AggregateConfiguration;
}

export interface NewNode {
  parentNodeId: NodeIdLike;
  referenceTypeId: NodeIdLike;
  /** Without it the server chooses. */
  requestedNewNodeId?: NodeIdLike | null;
  /** `{ns, name}`, or text with the index of its namespace: `2:Pump`. */
  browseName: QualifiedName | string;
  /** 1 Object, 2 Variable, 4 Method, 8 ObjectType, 16 VariableType, 32 ReferenceType, 64 DataType, 128 View. */
  nodeClass: number;
  typeDefinition?: NodeIdLike | null;
  /** The attributes of the class: docs/protocol.md. */
  [attribute: string]: unknown;
}

export interface NewReference {
  sourceNodeId: NodeIdLike;
  referenceTypeId: NodeIdLike;
  isForward?: boolean;
  targetServerUri?: string | null;
  targetNodeId: NodeIdLike;
  targetNodeClass: number;
}

export interface OldReference {
  sourceNodeId: NodeIdLike;
  referenceTypeId: NodeIdLike;
  isForward?: boolean;
  targetNodeId: NodeIdLike;
  deleteBidirectional?: boolean;
}

export interface BuildInfo {
  productName: string | null;
  manufacturerName: string | null;
  softwareVersion: string | null;
  buildNumber: string | null;
  buildDate: DateTime | null;
}

/** Content of a file that is written; text is UTF-8. */
export type FileContent = string | ArrayBuffer | ArrayBufferView;

export type RemoteFileFlags = 'r' | 'r+' | 'w' | 'w+' | 'a' | 'a+';

/** An open file of a server. What it is asked for is done in turn. */
export declare class RemoteFile implements AsyncIterable<Buffer> {
  private constructor();
  get nodeId(): NodeIdLike;
  get closed(): boolean;
  /** At most `length` bytes, 256 KiB at a time; an empty Buffer at the end of the file, and for a `length` of 0. */
  read(length?: number): Promise<Buffer>;
  /** The rest of the file. One that fails has read nothing: the next one gives the same bytes. */
  readAll(): Promise<Buffer>;
  /** All of it, as it is at the call; at the end of a file that is open by `a` or `a+`. */
  write(data: FileContent): Promise<void>;
  /** From the beginning of the file. It may be beyond the end; the next read or write is at the end then, and `tell` says so. */
  seek(position: number): Promise<void>;
  tell(): Promise<number>;
  /** ServiceError if the server does not tell it. */
  size(): Promise<number>;
  close(): Promise<void>;
  /** The rest of the file as a stream, whose end closes the file. */
  readable(): Readable;
  /** A stream whose end closes the file. */
  writable(): Writable;
  /** For `await using`; Node.js 20 or later. */
  [Symbol.asyncDispose](): Promise<void>;
  /** The rest of the file in pieces; leaving the loop leaves the file open. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer>;
}

// The client

export interface ListedSession {
  id: string;
  endpointUrl: string;
  lastUsed: number;
  config: SessionConfig;
  state: string;
  holders: number;
  connection: string | null;
  subscriptions: Record<string, unknown>[];
}

export interface Hello {
  product: string;
  version: string;
  protocol: number;
  limits: Record<string, number>;
  features: string[];
}

export interface Latency {
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}

export interface Stats {
  daemon: { version: string; uptime: number; pid: number; latency: Latency; [counter: string]: unknown };
  sessions: { sessionId: string; endpointUrl: string; state: string; latency: Latency; [counter: string]: unknown }[];
}

export declare class Client {
  private constructor();
  static connect(options?: ClientOptions): Promise<Client>;
  session(options: ServerOptions): Promise<Client>;
  with(options: RequestOptions): Client;
  get sessionId(): string | null;
  get wasSessionReused(): boolean;
  disconnect(): Promise<void>;
  close(): Promise<void>;
  /** For `await using`; Node.js 20 or later. */
  [Symbol.asyncDispose](): Promise<void>;

  command(command: string, members?: Record<string, unknown>, options?: RequestOptions): Promise<any>;
  ping(options?: RequestOptions): Promise<{ status: string; sessions?: number; time: number }>;
  list(options?: RequestOptions): Promise<ListedSession[]>;
  stats(options?: RequestOptions): Promise<Stats>;
  hello(): Promise<Hello>;
  describe(options?: RequestOptions): Promise<Record<string, unknown>>;

  query(method: string, ...params: unknown[]): Promise<any>;
  invoke(method: string, ...args: unknown[]): Promise<any>;
  oneShot(server: ServerOptions, method: string, ...params: unknown[]): Promise<any>;

  read(nodeId: NodeIdLike, options?: RequestOptions & { attribute?: AttributeId; refresh?: boolean }): Promise<DataValue>;
  readMulti(items: (string | NodeId | ReadItem)[], options?: RequestOptions): Promise<DataValue[]>;
  write(nodeId: NodeIdLike, value: unknown, type?: BuiltinType | null, options?: RequestOptions): Promise<number>;
  writeMulti(items: WriteItem[], options?: RequestOptions): Promise<number[]>;
  historyReadRaw(
    nodeId: NodeIdLike,
    options?: RequestOptions & {
      start?: Date | DateTime | string | null;
      end?: Date | DateTime | string | null;
      limit?: number;
      bounds?: boolean;
    },
  ): Promise<DataValue[]>;
  historyReadProcessed(
    nodeId: NodeIdLike,
    options: RequestOptions & {
      start: Date | DateTime | string;
      end: Date | DateTime | string;
      interval: number;
      aggregate: NodeIdLike;
    },
  ): Promise<DataValue[]>;
  historyReadAtTime(nodeId: NodeIdLike, times: (Date | DateTime | string)[], options?: RequestOptions): Promise<DataValue[]>;
  historyAggregate(nodeId: NodeIdLike, options: AggregateOptions): Promise<DataValue[]>;
  aggregate(values: TypedSample[], options: AggregateOptions): Promise<DataValue[]>;
  historyReadModified(
    nodeId: NodeIdLike,
    options?: RequestOptions & { start?: TimeLike | null; end?: TimeLike | null; limit?: number },
  ): Promise<ModifiedValue[]>;
  /** For each event the Variants of `selectFields`, in their order. */
  historyReadEvents(
    nodeId: NodeIdLike,
    options?: RequestOptions & {
      start?: TimeLike | null;
      end?: TimeLike | null;
      limit?: number;
      selectFields?: string[];
      where?: string;
    },
  ): Promise<Variant[][]>;
  historyInsertData(nodeId: NodeIdLike, values: Sample[], options?: RequestOptions): Promise<number[]>;
  historyReplaceData(nodeId: NodeIdLike, values: Sample[], options?: RequestOptions): Promise<number[]>;
  historyUpdateData(nodeId: NodeIdLike, values: Sample[], options?: RequestOptions): Promise<number[]>;
  historyDeleteRawModified(
    nodeId: NodeIdLike,
    options: RequestOptions & { start: TimeLike; end: TimeLike; isDeleteModified?: boolean },
  ): Promise<number>;
  historyDeleteAtTime(nodeId: NodeIdLike, times: TimeLike[], options?: RequestOptions): Promise<number[]>;
  historyInsertEvent(nodeId: NodeIdLike, fields: string[], events: Variant[][], options?: RequestOptions): Promise<number[]>;
  historyReplaceEvent(nodeId: NodeIdLike, fields: string[], events: Variant[][], options?: RequestOptions): Promise<number[]>;
  historyUpdateEvent(nodeId: NodeIdLike, fields: string[], events: Variant[][], options?: RequestOptions): Promise<number[]>;
  historyDeleteEvent(nodeId: NodeIdLike, eventIds: Uint8Array[], options?: RequestOptions): Promise<number[]>;

  addNodes(nodes: NewNode[], options?: RequestOptions): Promise<{ statusCode: number; addedNodeId: NodeId }[]>;
  deleteNodes(nodeIds: NodeIdLike[], options?: RequestOptions & { deleteTargetReferences?: boolean }): Promise<number[]>;
  addReferences(references: NewReference[], options?: RequestOptions): Promise<number[]>;
  deleteReferences(references: OldReference[], options?: RequestOptions): Promise<number[]>;
  getServerBuildInfo(options?: RequestOptions): Promise<BuildInfo>;

  openRemote(nodeId: NodeIdLike, flags?: RemoteFileFlags, options?: RequestOptions): Promise<RemoteFile>;
  /** `mode` is a sum of OpenFileMode. The handle belongs to the session. */
  openFile(nodeId: NodeIdLike, mode?: number, options?: RequestOptions): Promise<number>;
  closeFile(nodeId: NodeIdLike, fileHandle: number, options?: RequestOptions): Promise<null>;
  readFile(nodeId: NodeIdLike, fileHandle: number, length: number, options?: RequestOptions): Promise<Buffer>;
  writeFile(nodeId: NodeIdLike, fileHandle: number, data: FileContent, options?: RequestOptions): Promise<null>;
  /** EncodingError above 2^53 - 1. */
  getFilePosition(nodeId: NodeIdLike, fileHandle: number, options?: RequestOptions): Promise<number>;
  setFilePosition(nodeId: NodeIdLike, fileHandle: number, position: number, options?: RequestOptions): Promise<null>;
  createDirectory(directoryNodeId: NodeIdLike, name: string, options?: RequestOptions): Promise<NodeId>;
  /** With `open` it is open for reading and writing. */
  createFileInDirectory(
    directoryNodeId: NodeIdLike,
    name: string,
    options?: RequestOptions & { open?: boolean },
  ): Promise<{ fileNodeId: NodeId; fileHandle: number }>;
  deleteFileSystemObject(directoryNodeId: NodeIdLike, nodeId: NodeIdLike, options?: RequestOptions): Promise<null>;
  moveOrCopyFileSystemObject(
    directoryNodeId: NodeIdLike,
    nodeId: NodeIdLike,
    targetDirectory: NodeIdLike,
    options?: RequestOptions & { copy?: boolean; newName?: string },
  ): Promise<NodeId>;

  browse(nodeId: NodeIdLike, options?: BrowseOptions): Promise<ReferenceDescription[]>;
  browseAll(nodeId: NodeIdLike, options?: BrowseOptions): Promise<ReferenceDescription[]>;
  browseRecursive(nodeId: NodeIdLike, options?: BrowseOptions & { maxDepth?: number }): Promise<BrowseNode[]>;
  browseWithContinuation(nodeId: NodeIdLike, options?: BrowseOptions): Promise<BrowsePage>;
  browseNext(continuationPoint: string, options?: RequestOptions): Promise<BrowsePage>;
  resolve(path: string, options?: RequestOptions & { from?: NodeIdLike; useCache?: boolean }): Promise<NodeId>;
  translateBrowsePaths(paths: BrowsePath[], options?: RequestOptions): Promise<BrowsePathResult[]>;
  getEndpoints(endpointUrl: string, options?: RequestOptions & { useCache?: boolean }): Promise<EndpointDescription[]>;
  findServers(endpointUrl: string, options?: RequestOptions): Promise<ApplicationDescription[]>;
  discoverDataTypes(options?: RequestOptions & { namespaceIndex?: number; useCache?: boolean }): Promise<number>;

  call(
    objectId: NodeIdLike,
    methodId: NodeIdLike,
    args?: (Variant | { type: BuiltinType; value: unknown; dimensions?: number[] | null })[],
    options?: RequestOptions,
  ): Promise<CallResult>;

  subscribe(request: SubscribeRequest): Promise<Subscription>;
  createSubscription(parameters?: SubscriptionParameters, options?: RequestOptions): Promise<SubscriptionResult>;
  createMonitoredItems(
    subscriptionId: number,
    items: (string | NodeId | MonitoredItemRequest)[],
    options?: RequestOptions,
  ): Promise<MonitoredItemResult[]>;
  createEventMonitoredItem(
    subscriptionId: number,
    nodeId: NodeIdLike,
    options?: RequestOptions & { selectFields?: string[]; clientHandle?: number; where?: string },
  ): Promise<MonitoredItemResult>;
  modifyMonitoredItems(
    subscriptionId: number,
    items: {
      monitoredItemId: number;
      samplingInterval?: number;
      queueSize?: number;
      clientHandle?: number;
      discardOldest?: boolean;
      filter?: Record<string, unknown>;
    }[],
    options?: RequestOptions,
  ): Promise<{ statusCode: number; revisedSamplingInterval: number; revisedQueueSize: number; filterErrors?: string[] }[]>;
  setTriggering(
    subscriptionId: number,
    triggeringItemId: number,
    links?: RequestOptions & { add?: number[]; remove?: number[] },
  ): Promise<{ addResults: number[]; removeResults: number[] }>;
  deleteMonitoredItems(subscriptionId: number, monitoredItemIds: number[], options?: RequestOptions): Promise<number[]>;
  deleteSubscription(subscriptionId: number, options?: RequestOptions): Promise<number>;
  publish(
    options?: RequestOptions & {
      acknowledgements?: { subscriptionId: number; sequenceNumber: number; epoch?: number | null }[];
      subscriptionIds?: number[] | null;
      maxWait?: number;
    },
  ): Promise<PublishResult>;
  republish(
    subscriptionId: number,
    sequenceNumber: number,
    options?: RequestOptions,
  ): Promise<{ sequenceNumber: number; publishTime: DateTime | null; notifications: Notification[] }>;
  transferSubscriptions(
    subscriptionIds: number[],
    options?: RequestOptions & { sendInitialValues?: boolean },
  ): Promise<{ statusCode: number; availableSequenceNumbers: number[] }[]>;
}
