package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.util.Namespaces;
import org.junit.jupiter.api.Test;

/** A namespace index in a node id means what the server means by it, however odd its NamespaceArray is. */
final class ServerInfoTest {
    @Test
    void everyUriKeepsTheServersIndex() {
        NamespaceTable namespaces = ServerInfo.of(
                        List.of("urn:not-canonical", "urn:a", "", "urn:a", "urn:b", Namespaces.OPC_UA, "", "urn:c"),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null)
                .namespaces();

        assertThat(namespaces.get(0)).isEqualTo(Namespaces.OPC_UA);
        assertThat(namespaces.get(1)).isEqualTo("urn:a");
        assertThat(namespaces.get(4)).isEqualTo("urn:b");
        assertThat(namespaces.get(7)).isEqualTo("urn:c");
        assertThat(namespaces.get(2)).isNull();
        assertThat(namespaces.get(3)).isNull();
        assertThat(namespaces.get(5)).isNull();
        assertThat(namespaces.get(6)).isNull();
        assertThat(namespaces.getIndex("urn:a")).hasToString("1");
        assertThat(namespaces.getIndex("urn:c")).hasToString("7");
        assertThat(namespaces.getIndex("urn:not-canonical")).isNull();
    }

    @Test
    void serverWithoutNamespacesHasTheStandardOne() {
        NamespaceTable namespaces =
                ServerInfo.of(List.of(), null, null, null, null, null, null).namespaces();

        assertThat(namespaces.get(0)).isEqualTo(Namespaces.OPC_UA);
        assertThat(namespaces.get(1)).isNull();
    }

    // Part 5, 6.3.11: 0 means that the server has no limit.
    @Test
    void limitOfZeroIsNone() {
        ServerInfo info = ServerInfo.of(List.of(), null, 0L, 5L, null, 7L, 3L);

        assertThat(info.maxNodesPerRead()).isNull();
        assertThat(info.maxNodesPerWrite()).isEqualTo(5);
        assertThat(info.maxNodesPerBrowse()).isNull();
        assertThat(info.maxNodesPerTranslateBrowsePaths()).isEqualTo(7);
        assertThat(info.maxNodesPerNodeManagement()).isEqualTo(3);
    }

    @Test
    void eachSessionHasAnInfoOfItsOwn() {
        ServerInfo info = ServerInfo.of(List.of("urn:a"), null, 1L, 1L, 1L, 1L, 1L);
        ServerInfo alike = ServerInfo.of(List.of("urn:a"), null, 1L, 1L, 1L, 1L, 1L);

        assertThat(info.isOfSameSession(info)).isTrue();
        assertThat(info.isOfSameSession(alike)).isFalse();
    }

    // Part 5, 6.3.1: a server may add namespaces while there are sessions, and nothing else.
    @Test
    void addedNamespacesAreTakenInAndKnownOnesStay() {
        ServerInfo before = ServerInfo.of(List.of("0", "urn:a", "", "urn:c"), null, 1L, 2L, 3L, 4L, 5L);

        ServerInfo after =
                before.withNamespacesAdded(List.of("0", "urn:other", "urn:b", "urn:a", "urn:d", "urn:d", ""));

        assertThat(after.isOfSameSession(before)).isTrue();
        assertThat(after.namespaces().get(1)).isEqualTo("urn:a");
        assertThat(after.namespaces().get(2)).isEqualTo("urn:b");
        assertThat(after.namespaces().get(3)).isEqualTo("urn:c");
        assertThat(after.namespaces().get(4)).isEqualTo("urn:d");
        assertThat(after.namespaces().get(5)).isNull();
        assertThat(after.maxNodesPerBrowse()).isEqualTo(3);
        assertThat(before.namespaces().get(2)).isNull();
    }

    @Test
    void withoutAddedNamespacesTheInfoStaysTheSame() {
        ServerInfo before = ServerInfo.of(List.of("0", "urn:a"), null, 1L, 2L, 3L, 4L, 5L);

        assertThat(before.withNamespacesAdded(List.of("0", "urn:a", ""))).isSameAs(before);
        assertThat(before.withNamespacesAdded(List.of())).isSameAs(before);
    }
}
