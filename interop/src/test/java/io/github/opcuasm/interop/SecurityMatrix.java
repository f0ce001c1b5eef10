package io.github.opcuasm.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The page that says which combinations of security were run. */
final class SecurityMatrix {
    static final String RUN = "yes";
    static final String NOT_OFFERED = "not offered";

    private static final List<String> HEAD = List.of(
            "# Security matrix",
            "",
            "What `SecurityMatrixIT` runs through one daemon, against the simulator (Milo 1.1.2) and node-opcua 2.182.2. *yes*: a",
            "session of this policy, mode and user opens, writes, reads, renews its channel without being activated again,",
            "and after a restart of the server works again under the same id. The test compares this page with what it ran.",
            "",
            "Basic256 and Basic128Rsa15 need `--allow-deprecated-policies`. On the endpoint without security, passwords are",
            "encrypted and user certificates prove themselves by a policy of the token's own. node-opcua cannot offer",
            "Basic128Rsa15: Node.js refuses to decrypt with RSA PKCS#1 v1.5 (CVE-2023-46809).",
            "",
            "| policy | mode | user | simulator | node-opcua |",
            "|---|---|---|---|---|");

    private SecurityMatrix() {}

    static List<String> lines(Map<SecurityCombination, String> simulator, Map<SecurityCombination, String> node) {
        List<String> lines = new ArrayList<>(HEAD);
        for (SecurityCombination each : SecurityCombination.all()) {
            lines.add("| " + each.policy() + " | " + each.mode() + " | "
                    + each.user().title() + " | " + simulator.get(each) + " | " + node.get(each) + " |");
        }
        return lines;
    }
}
