package io.github.opcuasm.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process's surroundings, given to the commands instead of being looked up: standard streams (always UTF-8, whatever
 * the locale: JSON knows nothing else), environment, and the terminal, if there is one.
 */
record Console(PrintWriter out, PrintWriter err, InputStream in, Map<String, String> environment, Prompt prompt) {

    /** One without anything on standard input. */
    Console(PrintWriter out, PrintWriter err, Map<String, String> environment, Prompt prompt) {
        this(out, err, InputStream.nullInputStream(), environment, prompt);
    }

    /** Asks whoever sits at the terminal. */
    @FunctionalInterface
    interface Prompt {
        /** What was typed, without an echo; null if there is no terminal, or if it was ended instead. */
        @Nullable
        String secret(String question);
    }

    static final String PROGRAM = "opcua-session-manager";

    static Console system() {
        return new Console(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                new FileInputStream(FileDescriptor.in),
                System.getenv(),
                Console::terminal);
    }

    private static @Nullable String terminal(String question) {
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .map(terminal -> terminal.readPassword("%s", question))
                .map(String::new)
                .orElse(null);
    }

    /** Whether standard output, and input, are a terminal. */
    static boolean isOnTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /** From Java 22 on there is a console without a terminal too, which tells (Java 17 cannot be asked). */
    private static boolean isTerminal(java.io.Console console) {
        try {
            return Boolean.TRUE.equals(
                    java.io.Console.class.getMethod("isTerminal").invoke(console));
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new StandardStream(descriptor);
    }

    /** A PrintWriter tells that it failed, and this one why. */
    private static final class StandardStream extends PrintWriter {
        private final FailureKeeper bytes;

        StandardStream(FileDescriptor descriptor) {
            this(new FailureKeeper(new FileOutputStream(descriptor)));
        }

        private StandardStream(FailureKeeper bytes) {
            super(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), false);
            this.bytes = bytes;
        }
    }

    private static final class FailureKeeper extends OutputStream {
        private final OutputStream sink;
        private volatile @Nullable IOException failure;

        FailureKeeper(OutputStream sink) {
            this.sink = sink;
        }

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                sink.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    /** Why standard output could not be written, as the system says it. */
    String writeFailure() {
        IOException failure = out instanceof StandardStream stream ? stream.bytes.failure : null;
        return failure == null || failure.getMessage() == null ? "cannot be written" : failure.getMessage();
    }

    /** Standard output for bytes that are no text; whatever is printed beside them would be among them. */
    OutputStream bytes() {
        out.flush();
        return out instanceof StandardStream stream ? stream.bytes : new AsText(out);
    }

    /** Where there is a writer and no standard output: what is written are whole texts in UTF-8. */
    private static final class AsText extends OutputStream {
        private final PrintWriter out;

        AsText(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void write(int oneByte) {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            out.print(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }
    }

    /** One line on standard error, under the program's name; what servers say in it gives a terminal no commands. */
    void complain(String message) {
        err.println(PROGRAM + ": " + CellText.line(message.replaceAll("\\R\\s*", " ")));
        err.flush();
    }

    /** Writes out what was printed; false if standard output is gone or full. */
    boolean flush() {
        err.flush();
        return !out.checkError();
    }
}
