package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.StrictPeer.kept;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.command.BadValue.Parameter;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every parameter of every method, with everything that it does not take, in both notations: a matrix made from the table
 * of methods below and the values of {@link BadValue}. Whatever is wrong, the answer names it, nothing reaches the plant,
 * and the session goes on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class BadParametersTest {
    private static final Set<String> TYPES = Set.of(
            "invalid_argument",
            "InvalidNodeIdException",
            "WriteTypeMismatchException",
            "EncodingException",
            "ConfigurationException");

    /** What no message shows: a trace, a package, an exception's class. */
    private static final Pattern INSIDES = Pattern.compile(
            "\\bat [a-z]+\\.|\\.java:|\\b(java|javax|io|org|com)\\.[a-z]+\\.|\\$[A-Z0-9]|[A-Z][A-Za-z]+Exception\\b");

    private static final String NODE = "ns=2;s=Scalars/Int32";
    private static final Set<String> CHANGING = Set.of(
            "write",
            "writeMulti",
            "call",
            "openFile",
            "writeFile",
            "createDirectory",
            "createFileInDirectory",
            "deleteFileSystemObject",
            "moveOrCopyFileSystemObject",
            "historyInsertData",
            "historyReplaceData",
            "historyUpdateData",
            "historyDeleteRawModified",
            "historyDeleteAtTime",
            "historyInsertEvent",
            "historyReplaceEvent",
            "historyUpdateEvent",
            "historyDeleteEvent",
            "addNodes",
            "deleteNodes",
            "addReferences",
            "deleteReferences");

    private static final List<Service> CHANGES = List.of(
            Service.WRITE,
            Service.CALL,
            Service.HISTORY_UPDATE,
            Service.ADD_NODES,
            Service.DELETE_NODES,
            Service.ADD_REFERENCES,
            Service.DELETE_REFERENCES);

    private static final MethodParameters WRITE = new MethodParameters("write", true, true, List.of());
    private static final MethodParameters WRITE_MULTI = new MethodParameters("writeMulti", true, true, List.of());

    /** Typed values that are none, and one that no parameter takes. */
    private static final List<String> BAD_TYPED = List.of(
            "{'__t':'Nope'}",
            "{'__t':''}",
            "{'__t':5}",
            "{'__t':['NodeId']}",
            "{'__t':'" + "N".repeat(5_000) + "'}",
            "{'__t':'NodeId'}",
            "{'__t':'NodeId','v':5}",
            "{'__t':'NodeId','v':'ns=x;i=1'}",
            "{'__t':'NodeId','v':'nsu=urn:x;i=1'}",
            "{'__t':'NodeId','v':'ns=1;b=xyz'}",
            "{'__t':'DateTime'}",
            "{'__t':'DateTime','v':'zzz'}",
            "{'__t':'DateTime','v':'2026-13-01T00:00:00.000000+00:00'}",
            "{'__t':'BuiltinType','v':99}",
            "{'__t':'BuiltinType'}",
            "{'__t':'NodeClass','v':3}",
            "{'__t':'BrowseDirection','v':9}",
            "{'__t':'OpenFileMode','v':3}",
            "{'__t':'AggregateFunction','v':'nope'}",
            "{'__t':'ConnectionState','v':'nope'}",
            "{'__t':'QualifiedName','ns':'x','n':'y'}",
            "{'__t':'LocalizedText','text':5}",
            "{'__t':'Variant','value':5}",
            "{'__t':'Variant','type':{'__t':'BuiltinType','v':15},'value':null,'dims':null,'bytesB64':'!!!'}",
            "{'__t':'Variant','type':{'__t':'BuiltinType','v':6},'value':5,'dims':null,'bytesB64':'YQ=='}",
            "{'__t':'Variant','type':{'__t':'BuiltinType','v':6},'value':5,'dims':'x'}",
            "{'__t':'DataValue','variant':5}",
            "{'__t':'ExtensionObject','typeId':'nope','encoding':1}",
            "{'__t':'ExtensionObject','typeId':{'__t':'NodeId','v':'i=886'},'encoding':1,'bodyB64':'!!!'}",
            "{'__t':'BrowseNode','reference':5}",
            "{'__t':'QualifiedName','ns':7,'n':'x'}");

    private RunningDaemon daemon;
    private StrictPeer peer;
    private String session;

    /** One parameter of one method, in one notation. */
    private record Position(MethodParameters row, int index, boolean invoked) {
        String params(String bad) {
            List<String> params = new ArrayList<>(
                    row.parameters().stream().map(Parameter::valid).toList());
            params.set(index, bad);
            return "[" + String.join(",", params) + "]";
        }

        String name() {
            return row.parameters().get(index).name();
        }

        @Override
        public String toString() {
            return (invoked ? "invoke " : "query ") + row.method() + " " + name();
        }
    }

    static Stream<MethodParameters> rows() {
        return MethodParameters.ALL.stream();
    }

    static Stream<Position> positions() {
        return MethodParameters.ALL.stream()
                .flatMap(row -> Stream.of(false, true)
                        .filter(invoked -> invoked ? row.invoked() : row.queried())
                        .flatMap(invoked -> Stream.iterate(0, index -> index + 1)
                                .limit(row.parameters().size())
                                .map(index -> new Position(row, index, invoked))));
    }

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
        peer = new StrictPeer(daemon);
    }

    @AfterAll
    void stop() throws Exception {
        peer.close();
        daemon.close();
    }

    /** A method that is not in the table above would not be tested. */
    @Test
    void tableHasEveryMethodThatInvokeTakes() throws Exception {
        JsonValue.Obj described = (JsonValue.Obj) daemon.data("{'command':'describe','sessionId':'" + session + "'}");
        JsonValue.Arr methods =
                (JsonValue.Arr) Objects.requireNonNull(described.members().get("methods"));

        Set<String> names = new TreeSet<>();
        methods.elements().forEach(each -> names.add(((JsonValue.Str) each).value()));
        assertThat(names)
                .isEqualTo(new TreeSet<>(MethodParameters.ALL.stream()
                        .filter(MethodParameters::invoked)
                        .map(MethodParameters::method)
                        .toList()));
    }

    @ParameterizedTest
    @MethodSource("positions")
    void whatAParameterDoesNotTakeIsNamed(Position position) throws Exception {
        List<String> wrong = new ArrayList<>();
        Parameter parameter = position.row().parameters().get(position.index());
        long changes = changes();

        for (BadValue bad : parameter.refused()) {
            String place = position.name() + bad.place();
            judge(wrong, position.row(), position.invoked(), position.params(bad.json()), List.of(place));
        }

        assertThat(wrong).isEmpty();
        assertThat(changes()).as("changes that reached the server").isEqualTo(changes);
        assertThat(readsOn()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void typedValuesThatAreNoneAreNamed(Position position) throws Exception {
        List<String> wrong = new ArrayList<>();
        long changes = changes();
        boolean anything = position.name().equals("value");

        if (position.invoked()) {
            for (String bad : BAD_TYPED) {
                if (!anything || !bad.startsWith("{'__t':'QualifiedName','ns':7")) {
                    List<String> places = List.of("args[" + position.index() + "]", position.name());
                    judge(wrong, position.row(), true, position.params(bad), places);
                    judge(wrong, position.row(), true, position.params("[{'a':[" + bad + "]}]"), places);
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(changes()).as("changes that reached the server").isEqualTo(changes);
        assertThat(readsOn()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void whatIsMissingIsNamed(MethodParameters row) throws Exception {
        List<String> wrong = new ArrayList<>();
        long changes = changes();

        for (int given = 0; given < row.required(); given++) {
            Parameter missing = row.parameters().get(given);
            String params = "["
                    + String.join(
                            ",",
                            row.parameters().subList(0, given).stream()
                                    .map(Parameter::valid)
                                    .toList())
                    + "]";
            if (missing.required() || missing.name().equals("value")) {
                for (boolean invoked : new boolean[] {false, true}) {
                    if (invoked ? row.invoked() : row.queried()) {
                        judge(wrong, row, invoked, params, List.of(missing.name()));
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(changes()).as("changes that reached the server").isEqualTo(changes);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void parametersThatAreNoArrayAreNamed(MethodParameters row) throws Exception {
        List<String> wrong = new ArrayList<>();

        for (String params : List.of("5", "'x'", "true", "1.5")) {
            if (row.queried()) {
                judge(wrong, row, false, params, List.of("params"));
            }
            if (row.invoked()) {
                judge(wrong, row, true, params, List.of("args"));
            }
        }

        assertThat(wrong).isEmpty();
    }

    /** The form of a value to write comes with its type; each of these has neither the form nor the range. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesThatDoNotFitTheirTypeAreNotWritten(boolean invoked) throws Exception {
        List<String> wrong = new ArrayList<>();
        long changes = changes();

        for (String typed : BadValue.unfitting()) {
            String[] parts = typed.split(" ", 2);
            String item = "{'nodeId':'" + NODE + "','value':" + parts[1] + ",'type':" + parts[0] + "}";
            judge(wrong, WRITE, invoked, "['" + NODE + "'," + parts[1] + "," + parts[0] + "]", List.of("value"));
            judge(wrong, WRITE_MULTI, invoked, "[[" + item + "]]", List.of("items[0].value"));
        }

        assertThat(wrong).isEmpty();
        assertThat(changes()).as("changes that reached the server").isEqualTo(changes);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesThatDoNotFitTheirVariableAreNotWritten(boolean invoked) throws Exception {
        List<String> types = List.of(
                "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double");
        List<String> wrong = new ArrayList<>();
        long changes = changes();

        for (String typed : BadValue.unfitting()) {
            String[] parts = typed.split(" ", 2);
            int type = Integer.parseInt(parts[0]);
            if (type <= types.size()) {
                String node = "ns=2;s=Scalars/" + types.get(type - 1);
                judge(wrong, WRITE, invoked, "['" + node + "'," + parts[1] + "]", List.of("value"));
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(changes()).as("changes that reached the server").isEqualTo(changes);
    }

    /** Adds to {@code wrong} what is not as it should be in the answer to this. */
    private void judge(List<String> wrong, MethodParameters row, boolean invoked, String params, List<String> places)
            throws IOException {
        String request = kept(invoked ? invoke(session, row.method(), params) : query(session, row.method(), params));
        JsonValue.Obj answer;
        try {
            answer = peer.askKept(request);
        } catch (AssertionError e) {
            wrong.add(shown(params) + ": " + e.getMessage());
            return;
        }
        String fault = fault(row, StrictPeer.error(answer), places);
        if (fault != null) {
            wrong.add(row.method() + " " + shown(params) + ": " + fault + ": " + shown(answer.toString()));
        }
    }

    private static @Nullable String fault(MethodParameters row, JsonValue.@Nullable Obj error, List<String> places) {
        if (error == null) {
            return "succeeds";
        }
        String message = RunningDaemon.text(error, "message");
        if (!TYPES.contains(RunningDaemon.text(error, "type"))) {
            return "another type of error";
        }
        if (places.stream()
                .noneMatch(place -> message.toLowerCase(Locale.ROOT).contains(place.toLowerCase(Locale.ROOT)))) {
            return "does not name " + places;
        }
        if (INSIDES.matcher(message).find()) {
            return "shows our insides";
        }
        String outcome = CHANGING.contains(row.method()) ? "not_sent" : "";
        return outcome.equals(RunningDaemon.text(error, "outcome")) ? null : "another outcome than " + outcome;
    }

    private static String shown(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    private long changes() {
        return CHANGES.stream()
                .mapToLong(service -> daemon.simulator.counters().received(service))
                .sum();
    }

    private boolean readsOn() throws IOException {
        return StrictPeer.error(peer.askKept(kept(query(session, "read", "['" + NODE + "']")))) == null;
    }
}
