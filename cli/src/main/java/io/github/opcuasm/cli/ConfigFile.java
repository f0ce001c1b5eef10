package io.github.opcuasm.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads {@code --config FILE}: one mapping from options, by their long names, to a scalar or a list of scalars. Only the
 * node tree is composed and nothing is constructed from it: no tag can make an object, every scalar keeps the text it
 * was written with ({@code 0600} stays octal), and every key knows its line.
 */
final class ConfigFile {
    private static final int MAX_CHARACTERS = 1024 * 1024;

    private ConfigFile() {}

    /**
     * Reads the settings of a file.
     *
     * @throws ConfigurationException naming file, line and key
     */
    static Map<DaemonOption, Setting> read(Path file) {
        Map<DaemonOption, Setting> settings = new EnumMap<>(DaemonOption.class);
        Node root = compose(file);
        if (root == null) {
            return settings;
        }
        if (!(root instanceof MappingNode mapping)) {
            throw error(file, root, "expected options, one a line, such as max-sessions: 50");
        }
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw error(file, entry.getKeyNode(), "expected the name of an option");
            }
            DaemonOption option = option(file, key);
            int line = key.getStartMark().getLine() + 1;
            var setting = new Setting(
                    option,
                    values(file, key.getValue(), option, entry.getValueNode()),
                    new Setting.Origin.ConfigFile(file.toString(), line));
            if (settings.put(option, setting) != null) {
                throw error(file, key, key.getValue() + ": given twice");
            }
        }
        return settings;
    }

    private static @Nullable Node compose(Path file) {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setMaxAliasesForCollections(0);
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return new Yaml(options).compose(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("--config: there is no file " + file);
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

    private static DaemonOption option(Path file, ScalarNode key) {
        String name = kebab(key.getValue());
        for (DaemonOption option : DaemonOption.values()) {
            if (option.longName().equals(name)) {
                return option;
            }
        }
        List<String> valid =
                Stream.of(DaemonOption.values()).map(DaemonOption::longName).toList();
        throw error(
                file, key, "unknown key " + key.getValue() + NearestName.hint(name, valid, "--help lists the options"));
    }

    /** {@code maxSessions}, {@code max_sessions} and {@code max-sessions} are one. */
    private static String kebab(String key) {
        return key.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
    }

    private static List<String> values(Path file, String key, DaemonOption option, Node node) {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isEmpty()) {
            return List.of(scalar.getValue());
        }
        if (node instanceof SequenceNode sequence && option.shape() == DaemonOption.Shape.MANY) {
            List<String> values = new ArrayList<>();
            for (Node element : sequence.getValue()) {
                if (!(element instanceof ScalarNode scalar) || scalar.getValue().isEmpty()) {
                    throw error(file, element, key + ": expected a list of texts");
                }
                values.add(scalar.getValue());
            }
            if (!values.isEmpty()) {
                return List.copyOf(values);
            }
        }
        String expected = option.shape() == DaemonOption.Shape.MANY ? "a value or a list of them" : "one value";
        throw error(file, node, key + ": expected " + expected);
    }

    private static ConfigurationException error(Path file, Node node, String message) {
        return new ConfigurationException(file + ":" + (node.getStartMark().getLine() + 1) + ": " + message);
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
