package io.github.opcuasm.daemon.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which addresses each server was connected at. At most {@value #MAX_ADDRESSES} for each of {@value #MAX_SERVERS} servers:
 * the server that was connected to longest ago goes first, and of one server's addresses the oldest. Thread-safe.
 */
final class ReachedAddresses {
    private static final int MAX_SERVERS = 4096;
    private static final int MAX_ADDRESSES = 16;

    private final Map<String, List<byte[]>> addresses = new LinkedHashMap<>(16, 0.75f, true);

    synchronized void note(String server, byte[] address) {
        List<byte[]> known = addresses.computeIfAbsent(server, any -> new ArrayList<>(1));
        known.removeIf(old -> Arrays.equals(old, address));
        known.add(address);
        if (known.size() > MAX_ADDRESSES) {
            known.remove(0);
        }
        if (addresses.size() > MAX_SERVERS) {
            addresses.remove(addresses.keySet().iterator().next());
        }
    }

    synchronized List<byte[]> of(String server) {
        return List.copyOf(addresses.getOrDefault(server, List.of()));
    }
}
