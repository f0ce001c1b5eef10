package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Builds picocli's specifications in code, which costs a start less than annotations do, and reads by them. */
final class Syntax {
    /**
     * Picocli's own factory looks for Groovy when it is loaded, in every jar of the class path, for closures in annotations.
     * We have neither, and need of a factory only what the values of repeatable options are kept in.
     */
    private static final CommandLine.IFactory LISTS = new CommandLine.IFactory() {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type.isInterface()
                    ? type.cast(new ArrayList<>())
                    : type.getDeclaredConstructor().newInstance();
        }
    };

    private static final Pattern NEGATIVE = Pattern.compile("-(?:[0-9]|\\.[0-9]|(?i:inf)).*");

    /** Of Unicode's private use: nobody types it. */
    private static final String MARK = "\uE002";

    /** Of {@code --help}, in columns. */
    private static final int WIDEST = 110;

    private static final int NARROWEST = 55;

    private Syntax() {}

    /** A specification with nothing but this name. */
    static CommandSpec specification(String name) {
        return CommandSpec.wrapWithoutInspection(null, LISTS).name(name);
    }

    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    static OptionSpec value(String label, String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .type(String.class)
                .converters(new Unmarking())
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static OptionSpec values(String label, String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .type(List.class)
                .auxiliaryTypes(String.class)
                .converters(new Unmarking())
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec argument(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .type(String.class)
                .converters(new Unmarking())
                .arity("1")
                .required(true)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec optionalArgument(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .type(String.class)
                .converters(new Unmarking())
                .arity("0..1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** One or more, from this index on. */
    static PositionalParamSpec arguments(int firstIndex, String label, String description) {
        return PositionalParamSpec.builder()
                .index(firstIndex + "..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .converters(new Unmarking())
                .arity("1..*")
                .required(true)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** None, one or more, from this index on. */
    static PositionalParamSpec optionalArguments(int firstIndex, String label, String description) {
        return PositionalParamSpec.builder()
                .index(firstIndex + "..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .converters(new Unmarking())
                .arity("0..*")
                .paramLabel(label)
                .description(description)
                .build();
    }

    /**
     * The arguments with negative numbers marked, for the parser to take them for values and not for options; what it
     * reads comes without the mark.
     */
    static String[] marked(String... args) {
        String[] marked = args.clone();
        for (int i = 0; i < marked.length; i++) {
            if (NEGATIVE.matcher(marked[i]).matches()) {
                marked[i] = MARK + marked[i];
            }
        }
        return marked;
    }

    private static String unmarked(String text) {
        return text.startsWith(MARK) ? text.substring(MARK.length()) : text;
    }

    private static String[] rest(String... names) {
        return List.of(names).subList(1, names.length).toArray(new String[0]);
    }

    /** The parser of a specification, with what all commands share: {@code --help}, plain text, no expansion of files. */
    static CommandLine parser(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("show this and end")
                .build());
        spec.usageMessage().sortOptions(false).abbreviateSynopsis(true).width(WIDEST);
        var line = new CommandLine(spec, LISTS);
        line.setExpandAtFiles(false);
        line.setInterpolateVariables(false);
        line.setAllowOptionsAsOptionParameters(false);
        return line;
    }

    /** What {@code --help} prints, within so many columns: picocli's own text is never narrower than {@value #NARROWEST}. */
    static String help(CommandLine parser, int columns) {
        parser.setUsageHelpWidth(Math.max(NARROWEST, Math.min(WIDEST, columns)));
        var text = new StringBuilder();
        parser.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().forEach(line -> {
            String rest = line;
            while (rest.length() > columns) {
                int indent = 0;
                while (indent < rest.length() && rest.charAt(indent) == ' ') {
                    indent++;
                }
                int blank = rest.lastIndexOf(' ', columns);
                int end = blank > indent ? blank : columns;
                text.append(rest.substring(0, end).stripTrailing()).append('\n');
                rest = " ".repeat(Math.min(indent, columns / 3))
                        + rest.substring(end).strip();
            }
            text.append(rest).append('\n');
        });
        return text.toString();
    }

    static void exitCodes(CommandSpec spec, ExitCode... codes) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Exit codes:");
        for (ExitCode code : codes) {
            lines.add("  " + code.code() + "  " + code.meaning());
        }
        spec.usageMessage().footer(lines.toArray(new String[0]));
    }

    /** The parser's complaint as one line, with the nearest valid option where one is unknown. */
    static String complaint(CommandLine.ParameterException failure) {
        if (failure instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String given = unmatched.getUnmatched().get(0);
            if (given.startsWith("-") && given.length() > 1) {
                int equals = given.indexOf('=');
                String name = equals < 0 ? given : given.substring(0, equals);
                List<String> valid = new ArrayList<>(
                        failure.getCommandLine().getCommandSpec().optionsMap().keySet());
                return "unknown option " + name + NearestName.hint(name, valid, "--help lists the options");
            }
            return "unexpected argument " + given + unexpectedHint(given);
        }
        String message = failure.getMessage();
        return message == null ? "wrong arguments" : message.lines().findFirst().orElse(message);
    }

    private static String unexpectedHint(String given) {
        if (Subcommand.named(given).isPresent()) {
            return "; a command goes first: " + Console.PROGRAM + " " + given + " …";
        }
        List<String> valid = new ArrayList<>();
        for (Subcommand subcommand : Subcommand.values()) {
            String name = subcommand.commandName();
            valid.add(name);
            valid.add(name.substring(0, Math.max(0, name.indexOf(' '))));
        }
        valid.removeIf(String::isEmpty);
        return NearestName.hint(given, valid, "--help shows what is taken");
    }

    /** A class with a name: the JVM's archives of classes take no lambda of an interface that is as old as this one. */
    private static final class Unmarking implements CommandLine.ITypeConverter<String> {
        @Override
        public String convert(String text) {
            return unmarked(text);
        }
    }
}
