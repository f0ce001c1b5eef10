package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/embedding.md shows is what the tests beside this one run. */
final class EmbeddingDocTest {
    private static final Pattern SHOWN = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern RUN =
            Pattern.compile("^( *)// begin: \\w+\\n(.*?)^ *// end$", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void everyExampleIsRunAndEveryOneThatIsRunIsShown() throws IOException {
        List<String> run = new ArrayList<>();
        for (String source : List.of("EmbeddingExamplesTest", "SpeedTest")) {
            Matcher examples = RUN.matcher(Files.readString(
                    root().resolve("testkit/src/test/java/io/github/opcuasm/testkit/" + source + ".java")));
            while (examples.find()) {
                run.add(examples.group(2).replaceAll("(?m)^" + examples.group(1), ""));
            }
        }
        List<String> shown = new ArrayList<>();
        Matcher blocks = SHOWN.matcher(Files.readString(root().resolve("docs/embedding.md")));
        while (blocks.find()) {
            shown.add(blocks.group(1));
        }

        assertThat(shown).containsExactlyInAnyOrderElementsOf(run).hasSizeGreaterThan(3);
    }

    private static Path root() {
        return Files.exists(Path.of("docs")) ? Path.of("") : Path.of("..");
    }
}
