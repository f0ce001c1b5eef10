package io.github.opcuasm.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * What {@code --config FILE} says: options, by their long names, each a scalar or a list of scalars, and the sections that
 * no option stands for. Only the node tree is composed and nothing is constructed from it: no tag can make an object,
 * every scalar keeps the text it was written with ({@code 0600} stays octal), and every key knows its line.
 *
 * @param access who may do what; null if there is no such section
 * @param budgets sessions that servers give us at most, by {@code host:port}
 * @param connections servers by name
 */
record ConfigFile(
        Map<DaemonOption, Setting> settings,
        @Nullable ConfigNode access,
        Map<String, Integer> budgets,
        List<ConnectionsSection.Configured> connections) {
    static final ConfigFile NONE = new ConfigFile(Map.of(), null, Map.of(), List.of());

    private static final String ACCESS = "access";
    private static final String BUDGET = "budget";
    private static final String CONNECTIONS = "connections";
    private static final String AUTO_CONNECT = "auto-connect";
    private static final int MAX_BYTES = 1024 * 1024;

    /**
     * Reads a file.
     *
     * @param warnings about files of secrets that others can read
     * @throws ConfigurationException naming file, line and key
     */
    static ConfigFile read(Path file, Map<String, String> environment, Consumer<String> warnings) {
        Node root = compose(file);
        if (root == null) {
            return NONE;
        }
        Path directory = file.toAbsolutePath().getParent();
        var references = new References(directory == null ? Path.of("/") : directory, environment, warnings);
        var whole = new ConfigNode(new ConfigNode.Source(file, references), root, "");
        Map<String, ConfigNode> members =
                whole.members(keys(), "options, one a line, such as max-sessions: 50", "--help lists the options");
        Map<DaemonOption, Setting> settings = new EnumMap<>(DaemonOption.class);
        for (DaemonOption option : DaemonOption.values()) {
            ConfigNode node = members.get(option.longName());
            if (node != null) {
                settings.put(option, setting(option, node, file));
            }
        }
        ConfigNode budget = members.get(BUDGET);
        return new ConfigFile(
                settings,
                members.get(ACCESS),
                budget == null || budget.isNull() ? Map.of() : BudgetSection.read(budget),
                ConnectionsSection.read(members.get(CONNECTIONS), members.get(AUTO_CONNECT)));
    }

    private static Setting setting(DaemonOption option, ConfigNode node, Path file) {
        boolean many = option.shape() == DaemonOption.Shape.MANY;
        List<String> values = many ? node.texts() : List.of(node.text());
        List<String> written = (many ? node.elements() : List.of(node))
                .stream().map(ConfigNode::written).toList();
        return new Setting(option, values, new Setting.Origin.ConfigFile(file.toString(), node.line()), written);
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (DaemonOption option : DaemonOption.values()) {
            keys.add(option.longName());
        }
        keys.addAll(List.of(ACCESS, BUDGET, CONNECTIONS, AUTO_CONNECT));
        return keys;
    }

    private static @Nullable Node compose(Path file) {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setMaxAliasesForCollections(0);
        try {
            return new Yaml(options).compose(new StringReader(ReferenceMarks.add(text(file))));
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("--config: there is no file " + file);
        } catch (CharacterCodingException e) {
            throw new ConfigurationException("--config: " + file + " is not UTF-8");
        } catch (IOException e) {
            throw new ConfigurationException("--config: cannot read " + file + ": " + reason(e));
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            String place = mark == null ? file + ": " : file + ":" + (mark.getLine() + 1) + ": ";
            throw new ConfigurationException(place + "not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new ConfigurationException(file + ": not valid YAML: " + reason(e));
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ConfigurationException("--config: " + file + " has more than 1 MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
