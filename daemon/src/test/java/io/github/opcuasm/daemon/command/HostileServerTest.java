package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.StrictPeer.kept;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Corruption;
import io.github.opcuasm.simulator.Service;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that spoils one answer, in each way that there is, to each service that the methods use. The request ends with a
 * documented error or with the answer that it has when nothing is spoilt, and the session goes on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class HostileServerTest {
    /** They leave the values alone, so that a success must be what it always is. */
    private static final Set<Corruption> OF_THE_FRAME = Set.of(
            Corruption.TRUNCATED_BODY,
            Corruption.TRAILING_BYTES,
            Corruption.WRONG_RESPONSE_TYPE,
            Corruption.UNKNOWN_RESPONSE_TYPE,
            Corruption.WRONG_REQUEST_HANDLE,
            Corruption.RESULTS_LENGTH_HUGE,
            Corruption.RESULTS_LENGTH_NEGATIVE,
            Corruption.RESULTS_NULL,
            Corruption.RESULTS_MISSING,
            Corruption.RESULTS_EXTRA,
            Corruption.NESTED_DIAGNOSTICS,
            Corruption.STRING_BEYOND_MESSAGE,
            Corruption.STRING_LENGTH_NEGATIVE,
            Corruption.ARRAY_LENGTH_HUGE,
            Corruption.NESTED_VARIANTS,
            Corruption.UNKNOWN_BUILTIN_TYPE,
            Corruption.EXTENSION_BODY_BEYOND_MESSAGE);

    /** No answer can be taken for one then. */
    private static final Set<Corruption> ALWAYS_AN_ERROR =
            Set.of(Corruption.TRUNCATED_BODY, Corruption.WRONG_RESPONSE_TYPE, Corruption.UNKNOWN_RESPONSE_TYPE);

    /** What these tell may have come before. */
    private static final Set<Service> FROM_THE_MAILBOX = Set.of(Service.PUBLISH, Service.REPUBLISH);

    private static final Set<String> OUTCOMES = Set.of("not_sent", "unknown");

    /** What all threads together may allocate for one request: less than the lengths that the server claims. */
    private static final long ALLOCATED_AT_MOST = 64L << 20;

    private static final String CONFIG = "{'opcuaTimeout':20,'defaultBrowseMaxDepth':3}";

    private RunningDaemon daemon;
    private StrictPeer peer;
    private String session;
    private final Map<HostileRequest, JsonValue> unspoilt = new LinkedHashMap<>();

    private record Spoilt(HostileRequest request, Corruption corruption) {
        @Override
        public String toString() {
            return corruption + " in " + request;
        }
    }

    static Stream<Spoilt> spoilt() {
        return HostileRequest.all().stream()
                .flatMap(request -> Arrays.stream(Corruption.values()).map(each -> new Spoilt(request, each)));
    }

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config.maxSessions(50));
        daemon.simulator.limits().maxReferencesPerNode(2);
        session = daemon.open(CONFIG);
        peer = new StrictPeer(daemon);
        for (HostileRequest request : HostileRequest.all()) {
            if (request.repeatable()) {
                unspoilt.put(request, HostileRequest.lasting(StrictPeer.data(answer(request))));
            }
        }
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
    }

    @AfterAll
    void stop() throws Exception {
        peer.close();
        daemon.close();
    }

    @ParameterizedTest
    @MethodSource("spoilt")
    void isAnErrorOfThatRequestAtMost(Spoilt spoilt) throws Exception {
        HostileRequest request = spoilt.request();
        daemon.ask(query(session, "flushCache", "[]"));
        String asked = written(request);
        long sessions = daemon.simulator.counters().sessionsNow();
        long allocated = allocated();
        spoil(request, spoilt.corruption());

        JsonValue.Obj answer = peer.askKept(asked);
        JsonValue.Obj error = StrictPeer.error(answer);

        assertThat(allocated() - allocated).as("bytes allocated").isLessThan(ALLOCATED_AT_MOST);
        daemon.simulator.faults().clear();
        if (ALWAYS_AN_ERROR.contains(spoilt.corruption()) && !FROM_THE_MAILBOX.contains(request.service())) {
            assertThat(error).isNotNull();
        }
        if (error != null && request.changesPlant()) {
            assertThat(text(error, "outcome")).isIn(OUTCOMES);
        }
        if (error == null && request.repeatable() && OF_THE_FRAME.contains(spoilt.corruption())) {
            assertThat(HostileRequest.lasting(StrictPeer.data(answer))).isEqualTo(unspoilt.get(request));
        }
        readsInt32();
        assertThat(daemon.simulator.counters().sessionsNow()).as("sessions").isEqualTo(sessions);
    }

    /** The answers that make a session, and those that end it. */
    @ParameterizedTest
    @EnumSource(Corruption.class)
    void spoiltHandshakesFailTheOpenAtMost(Corruption corruption) throws Exception {
        for (Service service :
                List.of(Service.CREATE_SESSION, Service.ACTIVATE_SESSION, Service.GET_ENDPOINTS, Service.READ)) {
            String open = "{'id':1,'command':'open','endpointUrl':'" + daemon.simulator.endpointUrl()
                    + "','forceNew':true,'config':" + CONFIG + "}";
            daemon.simulator.faults().corruptNextAnswer(service, corruption);

            JsonValue.Obj answer = peer.askKept(open);
            daemon.simulator.faults().clear();
            JsonValue.Obj opened =
                    (JsonValue.Obj) StrictPeer.data(StrictPeer.error(answer) == null ? answer : peer.askKept(open));
            JsonValue value = StrictPeer.data(
                    peer.askKept(kept(query(text(opened, "sessionId"), "read", "['ns=2;s=Scalars/Int32']"))));
            daemon.simulator.faults().corruptNextAnswer(Service.CLOSE_SESSION, corruption);
            JsonValue.Obj closed =
                    peer.askKept("{'id':1,'command':'close','sessionId':'" + text(opened, "sessionId") + "'}");

            assertThat(((JsonValue.Obj) value).get("statusCode")).hasToString("0");
            assertThat(StrictPeer.error(closed)).isNull();
            readsInt32();
        }
    }

    /** A message that cannot be decoded is let go of all the same: after many of them no more buffers are in use. */
    @ParameterizedTest
    @EnumSource(
            value = Corruption.class,
            names = {"TRUNCATED_BODY", "RESULTS_LENGTH_HUGE", "UNKNOWN_RESPONSE_TYPE", "STRING_BEYOND_MESSAGE"})
    void spoiltAnswersLeaveNoBuffersBehind(Corruption corruption) throws Exception {
        int times = 400;
        HostileRequest request = HostileRequest.all().get(0);
        spoilOften(request, corruption, times);
        long before = buffersInUse();

        spoilOften(request, corruption, times);

        assertThat(buffersInUse() - before).isLessThan(times / 2);
        readsInt32();
    }

    @Test
    void publishGoesOnAfterSpoiltAnswers() throws Exception {
        String subscription = Objects.requireNonNull(
                        object(query(session, "createSubscription", "[50]")).get("subscriptionId"))
                .toString();
        daemon.data(query(
                session,
                "createMonitoredItems",
                "[" + subscription + ",[{'nodeId':'ns=2;s=Dynamic/Counter','samplingInterval':50}]]"));

        for (Corruption corruption : Corruption.values()) {
            daemon.simulator.faults().corruptNextAnswer(Service.PUBLISH, corruption);
            List<JsonValue.Obj> errors = new ArrayList<>();
            int notified = 0;
            // One answer is spoilt, one more may be on its way.
            for (int i = 0; i < 20 && notified < 3; i++) {
                JsonValue.Obj answer = peer.askKept(kept(query(session, "publish", "[[],null,5000]")));
                JsonValue.Obj error = StrictPeer.error(answer);
                if (error != null) {
                    errors.add(error);
                } else if (!((JsonValue.Arr)
                                Objects.requireNonNull(((JsonValue.Obj) StrictPeer.data(answer)).get("notifications")))
                        .elements()
                        .isEmpty()) {
                    notified++;
                }
            }

            assertThat(notified)
                    .as("%s: notifications after %s", corruption, errors)
                    .isEqualTo(3);
            daemon.simulator.faults().clear();
        }
        daemon.data(query(session, "deleteSubscription", "[" + subscription + "]"));
    }

    private void spoilOften(HostileRequest request, Corruption corruption, int times) throws IOException {
        String asked = written(request);
        for (int i = 0; i < times; i++) {
            spoil(request, corruption);
            assertThat(StrictPeer.error(peer.askKept(asked))).isNotNull();
        }
    }

    private void spoil(HostileRequest request, Corruption corruption) {
        if (request.node() == null) {
            daemon.simulator.faults().corruptNextAnswer(request.service(), corruption);
        } else {
            daemon.simulator.faults().corruptNextAnswer(request.service(), request.node(), corruption);
        }
    }

    private JsonValue.Obj answer(HostileRequest request) throws IOException {
        return peer.askKept(written(request));
    }

    /** The request, with what its parameters stand for. */
    private String written(HostileRequest request) throws IOException {
        String params = request.params().replace("URL", "'" + daemon.simulator.endpointUrl() + "'");
        if (params.contains("POINT")) {
            JsonValue.Obj page = object(query(session, "browseWithContinuation", "['ns=2;s=Quality']"));
            params = params.replace("POINT", "'" + text(page, "continuationPoint") + "'");
        }
        if (params.contains("SUB") || request.service() == Service.PUBLISH) {
            String subscription = number(object(query(session, "createSubscription", "[100]")), "subscriptionId");
            JsonValue.Arr items = (JsonValue.Arr) daemon.data(query(
                    session,
                    "createMonitoredItems",
                    "[" + subscription + ",[{'nodeId':'ns=2;s=Dynamic/Counter','samplingInterval':50}]]"));
            params = params.replace("SUB", subscription)
                    .replace("ITEM", number((JsonValue.Obj) items.elements().get(0), "monitoredItemId"));
        }
        return kept(
                request.method().startsWith("invoke ")
                        ? invoke(session, request.method().substring("invoke ".length()), params)
                        : query(session, request.method(), params));
    }

    private static String number(JsonValue.Obj object, String member) {
        return Objects.requireNonNull(object.get(member)).toString();
    }

    private JsonValue.Obj object(String request) throws IOException {
        return (JsonValue.Obj) daemon.data(request);
    }

    /** The same session reads the same value, now or within its deadline. */
    private void readsInt32() throws IOException {
        JsonValue.Obj value =
                (JsonValue.Obj) StrictPeer.data(peer.askKept(kept(query(session, "read", "['ns=2;s=Scalars/Int32']"))));

        assertThat(value.get("type")).hasToString("6");
        assertThat(value.get("statusCode")).hasToString("0");
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static long buffersInUse() {
        long inUse = 0;
        for (PoolArenaMetric arena : PooledByteBufAllocator.DEFAULT.metric().directArenas()) {
            inUse += arena.numActiveAllocations();
        }
        return inUse;
    }
}
