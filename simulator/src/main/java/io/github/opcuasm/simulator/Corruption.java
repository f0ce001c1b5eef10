package io.github.opcuasm.simulator;

/**
 * What can be wrong with the body of an answer. The frame around it, its chunks and its lengths, is right, as are the
 * parts that a constant does not name. An answer that lacks the part in question (a Browse answer has no Variant) is
 * not corrupted.
 */
public enum Corruption {
    /** Only the first half of the body. */
    TRUNCATED_BODY,
    /** 64 bytes more than the body. */
    TRAILING_BYTES,
    /** A well-formed BrowseResponse without results; a ReadResponse for a Browse. */
    WRONG_RESPONSE_TYPE,
    /** A type id that no response has. */
    UNKNOWN_RESPONSE_TYPE,
    /** A request handle that was not asked with. */
    WRONG_REQUEST_HANDLE,
    /** The results claim 2,147,483,647 elements. */
    RESULTS_LENGTH_HUGE,
    /** The results claim -2 elements. */
    RESULTS_LENGTH_NEGATIVE,
    /** The results are a null array. */
    RESULTS_NULL,
    /** One result fewer than asked for. */
    RESULTS_MISSING,
    /** One result more than asked for: the last one twice. */
    RESULTS_EXTRA,
    /** DiagnosticInfos in one another, 1,000 deep, in the response header. */
    NESTED_DIAGNOSTICS,
    /** Every Variant is an array of one Variant in the same, 200 deep. */
    NESTED_VARIANTS,
    /** Every Variant has the type id 63. */
    UNKNOWN_BUILTIN_TYPE,
    /** Every Variant is an Int32 array that claims 2,147,483,647 elements. */
    ARRAY_LENGTH_HUGE,
    /** Every Variant is an Int32 array that claims -2 elements. */
    ARRAY_LENGTH_NEGATIVE,
    /** Every Variant is an Int32 array of 6 elements whose dimensions are 2 and 4. */
    DIMENSIONS_MISMATCHED,
    /** Every Variant is an empty Int32 array whose dimensions are 65,536 and 65,536: 0 in 32 bits. */
    DIMENSIONS_OVERFLOWING,
    /** Every Variant is an Int32 array of 6 elements whose dimensions are -2 and -3. */
    DIMENSIONS_NEGATIVE,
    /** Every String that is not null is {@code C3 28 FF 41}. */
    STRING_NOT_UTF8,
    /** Every String that is not null claims 268,435,456 bytes. */
    STRING_BEYOND_MESSAGE,
    /** Every String that is not null claims -2 bytes. */
    STRING_LENGTH_NEGATIVE,
    /** Every DateTime outside the header is the lowest Int64. */
    DATE_TIME_LOWEST,
    /** Every DateTime outside the header is the highest Int64. */
    DATE_TIME_HIGHEST,
    /** Every ExtensionObject lacks the second half of its body; its length is that of what is there. */
    EXTENSION_BODY_SHORT,
    /** Every ExtensionObject has 8 bytes more in its body; its length counts them. */
    EXTENSION_BODY_LONG,
    /** Every ExtensionObject claims a body of 268,435,456 bytes. */
    EXTENSION_BODY_BEYOND_MESSAGE
}
