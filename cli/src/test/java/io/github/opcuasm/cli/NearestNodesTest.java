package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A suggestion is read before something is deleted or written over: none is better than a wrong one. */
class NearestNodesTest {
    @Test
    void whereItIsDoesNotMakeANameNear() {
        List<String> files =
                List.of("ns=2;s=Files/big.bin", "ns=2;s=Files/locked.txt", "ns=2;s=Files/logs", "ns=2;s=Types");

        assertThat(NearestNodes.nearest("ns=2;s=Files/nix.txt", files)).isEmpty();
        assertThat(NearestNodes.nearest("ns=2;s=Files/nope", files)).isEmpty();
        assertThat(NearestNodes.nearest("ns=2;s=Nope", files)).isEmpty();
    }

    @Test
    void aSlipIsFound() {
        List<String> nodes = List.of("ns=2;s=Scalars/Int32", "ns=2;s=Scalars/Double", "ns=2;s=Files/logs");

        assertThat(NearestNodes.nearest("ns=2;s=Scalars/Doubel", nodes)).contains("ns=2;s=Scalars/Double");
        assertThat(NearestNodes.nearest("ns=2;s=Files/log", nodes)).contains("ns=2;s=Files/logs");
        assertThat(NearestNodes.nearest("ns=2;s=Scalrs/Double", nodes)).contains("ns=2;s=Scalars/Double");
    }
}
