package io.github.opcuasm.daemon.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The {@code access} section of the configuration: who may do what, and where connections may lead.
 *
 * @param shareHandles whether everybody may use everybody's handles
 * @param rules none = everybody who reaches the socket, and has a token if there are any, may do everything
 */
public record AccessPolicy(boolean shareHandles, AddressRules addresses, List<AccessRule> rules) {
    /** What holds without one: as the reference, but for the addresses that nobody may connect to by default. */
    public static final AccessPolicy AS_REFERENCE = new AccessPolicy(false, AddressRules.DEFAULT, List.of());

    /** @throws IllegalArgumentException if two rules have one name */
    public AccessPolicy {
        Set<String> names = new HashSet<>();
        for (AccessRule rule : rules) {
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException(
                        "rule " + rule.name() + ": got two of this name, expected names of their own");
            }
        }
        rules = List.copyOf(rules);
    }
}
