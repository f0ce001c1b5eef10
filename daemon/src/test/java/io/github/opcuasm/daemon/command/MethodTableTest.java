package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.opcua.EndpointDiscovery;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.service.DiscoveryService;
import io.github.opcuasm.daemon.service.GatheredPages;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** docs/methods.md says what there is: neither more nor less. */
final class MethodTableTest {
    @Test
    void theDocumentedTableIsTheDaemonsOwn() throws IOException {
        List<String> documented = new ArrayList<>();
        for (String line : Files.readAllLines(document())) {
            String[] cells = line.split("\\|", -1);
            if (line.startsWith("| `")) {
                documented.add(String.join(
                        " ", cells[1].strip().replace("`", ""), cells[3].strip(), cells[4].strip(), cells[5].strip()));
            }
        }

        assertThat(rows()).containsExactlyInAnyOrderElementsOf(documented).hasSizeGreaterThan(49);
    }

    private static List<String> rows() {
        NioEventLoopGroup loops = new NioEventLoopGroup(1);
        try (OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1 << 20)) {
            DiscoveryService discovery = new DiscoveryService(new EndpointDiscovery(transport));
            GatheredPages gathered = new GatheredPages(1_000_000);
            MethodTable methods = CommandRouter.methods(
                    new SubscriptionRegistry(Ticker.SYSTEM, InstantSource.system()),
                    discovery,
                    new CachedAnswers(MetadataCache.none()),
                    gathered,
                    new ViewService(Ticker.SYSTEM, gathered),
                    AllowedDirectories.anywhere(),
                    Runnable::run,
                    Ticker.SYSTEM);
            return methods.names().stream().map(name -> row(methods, name)).toList();
        } finally {
            loops.shutdownGracefully().awaitUninterruptibly();
        }
    }

    private static String row(MethodTable methods, String name) {
        MethodTable.Method byInvoke = methods.forInvoke(name);
        MethodTable.Method method = Objects.requireNonNull(methods.named(name));
        return String.join(" ", name, byQuery(methods, name), yes(byInvoke != null), yes(method.changesPlant()));
    }

    private static String byQuery(MethodTable methods, String name) {
        if (methods.forQuery(name, 1) != null) {
            return "yes";
        }
        return methods.forQuery(name, 2) == null ? "no" : "protocol 2";
    }

    private static String yes(boolean holds) {
        return holds ? "yes" : "no";
    }

    private static Path document() {
        Path inModule = Path.of("..", "docs", "methods.md");
        return Files.exists(inModule) ? inModule : Path.of("docs", "methods.md");
    }
}
