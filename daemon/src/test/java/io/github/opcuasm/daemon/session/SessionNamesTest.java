package io.github.opcuasm.daemon.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SessionNamesTest {
    @Test
    void nameTellsHostProcessAndHandle() {
        String name = new SessionNames().of("0123456789abcdef0123456789abcdef");

        assertThat(name)
                .matches("opcua-session-manager [A-Za-z0-9._-]{1,63} [0-9]+ 01234567")
                .contains(" " + ProcessHandle.current().pid() + " ");
    }
}
