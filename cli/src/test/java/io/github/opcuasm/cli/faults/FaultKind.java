package io.github.opcuasm.cli.faults;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.link.Direction;
import io.github.opcuasm.simulator.link.Ending;
import io.github.opcuasm.simulator.link.FaultyLink;
import io.github.opcuasm.simulator.link.MessageType;
import io.github.opcuasm.simulator.link.Passage;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.eclipse.milo.opcua.stack.core.StatusCodes;

/** What can happen to a server, and on the way to it, while it is written to. */
record FaultKind(String name, Happening happening) {
    private static final List<FaultKind> ALL = List.of(
            new FaultKind("reset", (server, link, random) -> link.breakAll(Ending.RESET)),
            new FaultKind("close", (server, link, random) -> link.breakAll(Ending.CLOSE)),
            new FaultKind("silence", (server, link, random) -> link.breakAll(Ending.SILENCE)),
            new FaultKind("cut at a chunk", (server, link, random) -> link.breakAt(passage(random), ending(random))),
            new FaultKind(
                    "cut at a byte",
                    (server, link, random) ->
                            link.truncate(direction(random), 1 + random.nextInt(2_000), ending(random))),
            new FaultKind("cut in the handshake", (server, link, random) -> {
                link.breakAt(handshakePassage(random), ending(random));
                link.breakAll(Ending.RESET);
            }),
            new FaultKind("hold", (server, link, random) -> link.hold(direction(random))),
            new FaultKind("swallow", (server, link, random) -> link.swallow(direction(random))),
            new FaultKind(
                    "delay",
                    (server, link, random) ->
                            link.delay(direction(random), Duration.ofMillis(1 + random.nextInt(300)))),
            new FaultKind(
                    "throttle",
                    (server, link, random) -> link.throttle(direction(random), 2_000 + random.nextInt(20_000))),
            new FaultKind("refuse", (server, link, random) -> {
                link.refuse();
                link.breakAll(Ending.RESET);
            }),
            new FaultKind("leave unserved", (server, link, random) -> {
                link.leaveUnserved();
                link.breakAll(Ending.RESET);
            }),
            new FaultKind(
                    "server drops connections",
                    (server, link, random) -> server.faults().dropConnections()),
            new FaultKind(
                    "server freezes", (server, link, random) -> server.faults().freeze()),
            new FaultKind("server restarts", (server, link, random) -> server.stop()),
            new FaultKind(
                    "sessions forgotten",
                    (server, link, random) -> server.faults().forgetSessions()),
            new FaultKind(
                    "sessions closed", (server, link, random) -> server.faults().closeSessions()),
            new FaultKind(
                    "sessions replaced",
                    (server, link, random) -> server.faults().replaceSessions()),
            new FaultKind("activation refused", (server, link, random) -> {
                server.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_ResourceUnavailable);
                link.breakAll(Ending.RESET);
            }),
            new FaultKind(
                    "write refused",
                    (server, link, random) -> server.faults().fail(Service.WRITE, StatusCodes.Bad_OutOfMemory)),
            new FaultKind(
                    "write hangs", (server, link, random) -> server.faults().hang(Service.WRITE)),
            new FaultKind("write hangs and reset", (server, link, random) -> {
                Fault unused = server.faults().hang(Service.WRITE);
                link.breakAll(Ending.RESET);
            }),
            new FaultKind(
                    "write slow",
                    (server, link, random) ->
                            server.faults().delay(Service.WRITE, Duration.ofMillis(random.nextInt(300)))),
            new FaultKind(
                    "write answers withheld",
                    (server, link, random) -> server.faults().withholdAnswers(Service.WRITE)));

    static FaultKind random(Random random) {
        return any(ALL, random);
    }

    interface Happening {
        void strike(Simulator server, FaultyLink link, Random random);
    }

    void strike(Simulator server, FaultyLink link, Random random) {
        happening.strike(server, link, random);
    }

    /** Undoes every fault there may be. */
    static void heal(Simulator server, FaultyLink link) {
        server.faults().clear();
        server.start();
        link.heal();
    }

    private static Direction direction(Random random) {
        return random.nextBoolean() ? Direction.TO_SERVER : Direction.TO_CLIENT;
    }

    private static Ending ending(Random random) {
        return any(List.of(Ending.values()), random);
    }

    private static Passage passage(Random random) {
        return new Passage(direction(random), MessageType.MSG, 1 + random.nextInt(10), moment(random));
    }

    private static Passage handshakePassage(Random random) {
        MessageType type = random.nextBoolean() ? MessageType.OPN : MessageType.MSG;
        return new Passage(
                direction(random), type, type == MessageType.OPN ? 1 : 1 + random.nextInt(3), moment(random));
    }

    private static Passage.Moment moment(Random random) {
        return any(List.of(Passage.Moment.values()), random);
    }

    private static <T> T any(List<T> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
