package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Style WHOLE = new Style(false, Integer.MAX_VALUE);
    private static final String URL = "opc.tcp://plc-1.example.org:4840/line";

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        Table table = new Table("NODE", "VALUE");
        table.row("i=1", "1");
        table.row("i=2258", "");

        assertThat(print(table, WHOLE)).isEqualTo("NODE    VALUE\ni=1     1\ni=2258\n");
    }

    @Test
    void widestColumnsGiveWayWhereTheTerminalIsNarrow() {
        Table table = new Table("NAME", "STATE", "URL").cuttingAtBegin(2);
        table.row("plc1", "Connected", URL);

        assertThat(print(table, new Style(false, 32)))
                .isEqualTo("NAME  STATE      URL\nplc1  Connected  ….org:4840/line\n");
    }

    @Test
    void cellsStandBelowEachOtherWhereColumnsWouldTellNothing() {
        Table table = new Table("NAME", "STATE", "URL").cuttingAtBegin(2);
        table.row("plc1", "Connected", URL);
        table.row("plc2", "Broken", URL);

        assertThat(print(table, new Style(false, 22))).isEqualTo("""
                NAME   plc1
                STATE  Connected
                URL    ….org:4840/line

                NAME   plc2
                STATE  Broken
                URL    ….org:4840/line
                """);
    }

    @Test
    void whatIsCopiedIsNeverCut() {
        Table columns = new Table("ID", "URL").keeping(0).cuttingAtBegin(1);
        columns.row("0123456789abcdef", URL);
        Table records = new Table("ID", "URL").keeping(0).cuttingAtBegin(1);
        records.row("0123456789abcdef", URL);
        Table properties = new Table().keepingAll();
        properties.row("SHA-256", "0123456789abcdef");

        assertThat(print(columns, new Style(false, 30)))
                .isEqualTo("ID                URL\n0123456789abcdef  …g:4840/line\n");
        assertThat(print(records, new Style(false, 16))).isEqualTo("ID   0123456789abcdef\nURL  …:4840/line\n");
        assertThat(print(properties, new Style(false, 16))).isEqualTo("SHA-256  0123456789abcdef\n");
    }

    @Test
    void namesOfColumnsAreCutAtTheirEnd() {
        Table table = new Table("NAME", "APPLICATION URI").cuttingAtBegin(1);
        table.row("plc1", URL);

        assertThat(print(table, new Style(false, 16))).isEqualTo("NAME  APPLICATI…\nplc1  …4840/line\n");
    }

    @Test
    void charactersThatTakeTwoColumnsCountAsTwo() {
        Table table = new Table();
        table.row("温度", "1");
        table.row("abcd", "2");

        assertThat(print(table, WHOLE)).isEqualTo("温度  1\nabcd  2\n");
        assertThat(CellText.cut("温度計測", 6)).isEqualTo("温度…");
        assertThat(CellText.cutAtBegin("温度計測", 6)).isEqualTo("…計測");
    }

    @Test
    void cellIsOneLineThatNoTerminalTakesForACommand() {
        Table table = new Table();
        table.row("a\nb\u001B[2J\u009B1m");

        assertThat(print(table, WHOLE)).isEqualTo("a b [2J 1m\n");
    }

    @Test
    void headersAndBadStatusesHaveColoursWhereThereAreColours() {
        Table table = new Table("NODE", "STATUS").status(1);
        table.row("i=1", "Good");
        table.row("i=2", "Bad_NodeIdUnknown");
        table.row("i=3", "Uncertain");

        assertThat(print(table, new Style(true, 80)).lines())
                .containsExactly(
                        "\u001B[1mNODE  STATUS\u001B[0m",
                        "i=1   Good",
                        "i=2   \u001B[31mBad_NodeIdUnknown\u001B[0m",
                        "i=3   \u001B[33mUncertain\u001B[0m");
        assertThat(print(table, WHOLE)).doesNotContain("\u001B");
    }

    private static String print(Table table, Style style) {
        StringWriter out = new StringWriter();
        table.print(new PrintWriter(out), style);
        return out.toString();
    }
}
