package io.github.opcuasm.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BrowsePathTextTest {
    private static final NodeId START = NodeId.numeric(0, 84);

    // Part 4, A.2: "&" takes the meaning from the reserved character after it.
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/Objects 0:Objects",
                "Objects 0:Objects",
                "Objects/ 0:Objects",
                "/Objects/2:Folder/2:Var 0:Objects|2:Folder|2:Var",
                "65535:a 65535:a",
                "2:a:b 2:a:b",
                "2&:x 0:2:x",
                "urn:x 0:urn:x",
                "a&/b/c 0:a/b|0:c",
                "a&&/b 0:a&|0:b",
                "a&.b&<c&>d&:e&#f&! 0:a.b<c>d:e#f!",
                "a.b/<c> 0:a.b|0:<c>",
                "R&D 0:R&D",
                "a& 0:a&",
                "2:&2 2:&2",
                "2:5 2:5",
                "5 0:5",
            })
    void stepsAreNamesWithAnIndex(String path, String names) {
        BrowsePath parsed = BrowsePathText.parse(path).from(START);

        List<QualifiedName> expected = Arrays.stream(names.split("\\|"))
                .map(name -> new QualifiedName(
                        Integer.parseInt(name.substring(0, name.indexOf(':'))), name.substring(name.indexOf(':') + 1)))
                .toList();
        assertThat(parsed.startingNodeId()).isEqualTo(START);
        assertThat(parsed.elements().stream().map(BrowsePath.Element::targetName))
                .containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//", "/a//b", "a//", "//a", "2:", "/a/2:/b", "65536:a", "99999999999999:a"})
    void malformedPathIsNoNode(String path) {
        CommandException failure = catchThrowableOfType(CommandException.class, () -> BrowsePathText.parse(path));

        assertThat(failure.type()).isEqualTo(ErrorType.INVALID_NODE_ID);
        assertThat(failure.messageText()).startsWith("path: got \"" + path + "\" with ");
    }

    @Test
    void longPathIsCutInMessages() {
        CommandException failure =
                catchThrowableOfType(CommandException.class, () -> BrowsePathText.parse("a".repeat(60_000) + "//"));

        assertThat(failure.messageText()).hasSizeLessThan(500);
    }
}
