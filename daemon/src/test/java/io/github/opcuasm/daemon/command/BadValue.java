package io.github.opcuasm.daemon.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * JSON that a parameter does not take.
 *
 * @param json with single quotes
 * @param place what the message names, behind the name of the parameter: {@code [1].nodeId}
 */
record BadValue(String json, String place) {
    private static final String LONG = "'" + "x".repeat(5_000) + "'";
    private static final String DEEP = "[".repeat(20) + "]".repeat(20);

    /**
     * One parameter, or a member or an element of one.
     *
     * @param valid JSON that it takes
     * @param required whether null is none of the values that it takes
     */
    record Parameter(String name, String valid, boolean required, List<BadValue> bad) {
        Parameter optional() {
            return new Parameter(name, valid, false, bad);
        }

        /** All that it does not take. */
        List<BadValue> refused() {
            List<BadValue> all = new ArrayList<>(bad);
            if (required) {
                all.add(new BadValue("null", ""));
            }
            return all;
        }
    }

    private static Parameter parameter(String name, String valid, String... bad) {
        return new Parameter(
                name,
                valid,
                true,
                Arrays.stream(bad).map(json -> new BadValue(json, "")).toList());
    }

    static Parameter node(String name, String valid) {
        return parameter(
                name,
                "'" + valid + "'",
                "5",
                "1.5",
                "true",
                "[5]",
                "[]",
                "{}",
                "''",
                "'Speed'",
                "'ns=2'",
                "'ns=x;i=1'",
                "'ns=65536;i=1'",
                "'ns=-1;i=1'",
                "'ns=2;ns=2;i=1'",
                "'i='",
                "'i=-1'",
                "'i=4294967296'",
                "'i=1.5'",
                "'i=0x10'",
                "'g=nope'",
                "'b=!!!'",
                "'b=YQ'",
                "'nsu=;i=1'",
                "'nsu=urn:x'",
                "'x=5'",
                "{'ns':65536,'id':1}",
                "{'ns':-1,'id':1}",
                "{'ns':1.5,'id':1}",
                "{'ns':'x','id':1}",
                "{'ns':true,'id':1}",
                "{'ns':2}",
                "{'id':null}",
                "{'id':true}",
                "{'id':-1}",
                "{'id':1.5}",
                "{'id':4294967296}",
                "{'id':'x'}",
                "{'id':[1]}",
                "{'id':5,'type':'string'}",
                "{'id':'x','type':'bogus'}",
                "{'id':'x','type':5}",
                "{'id':'zz','type':'opaque'}",
                "{'id':'abc','type':'opaque'}",
                "{'id':'nope','type':'guid'}",
                "{'v':5}",
                "{'v':'nope'}",
                "{'v':'nsu=urn:x;i=1'}",
                "{'nsu':5,'id':1}",
                LONG,
                "{'id':" + LONG + ",'type':'guid'}",
                DEEP);
    }

    static Parameter uint32(String name) {
        return parameter(
                name,
                "1",
                "'1'",
                "''",
                "true",
                "[1]",
                "[]",
                "{}",
                "{'a':1}",
                "-1",
                "1.5",
                "4294967296",
                "99999999999999999999",
                "1e99",
                "1e-99",
                LONG,
                DEEP);
    }

    static Parameter whole(String name, int from, int to) {
        return parameter(
                name,
                Integer.toString(to),
                "'" + to + "'",
                "''",
                "false",
                "[1]",
                "[]",
                "{}",
                Integer.toString(from - 1),
                Long.toString(to + 1L),
                "0.5",
                "4294967297",
                "-9223372036854775809",
                "1e99",
                LONG);
    }

    /** Of which other parameters allow this one alone. */
    static Parameter whole(String name, int from, int to, int valid) {
        return new Parameter(
                name, Integer.toString(valid), true, whole(name, from, to).bad());
    }

    /** At least 0. */
    static Parameter number(String name) {
        return parameter(name, "100.0", "'1'", "'NaN'", "true", "[1]", "[]", "{}", "-0.5", "-1", "1e999", LONG);
    }

    /** At least -1. */
    static Parameter samplingInterval(String name) {
        return parameter(name, "100.0", "'1'", "'NaN'", "true", "[1]", "[]", "{}", "-1.5", "-2", "1e999", LONG);
    }

    static Parameter flag(String name) {
        return parameter(name, "true", "0", "1", "1.0", "'true'", "''", "[]", "{}", "[true]", LONG);
    }

    static Parameter text(String name, String valid, String... malformed) {
        Parameter text = parameter(name, "'" + valid + "'", "5", "1.5", "true", "[]", "{}", "['x']", "{'v':'x'}");
        List<BadValue> bad = new ArrayList<>(text.bad());
        Arrays.stream(malformed).map(json -> new BadValue(json, "")).forEach(bad::add);
        return new Parameter(name, text.valid(), true, bad);
    }

    static Parameter time(String name) {
        return parameter(
                name,
                "'2026-01-01T00:00:00Z'",
                "5",
                "1.5",
                "true",
                "[5]",
                "[]",
                "{}",
                "''",
                "'yesterday'",
                "'2026-01-01'",
                "'2026-01-01T00:00:00'",
                "'2026-01-01 00:00:00Z'",
                "'2026-13-01T00:00:00Z'",
                "'2026-02-30T00:00:00Z'",
                "'2026-01-01T25:00:00Z'",
                "'2026-01-01T00:60:00Z'",
                "'2026-01-01T00:00:00+99:00'",
                "'99999999999-01-01T00:00:00Z'",
                "{'date':'x','timezone_type':3,'timezone':'UTC'}",
                "{'date':'2026-01-02 03:04:05.123456','timezone_type':3,'timezone':'Nowhere/At'}",
                "{'date':'2026-02-30 03:04:05.123456','timezone_type':3,'timezone':'UTC'}",
                "{'date':5,'timezone':'UTC'}",
                LONG);
    }

    /** A BuiltinType. */
    static Parameter type(String name) {
        return parameter(name, "6", "0", "26", "-1", "1.5", "'Int32'", "'6'", "true", "[]", "{}", "4294967302", "1e99");
    }

    static Parameter name(String name) {
        return parameter(
                name,
                "{'ns':2,'name':'x'}",
                "5",
                "true",
                "[5]",
                "{'ns':65536,'name':'x'}",
                "{'ns':-1,'name':'x'}",
                "{'ns':'2','name':'x'}",
                "{'ns':2,'name':5}",
                "{'ns':2,'name':['x']}");
    }

    /** A text, or a LocalizedText. */
    static Parameter localizedText(String name) {
        return parameter(name, "'x'", "5", "1.5", "true", "[5]", "{'text':5}", "{'locale':[],'text':'x'}");
    }

    /** {@code {"type","value","dimensions"}}. */
    static Parameter variant(String name) {
        List<BadValue> bad = new ArrayList<>();
        for (BadValue type : type("type").refused()) {
            bad.add(new BadValue("{'type':" + type.json() + ",'value':1}", ".type"));
        }
        for (String typed : unfitting()) {
            String[] parts = typed.split(" ", 2);
            bad.add(new BadValue("{'type':" + parts[0] + ",'value':" + parts[1] + "}", ".value"));
        }
        for (String dimensions : List.of("'x'", "5", "[-1]", "[1.5]", "['3']", "[2,2]", "[0]", "[65536,65536]")) {
            bad.add(new BadValue("{'type':6,'value':[1,2,3],'dimensions':" + dimensions + "}", ".value"));
        }
        for (String other : List.of("5", "'x'", "true", "[5]", "{}", "{'value':5}")) {
            bad.add(new BadValue(other, ""));
        }
        return new Parameter(name, "{'type':6,'value':1}", true, bad);
    }

    /** A BuiltinType and a value that it does not have. */
    static List<String> unfitting() {
        return List.of(
                "1 'yes'",
                "1 2",
                "2 128",
                "2 -129",
                "3 300",
                "3 -1",
                "3 1.5",
                "3 '300'",
                "3 ''",
                "4 32768",
                "5 65536",
                "6 2147483648",
                "6 'x'",
                "6 true",
                "6 [1,'x']",
                "7 -1",
                "7 4294967296",
                "8 9223372036854775808",
                "8 '9223372036854775808'",
                "9 18446744073709551616",
                "9 '18446744073709551616'",
                "9 -1",
                "10 'nan'",
                "10 1e39",
                "10 true",
                "11 1e999",
                "11 'x'",
                "12 5",
                "13 'yesterday'",
                "13 5",
                "13 '2026-02-30T00:00:00Z'",
                "14 'nope'",
                "14 5",
                "15 '!!!'",
                "15 'a'",
                "15 'YQ'",
                "15 'YR=='",
                "15 5",
                "16 5",
                "17 'nope'",
                "17 5",
                "17 {'ns':65536,'id':1}",
                "18 'ns=x;i=1'",
                "19 4294967296",
                "19 -1",
                "19 'Bad'",
                "20 {'ns':65536,'name':'x'}",
                "20 5",
                "21 5",
                "21 {'text':5}",
                "22 5",
                "22 {'typeId':'nope','encoding':1,'body':'YQ=='}",
                "22 {'typeId':'i=886','encoding':1,'body':'!!!'}",
                "22 {'typeId':'i=886','encoding':3,'body':'YQ=='}",
                "23 5",
                "23 {'statusCode':-1}",
                "24 5",
                "25 5");
    }

    /** A Variant with a status and times. */
    static Parameter dataValue(String name) {
        String valid = "{'type':6,'value':1,'sourceTimestamp':'2026-01-01T00:00:00Z'}";
        List<BadValue> bad = new ArrayList<>();
        for (BadValue each : variant(name).bad()) {
            if (!each.json().equals("{}")) {
                bad.add(each);
            }
        }
        for (String status : List.of("'x'", "true", "-1", "1.5", "4294967296", "[]")) {
            bad.add(new BadValue("{'type':6,'value':1,'statusCode':" + status + "}", ".statusCode"));
        }
        for (BadValue time : time("").bad()) {
            bad.add(new BadValue("{'type':6,'value':1,'sourceTimestamp':" + time.json() + "}", ".sourceTimestamp"));
        }
        return new Parameter(name, valid, true, bad);
    }

    /** An array, whose second element is not as it should be. */
    static Parameter list(Parameter element) {
        List<BadValue> bad = new ArrayList<>();
        for (String other : List.of("5", "1.5", "'x'", "true")) {
            bad.add(new BadValue(other, ""));
        }
        for (BadValue each : element.refused()) {
            bad.add(new BadValue("[" + element.valid() + "," + each.json() + "]", "[1]" + each.place()));
        }
        return new Parameter(element.name(), "[" + element.valid() + "]", true, bad);
    }

    /** A row of one element in an array of rows; what an element may be is not null. */
    static Parameter rows(Parameter element) {
        List<BadValue> bad = new ArrayList<>();
        for (String other : List.of("5", "1.5", "'x'", "true", "[5]", "['x']")) {
            bad.add(new BadValue(other, ""));
        }
        for (BadValue each : element.bad()) {
            bad.add(new BadValue("[[" + each.json() + "]]", "[0][0]" + each.place()));
        }
        bad.add(new BadValue("[[]]", "[0]"));
        bad.add(new BadValue("[[" + element.valid() + "],[" + element.valid() + "," + element.valid() + "]]", "[1]"));
        return new Parameter(element.name(), "[[" + element.valid() + "]]", true, bad);
    }

    /** An object, one of whose members is not as it should be. */
    static Parameter object(String name, Parameter... members) {
        List<BadValue> bad = new ArrayList<>();
        for (String other : List.of("5", "1.5", "'x'", "true", "[5]")) {
            bad.add(new BadValue(other, ""));
        }
        for (Parameter member : members) {
            for (BadValue each : member.refused()) {
                bad.add(new BadValue(with(members, member, each.json()), "." + member.name() + each.place()));
            }
        }
        return new Parameter(name, with(members, members[0], members[0].valid()), true, bad);
    }

    private static String with(Parameter[] members, Parameter changed, String json) {
        List<String> written = new ArrayList<>();
        for (Parameter member : members) {
            written.add("'" + member.name() + "':" + (member.name().equals(changed.name()) ? json : member.valid()));
        }
        return "{" + String.join(",", written) + "}";
    }
}
