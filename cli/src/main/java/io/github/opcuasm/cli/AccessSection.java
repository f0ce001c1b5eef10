package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.daemon.policy.AccessRule;
import io.github.opcuasm.daemon.policy.AddressRange;
import io.github.opcuasm.daemon.policy.AddressRules;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Rates;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.policy.Subject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code access} of the config file as an {@link AccessPolicy}. What is left out has the policy's default;
 * each value is read by itself, so that a wrong one is named with its line.
 */
final class AccessSection {
    private static final List<String> KEYS = List.of("share-handles", "addresses", "rules");
    private static final List<String> RULE_KEYS = List.of("name", "who", "may", "endpoints", "nodes", "rate");
    private static final List<String> ADDRESS_KEYS = List.of("allow", "deny");
    private static final List<String> RATE_KEYS = List.of("requests", "writes", "opens");

    private AccessSection() {}

    /** @throws ConfigurationException naming file, line and key */
    static AccessPolicy read(ConfigNode section) {
        Map<String, ConfigNode> members = members(section, KEYS);
        ConfigNode shared = members.get("share-handles");
        return new AccessPolicy(
                shared == null ? AccessPolicy.AS_REFERENCE.shareHandles() : shared.flag(),
                addresses(members.get("addresses")),
                rules(members.get("rules")));
    }

    private static AddressRules addresses(@Nullable ConfigNode node) {
        if (node == null) {
            return AddressRules.DEFAULT;
        }
        Map<String, ConfigNode> members = members(node, ADDRESS_KEYS);
        return new AddressRules(
                each(members.get("allow"), AddressRange::parse, List.of()),
                each(members.get("deny"), AddressRange::parse, List.of()));
    }

    private static List<AccessRule> rules(@Nullable ConfigNode node) {
        List<AccessRule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ConfigNode element : node == null ? List.<ConfigNode>of() : node.elements()) {
            AccessRule rule = rule(element);
            if (!names.add(rule.name())) {
                throw element.refuse("got two rules named " + rule.name() + ", expected names of their own");
            }
            rules.add(rule);
        }
        return rules;
    }

    private static AccessRule rule(ConfigNode node) {
        Map<String, ConfigNode> members = members(node, RULE_KEYS);
        ConfigNode name = required(node, members, "name", "a name, which refusals show");
        ConfigNode who = required(node, members, "who", "who: user:NAME, group:NAME, token:NAME or anyone");
        ConfigNode may = required(node, members, "may", "may: read, write, call or admin");
        List<Scope> scopes = each(may, Scope::parse, List.of());
        try {
            return new AccessRule(
                    name.parse(text -> new AccessRule(text, List.of(Subject.ANYONE), Grant.ALL).name()),
                    each(who, Subject::parse, List.of()),
                    new Grant(
                            scopes.isEmpty() ? Set.of() : EnumSet.copyOf(scopes),
                            each(members.get("endpoints"), EndpointPattern::parse, List.of(EndpointPattern.ALL)),
                            each(members.get("nodes"), NodePattern::parse, List.of(NodePattern.ALL)),
                            rates(members.get("rate"))));
        } catch (IllegalArgumentException e) {
            throw node.refuse(String.valueOf(e.getMessage()));
        }
    }

    private static Rates rates(@Nullable ConfigNode node) {
        if (node == null) {
            return Rates.UNLIMITED;
        }
        Map<String, ConfigNode> members = members(node, RATE_KEYS);
        return new Rates(rate(members.get("requests")), rate(members.get("writes")), rate(members.get("opens")));
    }

    private static @Nullable RateLimit rate(@Nullable ConfigNode node) {
        return node == null ? null : node.parse(RateLimit::parse);
    }

    private static <T> List<T> each(@Nullable ConfigNode node, Function<String, T> parser, List<T> otherwise) {
        return node == null
                ? otherwise
                : node.elements().stream().map(element -> element.parse(parser)).toList();
    }

    private static ConfigNode required(ConfigNode rule, Map<String, ConfigNode> members, String name, String expected) {
        ConfigNode member = members.get(name);
        if (member == null) {
            throw rule.refuse("a rule without " + name + ", expected " + expected);
        }
        return member;
    }

    private static Map<String, ConfigNode> members(ConfigNode node, List<String> keys) {
        String names = String.join(", ", keys);
        return node.members(keys, "a mapping of " + names, "expected one of " + names);
    }
}
