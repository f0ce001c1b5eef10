package io.github.opcuasm.cli;

/** What the process tells its parent. Every command's {@code --help} shows the ones that it uses. */
enum ExitCode {
    OK(0, "done"),
    FAILURE(1, "the daemon could not be started or reached, or answered with an error"),
    USAGE(2, "an option or an argument is wrong; nothing was done"),
    BAD_STATUS(3, "the server answered, but at least one status is Bad"),

    /** What shells expect of a program that Ctrl-C ended. */
    INTERRUPTED(130, "Ctrl-C or a signal ended it"),

    /** {@code watch … | head}: there is nothing wrong with it, and nobody to tell. */
    READER_GONE(0, "whoever read the output has read enough");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    String meaning() {
        return meaning;
    }
}
