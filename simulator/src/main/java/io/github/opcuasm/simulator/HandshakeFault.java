package io.github.opcuasm.simulator;

/**
 * What a server can say wrong while a session comes to be. Several may hold at a time; each is about the answer that
 * its name begins with. The server itself works with the true values all along, so that a client that does not
 * look gets further: to a refused signature at worst, and with the endpoint without security to a session.
 */
public enum HandshakeFault {
    /** The server's signature has one bit changed. Nothing happens where there is none. */
    CREATE_SESSION_SIGNATURE_WRONG,
    /** The server's signature is good, but by a key that is not that of its certificate. */
    CREATE_SESSION_SIGNATURE_BY_OTHER_KEY,
    /** The server's signature and its algorithm are null. */
    CREATE_SESSION_SIGNATURE_MISSING,
    /** The server's nonce has 16 bytes in place of 32. */
    CREATE_SESSION_NONCE_SHORT,
    /** The server's nonce is null. */
    CREATE_SESSION_NONCE_MISSING,
    /** The server's nonce is the same each time. */
    CREATE_SESSION_NONCE_REPEATED,
    /** The certificate is not that of the endpoint and the channel. */
    CREATE_SESSION_CERTIFICATE_OTHER,
    /** The list of endpoints names only one without security. */
    CREATE_SESSION_ENDPOINTS_ONLY_NONE,
    /** The list of endpoints is empty. */
    CREATE_SESSION_ENDPOINTS_EMPTY,
    /** The list of endpoints leaves out the endpoint in use. */
    CREATE_SESSION_ENDPOINTS_WITHOUT_OURS,
    /** The server's nonce has 16 bytes in place of 32. */
    ACTIVATE_SESSION_NONCE_SHORT,
    /** The server's nonce is null. */
    ACTIVATE_SESSION_NONCE_MISSING,
    /** The server's nonce is the same each time, and that of {@link #CREATE_SESSION_NONCE_REPEATED}. */
    ACTIVATE_SESSION_NONCE_REPEATED,
    /**
     * The list names one endpoint, without security and with passwords in clear: what someone in between makes of
     * it who wants to read. CreateSession says the truth unless it has a fault of its own.
     */
    GET_ENDPOINTS_ONLY_NONE,
    /** The list is empty. */
    GET_ENDPOINTS_EMPTY,
    /** No endpoint offers a user token. */
    GET_ENDPOINTS_WITHOUT_TOKENS,
    /** 2,000 endpoints of an unknown policy stand before the true ones. */
    GET_ENDPOINTS_THOUSANDS,
    /** Every endpoint has a certificate that is none. */
    GET_ENDPOINTS_GARBAGE_CERTIFICATES
}
