package io.github.opcuasm.protocol.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.RequestId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads frames strictly (protocol, section 1): valid UTF-8, RFC 8259 to the letter, no key twice, nothing behind the
 * value, a bounded depth. Numbers stay text, so none is rounded and none can cost more than its digits. Messages say
 * where and what, at most one character of the frame: a frame may hold a token.
 */
public final class JsonReader {
    /** The deepest nesting of a request; the frame's object is level 1. */
    public static final int MAX_REQUEST_DEPTH = 32;

    /** The deepest nesting of an answer: a tree of 256 references takes two levels for each, and a few around them. */
    public static final int MAX_ANSWER_DEPTH = 640;

    private static final String ENDS_EARLY = "the line ends inside a value";
    private static final int MAX_EXPONENT_DIGITS = 9;
    private static final int MAX_ID_LENGTH = 64;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Peers choose the names: they must fill no table of the JVM's, and colliding ones are only slow.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNestingDepth(MAX_ANSWER_DEPTH + 1)
                    .build())
            .build();

    private final JsonParser parser;
    private final byte[] utf8;
    private final int offset;
    private final int length;
    private final int maxDepth;

    private JsonReader(JsonParser parser, byte[] utf8, int offset, int length, int maxDepth) {
        this.parser = parser;
        this.utf8 = utf8;
        this.offset = offset;
        this.length = length;
        this.maxDepth = maxDepth;
    }

    /**
     * Reads one frame without its newline: an object, or {@code []} for an empty one.
     *
     * @throws CommandException {@link ErrorType#INVALID_JSON} for anything else
     */
    public static JsonValue.Obj readObject(byte[] utf8, int offset, int length) {
        JsonValue frame = read(utf8, offset, length, MAX_REQUEST_DEPTH);
        JsonValue.Obj object = frame.asObject();
        if (object == null) {
            throw invalid("a frame is one object, got " + withArticle(frame.kind()));
        }
        return object;
    }

    /**
     * Reads one frame and its {@code id}.
     *
     * @throws CommandException {@link ErrorType#INVALID_JSON} as {@link #readObject}; {@link
     *     ErrorType#INVALID_ARGUMENT} for an id that is neither a string of 1 to 64 characters nor an integer
     */
    public static Request readRequest(byte[] utf8, int offset, int length) {
        JsonValue.Obj members = readObject(utf8, offset, length);
        JsonValue id = members.get("id");
        return new Request(id == null ? null : requestId(id, "id"), members);
    }

    /**
     * The id of a request, as a member of a frame has it.
     *
     * @param name of the member, for messages
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT} if it is neither a string of 1 to 64 characters nor an
     *     integer
     */
    public static RequestId requestId(JsonValue id, String name) {
        if (id instanceof JsonValue.Str text) {
            int characters = text.value().codePointCount(0, text.value().length());
            if (characters >= 1 && characters <= MAX_ID_LENGTH) {
                return new RequestId.Text(text.value());
            }
        } else if (id instanceof JsonValue.Num number) {
            var whole = number.whole();
            if (whole != null) {
                return new RequestId.Whole(whole);
            }
        }
        throw CommandException.invalidArgument(name, id.excerpt(), "a string of 1 to 64 characters or an integer");
    }

    /**
     * Reads one value of any kind, as clients do: answers may be long and deeper than requests (at most {@value
     * #MAX_ANSWER_DEPTH} levels).
     *
     * @throws CommandException {@link ErrorType#INVALID_JSON} if it is not exactly one value
     */
    public static JsonValue readValue(byte[] utf8, int offset, int length) {
        return read(utf8, offset, length, MAX_ANSWER_DEPTH);
    }

    private static JsonValue read(byte[] utf8, int offset, int length, int maxDepth) {
        checkText(utf8, offset, length);
        try (JsonParser parser = FACTORY.createParser(utf8, offset, length)) {
            return new JsonReader(parser, utf8, offset, length, maxDepth).document();
        } catch (IOException e) {
            // The parser has no other source of trouble than the text; its own words may quote a secret.
            throw invalid("malformed value");
        }
    }

    private JsonValue document() throws IOException {
        try {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw invalid("the line is empty");
            }
            JsonValue value = value(first, 1);
            if (parser.nextToken() != null) {
                throw invalid("something follows the value at byte " + position());
            }
            return value;
        } catch (JsonEOFException e) {
            throw invalid(ENDS_EARLY);
        } catch (IOException e) {
            throw invalid(describeMalformed());
        }
    }

    private JsonValue value(JsonToken token, int depth) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(depth);
            case START_ARRAY -> array(depth);
            case VALUE_STRING -> new JsonValue.Str(parser.getText());
            case VALUE_NUMBER_INT -> new JsonValue.Num(parser.getText());
            case VALUE_NUMBER_FLOAT -> new JsonValue.Num(checkExponent(parser.getText()));
            case VALUE_TRUE -> new JsonValue.Bool(true);
            case VALUE_FALSE -> new JsonValue.Bool(false);
            case VALUE_NULL -> JsonValue.Null.INSTANCE;
            default -> throw invalid(describeMalformed());
        };
    }

    private JsonValue object(int depth) throws IOException {
        checkDepth(depth);
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            if (token != JsonToken.FIELD_NAME) {
                throw invalid(ENDS_EARLY);
            }
            String name = parser.currentName();
            JsonToken first = next();
            if (members.putIfAbsent(name, value(first, depth + 1)) != null) {
                throw invalid("a member is given twice before byte " + position());
            }
        }
        return members.isEmpty() ? JsonValue.Obj.EMPTY : new JsonValue.Obj(Collections.unmodifiableMap(members));
    }

    private JsonValue array(int depth) throws IOException {
        checkDepth(depth);
        List<JsonValue> elements = new ArrayList<>();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            elements.add(value(token, depth + 1));
        }
        return new JsonValue.Arr(elements);
    }

    private JsonToken next() throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw invalid(ENDS_EARLY);
        }
        return token;
    }

    private void checkDepth(int depth) {
        if (depth > maxDepth) {
            throw invalid("nested deeper than " + maxDepth + " levels at byte " + position());
        }
    }

    private String checkExponent(String literal) {
        int exponent = Math.max(literal.lastIndexOf('e'), literal.lastIndexOf('E'));
        if (exponent >= 0) {
            int digits = exponent + 1;
            if (literal.charAt(digits) == '+' || literal.charAt(digits) == '-') {
                digits++;
            }
            if (literal.length() - digits > MAX_EXPONENT_DIGITS) {
                throw invalid("the exponent of the number before byte " + position() + " is out of range");
            }
        }
        return literal;
    }

    /** How many bytes of the frame have been taken in. */
    private long position() {
        return Math.max(0, Math.min(parser.currentLocation().getByteOffset(), length));
    }

    private String describeMalformed() {
        long position = Math.max(0, position() - 1);
        int found = utf8[offset + (int) position];
        String what = found > ' ' && found < 0x7F ? "'" + (char) found + "'" : "byte " + (found & 0xFF);
        return "unexpected " + what + " at or before byte " + position;
    }

    private static void checkText(byte[] utf8, int offset, int length) {
        boolean ascii = true;
        for (int i = offset; i < offset + length; i++) {
            if (utf8[i] <= 0) {
                if (utf8[i] == 0) {
                    // Legal nowhere in JSON text, and the parser would take the frame for UTF-16.
                    throw invalid("a NUL byte at byte " + (i - offset));
                }
                ascii = false;
            }
        }
        if (ascii) {
            return;
        }
        if (length >= 3
                && utf8[offset] == (byte) 0xEF
                && utf8[offset + 1] == (byte) 0xBB
                && utf8[offset + 2] == (byte) 0xBF) {
            // RFC 8259, 8.1: not to be added; the parser would skip it.
            throw invalid("a byte order mark");
        }
        try {
            // A fresh decoder reports; the parser itself lets overlong forms and encoded surrogates pass.
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8, offset, length));
        } catch (CharacterCodingException e) {
            throw invalid("not UTF-8");
        }
    }

    private static String withArticle(String kind) {
        return kind.equals("array") ? "an array" : kind.equals("null") ? "null" : "a " + kind;
    }

    private static CommandException invalid(String reason) {
        return new CommandException(ErrorType.INVALID_JSON, "Invalid JSON: " + reason);
    }
}
