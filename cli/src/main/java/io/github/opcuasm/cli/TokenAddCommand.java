package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Rates;
import io.github.opcuasm.daemon.policy.Scope;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Makes a token, keeps its hash in the tokens file and prints it: this once, for it can be had nowhere afterwards. */
final class TokenAddCommand implements Command {
    private static final String SCOPE = "--scope";
    private static final String ENDPOINT = "--endpoint";
    private static final String NODE = "--node";
    private static final String RATE = "--rate";
    private static final String EXPIRES = "--expires";
    private static final String JSON = "--json";
    private static final List<String> RATES = List.of("requests", "writes", "opens");

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(
                Syntax.argument(0, "NAME", "who it is for, as rules (token:NAME) and the audit log call it"));
        spec.addOption(Syntax.values("SCOPES", "what it may do: read, write, call, admin, with commas", SCOPE));
        spec.addOption(Syntax.values(
                "PATTERN", "only on these servers: opc.tcp://plc-*:4840, 10.0.0.0/8; may be repeated", ENDPOINT));
        spec.addOption(
                Syntax.values("PATTERN", "write and call only these nodes: ns=2;s=Line1/*; may be repeated", NODE));
        spec.addOption(Syntax.values(
                "KIND=LIMIT", "at most: requests=100/s, writes=20/min, opens=10/h; may be repeated", RATE));
        spec.addOption(Syntax.value("TIME", "refused from then on: 2027-01-01, or 90d from now on", EXPIRES));
        TokensFileOption.declare(spec);
        spec.addOption(Syntax.flag("print JSON, errors too", JSON));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        String token = TokensFile.newToken(new SecureRandom());
        NamedToken named = named(given, TokensFile.sha256(token));
        boolean unused = TokensFileOption.with(given, console, file -> {
            file.add(named);
            return true;
        });
        if (given.hasMatchedOption(JSON)) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("token", token);
            line.putAll(TokenListCommand.members(named));
            console.out().println(Json.text(Json.of(line)));
        } else {
            console.out().println(token);
        }
        TokensFileOption.remind(console);
        return ExitCode.OK;
    }

    private static NamedToken named(ParseResult given, String sha256) {
        String name = given.matchedPositionalValue(0, "");
        List<Scope> scopes = each(given, SCOPE, ",", Scope::parse, List.of());
        if (scopes.isEmpty()) {
            throw new UsageException(SCOPE + ": expected what it may do, such as read or read,write");
        }
        var grant = new Grant(
                EnumSet.copyOf(scopes),
                each(given, ENDPOINT, "\n", EndpointPattern::parse, List.of(EndpointPattern.ALL)),
                each(given, NODE, "\n", NodePattern::parse, List.of(NodePattern.ALL)),
                rates(given));
        try {
            return new NamedToken(name, sha256, grant, expires(given, Instant.now()));
        } catch (IllegalArgumentException e) {
            throw new UsageException("NAME: got " + name + ", " + expected(e));
        }
    }

    private static Rates rates(ParseResult given) {
        Map<String, RateLimit> limits = new HashMap<>();
        List<String> pairs = given.matchedOptionValue(RATE, List.of());
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            String kind = pair.substring(0, Math.max(0, equals));
            if (!RATES.contains(kind)) {
                throw new UsageException(
                        RATE + ": got " + pair + ", expected requests=100/s, writes=20/min or opens=10/h");
            }
            limits.put(kind, parsed(RATE, pair.substring(equals + 1), RateLimit::parse));
        }
        return new Rates(limits.get("requests"), limits.get("writes"), limits.get("opens"));
    }

    private static @Nullable Instant expires(ParseResult given, Instant now) {
        String text = given.matchedOptionValue(EXPIRES, (String) null);
        if (text == null) {
            return null;
        }
        Instant expires = text.matches("[0-9]+[a-z]+")
                ? now.plus(PointInTime.length(EXPIRES, text))
                : PointInTime.parse(EXPIRES, text, now, ZoneId.systemDefault());
        if (!expires.isAfter(now)) {
            throw new UsageException(EXPIRES + ": got " + text + ", expected a time to come");
        }
        return expires.truncatedTo(ChronoUnit.SECONDS);
    }

    private static <T> List<T> each(
            ParseResult given, String option, String separator, Function<String, T> parser, List<T> otherwise) {
        List<String> texts = given.matchedOptionValue(option, List.of());
        return texts.isEmpty()
                ? otherwise
                : texts.stream()
                        .flatMap(text -> Stream.of(text.split(separator)))
                        .map(text -> parsed(option, text.strip(), parser))
                        .toList();
    }

    private static <T> T parsed(String option, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": got " + text + ", " + expected(e));
        }
    }

    private static String expected(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return message.substring(Math.max(0, message.lastIndexOf("expected ")));
    }
}
