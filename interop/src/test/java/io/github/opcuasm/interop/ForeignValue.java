package io.github.opcuasm.interop;

/**
 * What {@code server.mjs} serves for each built-in type, as the daemon has to write it.
 *
 * <p>The arrays hold the ends of the types' ranges as far as node-opcua can represent them.
 */
enum ForeignValue {
    BOOLEAN("Boolean", 1, "true", "[true,false]"),
    SBYTE("SByte", 2, "-5", "[-128,0,127]"),
    BYTE("Byte", 3, "200", "[0,1,255]"),
    INT16("Int16", 4, "-1234", "[-32768,0,32767]"),
    UINT16("UInt16", 5, "54321", "[0,1,65535]"),
    INT32("Int32", 6, "-123456", "[-2147483648,0,2147483647]"),
    UINT32("UInt32", 7, "4000000000", "[0,1,4294967295]"),
    INT64("Int64", 8, "-9007199254740993", "[-9223372036854775808,0,9223372036854775807]"),
    UINT64("UInt64", 9, "9223372036854775808", "[0,1,18446744073709551615]"),
    FLOAT("Float", 10, "0.1", "[-1.5,0.0,3.0]"),
    DOUBLE("Double", 11, "3.141592653589793", "[-1.5E300,0.0,2.2250738585072014E-308]"),
    STRING("String", 12, "\"Grüße, 世界 🌍\"", "[\"\",\"a\",\"quote \\\" backslash \\\\ newline \\n\"]"),
    DATE_TIME(
            "DateTime",
            13,
            "\"2026-05-15T10:30:00.123000+00:00\"",
            "[\"1970-01-01T00:00:00.000000+00:00\",\"2038-01-19T03:14:08.500000+00:00\"]"),
    GUID(
            "Guid",
            14,
            "\"72962b91-fa75-4ae6-8d28-b404dc7daf63\"",
            "[\"72962b91-fa75-4ae6-8d28-b404dc7daf63\",\"00000000-0000-0000-0000-000000000000\"]"),
    BYTE_STRING("ByteString", 15, "\"AAH+/w==\"", "[\"dGV4dA==\",\"/wA=\"]"),
    XML_ELEMENT("XmlElement", 16, "\"<speed unit=\\\"rpm\\\">12</speed>\"", "[\"<a/>\",\"<b>ü</b>\"]"),
    NODE_ID("NodeId", 17, """
            {"ns":1,"id":"Some/Node","type":"string"}""", """
            [{"ns":0,"id":85,"type":"numeric"},\
            {"ns":1,"id":"72962b91-fa75-4ae6-8d28-b404dc7daf63","type":"guid"}]"""),
    EXPANDED_NODE_ID("ExpandedNodeId", 18, """
            {"ns":1,"id":42,"type":"numeric"}""", """
            [{"ns":0,"id":85,"type":"numeric"},{"ns":1,"id":"x","type":"string"}]"""),
    STATUS_CODE("StatusCode", 19, "2150891520", "[0,1083310080]"),
    QUALIFIED_NAME("QualifiedName", 20, """
            {"ns":2,"name":"Name"}""", """
            [{"ns":0,"name":"a"},{"ns":2,"name":"b"}]"""),
    LOCALIZED_TEXT("LocalizedText", 21, """
            {"locale":"de","text":"Drehzahl"}""", """
            [{"locale":"en","text":"speed"},{"locale":null,"text":"no locale"}]""");

    final String nodeName;
    final int builtinType;
    final String scalar;
    final String array;

    ForeignValue(String nodeName, int builtinType, String scalar, String array) {
        this.nodeName = nodeName;
        this.builtinType = builtinType;
        this.scalar = scalar;
        this.array = array;
    }
}
