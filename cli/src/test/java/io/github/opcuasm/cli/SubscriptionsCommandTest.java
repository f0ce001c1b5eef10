package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubscriptionsCommandTest {
    private static final String LISTED = "{\"count\":2,\"sessions\":[{\"id\":\"aa\",\"subscriptions\":["
            + "{\"subscriptionId\":7,\"state\":\"Live\",\"epoch\":1,\"items\":3,\"lastMessage\":null,\"lastSeen\":1.5,"
            + "\"waiting\":4,\"unacknowledged\":2,\"dropped\":9}]},{\"id\":\"bb\",\"subscriptions\":[]}]}";

    private final CommandRun run = new CommandRun();

    @Test
    void eachSubscriptionIsARow() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding(LISTED)) {

            int code = run.run("subscriptions", "--socket", daemon.uri());

            assertThat(code).isZero();
            assertThat(run.stdout().lines())
                    .hasSize(2)
                    .anyMatch(line -> line.matches("aa +7 +Live +1 +3 +[0-9]+ s +- +4 +2 +9"));
        }
    }

    @Test
    void jsonHasWhatTheDaemonSaysAndTheSession() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding(LISTED)) {

            int code = run.run("subscriptions", "--json", "--socket", daemon.uri());

            assertThat(code).isZero();
            assertThat(run.stdout())
                    .contains("\"count\":1", "{\"sessionId\":\"aa\",\"subscriptionId\":7,\"state\":\"Live\"");
        }
    }

    @Test
    void withoutAnyThatIsSaid() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding("{\"count\":0,\"sessions\":[]}")) {

            int code = run.run("subscriptions", "--socket", daemon.uri());

            assertThat(code).isZero();
            assertThat(run.stdout()).isEqualTo("No session has a subscription.\n");
        }
    }
}
