package io.github.opcuasm.daemon.session;

/** By what a handle has been asked for, and so what its holders mean by it once the configuration changes. */
enum AskedFor {
    /** Opened by a URL: it stays what it is, though somebody may have come to it by a name. */
    BY_URL,
    /** Only ever by the name that it was opened by: it follows the configuration. */
    BY_NAME,
    /** Opened by a name, and asked for in another way as well: some would be led to where they never wanted to. */
    BY_BOTH
}
