package io.github.opcuasm.daemon.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.junit.jupiter.api.Test;

/** Whatever comes: a where clause, or one error that says what is wrong. */
final class WhereClauseFuzzTest {
    private static final int ROUNDS = Integer.getInteger("opcuasm.fuzz.rounds", 20_000);
    private static final List<String> PARTS = List.of(
            " and ",
            " or ",
            " not ",
            " between ",
            " in ",
            " like ",
            " is ",
            " null ",
            " as ",
            "true",
            "false",
            "(",
            ")",
            ",",
            "&",
            "|",
            "=",
            "==",
            "!=",
            "<>",
            "<=",
            ">",
            "/",
            "::",
            ":",
            "@",
            "'",
            "''",
            "\"",
            ";",
            "ns=",
            "nsu=",
            "i=",
            "s=",
            "g=",
            "b=",
            "2:",
            "65536:",
            "0x",
            "0xFF",
            "-",
            "1",
            "1.5",
            "1e9",
            "1e999",
            "18446744073709551616",
            "Severity",
            "Time",
            "Retain",
            "EventId",
            "ActiveState/Id",
            "@NodeId",
            "ofType(",
            "cast(",
            "UInt16(",
            "DateTime('2026-01-01T00:00:00Z')",
            "NodeId('i=1')",
            "AlarmConditionType::",
            "i=2915",
            " ",
            "\t",
            "é",
            "\uD83D",
            "\uDE00",
            "\u0000",
            "%",
            "_",
            "\\");

    @Test
    void anyTextIsReadOrRefusedWithOneError() {
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(
                        random.nextInt(8) == 0
                                ? (char) random.nextInt(0x250)
                                : PARTS.get(random.nextInt(PARTS.size())));
            }
            try {
                check(WhereClause.parse(text.toString(), "where"));
            } catch (CommandException e) {
                assertThat(e.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
                assertThat(e.messageText()).startsWith("where: got ").hasSizeLessThan(500);
            } catch (RuntimeException e) {
                fail("seed " + seed + ", text <" + text + ">", e);
            }
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int round = 0; round < ROUNDS; round++) {
            String text = condition(random, 4);
            WhereClause where;
            try {
                where = WhereClause.parse(text, "where");
            } catch (CommandException e) {
                fail("seed " + seed + ", text <" + text + ">", e);
                return;
            }
            check(where);
        }
    }

    private static void check(WhereClause where) {
        assertThat(WhereClause.parse(where.toString(), "where"))
                .as(where.toString())
                .isEqualTo(where)
                .hasToString(where.toString());
        NamespaceTable namespaces = new NamespaceTable();
        namespaces.add("urn:test");
        WhereClause found = where.withTypes(
                type -> EventType.of(new io.github.opcuasm.protocol.type.QualifiedName(0, "BaseEventType")));
        try {
            ContentFilter sent = found.encoded(DefaultEncodingContext.INSTANCE, namespaces);
            assertThat(Objects.requireNonNull(sent.getElements())).isNotEmpty();
        } catch (CommandException e) {
            assertThat(e.type()).isEqualTo(ErrorType.INVALID_NODE_ID);
        }
    }

    private static String condition(Random random, int depth) {
        if (depth == 0) {
            return field(random);
        }
        return switch (random.nextInt(12)) {
            case 0 -> condition(random, depth - 1) + " and " + condition(random, depth - 1);
            case 1 -> condition(random, depth - 1) + " or " + condition(random, depth - 1);
            case 2 -> "not " + condition(random, depth - 1);
            case 3 -> "(" + condition(random, depth - 1) + ")";
            case 4 -> value(random, depth - 1) + " between " + value(random, depth - 1) + " and " + value(random, 1);
            case 5 -> value(random, depth - 1) + " not in (" + value(random, 1) + "," + value(random, 1) + ")";
            case 6 -> field(random) + " like 'a%''b'";
            case 7 -> value(random, depth - 1) + (random.nextBoolean() ? " is null" : " is not null");
            case 8 -> "ofType(" + (random.nextBoolean() ? "2:\"My \"\"Type\"" : "i=2915") + ")";
            case 9 -> "(" + condition(random, depth - 1) + ") = " + random.nextBoolean();
            default ->
                value(random, depth - 1)
                        + List.of(" = ", " != ", " <", " <= ", " >", " >=").get(random.nextInt(6))
                        + value(random, depth - 1);
        };
    }

    private static String value(Random random, int depth) {
        if (depth <= 0) {
            return field(random);
        }
        return switch (random.nextInt(8)) {
            case 0 -> Integer.toString(random.nextInt());
            case 1 -> Double.toString(random.nextDouble());
            case 2 -> "UInt16(" + random.nextInt(65_536) + ")";
            case 3 -> "cast(" + value(random, depth - 1) + " as Double)";
            case 4 -> "(" + field(random) + " & " + random.nextInt(100) + " | 0xF)";
            case 5 -> "nsu=urn:test;s=a";
            case 6 -> "String('it''s')";
            default -> field(random);
        };
    }

    /** None whose type is known: not every literal fits those. */
    private static String field(Random random) {
        return List.of("a", "2:Batch", "2:\"and\"/x", "AlarmConditionType::3:y@DisplayName", "ns=1;i=5::b", "\"in\"")
                .get(random.nextInt(6));
    }
}
