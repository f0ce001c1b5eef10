package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Subscriptions as a script has them: each request is a connection of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class SubscriptionMethodsTest {
    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config.maxSessions(50));
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "createSubscription | [-1] | publishingInterval",
                "createSubscription | ['x'] | publishingInterval",
                "createSubscription | [500,-1] | lifetimeCount",
                "createSubscription | [500,4294967296] | lifetimeCount",
                "createSubscription | [500,1,1.5] | maxKeepAliveCount",
                "createSubscription | [500,1,1,'0'] | maxNotificationsPerPublish",
                "createSubscription | [500,1,1,0,1] | publishingEnabled",
                "createSubscription | [500,1,1,0,true,256] | priority",
                "createSubscription | [500,1,1,0,true,-1] | priority",
                "createMonitoredItems | [] | subscriptionId",
                "createMonitoredItems | [-1] | subscriptionId",
                "createMonitoredItems | [1] | items",
                "createMonitoredItems | [1,5] | items",
                "createMonitoredItems | [1,[5]] | items[0]",
                "createMonitoredItems | [1,[{}]] | items[0].nodeId",
                "createMonitoredItems | [1,[{'nodeId':'i=1','attributeId':28}]] | items[0].attributeId",
                "createMonitoredItems | [1,[{'nodeId':'i=1','samplingInterval':-1.5}]] | items[0].samplingInterval",
                "createMonitoredItems | [1,[{'nodeId':'i=1','queueSize':-1}]] | items[0].queueSize",
                "createMonitoredItems | [1,[{'nodeId':'i=1','clientHandle':4294967296}]] | items[0].clientHandle",
                "createMonitoredItems | [1,[{'nodeId':'i=1','monitoringMode':3}]] | items[0].monitoringMode",
                "createMonitoredItems | [1,[{'nodeId':'i=1','discardOldest':1}]] | items[0].discardOldest",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':5}]] | items[0].filter",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'trigger':3}}]] | items[0].filter.trigger",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'deadbandType':-1}}]] | items[0].filter.deadbandType",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'deadbandValue':-0.1}}]] | items[0].filter.deadbandValue",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'selectFields':[]}}]] | items[0].filter.selectFields",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'trigger':'value'}}]] | items[0].filter.trigger",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'deadbandType':'precent'}}]] | items[0].filter.deadbandType",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'deadbandType':2,'deadbandValue':101}}]] | items[0].filter.deadbandValue",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'deadbandValue':5}}]] | items[0].filter.deadbandValue",
                "createMonitoredItems | [1,[{'nodeId':'i=1','attributeId':12,'filter':{'trigger':1}}]] | items[0].filter",
                "createMonitoredItems | [1,[{'nodeId':'i=1','filter':{'where':'Retain'}}]] | items[0].filter",
                "createMonitoredItems | [1,[{'nodeId':'i=1','attributeId':12,'filter':{'where':'Severity >'}}]] | items[0].filter.where",
                "createMonitoredItems | [1,[{'nodeId':'i=1','attributeId':12,'filter':{'where':'Retain','trigger':1}}]] | items[0].filter.trigger",
                "modifyMonitoredItems | [1,[{'monitoredItemId':1,'filter':{'where':5}}]] | items[0].filter.where",
                "createEventMonitoredItem | [1,'i=2253',null,1,'Severity >'] | where",
                "createEventMonitoredItem | [1,'i=2253',['Message@Valeu']] | selectFields[0]",
                "createEventMonitoredItem | [1] | nodeId",
                "createEventMonitoredItem | [1,'i=2253',[]] | selectFields",
                "createEventMonitoredItem | [1,'i=2253',['Message','']] | selectFields[1]",
                "createEventMonitoredItem | [1,'i=2253',['Message',5]] | selectFields[1]",
                "createEventMonitoredItem | [1,'i=2253',null,-1] | clientHandle",
                "modifyMonitoredItems | [1] | items",
                "modifyMonitoredItems | [1,[{}]] | items[0].monitoredItemId",
                "modifyMonitoredItems | [1,[{'monitoredItemId':1,'samplingInterval':-1.5}]] | items[0].samplingInterval",
                "modifyMonitoredItems | [1,[{'monitoredItemId':1,'queueSize':'1'}]] | items[0].queueSize",
                "modifyMonitoredItems | [1,[{'monitoredItemId':1,'discardOldest':0}]] | items[0].discardOldest",
                "setTriggering | [1] | triggeringItemId",
                "setTriggering | [1,2,['x']] | linksToAdd[0]",
                "setTriggering | [1,2,[],[1,-1]] | linksToRemove[1]",
                "deleteMonitoredItems | [1] | monitoredItemIds",
                "deleteMonitoredItems | [1,[null]] | monitoredItemIds[0]",
                "deleteSubscription | [] | subscriptionId",
                "publish | [5] | acknowledgements",
                "publish | [[{}]] | acknowledgements[0].subscriptionId",
                "publish | [[{'subscriptionId':1}]] | acknowledgements[0].sequenceNumber",
                "publish | [[],[-1]] | subscriptionIds[0]",
                "publish | [[],null,-1] | maxWaitMs",
                "publish | [[],null,86400001] | maxWaitMs",
                "transferSubscriptions | [] | subscriptionIds",
                "transferSubscriptions | [['x']] | subscriptionIds[0]",
                "transferSubscriptions | [[1],0] | sendInitialValues",
                "republish | [1] | sequenceNumber",
                "republish | [1,4294967296] | sequenceNumber",
            })
    void wrongParameterIsNamed(String method, String params, String name) throws Exception {
        JsonValue.Obj error = daemon.error(query(session, method, params));

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(text(error, "message")).startsWith(name + ":");
    }

    // Part 4, 7.21: negative is the publishing interval, 0 as fast as the server can.
    @ParameterizedTest
    @CsvSource({"-1,250", "-0.5,250", "0,0"})
    void samplingIntervalMayBeThatOfPublishingOrNone(String given, double expected) throws Exception {
        String id = String.valueOf(
                ((JsonValue.Obj) daemon.data(query(session, "createSubscription", "[250]"))).get("subscriptionId"));
        String item = "{'nodeId':'ns=2;s=Scalars/Int32','samplingInterval':" + given + "}";

        JsonValue.Obj created =
                first(daemon.data(query(session, "createMonitoredItems", "[" + id + ",[" + item + "]]")));
        String change = "{'monitoredItemId':" + created.get("monitoredItemId") + ",'samplingInterval':" + given + "}";
        JsonValue.Obj modified =
                first(daemon.data(query(session, "modifyMonitoredItems", "[" + id + ",[" + change + "]]")));
        daemon.data(query(session, "deleteSubscription", "[" + id + "]"));

        for (JsonValue.Obj result : List.of(created, modified)) {
            assertThat(result.get("statusCode")).hasToString("0");
            assertThat(Double.parseDouble(String.valueOf(result.get("revisedSamplingInterval"))))
                    .isEqualTo(expected);
        }
    }

    @Test
    void wrongSamplingIntervalIsToldWhatItMayBe() throws Exception {
        JsonValue.Obj error =
                daemon.error(query(session, "createMonitoredItems", "[1,[{'nodeId':'i=1','samplingInterval':-2}]]"));

        assertThat(text(error, "message"))
                .contains("0 for as fast as the server can, or -1 for the publishing interval");
    }

    @Test
    void everyMethodAnswersInItsShape() throws Exception {
        JsonValue.Obj created = (JsonValue.Obj) daemon.data(query(session, "createSubscription", "[50,1000,5]"));
        assertThat(created.members().keySet())
                .containsExactly(
                        "subscriptionId",
                        "revisedPublishingInterval",
                        "revisedLifetimeCount",
                        "revisedMaxKeepAliveCount");
        String id = String.valueOf(created.get("subscriptionId"));
        String items = "[" + id + ",[{'nodeId':'ns=2;s=Scalars/Int32','clientHandle':7},{'nodeId':'ns=2;s=Nowhere'}]]";

        JsonValue.Arr results = (JsonValue.Arr) daemon.data(query(session, "createMonitoredItems", items));
        JsonValue.Obj message = firstWithNotifications(id);
        JsonValue.Obj again = (JsonValue.Obj) daemon.data(query(session, "republish", "[" + id + ",1]"));

        assertThat(((JsonValue.Obj) results.elements().get(0)).members().keySet())
                .containsExactly("statusCode", "monitoredItemId", "revisedSamplingInterval", "revisedQueueSize");
        assertThat(message.members().keySet())
                .containsExactly(
                        "subscriptionId",
                        "sequenceNumber",
                        "moreNotifications",
                        "notifications",
                        "availableSequenceNumbers",
                        "epoch",
                        "dropped",
                        "gap");
        assertThat(again.members().keySet()).containsExactly("sequenceNumber", "publishTime", "notifications");
        assertThat(again.get("notifications")).isEqualTo(message.get("notifications"));
        assertThat(daemon.data(query(session, "createEventMonitoredItem", "[" + id + ",'i=2253']")))
                .isInstanceOf(JsonValue.Obj.class);
        assertThat(daemon.data(query(session, "transferSubscriptions", "[[" + id + "]]")))
                .hasToString("[{statusCode=0, availableSequenceNumbers=[1]}]");
        assertThat(daemon.data(query(session, "deleteMonitoredItems", "[" + id + ",[99999]]")))
                .hasToString("[2151809024]");
        assertThat(daemon.data(query(session, "deleteSubscription", "[" + id + "]")))
                .hasToString("0");
        assertThat(daemon.data(query(session, "deleteSubscription", "[" + id + "]")))
                .hasToString("2150105088");
    }

    /** A keep-alive may come before. */
    private JsonValue.Obj firstWithNotifications(String id) throws Exception {
        String ofOne = "[[],[" + id + "]]";
        JsonValue.Obj message = (JsonValue.Obj) daemon.data(query(session, "publish", ofOne));
        while ("[]".equals(String.valueOf(message.get("notifications")))) {
            message = (JsonValue.Obj) daemon.data(query(session, "publish", ofOne));
        }
        return message;
    }

    @Test
    void publishWithoutASubscriptionSaysSo() throws Exception {
        String empty = daemon.open("{'opcuaTimeout':19}");

        JsonValue.Obj error = daemon.error(query(empty, "publish", "[]"));

        assertThat(text(error, "type")).isEqualTo("ServiceException");
        assertThat(text(error, "message")).contains("Bad_NoSubscription (0x80790000)");
    }

    /** What rests with the server must not keep the daemon, or other requests, waiting. */
    @Test
    void otherRequestsAreAnsweredWhileManyPublish() throws Exception {
        String busy = daemon.open("{'opcuaTimeout':18}");
        daemon.data(query(busy, "createSubscription", "[120000]"));
        daemon.simulator.faults().hang(Service.PUBLISH);
        CompletableFuture<?>[] publishers = new CompletableFuture<?>[40];
        for (int i = 0; i < publishers.length; i++) {
            publishers[i] = CompletableFuture.supplyAsync(() -> unchecked(query(busy, "publish", "[[],null,3000]")));
        }

        JsonValue read = daemon.data(query(busy, "read", "['ns=2;s=Scalars/Int32']"));

        assertThat(read.toString()).contains("-32");
        CompletableFuture.allOf(publishers).get(30, TimeUnit.SECONDS);
    }

    private static JsonValue.Obj first(JsonValue results) {
        return (JsonValue.Obj) ((JsonValue.Arr) results).elements().get(0);
    }

    private JsonValue unchecked(String request) {
        try {
            return daemon.data(request);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
