package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** A process of another user, which talks to a daemon on a Unix socket. Only root can start one. */
final class OtherUser {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final String CLIENT = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(30)
            s.connect(sys.argv[1])
            s.sendall(sys.argv[2].encode() + b"\\n")
            while True:
                part = s.recv(65536)
                if not part:
                    break
                sys.stdout.buffer.write(part)
            """;

    private final String user;
    private final String group;

    OtherUser(String user, String group) {
        this.user = user;
        this.group = group;
    }

    /** Skips the test where it cannot be had. */
    static void assumePossible() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can be somebody else");
        assumeTrue(Files.isExecutable(SETPRIV) && Files.isExecutable(PYTHON), "setpriv and python3 are needed");
    }

    /** A directory that everybody may enter. */
    static Path openDirectory() throws Exception {
        return Files.createTempDirectory(
                Path.of("/tmp"),
                "opcuasm-users",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    JsonValue.Obj ask(IpcEndpoint endpoint, String request) throws Exception {
        Process process = new ProcessBuilder(
                        SETPRIV.toString(),
                        "--reuid=" + user,
                        "--regid=" + group,
                        "--clear-groups",
                        PYTHON.toString(),
                        "-c",
                        CLIENT,
                        ((IpcEndpoint.Unix) endpoint).path().toString(),
                        request.replace('\'', '"'))
                .redirectErrorStream(true)
                .start();
        try {
            byte[] answer = process.getInputStream().readAllBytes();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(new String(answer, StandardCharsets.UTF_8))
                    .isZero();
            return (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
        } finally {
            process.destroyForcibly();
        }
    }
}
