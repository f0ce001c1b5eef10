package io.github.opcuasm.daemon.policy;

import java.util.List;

/**
 * Which addresses may be connected to, over and above what nobody may by default. Of all ranges around an address the most
 * specific one decides; of two equal ones {@code deny}, and the policy's before the default's.
 */
public record AddressRules(List<AddressRange> allow, List<AddressRange> deny) {
    /** Nothing but the defaults. */
    public static final AddressRules DEFAULT = new AddressRules(List.of(), List.of());

    public AddressRules {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /**
     * Reads ranges like {@code 10.0.0.0/8}.
     *
     * @throws IllegalArgumentException that names the field, what came and what is taken
     */
    public static AddressRules of(List<String> allow, List<String> deny) {
        return new AddressRules(
                allow.stream()
                        .map(text -> AddressRange.parse("addresses.allow", text))
                        .toList(),
                deny.stream()
                        .map(text -> AddressRange.parse("addresses.deny", text))
                        .toList());
    }
}
