package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The list of differences fits the recording and the rules; whether it fits the daemon, {@link ConformanceIT} finds out. */
class DifferencesTest {
    private static final int RECORDED = 615;

    @Test
    void everyExchangeIsTheSameOrCountsUnderOneRule(TestReporter reporter) throws IOException {
        List<RecordedExchange> exchanges = RecordedExchange.all();
        Differences differences = Differences.load();

        Map<String, Long> counts = exchanges.stream()
                .collect(Collectors.groupingBy(
                        exchange ->
                                differences.ruleOf(exchange).map(Rule::title).orElse("same"),
                        Collectors.counting()));

        counts.forEach((rule, count) -> reporter.publishEntry(rule, count.toString()));
        assertThat(counts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(RECORDED);
        assertThat(exchanges).extracting(RecordedExchange::key).doesNotHaveDuplicates();
    }

    @Test
    void everyLineIsAboutAnExchange() throws IOException {
        assertThat(Differences.load().unused(RecordedExchange.all())).isEmpty();
    }

    @Test
    void everyListedRuleIsUsed() throws IOException {
        Differences differences = Differences.load();
        Set<Rule> used = RecordedExchange.all().stream()
                .flatMap(exchange -> differences.of(exchange).stream())
                .map(Differences.Listed::rule)
                .collect(Collectors.toSet());

        assertThat(Arrays.stream(Rule.values()).filter(rule -> rule.scope() == Rule.Scope.LISTED))
                .allMatch(used::contains);
    }

    @Test
    void everyRuleThatAppliesEverywhereChangesAnAnswer() throws IOException {
        List<RecordedExchange> exchanges = RecordedExchange.all();
        var names = new Correspondence(Map.of(), Path.of("unused"));
        exchanges.forEach(exchange -> names.learn(exchange, exchange.response()));
        var dialect = new ReferenceDialect(names);

        List<JsonNode> answers = exchanges.stream()
                .map(exchange -> dialect.ours(exchange, exchange.response()))
                .toList();

        assertThat(answers).hasSize(RECORDED);
        assertThat(Arrays.stream(Rule.values()).filter(rule -> rule.scope() == Rule.Scope.EVERYWHERE))
                .allMatch(dialect.applied()::contains);
    }

    @Test
    void everyReferenceToAnotherExchangeLeadsToOne() throws IOException {
        Map<String, RecordedExchange> byKey =
                RecordedExchange.all().stream().collect(Collectors.toMap(RecordedExchange::key, Function.identity()));
        Differences differences = Differences.load();

        assertThat(byKey.values().stream()
                        .flatMap(exchange -> differences.of(exchange).stream())
                        .map(Differences.Listed::expectation)
                        .filter(Expectation.As.class::isInstance)
                        .map(expectation -> ((Expectation.As) expectation).key()))
                .isNotEmpty()
                .allMatch(byKey::containsKey);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping => data 1",
                "[no-such-rule]",
                "[six-digits]\nping => data 1",
                "[varies]\nping",
                "[varies]\nping => guess",
                "[varies]\nping => data {",
                "[varies]\nping => types\nping => types"
            })
    void aLineThatMeansNothingIsNamed(String text) {
        List<String> lines = text.lines().toList();

        assertThatIOException()
                .isThrownBy(() -> Differences.parse(lines))
                .withMessageContaining("line " + lines.size());
    }
}
