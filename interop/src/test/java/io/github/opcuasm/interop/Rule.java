package io.github.opcuasm.interop;

import java.util.Arrays;
import java.util.Locale;

/**
 * Why an answer of ours may differ from the recorded one. A rule that applies everywhere turns the recorded answers into
 * ours by itself ({@link ReferenceDialect}); any other holds for the exchanges that {@code differences.txt} lists under
 * its name, with what our answer is.
 */
enum Rule {
    SIX_DIGITS(Scope.EVERYWHERE, "times have six digits behind the second", "Values, DateTime"),
    FRACTIONS(Scope.EVERYWHERE, "a fractional number always has a fraction: 3.0", "Requests and answers"),
    SHORTEST_FLOAT(Scope.EVERYWHERE, "a Float is the shortest decimal that reads back", "Values, Float"),
    EXACT_UINT64(Scope.EVERYWHERE, "UInt64 above 2^63-1 is not negative", "Values, UInt64"),
    BASE64(Scope.EVERYWHERE, "ByteStrings are base64", "Values, ByteString"),
    EMPTY_OBJECT(Scope.EVERYWHERE, "an empty config is {}", "Commands, list"),
    REUSED(Scope.EVERYWHERE, "open always says whether the handle is reused", "Commands, open"),
    STATE_AND_HOLDERS(Scope.EVERYWHERE, "list shows state, holders and connection", "Commands, list"),
    MAILBOX(
            Scope.EVERYWHERE,
            "publish shows epoch, dropped and gap, list the subscriptions of each session",
            "Query methods, publish"),
    FILTER_ERRORS(
            Scope.EVERYWHERE,
            "what a server does not take of an event filter is said",
            "Query methods, createEventMonitoredItem"),
    ERROR_CODE(Scope.EVERYWHERE, "an error has the status code as a number", "Errors"),
    OUTCOME(Scope.EVERYWHERE, "an error of what changes the plant says whether it may have happened", "Errors"),
    DECODED_STRUCTURES(Scope.EVERYWHERE, "structures of namespace 0 are decoded beside their body", "Values"),
    DESCRIBES_MORE(Scope.EVERYWHERE, "describe lists all modules that the client knows", "describe and invoke"),

    ARGUMENT_ERRORS(Scope.LISTED, "what PHP reports by classes of its own is invalid_argument", "Errors"),
    TEXT_NODE_IDS(Scope.LISTED, "the text form of a NodeId is taken", "Query methods"),
    EVERY_TYPE_WRITABLE(Scope.LISTED, "every type is written in the shape it is read in", "Writing"),
    CHECKED_WRITES(Scope.LISTED, "what does not fit the type is refused and nothing is sent", "Writing"),
    EXACT_VALUES(Scope.LISTED, "no value changes on its way", "Values"),
    STRICT_BASE64(Scope.LISTED, "ByteStrings are written as base64", "Values, ByteString"),
    BAD_RESULT(Scope.LISTED, "a bad result of browse and history is an error", "Differences"),
    PHP_OBJECTS(Scope.LISTED, "objects of the PHP process are null", "Query methods"),
    REFERENCE_DEFECT(Scope.LISTED, "the reference fails to read or build an answer", "Differences"),
    OFFERED_IDENTITIES(Scope.LISTED, "no user is sent whom the endpoint does not take", "Errors, SecurityException"),
    STRICT_FRAMES(Scope.LISTED, "a list is no frame", "Frames"),
    STRICT_URLS(Scope.LISTED, "an endpoint URL is opc.tcp://", "Errors, ConfigurationException"),
    STRICT_MEMBERS(Scope.LISTED, "members of the wrong type have the error of missing ones", "Requests and answers"),
    FOREIGN_NAMESPACE(Scope.LISTED, "an unknown namespace URI is shown", "Values, ExpandedNodeId"),
    KNOWN_METHODS(Scope.LISTED, "invoke knows other methods", "describe and invoke"),
    NOTHING_TO_DO(Scope.LISTED, "an empty list is refused before it is sent", "Nodes"),
    PRODUCT_NAME(Scope.LISTED, "the product's name, not its URI", "describe and invoke"),
    TYPE_DEFINITIONS(Scope.LISTED, "types are found by their definitions", "Query methods, discoverDataTypes"),

    VARIES(Scope.UNCOMPARED, "values that a replay cannot foresee: types are compared", "docs/conformance.md");

    /** Where a rule applies. */
    enum Scope {
        EVERYWHERE,
        LISTED,
        /** Listed too, but not a difference. */
        UNCOMPARED
    }

    private final Scope scope;
    private final String change;
    private final String source;

    /**
     * @param change what is different in our answer
     * @param source the section of {@code docs/protocol.md} that says so
     */
    Rule(Scope scope, String change, String source) {
        this.scope = scope;
        this.change = change;
        this.source = source;
    }

    Scope scope() {
        return scope;
    }

    /** The name in {@code differences.txt}. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Rule titled(String title) {
        return Arrays.stream(values())
                .filter(rule -> rule.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No rule " + title));
    }

    @Override
    public String toString() {
        return title() + " (" + change + "; " + source + ")";
    }
}
