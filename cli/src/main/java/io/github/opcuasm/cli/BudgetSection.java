package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.protocol.CommandException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The section {@code budget} of the config file: how many sessions servers give us at most, a server a line. */
final class BudgetSection {
    private static final String SERVER = "a server without a path, such as opc.tcp://plc1: 2 or opc.tcp://plc1:4840: 2";

    private BudgetSection() {}

    /**
     * The sessions by {@code host:port}, however the server was written.
     *
     * @throws ConfigurationException naming file, line and key
     */
    static Map<String, Integer> read(ConfigNode section) {
        Map<String, Integer> budgets = new LinkedHashMap<>();
        for (ConfigNode.Entry entry : section.entries("a mapping of servers, such as opc.tcp://plc1: 2")) {
            String server = server(entry);
            int sessions = entry.value().parse(BudgetSection::sessions);
            if (budgets.put(server, sessions) != null) {
                throw entry.refuse("a second budget of " + server + ", expected one for each server");
            }
        }
        return budgets;
    }

    private static String server(ConfigNode.Entry entry) {
        String text = entry.key();
        try {
            EndpointUrl url = EndpointUrl.parse(text);
            if (text.indexOf('/', text.indexOf("://") + 3) < 0) {
                return url.server();
            }
            throw entry.refuse("got a path, expected " + SERVER);
        } catch (CommandException e) {
            throw entry.refuse(
                    text.indexOf('@') < 0
                            ? "got no endpoint URL, expected " + SERVER
                            : "got a URL with user info, expected a server without it, such as opc.tcp://plc1: 2");
        }
    }

    private static Integer sessions(String text) {
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException("got " + text + ", expected a whole number from 1 to 999999");
        }
        return Integer.valueOf(text);
    }
}
