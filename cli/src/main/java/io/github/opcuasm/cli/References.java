package io.github.opcuasm.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What stands for a value in the config file instead of the value: {@code ${NAME}} for an environment variable and
 * {@code ${file:PATH}} for the content of a file, anywhere in a text, and {@code file:PATH} as the whole of it, where the
 * path may have variables. A second dollar sign before it makes a reference plain text. One pass: what a variable or a
 * file holds is taken as it is and never looked through again, so that nobody who sets a variable can have a file read.
 *
 * <p>Messages name the place, the variable or the file, never what they hold.
 */
final class References {
    private static final String FILE = "file:";
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Path directory;
    private final Map<String, String> environment;
    private final Consumer<String> warnings;

    /** @param directory what relative paths are relative to */
    References(Path directory, Map<String, String> environment, Consumer<String> warnings) {
        this.directory = directory;
        this.environment = environment;
        this.warnings = warnings;
    }

    /**
     * The value that a text stands for.
     *
     * @param place file, line and key, with which every message begins
     * @throws ConfigurationException for a variable that is not set, a file that cannot be read, an unended reference
     */
    String resolve(String place, String text) {
        return text.startsWith(FILE)
                ? content(place, expand(place, text.substring(FILE.length())), text.substring(FILE.length()))
                : expand(place, text);
    }

    private String expand(String place, String text) {
        var value = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
            if (at > from && text.charAt(at - 1) == '$') {
                value.append(text, from, at - 1).append("${");
                from = at + 2;
                continue;
            }
            int end = text.indexOf('}', at);
            String name = end < 0 ? "" : text.substring(at + 2, end);
            value.append(text, from, at);
            if (name.startsWith(FILE)) {
                value.append(content(place, name.substring(FILE.length()), name.substring(FILE.length())));
            } else if (NAME.matcher(name).matches()) {
                value.append(variable(place, name));
            } else {
                throw new ConfigurationException(
                        place + ": expected ${NAME} or ${file:PATH}; write $${ for the text ${ itself");
            }
            from = end + 1;
        }
        return value.append(text, from, text.length()).toString();
    }

    private String variable(String place, String name) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            throw new ConfigurationException(place + ": the environment variable " + name
                    + (value == null ? " is not set" : " is set but empty"));
        }
        return value;
    }

    private String content(String place, String path, String written) {
        try {
            Path file = directory.resolve(Path.of(path.strip())).normalize();
            return SecretFile.read(place, file, path.equals(written) ? file.toString() : written, warnings);
        } catch (InvalidPathException e) {
            throw new ConfigurationException(place + ": file: is not followed by a path");
        }
    }
}
