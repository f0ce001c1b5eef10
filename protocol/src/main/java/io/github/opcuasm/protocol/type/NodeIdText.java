package io.github.opcuasm.protocol.type;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The grammar of node ids as text: {@code [ns=INDEX;|nsu=URI;](i|s|g|b)=IDENTIFIER} (Part 6, 5.3.1.10). */
final class NodeIdText {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
    private static final String FORMS = "i=85, ns=2;s=Speed, ns=2;g=GUID, ns=2;b=BASE64 or nsu=URI;s=Speed";

    private NodeIdText() {}

    static NodeReference parse(String text) {
        if (text.startsWith("nsu=")) {
            int end = text.indexOf(';');
            if (end <= "nsu=".length()) {
                throw malformed(text, FORMS);
            }
            return new NamespacedNodeId(
                    unescapeUri(text.substring("nsu=".length(), end)),
                    identifier(text, text.substring(end + 1), ByteString::fromBase64));
        }
        return indexed(text, ByteString::fromBase64);
    }

    static NodeId parseTyped(String text) {
        return indexed(text, ByteString::fromHex);
    }

    private static NodeId indexed(String text, Function<String, ByteString> opaque) {
        int namespaceIndex = 0;
        String rest = text;
        if (text.startsWith("ns=")) {
            int end = text.indexOf(';');
            if (end < 0) {
                throw malformed(text, FORMS);
            }
            namespaceIndex = (int) number(text, text.substring("ns=".length(), end), 65_535);
            rest = text.substring(end + 1);
        }
        return new NodeId(namespaceIndex, identifier(text, rest, opaque));
    }

    private static Identifier identifier(String text, String form, Function<String, ByteString> opaque) {
        if (form.length() < 2 || form.charAt(1) != '=') {
            throw malformed(text, FORMS);
        }
        String value = form.substring(2);
        return switch (form.charAt(0)) {
            case 'i' -> new Identifier.Numeric(number(text, value, Identifier.Numeric.MAX));
            case 's' -> new Identifier.Text(value);
            case 'g' -> guid(text, value);
            case 'b' -> new Identifier.Opaque(opaque(text, value, opaque));
            default -> throw malformed(text, FORMS);
        };
    }

    private static Identifier guid(String text, String value) {
        try {
            return Identifier.Guid.parse(value);
        } catch (IllegalArgumentException e) {
            throw malformed(text, "g= with a GUID of 8-4-4-4-12 hexadecimal digits");
        }
    }

    private static ByteString opaque(String text, String value, Function<String, ByteString> decoder) {
        try {
            return decoder.apply(value);
        } catch (IllegalArgumentException e) {
            throw malformed(text, "b= with base64 (hexadecimal digits in typed values)");
        }
    }

    private static long number(String text, String digits, long max) {
        if (DIGITS.matcher(digits).matches()) {
            long value = Long.parseLong(digits);
            if (value <= max) {
                return value;
            }
        }
        throw malformed(text, "digits from 0 to " + max);
    }

    static CommandException malformed(String text, String expected) {
        String shown = text.length() <= 100 ? text : text.substring(0, 99) + "…";
        return new CommandException(
                ErrorType.INVALID_NODE_ID, "Invalid NodeId \"" + shown + "\": expected " + expected);
    }

    static String escapeUri(String uri) {
        return uri.replace("%", "%25").replace(";", "%3B");
    }

    private static String unescapeUri(String text) {
        return text.replace("%3B", ";").replace("%3b", ";").replace("%25", "%");
    }
}
