package io.github.opcuasm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The process's surroundings, given to the commands instead of being looked up: standard streams (always UTF-8, whatever
 * the locale: JSON knows nothing else) and environment.
 */
record Console(PrintWriter out, PrintWriter err, Map<String, String> environment) {

    static final String PROGRAM = "opcua-session-manager";

    static Console system() {
        return new Console(writer(FileDescriptor.out), writer(FileDescriptor.err), System.getenv());
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), false);
    }

    /** One line on standard error, under the program's name. */
    void complain(String message) {
        err.println(PROGRAM + ": " + message.replaceAll("\\R\\s*", " "));
        err.flush();
    }

    /** Writes out what was printed; false if standard output is gone or full. */
    boolean flush() {
        err.flush();
        return !out.checkError();
    }
}
