package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Cuts the text of a where clause into words, fields, numbers, strings and signs. */
final class WhereTokens {
    static final int MAX_LENGTH = 16_384;

    private static final Set<String> KEYWORDS =
            Set.of("and", "or", "not", "between", "in", "like", "is", "null", "as", "true", "false");
    private static final Pattern NUMBER =
            Pattern.compile("0[xX][0-9a-fA-F]{1,16}|-?[0-9]{1,40}(?:\\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?");
    private static final List<String> SIGNS =
            List.of("<=", ">=", "!=", "<>", "==", "=", "<", ">", "(", ")", ",", "&", "|");

    private final String text;
    private final String name;
    private final List<Token> tokens = new ArrayList<>();

    enum Kind {
        /** A word of the grammar, or a name that may be one: {@code text} in lower case. */
        KEYWORD,
        FIELD,
        NODE_ID,
        NUMBER,
        STRING,
        SIGN,
        END
    }

    /**
     * One of them.
     *
     * @param text of numbers, strings (without their quotes), keywords and signs; of a field that is a bare name, the name;
     *     else empty
     * @param at where it begins
     */
    record Token(
            Kind kind,
            String text,
            int at,
            @Nullable EventField field,
            @Nullable NodeReference nodeId) {
        boolean is(Kind wanted, String wantedText) {
            return kind == wanted && text.equals(wantedText);
        }
    }

    private WhereTokens(String text, String name) {
        this.text = text;
        this.name = name;
    }

    static boolean isKeyword(String word) {
        return KEYWORDS.contains(word.toLowerCase(Locale.ROOT));
    }

    /**
     * All tokens; the last one is the END.
     *
     * @param name of the parameter, for messages
     */
    static List<Token> of(String text, String name) {
        if (text.length() > MAX_LENGTH) {
            throw CommandException.invalidArgument(name, text.length() + " characters", "at most " + MAX_LENGTH);
        }
        WhereTokens scan = new WhereTokens(text, name);
        int at = 0;
        while (at < text.length()) {
            at = Character.isWhitespace(text.charAt(at)) ? at + 1 : scan.next(at);
        }
        scan.add(Kind.END, "", at);
        return scan.tokens;
    }

    /** Takes the token that begins here, and tells where it ends. */
    private int next(int at) {
        if (text.charAt(at) == '\'') {
            return string(at);
        }
        if (FieldText.begins(text, at)) {
            return field(at);
        }
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (number.lookingAt()) {
            int end = number.end();
            if (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '.')) {
                throw misfit(at, "a number, or double quotes around a name that begins with a digit");
            }
            add(Kind.NUMBER, number.group(), at);
            return end;
        }
        for (String sign : SIGNS) {
            if (text.startsWith(sign, at)) {
                add(Kind.SIGN, sign, at);
                return at + sign.length();
            }
        }
        throw misfit(at, "a field, a literal, an operator or a parenthesis");
    }

    private int string(int from) {
        StringBuilder value = new StringBuilder();
        int at = from + 1;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\'') {
                if (!text.startsWith("'", at)) {
                    add(Kind.STRING, value.toString(), from);
                    return at;
                }
                at++;
            }
            value.append(c);
        }
        throw misfit(from, "a string with a single quote at its end");
    }

    private int field(int at) {
        try {
            FieldText.Read read = FieldText.read(text, at);
            EventField field = read.field();
            if (field == null) {
                tokens.add(new Token(Kind.NODE_ID, "", at, null, read.nodeId()));
            } else {
                String word = read.isPlain() ? field.path().get(0).name() : "";
                if (isKeyword(word)) {
                    add(Kind.KEYWORD, word.toLowerCase(Locale.ROOT), at);
                } else {
                    tokens.add(new Token(Kind.FIELD, word, at, field, null));
                }
            }
            return read.end();
        } catch (FieldText.Misfit e) {
            throw misfit(e.at(), e.expected());
        }
    }

    private void add(Kind kind, String value, int at) {
        tokens.add(new Token(kind, value, at, null, null));
    }

    private CommandException misfit(int at, String expected) {
        return CommandException.invalidArgument(name, FieldText.shown(text, at), expected);
    }
}
