package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;

/** What our answer is where it differs from the recorded one, as {@code differences.txt} writes it. */
sealed interface Expectation {
    /**
     * {@code error TYPE}, {@code error TYPE 0x80340000} or {@code error TYPE code} for any code.
     *
     * @param code empty for none
     */
    record Refusal(String type, String code) implements Expectation {}

    /** {@code data JSON}: success with exactly this; {@code "<time>"} and the like are wildcards. */
    record Data(JsonNode data) implements Expectation {}

    /** {@code value JSON}: the recorded answer with this value of the node or output instead. */
    record Value(JsonNode value) implements Expectation {}

    /** {@code as KEY}: the answer that was recorded for another exchange. */
    record As(String key) implements Expectation {}

    /** {@code text FRAGMENT}: an answer of the recorded form whose line contains this; for what JSON readers lose. */
    record Text(String fragment) implements Expectation {}

    /** {@code types}: the recorded answer, but any values of the same types. */
    record Types() implements Expectation {}
}
