package io.github.opcuasm.daemon.policy;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Who may do what.
 *
 * @param name what refusals and explanations call it: letters, digits, {@code . _ -}
 * @param who at least one; the rule is for whoever is any of them
 */
public record AccessRule(String name, List<Subject> who, Grant grant) {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]{1,64}");

    public AccessRule {
        if (!NAME.matcher(name).matches()) {
            throw Wrong.value("name of a rule", name, "1 to 64 letters, digits, dots, dashes and underscores");
        }
        if (who.isEmpty()) {
            throw new IllegalArgumentException(
                    "rule " + name + ": who: got none, expected user:NAME, group:NAME, token:NAME or anyone");
        }
        who = List.copyOf(who);
    }

    /**
     * Reads one; what is left out of a file is given as {@link Grant#everywhere()} and an empty map.
     *
     * @throws IllegalArgumentException that names the rule, the field, what came and what is taken
     */
    public static AccessRule of(
            String name,
            List<String> who,
            List<String> scopes,
            List<String> endpoints,
            List<String> nodes,
            Map<String, String> rate) {
        try {
            return new AccessRule(
                    name, who.stream().map(Subject::parse).toList(), Grant.of(scopes, endpoints, nodes, rate));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            boolean named = message.startsWith("rule ") || message.startsWith("name of a rule");
            throw named ? e : new IllegalArgumentException("rule " + name + ": " + message, e);
        }
    }
}
