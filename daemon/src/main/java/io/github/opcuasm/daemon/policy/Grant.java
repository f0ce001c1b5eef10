package io.github.opcuasm.daemon.policy;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What may be done, where, and how often.
 *
 * @param scopes at least one
 * @param endpoints on which servers; at least one pattern
 * @param nodes which nodes may be written and called; at least one pattern. Reading is not limited by them
 */
public record Grant(Set<Scope> scopes, List<EndpointPattern> endpoints, List<NodePattern> nodes, Rates rates) {
    /** Everything. */
    public static final Grant ALL = new Grant(
            EnumSet.allOf(Scope.class), List.of(EndpointPattern.ALL), List.of(NodePattern.ALL), Rates.UNLIMITED);

    public Grant {
        requireSome("scopes", scopes, "read, write, call or admin");
        requireSome("endpoints", endpoints, "at least one pattern; leave it out for all");
        requireSome("nodes", nodes, "at least one pattern; leave it out for all");
        scopes = Set.copyOf(scopes);
        endpoints = List.copyOf(endpoints);
        nodes = List.copyOf(nodes);
    }

    /**
     * Reads one; what is left out (the patterns, the rates) is given as {@link #everywhere()} and an empty map.
     *
     * @throws IllegalArgumentException that names the field, what came and what is taken
     */
    public static Grant of(List<String> scopes, List<String> endpoints, List<String> nodes, Map<String, String> rate) {
        Set<Scope> parsed = EnumSet.noneOf(Scope.class);
        scopes.forEach(scope -> parsed.add(Scope.parse(scope)));
        return new Grant(
                parsed,
                endpoints.stream().map(EndpointPattern::parse).toList(),
                nodes.stream().map(NodePattern::parse).toList(),
                Rates.of(rate));
    }

    /** The patterns of who names none: {@code *}. */
    public static List<String> everywhere() {
        return List.of("*");
    }

    private static void requireSome(String field, Collection<?> values, String expected) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(field + ": got none, expected " + expected);
        }
    }
}
