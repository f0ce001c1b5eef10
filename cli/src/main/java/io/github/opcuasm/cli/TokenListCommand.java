package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Scope;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The tokens of a tokens file by their names, and what they may do; the tokens themselves are not in it. */
final class TokenListCommand implements Command {
    private static final String JSON = "--json";

    @Override
    public void declare(CommandSpec spec) {
        TokensFileOption.declare(spec);
        spec.addOption(Syntax.flag("print JSON, errors too", JSON));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        TokensFile.Content content = TokensFileOption.with(given, console, TokensFile::read);
        content.warnings().forEach(console::complain);
        List<NamedToken> tokens = content.tokens();
        if (given.hasMatchedOption(JSON)) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("count", tokens.size());
            answer.put("tokens", tokens.stream().map(TokenListCommand::members).toList());
            console.out().println(Json.text(Json.of(answer)));
        } else if (tokens.isEmpty()) {
            console.out().println("There is no token.");
        } else {
            print(tokens, console);
        }
        return ExitCode.OK;
    }

    private static void print(List<NamedToken> tokens, Console console) {
        var table = new Table("NAME", "MAY", "ENDPOINTS", "NODES", "RATE", "EXPIRES");
        Instant now = Instant.now();
        for (NamedToken token : tokens) {
            Grant grant = token.grant();
            Instant expires = token.expires();
            table.row(
                    token.name(),
                    String.join(",", scopes(grant)),
                    texts(grant.endpoints()),
                    texts(grant.nodes()),
                    rates(grant).entrySet().stream()
                            .map(rate -> rate.getKey() + "=" + rate.getValue())
                            .collect(Collectors.joining(",")),
                    expires == null ? "never" : expires + (now.isBefore(expires) ? "" : " (expired)"));
        }
        table.print(console);
    }

    /** What is known of a token, without its hash. */
    static Map<String, @Nullable Object> members(NamedToken token) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        Grant grant = token.grant();
        Instant expires = token.expires();
        members.put("name", token.name());
        members.put("scopes", scopes(grant));
        members.put(
                "endpoints", grant.endpoints().stream().map(Object::toString).toList());
        members.put("nodes", grant.nodes().stream().map(Object::toString).toList());
        members.put("rate", rates(grant));
        members.put("expires", expires == null ? null : expires.toString());
        return members;
    }

    private static List<String> scopes(Grant grant) {
        return grant.scopes().stream().sorted().map(Scope::text).toList();
    }

    private static String texts(List<?> patterns) {
        return patterns.stream().map(Object::toString).collect(Collectors.joining(","));
    }

    private static Map<String, String> rates(Grant grant) {
        Map<String, String> rates = new LinkedHashMap<>();
        put(rates, "requests", grant.rates().requests());
        put(rates, "writes", grant.rates().writes());
        put(rates, "opens", grant.rates().opens());
        return rates;
    }

    private static void put(Map<String, String> rates, String kind, @Nullable RateLimit limit) {
        if (limit != null) {
            rates.put(kind, limit.toString());
        }
    }
}
