/**
 * Tests of workerd's that assert the contrary of what Node does, or of what a standard has, which its own tests (WPT) assert. They are run and
 * counted, and counted apart. Each that is about Node fails in Node, too (`--node`).
 */
type Reasons = Readonly<Record<string, string>>;

const standards = {
  autoAllocate: 'Streams: byobRequest is null for a default reader of a source without autoAllocateChunkSize',
  closing: 'Streams: with a read pending, close() of a byte stream needs respond(0)',
  detaching: 'Streams: read(view) detaches the buffer',
  start: 'Streams: what start() throws, the constructor throws',
  startLater: 'Streams: a stream starts in a microtask, so a write that was just made is not under way',
  tee: 'Streams: cancel() of one branch settles when both are cancelled',
  rejecting: 'Streams: methods that return promises do not throw',
  cancelled: 'Streams: a read that is pending when the stream is cancelled is done',
  reasons: 'Streams: a reason is handed on as it is',
  queues: 'Streams: reads queue up, and releaseLock() leaves writes alone',
  shutdown: 'Streams: a pipe keeps its locks until what it has read is written, whatever ends it',
  closedTarget: 'Streams: a pipe to a stream that closes ends at once, and rejects',
  chunks: 'Streams: one read answers one chunk',
  sizes:
    'Streams: size() is not asked about a chunk that a reader waits for; sizes of strategies are what byteLength is',
  ranges: 'Streams: a bad highWaterMark is a RangeError',
  aborted: 'Streams: abort() of a stream that has failed does nothing',
  events:
    'DOM: currentTarget is null outside of a dispatch, timeStamp a time, capture and passive are options, and listeners do not throw out of it',
  forms: 'Fetch: names in forms are percent-decoded, and may end in a backslash; the charset of a form means nothing',
  endings: 'File API: endings is an option',
  errors: 'HTML: own properties of errors are not cloned',
  rejection: 'HTML: rejectionhandled has the reason',
  emptyUrl: 'URL: an empty text without a base is no URL',
  records: 'Web IDL: a symbol is no key of a record',
  tags: 'Web IDL: interfaces have a toStringTag',
} satisfies Reasons;

const node = {
  words: 'Node: the error has other words, or another code',
  checks: 'Node: what is out of range is refused, or is not',
  engine: 'Node: OpenSSL has other algorithms and checks than BoringSSL',
  there: 'Node: it is there, and in functions, too',
  otherwise: 'Node: the result is another',
} satisfies Reasons;

const own = {
  newer: 'a newer test of workerd itself',
  bound: 'Node and the standards: there is no such bound',
  contexts: 'Node: functions and timers belong to no request',
} satisfies Reasons;

const all: Reasons = { ...standards, ...node, ...own };

/** By file: reasons, and the tests that each is of. */
const files: Readonly<
  Record<string, Readonly<Partial<Record<keyof typeof standards | keyof typeof node | keyof typeof own, string>>>>
> = {
  'tests/abortable-fetch-test.js': { emptyUrl: 'requestAbortSignal' },
  'tests/autovuln-148-test.js': { autoAllocate: 'byobRespondPushCollectsRespondingConsumer' },
  'tests/autovuln-37-test.js': {
    autoAllocate: 'teeInvalidatedRespondForwardsOnlyBytesWritten teeInvalidatedRespondRejectsOutOfRangeBytesWritten',
  },
  'tests/autovuln-88-test.js': {
    shutdown: 'abortedSignalPipeMustNotReleaseUnrelatedPipe abortedSignalPipeSourceReleaseThenRelock',
  },
  'tests/blob-test.js': { bound: 'overLarge', endings: 'test1' },
  'tests/byob-reader-resize-pending-read-test.js': {
    detaching: 'ByobReaderDetachPendingRead ByobReaderResizePendingRead ByobReaderResizePendingReadPartialTruncation',
  },
  'tests/compression-streams-test.js': { cancelled: 'compressionCancelAbort' },
  'tests/error-deser-prototype-setter-test.js': {
    errors: 'errorDeserPrototypeSetterRegression errorSerPrototypeSetterRegression',
  },
  'tests/events-test.js': {
    events: 'basicEventTarget errorInHandler event eventSubclass eventWithOptions passiveCaptureListener',
  },
  'tests/form-data-legacy-test.js': { newer: 'sendFilesInFormdata' },
  'tests/form-data-test.js': {
    forms: 'formDataWithFilesBlobs invalidFormData testFormDataParser testFormDataSerializer',
  },
  'tests/identity-transform-stream-uaf-test.js': { shutdown: 'regressionWriteCancelThenRead' },
  'tests/no-to-string-tag-test.js': { tags: 'default' },
  'tests/pipe-streams-test.js': {
    closedTarget: 'pipeToJsToJsCloseQueuedDestination pipeToJsToJsCloseQueuedDestinationPreventCancel',
    shutdown: 'pipeToJsToInternalAbortMidRead pipeToJsToInternalAbortPreventAbort pipeToJsToInternalAbortPreventCancel',
  },
  'tests/streams-js-test.js': {
    aborted: 'newWritableStreamAbortError',
    chunks: 'readableGetDesiredSize',
    ranges: 'highWaterMarkValidated',
    rejecting: 'readableStreamReleaseLock writerDoubleClose',
    sizes: 'queuingStrategies',
    start: 'newReadableStreamSyncAlgorithmErrorsHandled newWritableStreamStartError',
    startLater:
      'sizeAlgorithmCalled writableStreamAbortWhileWriting writableStreamAbortWriteClosePending writableStreamCloseThrowRejectsPromises writableStreamPromisesResolvedInOrder',
    tee: 'readableStreamDefaultTee',
  },
  'tests/streams-r2-patterns-test.js': { closing: 'byobReadAtLeastAutomatic partiallyFilledByobAtLeast' },
  'tests/streams-respond-test.js': {
    autoAllocate: 'multistepTransform multistepTransformPreventClose',
    start: 'jsSourceError',
  },
  'tests/streams-tee-edge-cases-test.js': { tee: 'teeCancelReason teeCancelSlowBranch' },
  'tests/streams-test.js': {
    closing: 'readAtLeastByobReader',
    newer: 'fixedLengthStreamPreconditions',
    queues: 'cancelWriteOnReleaseLock concurrentReadsRejected',
    reasons: 'cancelErrorTypePropagation',
  },
  'tests/transform-streams-test.js': {
    sizes: 'sizeCallbackErrorAndThrowDoesNotUAF sizeCallbackErrorDoesNotUAF',
    start: 'syncErrorDuringStart',
  },
  'tests/unhandled-rejection-test.js': { rejection: 'lateHandlerTriggersRejectionhandled' },
  'tests/worker-test.js': { there: 'testStartupEval' },
  'tests/url-test.js': { records: 'urlSearchParamsInit3 urlSearchParamsInit5' },
  'node/tests/assert-test.js': { words: 'test_check_proxies test_deep_equal_errors test_equal' },
  'node/tests/async_hooks-nodejs-test.js': { there: 'testErrorMethodNotImplemented' },
  'node/tests/bound-als-test.js': { contexts: 'test' },
  'node/tests/buffer-base64-large-test.js': {
    words: 'base64LargeBufferThrowsRangeError base64urlLargeBufferThrowsRangeError',
  },
  'node/tests/buffer-nodejs-test.js': {
    checks: 'outOfBoundsWrites transcodeUTF8ToUTF16InvalidInputTest',
    words: 'copy readInt readUint writeInt writeUint8',
  },
  'node/tests/console-nodejs-test.js': { there: 'testNotImplemented' },
  'node/tests/constants-test.js': { otherwise: 'constantsTest' },
  'node/tests/crypto_cipher-test.js': {
    checks: 'test_cipher_info3 test_cipher_info4',
    engine: 'invalidAuthTagDecrypt known_ciphers_info oaepLabelWithNonOaepPaddingThrows privateEncryptPublicDecrypt',
    otherwise: 'testUnimplemented',
    words: 'missingArgChecks',
  },
  'node/tests/crypto_dh-test.js': { engine: 'ecdh statelessDhEc', words: 'dh_test' },
  'node/tests/crypto_hkdf-test.js': { engine: 'hkdf_correctness_tests' },
  'node/tests/crypto_hmac-test.js': { words: 'hmac_misc_tests' },
  'node/tests/crypto_keys-test.js': {
    engine: 'ed_private_key_jwk_import generate_dh_key_pair_by_length generate_dh_key_pair_prime_size_cap',
    otherwise: 'secret_key_test',
    there: 'private_key_tocryptokey public_key_tocryptokey',
    words:
      'create_private_key_test_generic create_public_key export_public_key_jwk generate_hmac_secret_key generate_key_pair_arg_validation private_key_import_rsa_der private_key_jwk_export',
  },
  'node/tests/crypto_pbkdf2-test.js': { bound: 'pbkdf2_keylen_cap' },
  'node/tests/crypto_sign-test.js': {
    there: 'dsaSignVerifyObjects',
    words: 'ed25519SignVerifyObjects rsaSignVerifyObjects',
  },
  'node/tests/crypto_x509-test.js': { otherwise: 'test_ok', words: 'test_invalid_cert' },
  'node/tests/diagnostics-channel-test.js': {
    otherwise: 'test_channel_hasSubscribers_is_a_method test_tracingChannel_hasSubscribers_is_a_method',
  },
  'node/tests/http-client-path-ssrf-test.js': {
    checks: 'testRejectsMetadataNetworkPath testRejectsNetworkPathReference testRejectsPathMutationAfterConstruction',
    otherwise: 'testAllowsNormalPaths testBackslashPathsCannotOverrideAuthority',
  },
  'node/tests/mimetype-test.js': { otherwise: 'test_ok' },
  'node/tests/os-test.js': { otherwise: 'osTest' },
  'node/tests/perf-hooks-nodejs-test.js': {
    otherwise:
      'testPerformanceConstants testPerformanceMarkToJSON testPerformanceMeasureToJSON testPerformanceTimerify testPerformanceToJSON testStandaloneTimerify',
    there: 'testUnimplementedMethods',
  },
  'node/tests/streams-test.js': { otherwise: 'uint8array', start: 'errorHandling' },
  'node/tests/timers-nodejs-test.js': { contexts: 'testImmediateFromOtherContext', otherwise: 'testEnroll' },
  'node/tests/url-nodejs-test.js': { otherwise: 'testPathToFileURL testUrlPattern' },
  'node/tests/util-nodejs-test.js': { otherwise: 'debuglog getCallSitesTest', there: 'testNotImplemented' },
  'node/tests/v8-nodejs-test.js': { otherwise: 'v8Test' },
  'node/tests/worker_threads-nodejs-test.js': { there: 'testBroadcastChannelConstructor testDefaultExport' },
  'node/tests/zlib-nodejs-test.js': {
    checks: 'maxOutputLengthZero',
    otherwise: 'constantsTest zlibBrotli16GB',
    words: 'crc32Test maxOutputLength zipBombTest',
  },
  'node/tests/zlib-zstd-nodejs-test.js': { words: 'zstdInvalidDataTest zstdMaxOutputLengthTest' },
};

/** Of the tests of a file, those that assert the contrary, each with what of. @param name Of the file, in the folder. */
export function contraryTests(name: string): Map<string, string> {
  const reasons = Object.entries(files[name] ?? {}) as [keyof typeof all, string][];
  return new Map(reasons.flatMap(([reason, tests]) => tests.split(' ').map((test) => [test, all[reason]!] as const)));
}
