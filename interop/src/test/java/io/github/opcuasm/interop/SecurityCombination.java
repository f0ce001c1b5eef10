package io.github.opcuasm.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One way to a secured server: what a session's config asks for. */
record SecurityCombination(Policy policy, Mode mode, User user) {
    private static final String POLICY_URI = "http://opcfoundation.org/UA/SecurityPolicy#";

    /** Security policies, the weakest first. */
    enum Policy {
        None,
        Basic128Rsa15,
        Basic256,
        Basic256Sha256,
        Aes128_Sha256_RsaOaep,
        Aes256_Sha256_RsaPss
    }

    /** Message security modes with their numbers. */
    enum Mode {
        None(1),
        Sign(2),
        SignAndEncrypt(3);

        private final int number;

        Mode(int number) {
            this.number = number;
        }
    }

    /** Who the session is for. */
    enum User {
        ANONYMOUS("anonymous"),
        NAME("user name"),
        CERTIFICATE("X.509");

        private final String title;

        User(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    static List<SecurityCombination> all() {
        List<SecurityCombination> all = new ArrayList<>();
        for (Policy policy : Policy.values()) {
            for (Mode mode : Mode.values()) {
                if ((policy == Policy.None) == (mode == Mode.None)) {
                    for (User user : User.values()) {
                        all.add(new SecurityCombination(policy, mode, user));
                    }
                }
            }
        }
        return all;
    }

    /** The config of a session, a JSON object. */
    String config(UserFiles files) throws IOException {
        StringBuilder json = new StringBuilder("{\"opcuaTimeout\":20,\"securityPolicy\":")
                .append(JsonLines.quoted(POLICY_URI + policy))
                .append(",\"securityMode\":")
                .append(mode.number);
        switch (user) {
            case ANONYMOUS -> {}
            case NAME ->
                json.append(",\"username\":")
                        .append(JsonLines.quoted(UserFiles.NAME))
                        .append(",\"password\":")
                        .append(JsonLines.quoted(UserFiles.PASSWORD));
            case CERTIFICATE ->
                json.append(",\"userCertPath\":")
                        .append(JsonLines.quoted(files.certificate().toString()))
                        .append(",\"userKeyPath\":")
                        .append(JsonLines.quoted(files.key().toString()));
        }
        return json.append('}').toString();
    }
}
