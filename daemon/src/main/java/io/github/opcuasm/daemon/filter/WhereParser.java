package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.filter.FilterExpression.Operation;
import io.github.opcuasm.daemon.filter.WhereTokens.Kind;
import io.github.opcuasm.daemon.filter.WhereTokens.Token;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads where clauses, one method a rule of the grammar, from the weakest binding to the strongest:
 *
 * <pre>
 * or         = and { "or" and }
 * and        = not { "and" not }
 * not        = "not" not | comparison
 * comparison = bits [ ("=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=") bits | "is" [ "not" ] "null"
 *                   | [ "not" ] ( "between" bits "and" bits | "in" "(" bits { "," bits } ")" | "like" string ) ]
 * bits       = masked { "|" masked }
 * masked     = operand { "&amp;" operand }
 * operand    = field | literal | "(" or ")" | "ofType" "(" type ")" | "cast" "(" or "as" data type ")"
 * literal    = number | string | "true" | "false" | node id | built-in type "(" (number | string | …) ")"
 * </pre>
 *
 * What is nested ({@value #MAX_NESTING} levels) and how many operators there are ({@value #MAX_OPERATORS}) is bounded. An
 * error is one {@link CommandException} that says where it is and what may stand there.
 */
final class WhereParser {
    static final int MAX_NESTING = 32;
    static final int MAX_OPERATORS = 256;

    private static final String CONDITION = "a condition: a comparison, ofType(…), or a field that is true or false";

    private final String text;
    private final String name;
    private final List<Token> tokens;
    private int next;
    private int nesting;
    private int operators;

    /**
     * What was read.
     *
     * @param plain the literal that has no type of its own yet
     */
    private record Parsed(
            FilterExpression expression, int at, @Nullable JsonValue plain) {
        Parsed(FilterExpression expression, int at) {
            this(expression, at, null);
        }
    }

    private WhereParser(String text, String name) {
        this.text = text;
        this.name = name;
        this.tokens = WhereTokens.of(text, name);
    }

    /**
     * @param name of the parameter, for messages
     * @throws CommandException {@code invalid_argument}
     */
    static FilterExpression parse(String text, String name) {
        WhereParser parser = new WhereParser(text, name);
        FilterExpression root = parser.condition(parser.or());
        if (parser.peek().kind() != Kind.END) {
            throw parser.misfit(parser.peek().at(), "an operator such as \"and\", or the end");
        }
        return root;
    }

    private Parsed or() {
        return chain(FilterOperation.OR, Kind.KEYWORD);
    }

    private Parsed chain(FilterOperation operation, Kind kind) {
        Parsed first = chained(operation);
        if (!peek().is(kind, operation.sign())) {
            return first;
        }
        List<Parsed> operands = new ArrayList<>(List.of(first));
        while (take(kind, operation.sign())) {
            count(peek().at());
            operands.add(chained(operation));
        }
        return new Parsed(
                new Operation(
                        operation,
                        operation.isCondition()
                                ? operands.stream().map(this::condition).toList()
                                : bits(operands)),
                first.at());
    }

    private Parsed chained(FilterOperation operation) {
        return switch (operation) {
            case OR -> chain(FilterOperation.AND, Kind.KEYWORD);
            case AND -> not();
            case BITWISE_OR -> chain(FilterOperation.BITWISE_AND, Kind.SIGN);
            default -> operand();
        };
    }

    private Parsed not() {
        Token first = peek();
        if (!take(Kind.KEYWORD, "not")) {
            return comparison();
        }
        deeper(first.at());
        Parsed negated = operation(FilterOperation.NOT, first.at(), condition(not()));
        nesting--;
        return negated;
    }

    private Parsed comparison() {
        Parsed left = bits();
        Token sign = peek();
        FilterOperation comparison = sign.kind() == Kind.SIGN ? comparisonOf(sign.text()) : null;
        if (comparison != null) {
            next++;
            List<FilterExpression> operands = alike(List.of(left, bits()));
            Parsed compared = operation(comparison, left.at(), operands.toArray(FilterExpression[]::new));
            return sign.text().equals("!=") || sign.text().equals("<>") ? negated(compared) : compared;
        }
        if (take(Kind.KEYWORD, "is")) {
            boolean negated = take(Kind.KEYWORD, "not");
            require(Kind.KEYWORD, "null", negated ? "\"null\"" : "\"null\" or \"not null\"");
            Parsed isNull = operation(FilterOperation.IS_NULL, left.at(), left.expression());
            return negated ? negated(isNull) : isNull;
        }
        boolean negated = take(Kind.KEYWORD, "not");
        Parsed matched = match(left);
        if (matched == null && negated) {
            throw misfit(peek().at(), "\"between\", \"in\" or \"like\"");
        }
        return matched == null ? left : negated ? negated(matched) : matched;
    }

    private @Nullable Parsed match(Parsed left) {
        if (take(Kind.KEYWORD, "between")) {
            Parsed low = bits();
            require(Kind.KEYWORD, "and", "\"and\" and the upper bound");
            return operation(
                    FilterOperation.BETWEEN,
                    left.at(),
                    alike(List.of(left, low, bits())).toArray(FilterExpression[]::new));
        }
        if (take(Kind.KEYWORD, "in")) {
            List<Parsed> list = new ArrayList<>(List.of(left));
            require(Kind.SIGN, "(", "\"(\" and a list");
            do {
                list.add(bits());
            } while (take(Kind.SIGN, ","));
            require(Kind.SIGN, ")", "\",\" or \")\"");
            return operation(FilterOperation.IN_LIST, left.at(), alike(list).toArray(FilterExpression[]::new));
        }
        if (take(Kind.KEYWORD, "like")) {
            Parsed pattern = operand();
            boolean isText = pattern.expression() instanceof FilterExpression.Literal literal
                    && literal.value().type() == BuiltinType.STRING;
            if (!isText) {
                throw misfit(pattern.at(), "a pattern in single quotes, such as 'Pump%'");
            }
            return operation(FilterOperation.LIKE, left.at(), left.expression(), pattern.expression());
        }
        return null;
    }

    private static @Nullable FilterOperation comparisonOf(String sign) {
        return switch (sign) {
            case "=", "==", "!=", "<>" -> FilterOperation.EQUALS;
            case "<" -> FilterOperation.LESS_THAN;
            case "<=" -> FilterOperation.LESS_THAN_OR_EQUAL;
            case ">" -> FilterOperation.GREATER_THAN;
            case ">=" -> FilterOperation.GREATER_THAN_OR_EQUAL;
            default -> null;
        };
    }

    private Parsed bits() {
        return chain(FilterOperation.BITWISE_OR, Kind.SIGN);
    }

    private Parsed operand() {
        Token token = tokens.get(next++);
        EventField field = token.field();
        NodeReference nodeId = token.nodeId();
        if (field != null) {
            return peek().is(Kind.SIGN, "(") && !token.text().isEmpty()
                    ? function(token)
                    : new Parsed(new FilterExpression.Field(field), token.at());
        }
        if (nodeId != null) {
            return new Parsed(new FilterExpression.Node(nodeId), token.at());
        }
        if (isPlain(token)) {
            return plain(token);
        }
        if (token.is(Kind.SIGN, "(")) {
            return group(token);
        }
        throw misfit(
                token.at(),
                token.kind() == Kind.KEYWORD
                        ? "a field or a literal (a field of this name stands in double quotes)"
                        : "a field, a literal or \"(\"");
    }

    private Parsed group(Token opening) {
        deeper(opening.at());
        Parsed inner = or();
        require(Kind.SIGN, ")", "an operator or \")\"");
        nesting--;
        return new Parsed(inner.expression(), opening.at(), inner.plain());
    }

    private static boolean isPlain(Token token) {
        return token.kind() == Kind.NUMBER
                || token.kind() == Kind.STRING
                || token.is(Kind.KEYWORD, "true")
                || token.is(Kind.KEYWORD, "false");
    }

    private Parsed plain(Token token) {
        JsonValue given = given(token);
        try {
            return new Parsed(LiteralText.plain(given, text(token), null), token.at(), given);
        } catch (IllegalArgumentException e) {
            throw misfit(token.at(), String.valueOf(e.getMessage()));
        }
    }

    private static JsonValue given(Token token) {
        return switch (token.kind()) {
            case NUMBER -> LiteralText.number(token.text());
            case STRING -> new JsonValue.Str(token.text());
            default -> new JsonValue.Bool(token.text().equals("true"));
        };
    }

    private static String text(Token token) {
        return token.kind() == Kind.STRING ? FieldText.quoted(token.text()) : token.text();
    }

    /** {@code ofType(…)}, {@code cast(…)} or {@code UInt16(…)}. */
    private Parsed function(Token called) {
        next++;
        if (called.text().equalsIgnoreCase("ofType")) {
            FilterExpression type = new FilterExpression.Type(type());
            require(Kind.SIGN, ")", "\")\"");
            return operation(FilterOperation.OF_TYPE, called.at(), type);
        }
        if (called.text().equalsIgnoreCase("cast")) {
            deeper(called.at());
            FilterExpression what = or().expression();
            nesting--;
            require(Kind.KEYWORD, "as", "\"as\" and a data type");
            FilterExpression type = new FilterExpression.Node(dataType());
            require(Kind.SIGN, ")", "\")\"");
            return operation(FilterOperation.CAST, called.at(), what, type);
        }
        BuiltinType type = literalType(called);
        Token value = tokens.get(next++);
        boolean isPlain = isPlain(value);
        FilterExpression literal;
        try {
            if (!isPlain && (value.kind() != Kind.NODE_ID || type != BuiltinType.NODE_ID)) {
                throw new IllegalArgumentException("a literal");
            }
            literal = isPlain
                    ? LiteralText.explicit(given(value), text(value), type)
                    : new FilterExpression.Node(Objects.requireNonNull(value.nodeId()));
        } catch (IllegalArgumentException e) {
            throw misfit(value.at(), String.valueOf(e.getMessage()));
        }
        require(Kind.SIGN, ")", "\")\"");
        return new Parsed(literal, called.at());
    }

    private BuiltinType literalType(Token called) {
        Optional<BuiltinType> type = BuiltinType.ofName(called.text()).filter(LiteralText.WRITABLE::contains);
        if (type.isPresent()) {
            return type.get();
        }
        List<String> names = new ArrayList<>(List.of("ofType", "cast"));
        LiteralText.WRITABLE.forEach(known -> names.add(known.displayName()));
        throw misfit(
                called.at(),
                NearestName.to(called.text(), names)
                        .map(near -> near + "(…)")
                        .orElse("ofType(…), cast(…) or a built-in type such as UInt16(…)"));
    }

    /** An event type, by its name, its NodeId, or {@code NodeId('…')}. */
    private EventType type() {
        Token token = tokens.get(next++);
        NodeReference nodeId = token.nodeId();
        EventField field = token.field();
        if (token.kind() == Kind.FIELD
                && token.text().equalsIgnoreCase(BuiltinType.NODE_ID.displayName())
                && peek().is(Kind.SIGN, "(")) {
            nodeId = ((FilterExpression.Node) function(token).expression()).nodeId();
        }
        if (nodeId != null) {
            return new EventType.Known(nodeId);
        }
        if (field != null
                && field.type() == null
                && field.isValue()
                && field.path().size() == 1) {
            return EventType.of(field.path().get(0));
        }
        throw misfit(token.at(), "an event type such as AlarmConditionType, 2:MyAlarmType or ns=2;i=1001");
    }

    private NodeReference dataType() {
        Token token = tokens.get(next++);
        NodeReference nodeId = token.nodeId();
        if (nodeId != null) {
            return nodeId;
        }
        if (token.kind() == Kind.FIELD) {
            Optional<BuiltinType> type = BuiltinType.ofName(token.text());
            if (type.isPresent()) {
                return NodeId.numeric(0, type.get().id());
            }
        }
        throw misfit(token.at(), "a built-in type such as Double, or the NodeId of a data type");
    }

    private Parsed operation(FilterOperation operation, int at, FilterExpression... operands) {
        count(at);
        return new Parsed(new Operation(operation, List.of(operands)), at);
    }

    private Parsed negated(Parsed condition) {
        return operation(FilterOperation.NOT, condition.at(), condition.expression());
    }

    /** The operands of a comparison, plain literals in the type of the first field whose type is known. */
    private List<FilterExpression> alike(List<Parsed> operands) {
        BuiltinType wanted = operands.stream()
                .map(operand -> typeOf(operand.expression()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        List<FilterExpression> alike = new ArrayList<>(operands.size());
        for (Parsed operand : operands) {
            JsonValue plain = operand.plain();
            if (plain == null) {
                alike.add(operand.expression());
                continue;
            }
            try {
                alike.add(LiteralText.plain(plain, ((FilterExpression.Literal) operand.expression()).text(), wanted));
            } catch (IllegalArgumentException e) {
                throw misfit(operand.at(), String.valueOf(e.getMessage()));
            }
        }
        return alike;
    }

    private static @Nullable BuiltinType typeOf(FilterExpression expression) {
        if (expression instanceof FilterExpression.Field field) {
            return StandardEvents.fieldType(field.field());
        }
        if (!(expression instanceof Operation operation)) {
            return null;
        }
        return switch (operation.operation()) {
            case CAST -> builtinType(operation.operands().get(1));
            case BITWISE_AND, BITWISE_OR ->
                operation.operands().stream()
                        .map(WhereParser::typeOf)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
            default -> BuiltinType.BOOLEAN;
        };
    }

    /** Null for a data type that is none of the built-in ones. */
    static @Nullable BuiltinType builtinType(FilterExpression dataType) {
        return dataType instanceof FilterExpression.Node node
                        && node.nodeId() instanceof NodeId type
                        && type.namespaceIndex() == 0
                        && type.identifier() instanceof Identifier.Numeric id
                        && id.value() <= BuiltinType.values().length
                ? BuiltinType.of((int) id.value()).orElse(null)
                : null;
    }

    private FilterExpression condition(Parsed parsed) {
        FilterExpression expression = parsed.expression();
        boolean isCondition = expression instanceof FilterExpression.Field
                || (expression instanceof Operation operation
                        && (operation.operation().isCondition() || operation.operation() == FilterOperation.CAST))
                || (expression instanceof FilterExpression.Literal literal
                        && literal.value().type() == BuiltinType.BOOLEAN);
        if (!isCondition) {
            throw misfit(parsed.at(), CONDITION);
        }
        return expression;
    }

    private List<FilterExpression> bits(List<Parsed> operands) {
        for (Parsed operand : operands) {
            FilterExpression expression = operand.expression();
            boolean isNumber = expression instanceof FilterExpression.Field
                    || (expression instanceof Operation operation
                            && !operation.operation().isCondition())
                    || (expression instanceof FilterExpression.Literal literal
                            && literal.value().value() instanceof Number
                            && literal.value().type() != BuiltinType.FLOAT
                            && literal.value().type() != BuiltinType.DOUBLE);
            if (!isNumber) {
                throw misfit(operand.at(), "a field or a whole number beside \"&\" and \"|\"");
            }
        }
        return alike(operands);
    }

    private Token peek() {
        return tokens.get(next);
    }

    private boolean take(Kind kind, String wanted) {
        boolean found = peek().is(kind, wanted);
        if (found) {
            next++;
        }
        return found;
    }

    private void require(Kind kind, String wanted, String expected) {
        if (!take(kind, wanted)) {
            throw misfit(peek().at(), expected);
        }
    }

    private void deeper(int at) {
        if (++nesting > MAX_NESTING) {
            throw misfit(at, "at most " + MAX_NESTING + " levels of parentheses and \"not\"");
        }
    }

    private void count(int at) {
        if (++operators > MAX_OPERATORS) {
            throw misfit(at, "at most " + MAX_OPERATORS + " operators");
        }
    }

    private CommandException misfit(int at, String expected) {
        return CommandException.invalidArgument(name, FieldText.shown(text, at), expected);
    }
}
