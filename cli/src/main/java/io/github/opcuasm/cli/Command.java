package io.github.opcuasm.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One subcommand: declares what it takes, then does its work with what was given. */
interface Command {
    /** Adds options, positional parameters and the text of the help to a new specification. */
    void declare(CommandSpec spec);

    /**
     * Does the work. Failures are thrown: {@link Main} turns them into messages and exit codes, in one place.
     *
     * @throws UsageException for what the parser cannot know to be wrong
     */
    ExitCode run(ParseResult given, Console console) throws Exception;
}
