package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.StrictPeer.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code aggregate} and {@code historyAggregate}, through a socket and, for the history, with a server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class AggregateMethodsTest {
    private static final String DAY = "2026-01-01T12:";
    private static final String WHOLE = "'2026-01-01T12:00:00Z','2026-01-01T12:01:40Z'";
    private static final String ITEMS =
            "[" + item("00:00", 1.0) + "," + item("00:02", 4.0) + "," + item("00:04", 9.0) + "]";
    private static final String SECONDS = "'2026-01-01T12:00:00Z','2026-01-01T12:00:04Z'";

    private static final long AGGREGATE_NOT_SUPPORTED = 0x80D5_0000L;

    private RunningDaemon daemon;
    private RunningDaemon plain;
    private KeptConnection connection;
    private KeptConnection plainConnection;
    private String session;
    private String plainSession;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
        connection = daemon.connect();
        plain = new RunningDaemon(Simulator.builder().withoutAggregates().build(), config -> config);
        plainSession = plain.open("{'opcuaTimeout':20}");
        plainConnection = plain.connect();
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
        daemon.simulator.limits().reset();
    }

    @AfterAll
    void stop() throws Exception {
        connection.close();
        plainConnection.close();
        daemon.close();
        plain.close();
    }

    @Test
    void valuesAreAggregatedWithoutTheServer() throws Exception {
        long asked = daemon.simulator.counters().served();

        List<JsonValue> averages = rows(data("aggregate", ITEMS + "," + SECONDS + ",2000,'timeAverage'"));
        List<JsonValue> typed = rows(
                invoked("aggregate", ITEMS + "," + SECONDS + ",2000,{'__t':'AggregateFunction','v':'maximum'},null"));

        assertThat(averages).hasSize(2);
        assertThat(number(averages.get(0))).isEqualTo(2.5);
        assertThat(member(averages.get(0), "statusCode")).hasToString("1025");
        assertThat(text((JsonValue.Obj) averages.get(1), "sourceTimestamp")).startsWith(DAY + "00:02");
        assertThat(member(averages.get(1), "serverTimestamp")).isEqualTo(member(averages.get(1), "sourceTimestamp"));
        assertThat(number(typed.get(1))).isEqualTo(4.0);
        assertThat(daemon.simulator.counters().served()).isEqualTo(asked);
    }

    @Test
    void configurationIsKept() throws Exception {
        String gone = ITEMS.replace(
                "]", "," + item("00:03", 5.0).replace("'value'", "'statusCode':1073741824,'value'") + "]");

        JsonValue strict =
                rows(data("aggregate", gone + "," + SECONDS + ",0,'maximum'")).get(0);
        JsonValue lenient = rows(data(
                        "aggregate",
                        gone + "," + SECONDS + ",0,'minimum',{'treatUncertainAsBad':false,'percentDataBad':null}"))
                .get(0);
        JsonValue stepped = rows(data(
                        "aggregate",
                        ITEMS + ",'2026-01-01T12:00:01Z','2026-01-01T12:00:04Z',0,'interpolate',"
                                + "{'stepped':true,'calculatedBy':'daemon'}"))
                .get(0);

        assertThat(member(strict, "statusCode")).hasToString(Long.toString(0x40A4_0401L));
        assertThat(member(lenient, "statusCode")).hasToString("0");
        assertThat(number(stepped)).isEqualTo(1.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "aggregate | [] | items: got nothing",
                "aggregate | [[{'type':11,'value':1,'sourceTimestamp':5}]] | items[0].sourceTimestamp: 5",
                "aggregate | [[{'type':11,'value':1,'serverTimestamp':'x'}]] | items[0].serverTimestamp: ",
                "aggregate | [[{'type':11,'value':1,'statusCode':-1}]] | items[0].statusCode: -1",
                "aggregate | [[{'type':6,'value':'x'}]] | items[0].value",
                "aggregate | [[{'type':11,'value':1},5]] | items[1]: got 5",
                "aggregate | [[{'type':11,'value':1}],SECONDS,0,'count'] | items[0].sourceTimestamp: got nothing",
                "aggregate | [[],SECONDS,-1,'count'] | processingInterval: got -1",
                "aggregate | [[],SECONDS,0.001,'count'] | processingInterval: got 0.001, expected at most 1000000",
                "aggregate | [[],'2026-01-01T12:00:00Z','2026-01-01T12:00:00Z',0,'count'] | endTime: got ",
                "aggregate | [[],SECONDS,0] | function: got nothing, expected one of interpolate, minimum",
                "aggregate | [[],SECONDS,0,'avarage'] | did you mean average?",
                "aggregate | [[],SECONDS,0,3] | function: got 3",
                "aggregate | [[],SECONDS,0,'count',5] | configuration: got 5",
                "aggregate | [[],SECONDS,0,'count',{'percentDataBad':101}] | configuration.percentDataBad: got 101",
                "aggregate | [[],SECONDS,0,'count',{'percentDataBad':20,'percentDataGood':20}] | percentDataGood: got 20, expected at least 100 - percentDataBad, which is 80",
                "aggregate | [[],SECONDS,0,'count',{'calculatedBy':'server'}] | configuration.calculatedBy: got `server`",
                "aggregate | [[],SECONDS,0,'count',{'steped':true}] | did you mean stepped?",
                "historyAggregate | ['x',SECONDS,0,'count'] | nodeId",
                "historyAggregate | ['i=1',SECONDS,0,'count',{'calculatedBy':'me'}] | configuration.calculatedBy: got `me`",
                "historyAggregate | ['i=1',SECONDS,0,'count',{'calculatedBy':'server','stepped':true}] | configuration.stepped: got true",
            })
    void parametersThatDoNotFitAreNamed(String method, String params, String message) throws Exception {
        JsonValue.Obj error =
                error(method, params.substring(1, params.length() - 1).replace("SECONDS", SECONDS));

        assertThat(text(error, "message").replace('"', '`')).contains(message.replace("``", "`"));
        assertThat(text(error, "type")).isIn("invalid_argument", "InvalidNodeIdException");
    }

    /** Section 6: protocol 1 has them by invoke alone. */
    @Test
    void queryOfProtocol1HasNeither() throws Exception {
        for (String method : List.of("aggregate", "historyAggregate")) {
            assertThat(text(daemon.error(query(session, method, "[]")), "type")).isEqualTo("forbidden_method");
        }
    }

    @Test
    void serverThatOffersTheAggregateIsAsked() throws Exception {
        String request = "'ns=2;s=History/Historian1'," + WHOLE + ",50000,'average'";
        data("historyAggregate", request);
        daemon.simulator.limits().maxHistoryValuesPerNode(2);
        long translated = received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS);
        long read = received(Service.HISTORY_READ);

        data("historyAggregate", request);
        long byServer = received(Service.HISTORY_READ) - read;
        data("historyAggregate", request + ",{'calculatedBy':'daemon'}");
        long byDaemon = received(Service.HISTORY_READ) - read - byServer;

        assertThat(byServer).isEqualTo(1);
        assertThat(byDaemon).isGreaterThan(4);
        assertThat(received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS)).isEqualTo(translated);
    }

    /** Servers go by the node's own configuration: who wants another must calculate. */
    @Test
    void steppedOfTheRequestIsForTheDaemon() throws Exception {
        String request = "'ns=2;s=History/Historian1','2026-01-01T12:00:15Z','2026-01-01T12:01:00Z',0,'interpolate'";

        assertThat(number(rows(data("historyAggregate", request)).get(0))).isEqualTo(15.0);
        assertThat(number(rows(data("historyAggregate", request + ",{'stepped':true}"))
                        .get(0)))
                .isEqualTo(10.0);
    }

    /** Two HistoryReads: the daemon tries what the server cannot do, unless it shall not (AggregateServiceTest has more). */
    @Test
    void serverThatCannotAfterAllIsSpared() throws Exception {
        String request = "'ns=2;s=History/Historian1'," + WHOLE + ",0,'average'";
        daemon.simulator.faults().fail(Service.HISTORY_READ, AGGREGATE_NOT_SUPPORTED);
        long before = received(Service.HISTORY_READ);

        error("historyAggregate", request);
        long both = received(Service.HISTORY_READ) - before;
        error("historyAggregate", request + ",{'calculatedBy':'server'}");
        long server = received(Service.HISTORY_READ) - before - both;

        assertThat(both).isEqualTo(2);
        assertThat(server).isEqualTo(1);
    }

    /** What a server refuses for now is not what it is: it is asked anew, and remembered as soon as it tells. */
    @Test
    void configurationThatIsRefusedIsAskedForAgain() throws Exception {
        String request = "'ns=2;s=History/ReadOnly'," + WHOLE + ",0,'interpolate',{'calculatedBy':'daemon'}";
        Service translate = Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS;

        daemon.simulator.faults().fail(translate, 0x8010_0000L);
        JsonValue.Obj tooMany = error("historyAggregate", request);
        daemon.simulator.faults().fail(translate, 0x801F_0000L);
        data("historyAggregate", request);
        daemon.simulator.faults().clear();
        long before = received(translate);
        data("historyAggregate", request);
        long again = received(translate) - before;
        data("historyAggregate", request);

        assertThat(text(tooMany, "message")).contains("Bad_TooManyOperations");
        assertThat(again).isEqualTo(1);
        assertThat(received(translate) - before).isEqualTo(1);
    }

    @Test
    void daemonCalculatesWhereTheServerDoesNot() throws Exception {
        String request = "'ns=2;s=History/Historian1'," + WHOLE + ",16000,'maximum'";

        JsonValue here = data("historyAggregate", request);
        JsonValue there = Objects.requireNonNull(
                plainConnection.data(plainSession, "historyAggregate", json("[" + request + "]")));
        JsonValue.Obj refused = plainConnection.query(
                plainSession, "historyAggregate", json("[" + request + ",{'calculatedBy':'server'}]"));

        assertThat(rows(there)).hasSameSizeAs(rows(here));
        for (int i = 0; i < rows(here).size(); i++) {
            assertThat(isSame((JsonValue.Obj) rows(here).get(i), (JsonValue.Obj)
                            rows(there).get(i)))
                    .as("%s and %s", here, there)
                    .isTrue();
        }
        assertThat(member((JsonValue.Obj) member(refused, "error"), "code"))
                .hasToString(Long.toString(AGGREGATE_NOT_SUPPORTED));
    }

    @Test
    void historyThatIsRefusedIsTold() throws Exception {
        JsonValue.Obj denied = error(
                "historyAggregate", "'ns=2;s=History/Denied'," + WHOLE + ",0,'average',{'calculatedBy':'daemon'}");
        JsonValue.Obj unknown = error("historyAggregate", "'ns=2;s=Nothing'," + WHOLE + ",0,'average'");

        assertThat(text(denied, "type")).isEqualTo("ServiceException");
        assertThat(text(denied, "message")).contains("Bad_UserAccessDenied");
        assertThat(text(unknown, "type")).isEqualTo("ServiceException");
    }

    /** Longer than what is done between two requests: it runs elsewhere, and answers as well. */
    @Test
    void manyIntervalsAreCalculated() throws Exception {
        List<JsonValue> results = rows(data("aggregate", ITEMS + "," + SECONDS + ",0.25,'durationGood'"));

        assertThat(results).hasSize(16_000);
        assertThat(number(results.get(15_999))).isEqualTo(0.25);
    }

    /** The simulator has rules of its own, from the same text: where both agree, it is likely to be what the text says. */
    @ParameterizedTest
    @EnumSource(AggregateFunction.class)
    void serverAndDaemonAgree(AggregateFunction function) throws Exception {
        List<String> differences = new ArrayList<>();

        for (String set : List.of("Historian1", "Historian2", "Historian3", "Historian4", "Empty")) {
            for (String range : List.of(
                    "'2026-01-01T12:01:40Z','2026-01-01T12:00:00Z',16000",
                    "'2026-01-01T12:00:43Z','2026-01-01T12:00:45Z',0",
                    "'2026-01-01T11:59:00Z','2026-01-01T12:00:09Z',7000")) {
                compare(set, range, function, "", differences);
            }
            for (String range : List.of(
                    "'2026-01-01T12:00:00Z','2026-01-01T12:01:40Z',5000",
                    "'2026-01-01T12:01:31Z','2026-01-01T12:02:00Z',10000")) {
                compare(
                        set,
                        range,
                        function,
                        "'treatUncertainAsBad':false,'percentDataBad':60,'percentDataGood':40,'useSlopedExtrapolation':true,",
                        differences);
            }
        }

        assertThat(differences).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ramp", "Steps"})
    void serverAndDaemonAgreeOnLongerHistories(String node) throws Exception {
        List<String> differences = new ArrayList<>();
        List<JsonValue> raw =
                rows(data("historyReadRaw", "'ns=2;s=History/" + node + "',null,'2100-01-01T00:00:00Z',90,false"));
        String last = text((JsonValue.Obj) raw.get(3), "sourceTimestamp");
        String first = text((JsonValue.Obj) raw.get(89), "sourceTimestamp");

        for (AggregateFunction function : AggregateFunction.values()) {
            compare(node, "'" + first + "','" + last + "',17000", function, "", differences);
            compare(node, "'" + last + "','" + first + "',40000", function, "", differences);
        }

        assertThat(raw).hasSize(90);
        assertThat(differences).isEmpty();
    }

    /** Data that begin Bad, have gaps of both kinds, and end in one. */
    @ParameterizedTest
    @EnumSource(AggregateFunction.class)
    void serverAndDaemonAgreeOnGaps(AggregateFunction function) throws Exception {
        List<String> differences = new ArrayList<>();
        StringBuilder values = new StringBuilder();
        for (String each : List.of(
                "00 80000000",
                "07 0",
                "20 0",
                "25 809B0000",
                "30 40000000",
                "33 0",
                "41 80000000",
                "44 809B0000",
                "50 0",
                "52 0",
                "58 809B0000")) {
            values.append(values.isEmpty() ? "" : ",")
                    .append(item("00:" + each.substring(0, 2), 1.0 + each.charAt(1))
                            .replace("'value'", "'statusCode':" + Long.parseLong(each.substring(3), 16) + ",'value'"));
        }
        data("historyUpdateData", "'ns=2;s=History/Editable',[" + values + "]");

        for (String configuration : List.of("", "'treatUncertainAsBad':false,'useSlopedExtrapolation':true,")) {
            for (String range : List.of(
                    "'2026-01-01T12:00:00Z','2026-01-01T12:01:00Z',5000",
                    "'2026-01-01T12:01:03Z','2026-01-01T12:00:04Z',9000",
                    "'2026-01-01T12:00:25Z','2026-01-01T12:00:29Z',0",
                    "'2026-01-01T12:00:26Z','2026-01-01T12:00:29Z',0",
                    "'2026-01-01T12:00:43Z','2026-01-01T12:00:44Z',0",
                    "'2026-01-01T12:00:53Z','2026-01-01T12:01:00Z',2000")) {
                compare("Editable", range, function, configuration, differences);
            }
        }

        assertThat(differences).isEmpty();
    }

    /** The simulator rounds the length of an interval, the daemon each edge: 5 and 6 intervals of 250 ns in 1.5 us. */
    @Test
    void serverThatMakesOtherIntervalsIsAskedOnlyWhereItMust() throws Exception {
        String request =
                "'ns=2;s=History/Historian1','2026-01-01T12:00:15Z','2026-01-01T12:00:15.0000015Z',0.00025,'count'";

        assertThat(rows(data("historyAggregate", request))).hasSize(6);
        assertThat(rows(data("historyAggregate", request + ",{'calculatedBy':'server'}")))
                .hasSize(5);
    }

    private void compare(
            String node, String range, AggregateFunction function, String configuration, List<String> differences)
            throws IOException {
        String request = "'ns=2;s=History/" + node + "'," + range + ",'" + function.wireName() + "',{" + configuration;
        List<JsonValue> server = rows(data("historyAggregate", request + "'calculatedBy':'server'}"));
        List<JsonValue> own = rows(data("historyAggregate", request + "'calculatedBy':'daemon'}"));
        if (server.size() != own.size()) {
            differences.add(request + ": " + server.size() + " and " + own.size());
            return;
        }
        for (int i = 0; i < own.size(); i++) {
            if (!isSame((JsonValue.Obj) server.get(i), (JsonValue.Obj) own.get(i))) {
                differences.add(request + ": server " + server.get(i) + "\n   daemon " + own.get(i));
            }
        }
    }

    /** But for the last digits of a calculated number, and the server timestamp, which a server gives no aggregate. */
    private static boolean isSame(JsonValue.Obj server, JsonValue.Obj own) {
        for (String name : server.members().keySet()) {
            if (name.equals("serverTimestamp")) {
                continue;
            }
            JsonValue one = server.members().get(name);
            JsonValue other = own.members().get(name);
            boolean close = one instanceof JsonValue.Num a
                    && other instanceof JsonValue.Num b
                    && Math.abs(a.decimal().doubleValue() - b.decimal().doubleValue())
                            <= 1e-9 * (1 + Math.abs(a.decimal().doubleValue()));
            if (!close && !Objects.requireNonNull(one).equals(other)) {
                return false;
            }
        }
        return true;
    }

    private static String item(String time, double value) {
        return "{'type':11,'value':" + value + ",'sourceTimestamp':'" + DAY + time + "Z'}";
    }

    private static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    private long received(Service service) {
        return daemon.simulator.counters().received(service);
    }

    private JsonValue data(String method, String params) throws IOException {
        return connection.data(session, method, json("[" + params + "]"));
    }

    private JsonValue invoked(String method, String args) throws IOException {
        return connection.invoked(session, method, json("[" + args + "]"));
    }

    private JsonValue.Obj error(String method, String params) throws IOException {
        JsonValue.Obj answer = connection.query(session, method, json("[" + params + "]"));
        return (JsonValue.Obj) Objects.requireNonNull(answer.get("error"), () -> method + params + " succeeds");
    }

    private static List<JsonValue> rows(JsonValue data) {
        return Objects.requireNonNull(data.asArray());
    }

    private static double number(JsonValue row) {
        return ((JsonValue.Num) member(row, "value")).decimal().doubleValue();
    }
}
